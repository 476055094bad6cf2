#include "services/node/ledger_reads.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "duban/state/v1/rows.pb.h"
#include "engine/views/tables.h"
#include "services/node/limits.h"
#include "services/node/merged_scan.h"
#include "services/node/refusals.h"

namespace duban::node {

using engine::Outcome;
using engine::Table;

namespace {

// A place in a merged walk as page tokens keep it: the id's length, the id, the place.
std::string PlaceText(const IndexEntry& entry) {
  return absl::StrCat(engine::KeyNumber(entry.id.size()), entry.id, entry.place);
}

bool ParsePlace(const std::string& text, std::string* place, std::string* id) {
  if (text.size() < 8) return false;
  const size_t n = engine::ParseKeyNumber(absl::string_view(text).substr(0, 8));
  if (n > text.size() - 8) return false;
  *id = text.substr(8, n);
  *place = text.substr(8 + n);
  return true;
}

// The name at the end of an index key's place: after the numbers that order it (engine/views/tables.h).
std::string NameAt(Table index, const std::string& place) {
  const size_t numbers = index == Table::kLedgerIndex ? 8 : 16;
  return place.size() > numbers ? place.substr(numbers) : std::string();
}

// Walks an index for one page. `show` says whether an entry became a row.
struct Walked {
  std::string next_page_token;
  bool budget_reached = false;
};
template <typename R, typename Show>
Reply<Walked> WalkPage(const Reading& reading, const R& request, Table table, const engine::Ids& ids, bool once_each,
                       Show show) {
  const Outcome<int> size = PageSize(request.page_size(), limits::kPageDefault, limits::kPageMax);
  if (!size.ok()) return size.rejection();
  const std::string bound = PageBound(reading, request);
  std::string place, id;
  if (!request.page_token().empty()) {
    const std::optional<std::string> held = reading.source().tokens.ParsePage(bound, request.page_token());
    if (!held || !ParsePlace(*held, &place, &id)) return ForeignPageToken();
  }
  // Where a row is shown once, all ids have passed the place of the last one.
  MergedScan scan(reading.rows(), table, ids, place, once_each ? std::string("\xff") : id);
  Walked walked;
  IndexEntry entry, last;
  int shown = 0;
  for (int looked = 0;; ++looked) {
    absl::StatusOr<bool> more = scan.Next(&entry);
    if (!more.ok()) return more.status();
    if (!*more) return walked;
    if (once_each && looked > 0 && entry.place == last.place) continue;
    if (shown == *size || looked >= limits::kScanBudget) {
      walked.next_page_token = reading.source().tokens.Page(bound, PlaceText(last));
      walked.budget_reached = shown < *size;
      return walked;
    }
    absl::StatusOr<bool> row = show(entry);
    if (!row.ok()) return row.status();
    shown += *row ? 1 : 0;
    last = entry;
  }
}

template <typename T>
T Failure(const Reply<Walked>& walked) {
  if (const auto* rejection = std::get_if<engine::Rejection>(&walked)) return *rejection;
  return std::get<absl::Status>(walked);
}

// How many cases match: a sum over the audiences that admit the viewer.
absl::StatusOr<int64_t> TotalSize(const Reading& reading, const v1::LedgerFilter& filter) {
  int64_t total = 0;
  std::string audience_text;
  bool admitted = false;
  const absl::Status scanned = reading.rows().Scan(
      static_cast<uint8_t>(Table::kLedgerCount), "", "", [&](absl::string_view key, absl::string_view value) {
        const engine::LedgerCell cell = engine::ParseLedgerCellKey(key);
        if (cell.audience != audience_text || audience_text.empty()) {
          audience_text = cell.audience;
          admitted = engine::Admits(absl::StrSplit(cell.audience, '\x1f'), reading.viewer());
        }
        const bool match =
            admitted && (filter.procedure().empty() || filter.procedure() == cell.procedure) &&
            (filter.stage().empty() || filter.stage() == cell.stage) &&
            (filter.light().empty() || filter.light() == cell.light) &&
            (filter.timeliness() == v1::TIMELINESS_UNSPECIFIED || filter.timeliness() == cell.timeliness) &&
            (!filter.open_only() || cell.open);
        if (match) total += static_cast<int64_t>(engine::ParseKeyNumber(value));
        return true;
      });
  if (!scanned.ok()) return scanned;
  return total;
}

}  // namespace

Outcome<LedgerMatch> LedgerMatch::From(const v1::LedgerFilter& filter, const engine::Zone& zone) {
  LedgerMatch match;
  match.filter_ = filter;
  if (!filter.due_by().empty()) {
    const std::optional<engine::Day> day = engine::ParseDay(filter.due_by());
    if (!day) return WrongDate("filter.due_by", filter.due_by());
    match.due_before_ = zone.StartOf(*day + 1);
  }
  return match;
}

bool LedgerMatch::operator()(const v1::LedgerRow& row) const {
  const v1::LedgerFilter& f = filter_;
  if (!f.procedure().empty() && f.procedure() != row.procedure()) return false;
  if (!f.stage().empty() && f.stage() != row.stage()) return false;
  if (!f.light().empty() && f.light() != row.light().colour()) return false;
  if (f.timeliness() != v1::TIMELINESS_UNSPECIFIED && f.timeliness() != row.timeliness()) return false;
  if (f.open_only() && row.end_kind() != v1::END_KIND_UNSPECIFIED) return false;
  if (!f.due_by().empty() && (!row.has_due() || engine::FromProto(row.due()) >= due_before_)) return false;
  if (!f.text().empty() && !absl::StrContains(row.number(), f.text()) && !absl::StrContains(row.subject(), f.text())) {
    return false;
  }
  if (f.party().empty()) return true;
  return std::any_of(row.parties().begin(), row.parties().end(), [&](const v1::LedgerRow::CaseParty& party) {
    return std::find(party.ids().begin(), party.ids().end(), f.party()) != party.ids().end();
  });
}

absl::StatusOr<std::optional<v1::LedgerRow>> VisibleRow(const Reading& reading, const std::string& case_name,
                                                        const LedgerMatch& match) {
  absl::StatusOr<std::optional<std::string>> row = reading.Row(Table::kLedger, case_name);
  if (!row.ok()) return row.status();
  if (!row->has_value()) return std::optional<v1::LedgerRow>();
  duban::state::v1::LedgerEntry entry;
  if (!entry.ParseFromString(**row)) return absl::DataLossError("a row of the ledger cannot be read");
  const bool shown =
      engine::Admits({entry.audience().begin(), entry.audience().end()}, reading.viewer()) && match(entry.row());
  if (!shown) return std::optional<v1::LedgerRow>();
  return std::optional<v1::LedgerRow>(std::move(*entry.mutable_row()));
}

absl::StatusOr<std::optional<v1::Alert>> VisibleAlert(const Reading& reading, const std::string& name) {
  absl::StatusOr<std::optional<std::string>> row = reading.Row(Table::kAlert, name);
  if (!row.ok()) return row.status();
  if (!row->has_value()) return std::optional<v1::Alert>();
  duban::state::v1::AlertEntry entry;
  if (!entry.ParseFromString(**row)) return absl::DataLossError("an alert cannot be read");
  if (!engine::Admits({entry.audience().begin(), entry.audience().end()}, reading.viewer())) {
    return std::optional<v1::Alert>();
  }
  return std::optional<v1::Alert>(std::move(*entry.mutable_alert()));
}

absl::Status VisitNames(const Reading& reading, Table index, absl::FunctionRef<bool(const std::string& name)> visit) {
  MergedScan scan(reading.rows(), index, reading.viewer(), "", "");
  IndexEntry entry;
  std::string last;
  while (true) {
    absl::StatusOr<bool> more = scan.Next(&entry);
    if (!more.ok()) return more.status();
    if (!*more) return absl::OkStatus();
    std::string name = NameAt(index, entry.place);
    if (name == last) continue;
    if (!visit(name)) return absl::OkStatus();
    last = std::move(name);
  }
}

Reply<v1::QueryLedgerResponse> QueryLedger(const Reading& reading, const v1::QueryLedgerRequest& request) {
  const Outcome<LedgerMatch> match = LedgerMatch::From(request.filter(), reading.library().zone);
  if (!match.ok()) return match.rejection();
  v1::QueryLedgerResponse out;
  Reply<Walked> walked = WalkPage(reading, request, Table::kLedgerIndex, reading.viewer(), /*once_each=*/true,
                                  [&](const IndexEntry& entry) -> absl::StatusOr<bool> {
                                    auto row = VisibleRow(reading, NameAt(Table::kLedgerIndex, entry.place), *match);
                                    if (!row.ok()) return row.status();
                                    if (row->has_value()) *out.add_rows() = *std::move(*row);
                                    return row->has_value();
                                  });
  if (!std::holds_alternative<Walked>(walked)) return Failure<Reply<v1::QueryLedgerResponse>>(walked);
  out.set_next_page_token(std::get<Walked>(walked).next_page_token);
  out.set_budget_reached(std::get<Walked>(walked).budget_reached);
  const v1::LedgerFilter& filter = request.filter();
  if (filter.party().empty() && filter.text().empty() && filter.due_by().empty()) {
    absl::StatusOr<int64_t> total = TotalSize(reading, filter);
    if (!total.ok()) return total.status();
    out.set_total_size(*total);
  }
  Stamp(reading, out);
  return out;
}

Reply<v1::ListWorklistResponse> ListWorklist(const Reading& reading, const v1::ListWorklistRequest& request) {
  const engine::Directory& directory = *reading.library().directory;
  engine::Ids assignees = directory.UnitsOf(reading.person());
  for (const v1::Post* post : directory.PostsOf(reading.person())) assignees.push_back(post->name());
  assignees.push_back(reading.person());
  std::sort(assignees.begin(), assignees.end());
  v1::ListWorklistResponse out;
  Reply<Walked> walked = WalkPage(reading, request, Table::kWorklist, assignees, /*once_each=*/false,
                                  [&](const IndexEntry& entry) -> absl::StatusOr<bool> {
                                    v1::WorklistItem item;
                                    if (!item.ParseFromString(entry.value)) {
                                      return absl::DataLossError("a row of the worklist cannot be read");
                                    }
                                    absl::StatusOr<bool> sees = reading.SeesNow(item.case_());
                                    if (sees.ok() && *sees) *out.add_items() = std::move(item);
                                    return sees;
                                  });
  if (!std::holds_alternative<Walked>(walked)) return Failure<Reply<v1::ListWorklistResponse>>(walked);
  out.set_next_page_token(std::get<Walked>(walked).next_page_token);
  Stamp(reading, out);
  return out;
}

Reply<v1::ListAlertsResponse> ListAlerts(const Reading& reading, const v1::ListAlertsRequest& request) {
  v1::ListAlertsResponse out;
  Reply<Walked> walked = WalkPage(reading, request, Table::kAlertIndex, reading.viewer(), /*once_each=*/true,
                                  [&](const IndexEntry& entry) -> absl::StatusOr<bool> {
                                    auto alert = VisibleAlert(reading, NameAt(Table::kAlertIndex, entry.place));
                                    if (!alert.ok()) return alert.status();
                                    if (alert->has_value()) *out.add_alerts() = *std::move(*alert);
                                    return alert->has_value();
                                  });
  if (!std::holds_alternative<Walked>(walked)) return Failure<Reply<v1::ListAlertsResponse>>(walked);
  out.set_next_page_token(std::get<Walked>(walked).next_page_token);
  Stamp(reading, out);
  return out;
}

}  // namespace duban::node
