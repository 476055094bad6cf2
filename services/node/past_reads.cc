#include "services/node/past_reads.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "engine/directory/directory.h"
#include "engine/views/tables.h"
#include "services/node/limits.h"
#include "services/node/past_rows.h"
#include "services/node/refusals.h"
#include "services/node/view_page.h"
#include "services/node/view_reads.h"

namespace duban::node {

using duban::state::v1::ViewCounts;
using duban::state::v1::ViewEntry;
using engine::Outcome;
using engine::Table;

namespace {

absl::StatusOr<Then> ThenAt(const Reading& reading, const PastSource& source, const KeptPastPtr& kept,
                            const engine::View& view, const v1::AsOf& as_of, store::Position commits) {
  v1::PastAnswer how;
  // Said to those who may know when others' commits were recorded, and to those who named the commit.
  if (commits > 0 && (as_of.has_position() || reading.HasRight(engine::kRightAudit))) {
    how.set_position(reading.source().tokens.Position(commits - 1));
  }
  how.set_view_version(view.definition().version);
  how.set_source(v1::PastAnswer::SOURCE_KEPT);
  if (kept != nullptr && kept->Covers(&view, commits)) return Then{RowsThen(kept->rows, kept->past, commits), how};
  if (commits == reading.head()) return Then{RowsThen(reading.shared_rows(), commits), how};
  how.set_source(v1::PastAnswer::SOURCE_SCRATCH);
  if (kept != nullptr && commits < kept->to) reading.source().vitals.Reached(Bound::kPastKept);
  auto only = std::make_shared<ViewSet>();
  only->kept.push_back(&view);
  absl::StatusOr<std::shared_ptr<const Scratch>> scratch = source.scratches.At(commits, only, source.abandoned);
  if (!scratch.ok()) return scratch.status();
  return Then{RowsThen(SnapshotPtr(*scratch, &(*scratch)->rows()), commits), how};
}

// The row of then, where the viewer may see it today and it matches. With `index`, only where it stood at that place.
absl::StatusOr<std::optional<v1::ViewRow>> VisibleThen(const Reading& reading, const ViewQuery& query,
                                                       const RowsThen& rows, const std::string& row_key,
                                                       const std::string& index) {
  const std::string key = engine::ViewPrefix(query.definition()) + row_key;
  absl::StatusOr<std::string> bytes = rows.Get(Table::kViewRow, key);
  if (!bytes.ok()) return bytes.status();
  if (bytes->empty()) return std::optional<v1::ViewRow>();
  ViewEntry then;
  if (!then.ParseFromString(*bytes)) return absl::DataLossError("a row of the past cannot be read");
  if (!index.empty() && index != then.place() + row_key) return std::optional<v1::ViewRow>();
  if (!engine::Admits({then.audience().begin(), then.audience().end()}, query.IdsOf(reading)) ||
      !query.Matches(then.row())) {
    return std::optional<v1::ViewRow>();
  }
  absl::StatusOr<std::optional<std::string>> newest = reading.Row(Table::kViewRow, key);
  if (!newest.ok()) return newest.status();
  if (newest->has_value()) {
    ViewEntry now;
    if (!now.ParseFromString(**newest)) return absl::DataLossError("a row of a view cannot be read");
    if (!engine::Admits({now.audience().begin(), now.audience().end()}, query.IdsOf(reading))) {
      return std::optional<v1::ViewRow>();
    }
  }
  const std::string& about = engine::CaseOf(then.row());
  if (!about.empty()) {
    absl::StatusOr<bool> sees = reading.SeesNow(about);
    if (!sees.ok()) return sees.status();
    if (!*sees) return std::optional<v1::ViewRow>();
  }
  return std::optional<v1::ViewRow>(std::move(*then.mutable_row()));
}

// The rows of a view that counts: sums over the cases that the viewer may see today, as they counted then.
absl::StatusOr<std::map<std::string, v1::ViewRow>> CountedThen(const Reading& reading, const PastSource& source,
                                                               const ViewQuery& query, const RowsThen& rows) {
  const engine::Definition& is = query.definition();
  std::map<engine::Cell, int64_t> cells;
  const absl::Status visited =
      VisitCounted(reading, source, is, rows, "PAST_TOO_LARGE: counts", [&](const std::vector<engine::Cell>& counted) {
        for (const engine::Cell& cell : counted) ++cells[cell];
      });
  if (!visited.ok()) return visited;
  std::map<std::string, v1::ViewRow> out;
  for (const auto& [cell, count] : cells) {
    if (!query.Matches(cell)) continue;
    const std::string key = engine::ViewGroupKey(is, cell);
    v1::ViewRow& row = out[key];
    row.set_key(key);
    query.view().Add(cell, count, row);
  }
  return out;
}

Reply<ViewPage> PageThen(const Reading& reading, const PastSource& source, const ViewQuery& query, const RowsThen& rows,
                         const PageAsked& asked) {
  const engine::Definition& is = query.definition();
  if (!is.cells.empty()) {
    absl::StatusOr<std::map<std::string, v1::ViewRow>> all = CountedThen(reading, source, query, rows);
    if (!all.ok()) return all.status();
    return PageOfAll(reading, asked, *std::move(all));
  }
  const auto show = [&](const Candidate& candidate) {
    return VisibleThen(reading, query, rows, candidate.key, candidate.index);
  };
  if (!is.owner_label.empty()) {
    KeyWalk walk(asked.place.empty() ? "" : engine::ViewPrefix(is) + asked.place,
                 [&](const std::string& after, size_t most) {
                   return rows.Keys(Table::kViewRow, query.OwnedPrefix(), after, most);
                 });
    return FillPage(reading, asked, walk, show);
  }
  std::string after_place, after_id;
  if (!asked.place.empty() && !ParsePlace(asked.place, &after_place, &after_id)) return ForeignPageToken();
  const engine::Label lead = query.Lead();
  MergedScan scan(rows.indexes(), engine::ViewIndexRun(is, lead.name, lead.value), query.IdsOf(reading), after_place,
                  "\xff");
  Reply<ViewPage> page = FillPage(reading, asked, EachPlaceOnce(scan), show);
  // Totals of then are not kept. Where one page shows everything, it is the total.
  if (auto* whole = std::get_if<ViewPage>(&page); whole != nullptr && asked.place.empty()) {
    if (whole->next_page_token.empty()) whole->total = static_cast<int64_t>(whole->rows.size());
  }
  return page;
}

// Times that a page's token fixes, so that all pages are of one moment, whatever is recorded between them.
bool TakeTimes(const Reading& reading, PageAsked& asked, std::vector<store::Position>& times) {
  if (asked.place.empty()) return true;
  const size_t bytes = 8 * times.size();
  if (asked.place.size() < bytes) return false;
  for (size_t i = 0; i < times.size(); ++i) {
    times[i] = engine::ParseKeyNumber(absl::string_view(asked.place).substr(8 * i, 8));
    if (times[i] > reading.head()) return false;
  }
  asked.place.erase(0, bytes);
  return true;
}

std::string TimesText(const std::vector<store::Position>& times) {
  std::string text;
  for (const store::Position time : times) text += engine::KeyNumber(time);
  return text;
}

// Keys that may differ between two times. `changed`: both are read from what is kept, and only these can.
class EitherKeys {
 public:
  EitherKeys(const RowsThen& from, const RowsThen& to, std::string prefix, bool changed)
      : from_(from), to_(to), prefix_(std::move(prefix)), changed_(changed) {}

  absl::StatusOr<std::vector<std::string>> operator()(const std::string& after, size_t most) const {
    if (changed_) return from_.ChangedKeys(Table::kViewRow, prefix_, after, most);
    absl::StatusOr<std::vector<std::string>> before = from_.Keys(Table::kViewRow, prefix_, after, most);
    if (!before.ok()) return before;
    absl::StatusOr<std::vector<std::string>> later = to_.Keys(Table::kViewRow, prefix_, after, most);
    if (!later.ok()) return later;
    std::vector<std::string> keys;
    std::set_union(before->begin(), before->end(), later->begin(), later->end(), std::back_inserter(keys));
    if (keys.size() > most) keys.resize(most);
    return keys;
  }

 private:
  const RowsThen& from_;
  const RowsThen& to_;
  const std::string prefix_;
  const bool changed_;
};

engine::Rejection NotComparable(const engine::Definition& is) {
  return engine::Reject(engine::Kind::kInvalid, "VIEW_NOT_COMPARABLE",
                        absl::StrCat("视图 ", is.name, " 是统计数，不能逐行比较；请分别按两个日期查询"),
                        absl::StrCat("view ", is.name, " holds counts and has no rows to compare; query it as of each"),
                        {{"field", "view"}, {"view", is.name}});
}

engine::Rejection LaterFirst() {
  return engine::Reject(engine::Kind::kInvalid, "TIMES_REVERSED", "from 晚于 to；请对调", "from is later than to",
                        {{"field", "from"}});
}

// The differences between two times, by key.
absl::Status FillDifferences(const Reading& reading, const ViewQuery& query, const Then& from, const Then& to,
                             const PageAsked& asked, v1::CompareViewResponse& out) {
  const engine::Definition& is = query.definition();
  const std::string prefix = is.owner_label.empty() ? engine::ViewPrefix(is) : query.OwnedPrefix();
  const bool both_kept = from.rows.has_past() && to.rows.has_past();
  KeyWalk walk(asked.place.empty() ? "" : engine::ViewPrefix(is) + asked.place,
               EitherKeys(from.rows, to.rows, prefix, both_kept));
  Candidate next;
  std::string last;
  for (int looked = 0;;) {
    const bool spent = looked >= limits::kScanBudget;
    const bool full = out.differences_size() == asked.size;
    absl::StatusOr<bool> more = walk.Next(&next, &looked);
    if (!more.ok()) return more.status();
    if (!*more) return absl::OkStatus();
    if (full || spent) {
      out.set_next_page_token(TokenAfter(reading, asked, last));
      out.set_budget_reached(!full);
      return absl::OkStatus();
    }
    absl::StatusOr<std::optional<v1::ViewRow>> before = VisibleThen(reading, query, from.rows, next.key, "");
    if (!before.ok()) return before.status();
    absl::StatusOr<std::optional<v1::ViewRow>> after = VisibleThen(reading, query, to.rows, next.key, "");
    if (!after.ok()) return after.status();
    last = next.place;
    const auto bytes = [](const std::optional<v1::ViewRow>& row) { return row ? row->SerializeAsString() : ""; };
    if (bytes(*before) == bytes(*after)) continue;
    v1::ViewDifference& difference = *out.add_differences();
    difference.set_key(next.key);
    if (before->has_value()) *difference.mutable_before() = **std::move(before);
    if (after->has_value()) *difference.mutable_after() = **std::move(after);
  }
}

}  // namespace

absl::StatusOr<Outcome<Then>> ThenOf(const Reading& reading, const PastSource& source, const engine::View& view,
                                     const v1::AsOf& as_of) {
  absl::StatusOr<Outcome<Past>> past = reading.PastAt(as_of);
  if (!past.ok()) return past.status();
  if (!past->ok()) return Outcome<Then>((*past).rejection());
  const store::Position commits = (*past)->commits;
  absl::StatusOr<Then> then = ThenAt(reading, source, source.keeper.At(commits), view, as_of, commits);
  if (!then.ok()) return then.status();
  return Outcome<Then>(*std::move(then));
}

namespace {

// Looks after what summing case by case may cost.
class Summing {
 public:
  Summing(const Reading& reading, const PastSource& source, absl::string_view too_large)
      : reading_(reading), source_(source), too_large_(too_large) {}

  // Before each lot of cases.
  absl::Status Goes(size_t on) {
    if (source_.abandoned && source_.abandoned()) return absl::CancelledError("the caller has gone");
    looked_ += on;
    if (looked_ <= limits::kPastCountedMax) return absl::OkStatus();
    reading_.source().vitals.Reached(Bound::kPastCounted);
    return absl::ResourceExhaustedError(
        absl::StrCat(too_large_, " of more than ", limits::kPastCountedMax, " cases cannot be summed case by case"));
  }

  // What a case counts for; whether the viewer sees it.
  absl::StatusOr<bool> Read(absl::string_view bytes, std::vector<engine::Cell>* cells) {
    counts_.Clear();
    if (!counts_.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
      return absl::DataLossError("what a case counts for cannot be read");
    }
    if (!engine::Admits({counts_.audience().begin(), counts_.audience().end()}, reading_.viewer())) return false;
    cells->clear();
    for (auto& cell : *counts_.mutable_cells()) {
      auto& values = *cell.mutable_values();
      cells->emplace_back(std::make_move_iterator(values.begin()), std::make_move_iterator(values.end()));
    }
    return true;
  }

 private:
  const Reading& reading_;
  const PastSource& source_;
  const absl::string_view too_large_;
  size_t looked_ = 0;
  ViewCounts counts_;
};

}  // namespace

absl::Status VisitCounted(const Reading& reading, const PastSource& source, const engine::Definition& is,
                          const RowsThen& rows, absl::string_view too_large,
                          absl::FunctionRef<void(const std::vector<engine::Cell>& cells)> visit) {
  const std::string prefix = engine::ViewPrefix(is);
  Summing summing(reading, source, too_large);
  std::vector<engine::Cell> cells;
  std::string after;
  while (true) {
    absl::StatusOr<std::vector<std::string>> owners = rows.Keys(Table::kViewKept, prefix, after, limits::kPastSweepMax);
    if (!owners.ok()) return owners.status();
    if (absl::Status goes = summing.Goes(owners->size()); !goes.ok()) return goes;
    for (const std::string& owner : *owners) {
      absl::StatusOr<bool> sees = reading.SeesNow(owner.substr(prefix.size()));
      if (!sees.ok()) return sees.status();
      if (!*sees) continue;
      absl::StatusOr<std::string> bytes = rows.Get(Table::kViewKept, owner);
      if (!bytes.ok()) return bytes.status();
      absl::StatusOr<bool> saw = summing.Read(*bytes, &cells);
      if (!saw.ok()) return saw.status();
      if (*saw) visit(cells);
    }
    if (owners->size() < limits::kPastSweepMax) return absl::OkStatus();
    after = owners->back();
  }
}

absl::Status VisitCountedNow(const Reading& reading, const PastSource& source, const engine::Definition& is,
                             absl::string_view too_large,
                             absl::FunctionRef<void(const std::vector<engine::Cell>& cells)> visit) {
  Summing summing(reading, source, too_large);
  std::vector<engine::Cell> cells;
  size_t looked = 0;
  absl::Status trouble = summing.Goes(0);
  // What a row says of its audience is what the case's audience is now.
  const auto take = [&](absl::string_view /*owner*/, absl::string_view bytes) {
    absl::StatusOr<bool> sees = summing.Read(bytes, &cells);
    trouble.Update(sees.status());
    if (sees.ok() && *sees) visit(cells);
    if (++looked == limits::kPastSweepMax) {
      trouble.Update(summing.Goes(looked));
      looked = 0;
    }
    return trouble.ok();
  };
  const absl::Status scanned =
      reading.rows().Scan(static_cast<uint8_t>(Table::kViewKept), engine::ViewPrefix(is), "", take);
  return scanned.ok() ? trouble : scanned;
}

Reply<v1::QueryViewResponse> QueryViewThen(const Reading& reading, const PastSource& source,
                                           const v1::QueryViewRequest& request) {
  const Outcome<ViewQuery> query = ViewQuery::From(reading, request.view(), request.filter());
  if (!query.ok()) return query.rejection();
  Outcome<PageAsked> asked = PageAskedBy(reading, request);
  if (!asked.ok()) return asked.rejection();
  absl::StatusOr<Outcome<Past>> past = reading.PastAt(request.as_of());
  if (!past.ok()) return past.status();
  if (!past->ok()) return past->rejection();
  std::vector<store::Position> times = {(*past)->commits};
  if (!TakeTimes(reading, *asked, times)) return ForeignPageToken();
  asked->prefix = TimesText(times);
  const KeptPastPtr kept = source.keeper.At(times[0]);
  absl::StatusOr<Then> then = ThenAt(reading, source, kept, query->view(), request.as_of(), times[0]);
  if (!then.ok()) return then.status();
  Reply<ViewPage> paged = PageThen(reading, source, *query, then->rows, *asked);
  if (auto* rejection = std::get_if<engine::Rejection>(&paged)) return std::move(*rejection);
  if (auto* trouble = std::get_if<absl::Status>(&paged)) return std::move(*trouble);
  ViewPage& page = std::get<ViewPage>(paged);
  v1::QueryViewResponse out;
  for (v1::ViewRow& row : page.rows) *out.add_rows() = std::move(row);
  out.set_next_page_token(page.next_page_token);
  if (page.total.has_value()) out.set_total_size(*page.total);
  out.set_budget_reached(page.budget_reached);
  out.set_position(then->how.position());
  out.set_virtual_clock(reading.library().workspace.virtual_clock());
  *out.mutable_past() = std::move(then->how);
  return out;
}

Reply<v1::CompareViewResponse> CompareView(const Reading& reading, const PastSource& source,
                                           const v1::CompareViewRequest& request) {
  const Outcome<ViewQuery> query = ViewQuery::From(reading, request.view(), request.filter());
  if (!query.ok()) return query.rejection();
  if (!query->definition().cells.empty()) return NotComparable(query->definition());
  Outcome<PageAsked> asked = PageAskedBy(reading, request);
  if (!asked.ok()) return asked.rejection();
  std::vector<store::Position> times;
  for (const v1::AsOf* as_of : {&request.from(), &request.to()}) {
    absl::StatusOr<Outcome<Past>> past = reading.PastAt(*as_of);
    if (!past.ok()) return past.status();
    if (!past->ok()) return past->rejection();
    times.push_back((*past)->commits);
  }
  if (!TakeTimes(reading, *asked, times)) return ForeignPageToken();
  if (times[0] > times[1]) {
    // A position told from an instant would tell when others' commits were recorded.
    const bool alike = request.from().when_case() == request.to().when_case();
    if (alike || request.to().when_case() == v1::AsOf::WHEN_NOT_SET || reading.HasRight(engine::kRightAudit)) {
      return LaterFirst();
    }
    times[0] = times[1];
  }
  asked->prefix = TimesText(times);
  const KeptPastPtr kept = source.keeper.At(times[1]);
  absl::StatusOr<Then> from = ThenAt(reading, source, kept, query->view(), request.from(), times[0]);
  if (!from.ok()) return from.status();
  absl::StatusOr<Then> to = ThenAt(reading, source, kept, query->view(), request.to(), times[1]);
  if (!to.ok()) return to.status();
  v1::CompareViewResponse out;
  if (absl::Status filled = FillDifferences(reading, *query, *from, *to, *asked, out); !filled.ok()) return filled;
  *out.mutable_from() = std::move(from->how);
  if (request.to().when_case() != v1::AsOf::WHEN_NOT_SET) *out.mutable_to() = std::move(to->how);
  return out;
}

}  // namespace duban::node
