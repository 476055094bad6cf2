#include "services/node/view_reads.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "engine/base/check.h"
#include "engine/views/tables.h"
#include "engine/views/words.h"
#include "services/node/filter_words.h"
#include "services/node/limits.h"
#include "services/node/merged_scan.h"
#include "services/node/past_rows.h"
#include "services/node/refusals.h"
#include "services/node/view_page.h"

namespace duban::node {

using duban::state::v1::ViewEntry;
using engine::Outcome;
using engine::Table;

namespace {

Reply<ViewPage> IndexedPage(const Reading& reading, const ViewQuery& query, const PageAsked& asked) {
  std::string after_place, after_id;
  if (!asked.place.empty() && !ParsePlace(asked.place, &after_place, &after_id)) return ForeignPageToken();
  const engine::Label lead = query.Lead();
  // A row is shown once: when a page ends at a place, all ids have passed it.
  MergedScan scan({{reading.shared_rows()}}, engine::ViewIndexRun(query.definition(), lead.name, lead.value),
                  query.IdsOf(reading), after_place, "\xff");
  return FillPage(reading, asked, EachPlaceOnce(scan),
                  [&](const Candidate& candidate) { return RowOf(VisibleEntry(reading, query, candidate.key)); });
}

// Rows of one owner, by key.
Reply<ViewPage> OwnedPage(const Reading& reading, const ViewQuery& query, const PageAsked& asked) {
  const RowsThen now(reading.shared_rows(), reading.head());
  KeyWalk walk(asked.place.empty() ? "" : engine::ViewPrefix(query.definition()) + asked.place,
               [&](const std::string& after, size_t most) {
                 return now.Keys(Table::kViewRow, query.OwnedPrefix(), after, most);
               });
  return FillPage(reading, asked, walk,
                  [&](const Candidate& candidate) { return RowOf(VisibleEntry(reading, query, candidate.key)); });
}

// How many rows match; nothing where the view keeps no totals by what is asked for. Costs a step for each cell that the
// viewer sees, and for each audience that has no room for him.
absl::StatusOr<std::optional<int64_t>> Total(const Reading& reading, const ViewQuery& query);

template <typename R>
Reply<ViewPage> PageOf(const Reading& reading, const ViewQuery& query, const R& request) {
  const Outcome<PageAsked> asked = PageAskedBy(reading, request);
  if (!asked.ok()) return asked.rejection();
  if (!query.definition().cells.empty()) {
    absl::StatusOr<CountedRowMap> counted = CountedRows(reading, query);
    if (!counted.ok()) return counted.status();
    std::map<std::string, v1::ViewRow> rows;
    for (auto& [key, row] : *counted) rows.emplace(key, std::move(row.row));
    return PageOfAll(reading, *asked, std::move(rows));
  }
  if (!query.definition().owner_label.empty()) return OwnedPage(reading, query, *asked);
  Reply<ViewPage> page = IndexedPage(reading, query, *asked);
  if (!std::holds_alternative<ViewPage>(page)) return page;
  ViewPage& filled = std::get<ViewPage>(page);
  if (asked->place.empty() && filled.next_page_token.empty()) {
    filled.total = static_cast<int64_t>(filled.rows.size());
    return page;
  }
  absl::StatusOr<std::optional<int64_t>> total = Total(reading, query);
  if (!total.ok()) return total.status();
  filled.total = *total;
  return page;
}

// What a page of a typed list takes from a page of its view.
template <typename Response, typename Add>
Reply<Response> Typed(const Reading& reading, const Outcome<ViewQuery>& query, Reply<ViewPage> paged, Add add) {
  if (auto* rejection = std::get_if<engine::Rejection>(&paged)) return std::move(*rejection);
  if (auto* trouble = std::get_if<absl::Status>(&paged)) return std::move(*trouble);
  ViewPage& page = std::get<ViewPage>(paged);
  Response out;
  for (v1::ViewRow& row : page.rows) add(out, std::move(row));
  out.set_next_page_token(page.next_page_token);
  if constexpr (requires { out.set_total_size(0); }) {
    if (page.total.has_value()) out.set_total_size(*page.total);
    out.set_budget_reached(page.budget_reached);
  }
  Stamp(reading, out);
  return out;
}

bool Admitted(absl::string_view audience, const engine::Ids& viewer) {
  return engine::Admits(absl::StrSplit(audience, '\x1f'), viewer);
}

// A cell's key after the view's prefix.
std::string CellText(const engine::ParsedCell& cell) {
  std::string text = engine::KeyText(cell.audience);
  for (const std::string& value : cell.values) absl::StrAppend(&text, engine::KeyText(value));
  return text;
}

absl::StatusOr<std::optional<int64_t>> Total(const Reading& reading, const ViewQuery& query) {
  const engine::Definition& is = query.definition();
  const v1::ViewFilter& filter = query.filter();
  if (is.counted.empty() || !filter.text().empty() || !filter.due_by().empty()) return std::optional<int64_t>();
  for (const auto& [name, value] : filter.labels()) {
    if (std::find(is.counted.begin(), is.counted.end(), name) == is.counted.end()) return std::optional<int64_t>();
  }
  int64_t total = 0;
  const auto add = [&](const engine::ParsedCell& cell, const engine::ViewCell& held) {
    for (size_t i = 0; i < is.counted.size() && i < cell.values.size(); ++i) {
      const auto wanted = filter.labels().find(is.counted[i]);
      if (wanted != filter.labels().end() && wanted->second != cell.values[i]) return;
    }
    total += held.count;
  };
  if (absl::Status visited = VisitCells(reading, is, {}, add); !visited.ok()) return visited;
  return std::optional<int64_t>(total);
}

engine::Rejection UnknownLabel(const engine::Definition& is, const std::string& name) {
  const std::string known = absl::StrJoin(is.labels, ", ");
  return engine::Reject(engine::Kind::kInvalid, "UNKNOWN_LABEL",
                        absl::StrCat("视图 ", is.name, " 没有筛选条件“", name, "”；可用的有：", known),
                        absl::StrCat("view ", is.name, " has no label \"", name, "\"; it has: ", known),
                        {{"field", "filter.labels"}, {"label", name}, {"known", known}});
}

// The text in which people look for a row; the due instant by which they narrow.
struct Searchable {
  absl::string_view number, subject;
  const google::protobuf::Timestamp* due = nullptr;
};

template <typename R>
Searchable SearchableIn(const R& row) {
  return {row.number(), row.subject(), row.has_due() ? &row.due() : nullptr};
}

Searchable SearchableOf(const v1::ViewRow& row) {
  if (row.has_ledger()) return SearchableIn(row.ledger());
  if (row.has_alert()) return SearchableIn(row.alert());
  if (row.has_item()) return SearchableIn(row.item());
  if (row.has_document()) return {row.document().number(), row.document().title(), nullptr};
  if (row.has_register_()) return {row.register_().number(), row.register_().subject_title(), nullptr};
  return {};
}

}  // namespace

Outcome<ViewQuery> ViewQuery::From(const Reading& reading, v1::View view, const v1::ViewFilter& filter) {
  Outcome<ViewQuery> query = From(reading.views(), reading.library().zone, view, filter);
  if (!query.ok()) return query;
  if (const engine::Verdict words = CheckFilterWords(*reading.library().procedures, *reading.library().figures, filter);
      !words.ok()) {
    return words.rejection();
  }
  return query;
}

Outcome<ViewQuery> ViewQuery::From(const ViewSet& views, const engine::Zone& zone, v1::View view,
                                   const v1::ViewFilter& filter) {
  ViewQuery query;
  if (view == v1::VIEW_UNSPECIFIED || !v1::View_IsValid(view)) {
    return engine::Reject(engine::Kind::kInvalid, "VIEW_REQUIRED", "请指定视图 view，如 VIEW_LEDGER、VIEW_ALERTS",
                          "say which view: VIEW_LEDGER, VIEW_ALERTS …", {{"field", "view"}});
  }
  query.view_ = views.Serving(view);
  if (query.view_ == nullptr) {
    return engine::Reject(engine::Kind::kState, "VIEW_BUILDING", "该视图正在重建，请稍后再试；duban views 可看进度",
                          "this view is being built; try again later, duban views shows how far it is",
                          {{"view", v1::View_Name(view)}});
  }
  const engine::Definition& is = query.definition();
  for (const auto& [name, value] : filter.labels()) {
    if (std::find(is.labels.begin(), is.labels.end(), name) == is.labels.end()) return UnknownLabel(is, name);
  }
  if (!is.owner_label.empty() && filter.labels().find(is.owner_label) == filter.labels().end()) {
    return engine::Reject(
        engine::Kind::kInvalid, "LABEL_REQUIRED", absl::StrCat("视图 ", is.name, " 须给出条件 ", is.owner_label),
        absl::StrCat("view ", is.name, " takes the label ", is.owner_label), {{"label", is.owner_label}});
  }
  query.filter_ = filter;
  if (!filter.due_by().empty()) {
    const std::optional<engine::Day> day = engine::ParseDay(filter.due_by());
    if (!day) return WrongDate("filter.due_by", filter.due_by());
    query.due_before_ = zone.StartOf(*day + 1);
  }
  return query;
}

engine::Label ViewQuery::Lead() const {
  for (const std::string& name : definition().indexed) {
    const auto given = filter_.labels().find(name);
    if (given != filter_.labels().end()) return {name, given->second};
  }
  return {};
}

std::string ViewQuery::OwnedPrefix() const {
  const auto given = filter_.labels().find(definition().owner_label);
  DUBAN_CHECK(given != filter_.labels().end(), "the owner is given");
  return absl::StrCat(engine::ViewPrefix(definition()), given->second, "/");
}

bool ViewQuery::Matches(const v1::ViewRow& row) const {
  if (!filter_.text().empty() || !filter_.due_by().empty()) {
    const Searchable in = SearchableOf(row);
    if (!filter_.text().empty() && !absl::StrContains(in.number, filter_.text()) &&
        !absl::StrContains(in.subject, filter_.text())) {
      return false;
    }
    if (!filter_.due_by().empty() && (in.due == nullptr || engine::FromProto(*in.due) >= due_before_)) return false;
  }
  if (filter_.labels().empty()) return true;
  const std::vector<engine::Label> labels = view_->LabelsOf(row);
  return std::all_of(filter_.labels().begin(), filter_.labels().end(), [&](const auto& wanted) {
    return std::any_of(labels.begin(), labels.end(), [&](const engine::Label& label) {
      return label.name == wanted.first && label.value == wanted.second;
    });
  });
}

bool ViewQuery::Matches(const engine::Cell& cell) const {
  const std::vector<std::string>& names = definition().cells;
  for (size_t i = 0; i < names.size() && i < cell.size(); ++i) {
    const auto wanted = filter_.labels().find(names[i]);
    if (wanted != filter_.labels().end() && wanted->second != cell[i]) return false;
  }
  return true;
}

v1::ViewFilter FilterOf(const v1::LedgerFilter& filter) {
  v1::ViewFilter out;
  auto& labels = *out.mutable_labels();
  if (!filter.procedure().empty()) labels["procedure"] = filter.procedure();
  if (!filter.stage().empty()) labels["stage"] = filter.stage();
  if (!filter.light().empty()) labels["light"] = filter.light();
  if (!filter.party().empty()) labels["party"] = filter.party();
  if (filter.timeliness() != v1::TIMELINESS_UNSPECIFIED) {
    labels["timeliness"] = engine::TimelinessWord(filter.timeliness());
  }
  if (filter.open_only()) labels["state"] = "open";
  out.set_text(filter.text());
  out.set_due_by(filter.due_by());
  return out;
}

bool AdmitsEntry(const Reading& reading, const ViewQuery& query, const ViewEntry& entry) {
  const engine::Ids audience(entry.audience().begin(), entry.audience().end());
  return engine::Admits(audience, query.IdsOf(reading)) && query.Matches(entry.row());
}

absl::StatusOr<std::optional<ViewEntry>> VisibleEntry(const Reading& reading, const ViewQuery& query,
                                                      const std::string& key) {
  absl::StatusOr<std::optional<std::string>> row =
      reading.Row(Table::kViewRow, engine::ViewPrefix(query.definition()) + key);
  if (!row.ok()) return row.status();
  if (!row->has_value()) return std::optional<ViewEntry>();
  ViewEntry entry;
  if (!entry.ParseFromString(**row)) return absl::DataLossError("a row of a view cannot be read");
  if (!AdmitsEntry(reading, query, entry)) return std::optional<ViewEntry>();
  const std::string& about = engine::CaseOf(entry.row());
  if (!about.empty() && query.NeedsSight()) {
    absl::StatusOr<bool> sees = reading.SeesNow(about);
    if (!sees.ok()) return sees.status();
    if (!*sees) return std::optional<ViewEntry>();
  }
  return std::optional<ViewEntry>(std::move(entry));
}

absl::Status VisitKeys(const Reading& reading, const ViewQuery& query,
                       absl::FunctionRef<bool(const std::string& key)> visit) {
  const engine::Definition& is = query.definition();
  if (!is.owner_label.empty()) {
    return reading.rows().Scan(
        static_cast<uint8_t>(Table::kViewRow), query.OwnedPrefix(), "",
        [&](absl::string_view key, absl::string_view) { return visit(std::string(key.substr(2))); });
  }
  const engine::Label lead = query.Lead();
  MergedScan scan({{reading.shared_rows()}}, engine::ViewIndexRun(is, lead.name, lead.value), query.IdsOf(reading), "",
                  "");
  IndexEntry entry;
  std::string last;
  while (true) {
    absl::StatusOr<bool> more = scan.Next(&entry);
    if (!more.ok()) return more.status();
    if (!*more) return absl::OkStatus();
    if (entry.place == last) continue;
    last = entry.place;
    if (!visit(entry.value)) return absl::OkStatus();
  }
}

absl::Status VisitCells(const Reading& reading, const engine::Definition& is, const CellRange& range,
                        absl::FunctionRef<void(const engine::ParsedCell& cell, const engine::ViewCell& held)> visit) {
  const std::string prefix = engine::ViewPrefix(is);
  std::string from, audience;
  bool any = false, admitted = false;
  while (true) {
    bool stepped = false;
    const auto step_to = [&](std::string key) {
      from = std::move(key);
      stepped = true;
      return false;
    };
    const absl::Status scanned = reading.rows().Scan(
        static_cast<uint8_t>(Table::kViewCount), prefix, from, [&](absl::string_view key, absl::string_view value) {
          const engine::ParsedCell cell = engine::ParseViewCellKey(key);
          if (!any || cell.audience != audience) {
            any = true;
            audience = std::string(cell.audience);
            admitted = Admitted(audience, reading.viewer());
          }
          const bool past = !range.last.empty() && cell.values[0] > range.last;
          // After all cells of this audience.
          if (!admitted || past) return step_to(absl::StrCat(prefix, audience, absl::string_view("\x01", 1)));
          if (cell.values[0] < range.first) {
            return step_to(absl::StrCat(prefix, engine::KeyText(audience), range.first));
          }
          visit(cell, engine::ParseViewCell(value));
          return true;
        });
    if (!scanned.ok()) return scanned;
    if (!stepped) return absl::OkStatus();
  }
}

absl::StatusOr<CountedRowMap> CountedRows(const Reading& reading, const ViewQuery& query, const CellGains* since) {
  const engine::Definition& is = query.definition();
  CountedRowMap rows;
  const auto add = [&](const engine::ParsedCell& cell, engine::ViewCell holds) {
    if (!query.Matches(cell.values)) return;
    if (since != nullptr) {
      const auto gain = since->find(CellText(cell));
      if (gain != since->end()) {
        holds.count -= gain->second.count;
        holds.changes -= gain->second.changes;
      }
    }
    const std::string key = engine::ViewGroupKey(is, cell.values);
    CountedRow& counted = rows[key];
    counted.version += holds.changes;
    if (holds.count == 0) return;
    counted.row.set_key(key);
    query.view().Add(cell.values, holds.count, counted.row);
  };
  if (absl::Status visited = VisitCells(reading, is, {}, add); !visited.ok()) return visited;
  // A group of which nothing is left counts nothing.
  for (auto row = rows.begin(); row != rows.end();) {
    row = row->second.row.row_case() == v1::ViewRow::ROW_NOT_SET ? rows.erase(row) : std::next(row);
  }
  return rows;
}

bool SeesCell(const Reading& reading, const ViewQuery& query, absl::string_view cell) {
  const std::string key = absl::StrCat(engine::ViewPrefix(query.definition()), cell);
  const engine::ParsedCell parsed = engine::ParseViewCellKey(key);
  return Admitted(parsed.audience, reading.viewer()) && query.Matches(parsed.values);
}

Reply<v1::QueryViewResponse> QueryView(const Reading& reading, const v1::QueryViewRequest& request) {
  const Outcome<ViewQuery> query = ViewQuery::From(reading, request.view(), request.filter());
  if (!query.ok()) return query.rejection();
  return Typed<v1::QueryViewResponse>(
      reading, query, PageOf(reading, *query, request),
      [](v1::QueryViewResponse& out, v1::ViewRow row) { *out.add_rows() = std::move(row); });
}

Reply<v1::QueryLedgerResponse> QueryLedger(const Reading& reading, const v1::QueryLedgerRequest& request) {
  const Outcome<ViewQuery> query = ViewQuery::From(reading, v1::VIEW_LEDGER, FilterOf(request.filter()));
  if (!query.ok()) return query.rejection();
  return Typed<v1::QueryLedgerResponse>(
      reading, query, PageOf(reading, *query, request),
      [](v1::QueryLedgerResponse& out, v1::ViewRow row) { *out.add_rows() = std::move(*row.mutable_ledger()); });
}

Reply<v1::ListWorklistResponse> ListWorklist(const Reading& reading, const v1::ListWorklistRequest& request) {
  const Outcome<ViewQuery> query = ViewQuery::From(reading, v1::VIEW_WORKLIST, {});
  if (!query.ok()) return query.rejection();
  return Typed<v1::ListWorklistResponse>(
      reading, query, PageOf(reading, *query, request),
      [](v1::ListWorklistResponse& out, v1::ViewRow row) { *out.add_items() = std::move(*row.mutable_item()); });
}

Reply<v1::ListAlertsResponse> ListAlerts(const Reading& reading, const v1::ListAlertsRequest& request) {
  const Outcome<ViewQuery> query = ViewQuery::From(reading, v1::VIEW_ALERTS, {});
  if (!query.ok()) return query.rejection();
  return Typed<v1::ListAlertsResponse>(
      reading, query, PageOf(reading, *query, request),
      [](v1::ListAlertsResponse& out, v1::ViewRow row) { *out.add_alerts() = std::move(*row.mutable_alert()); });
}

}  // namespace duban::node
