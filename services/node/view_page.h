// How a page of a view is filled, whatever time it is of: candidates come in order, each looked at costs, and the page
// ends when it is full, when there are no more, or when limits::kScanBudget have been looked at. The next page goes on
// exactly there.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "duban/state/v1/rows.pb.h"
#include "duban/v1/view.pb.h"
#include "services/node/limits.h"
#include "services/node/merged_scan.h"
#include "services/node/node.h"
#include "services/node/reading.h"
#include "services/node/refusals.h"

namespace duban::node {

struct ViewPage {
  std::vector<v1::ViewRow> rows;
  std::string next_page_token;
  bool budget_reached = false;
  std::optional<int64_t> total;
};

// What a request says of its page.
struct PageAsked {
  int size = 0;
  std::string bound;   // What its tokens are bound to.
  std::string place;   // Where to go on; empty: at the beginning.
  std::string prefix;  // What tokens carry beside the place.
};

template <typename R>
engine::Outcome<PageAsked> PageAskedBy(const Reading& reading, const R& request) {
  const engine::Outcome<int> size = PageSize(reading, request.page_size(), limits::kPageDefault, limits::kPageMax);
  if (!size.ok()) return size.rejection();
  PageAsked asked{*size, PageBound(reading, request), "", ""};
  if (request.page_token().empty()) return asked;
  const std::optional<std::string> held = reading.source().tokens.ParsePage(asked.bound, request.page_token());
  if (!held) return ForeignPageToken();
  asked.place = *held;
  return asked;
}

// The token of the page after one that ended at `place`.
inline std::string TokenAfter(const Reading& reading, const PageAsked& asked, const std::string& place) {
  return reading.source().tokens.Page(asked.bound, asked.prefix + place);
}

// A row that may belong to the page.
struct Candidate {
  std::string key;    // Of the row, without its view.
  std::string index;  // The place in the index that led to it; empty when none did.
  std::string place;  // Where a page that ends with it is gone on.
};

// The places of a walk over an index, each once although several ids lead to it.
class EachPlaceOnce {
 public:
  explicit EachPlaceOnce(MergedScan& scan) : scan_(scan) {}

  absl::StatusOr<bool> Next(Candidate* next, int* looked) {
    while (true) {
      absl::StatusOr<bool> more = scan_.Next(&entry_);
      if (!more.ok() || !*more) return more;
      ++*looked;
      if (entry_.place == next->index) continue;
      *next = {entry_.value, entry_.place, PlaceText(entry_)};
      return true;
    }
  }

 private:
  MergedScan& scan_;
  IndexEntry entry_;
};

// Keys in order, read a lot at a time.
class KeyWalk {
 public:
  // `read` gives at most so many whole keys after one; fewer at the end.
  using Read = std::function<absl::StatusOr<std::vector<std::string>>(const std::string& after, size_t most)>;
  KeyWalk(std::string after, Read read) : after_(std::move(after)), read_(std::move(read)) {}

  absl::StatusOr<bool> Next(Candidate* next, int* looked) {
    if (at_ == keys_.size() && !ended_) {
      absl::StatusOr<std::vector<std::string>> keys = read_(after_, kLot);
      if (!keys.ok()) return keys.status();
      keys_ = *std::move(keys);
      at_ = 0;
      ended_ = keys_.size() < kLot;
      if (!keys_.empty()) after_ = keys_.back();
    }
    if (at_ == keys_.size()) return false;
    ++*looked;
    const std::string key = keys_[at_++].substr(kViewPrefixBytes);
    *next = {key, "", key};
    return true;
  }

 private:
  static constexpr size_t kLot = 128;
  static constexpr size_t kViewPrefixBytes = 2;

  std::string after_;
  const Read read_;
  std::vector<std::string> keys_;
  size_t at_ = 0;
  bool ended_ = false;
};

// Fills a page; `show` gives the row of a candidate where it belongs there.
template <typename Walk, typename Show>
Reply<ViewPage> FillPage(const Reading& reading, const PageAsked& asked, Walk&& walk, Show show) {
  ViewPage page;
  Candidate next;
  std::string last;
  for (int looked = 0;;) {
    const bool spent = looked >= limits::kScanBudget;
    const bool full = static_cast<int>(page.rows.size()) == asked.size;
    absl::StatusOr<bool> more = walk.Next(&next, &looked);
    if (!more.ok()) return more.status();
    if (!*more) return page;
    if (full || spent) {
      page.next_page_token = TokenAfter(reading, asked, last);
      page.budget_reached = !full;
      if (page.budget_reached) reading.source().vitals.Reached(Bound::kScan);
      return page;
    }
    absl::StatusOr<std::optional<v1::ViewRow>> row = show(next);
    if (!row.ok()) return row.status();
    if (row->has_value()) page.rows.push_back(**std::move(row));
    last = next.place;
  }
}

// The page of rows that had to be made all at once.
inline ViewPage PageOfAll(const Reading& reading, const PageAsked& asked, std::map<std::string, v1::ViewRow> rows) {
  ViewPage page;
  page.total = static_cast<int64_t>(rows.size());
  for (auto row = asked.place.empty() ? rows.begin() : rows.upper_bound(asked.place); row != rows.end(); ++row) {
    if (static_cast<int>(page.rows.size()) == asked.size) {
      page.next_page_token = TokenAfter(reading, asked, page.rows.back().key());
      return page;
    }
    page.rows.push_back(std::move(row->second));
  }
  return page;
}

// The row of an entry.
inline absl::StatusOr<std::optional<v1::ViewRow>> RowOf(
    absl::StatusOr<std::optional<duban::state::v1::ViewEntry>> entry) {
  if (!entry.ok()) return entry.status();
  if (!entry->has_value()) return std::optional<v1::ViewRow>();
  return std::optional<v1::ViewRow>(std::move(*(*entry)->mutable_row()));
}

}  // namespace duban::node
