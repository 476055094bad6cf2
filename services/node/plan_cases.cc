#include "services/node/plan_cases.h"

#include <algorithm>
#include <functional>
#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "engine/draw/draw.h"
#include "engine/views/tables.h"
#include "services/node/limits.h"
#include "services/node/view_reads.h"

namespace duban::node {
namespace {

using engine::Kind;
using engine::Outcome;
using engine::Table;

engine::Rejection TooMany() {
  return engine::Reject(
      Kind::kState, "PLAN_TOO_MANY_CASES",
      absl::StrCat("计划范围内的事项超过 ", engine::kCandidatesMax, " 件，或须查看的超过 ", limits::kPlanRowsMax,
                   " 件；请写明环节 stage、参与方 party 或 ended_within，缩小范围"),
      absl::StrCat("the plan takes in more than ", engine::kCandidatesMax, " cases, or means looking at more than ",
                   limits::kPlanRowsMax, "; narrow it by stage, party or ended_within"),
      {{"cases_max", absl::StrCat(engine::kCandidatesMax)}, {"rows_max", absl::StrCat(limits::kPlanRowsMax)}});
}

v1::ViewFilter FilterOf(const engine::CaseSet& cases) {
  v1::ViewFilter filter;
  auto& labels = *filter.mutable_labels();
  labels["procedure"] = cases.procedure;
  if (!cases.stage.empty()) labels["stage"] = cases.stage;
  if (!cases.light.empty()) labels["light"] = cases.light;
  if (!cases.party.empty()) labels["party"] = cases.party;
  if (!cases.timeliness.empty()) labels["timeliness"] = cases.timeliness;
  if (!cases.state.empty()) labels["state"] = cases.state;
  // What has ended is found by that.
  if (cases.ended_within && cases.state.empty()) labels["state"] = "ended";
  return filter;
}

// The instants between which a case has ended.
struct Window {
  engine::Instant from = absl::InfinitePast(), to = absl::InfiniteFuture();
  bool Holds(const v1::LedgerRow& row) const {
    if (to == absl::InfiniteFuture()) return true;
    const engine::Instant ended = engine::FromProto(row.ended_at());
    return row.has_ended_at() && from <= ended && ended < to;
  }
};

Window WindowOf(const Library& library, const engine::CaseSet& cases, engine::Day day) {
  Window window;
  if (!cases.ended_within) return window;
  const engine::Instant to = library.zone.StartOf(day);
  const Outcome<engine::Instant> from = library.calendar->Shift(to, *cases.ended_within, -1, library.zone);
  return {from.ok() ? *from : absl::InfinitePast(), to};
}

// What a row shows of a field: the name of its group. A tab or a line end would make two populations read alike.
std::string GroupOf(const v1::LedgerRow& row, const std::string& field) {
  for (const auto& column : row.columns()) {
    if (column.field() != field) continue;
    return absl::StrReplaceAll(absl::StrJoin(column.shown(), "、"), {{"\t", " "}, {"\r", " "}, {"\n", " "}});
  }
  return "";
}

}  // namespace

Outcome<std::vector<v1::DrawCandidate>> PlanCases(Batch& batch, const engine::Plan& plan, engine::Day day,
                                                  const std::vector<engine::Ids>& viewers) {
  const Library& library = batch.library();
  const Outcome<ViewQuery> query =
      ViewQuery::From(*batch.views(), library.zone, v1::VIEW_LEDGER, FilterOf(*plan.cases));
  if (!query.ok()) return query.rejection();
  const engine::Definition& is = query->definition();
  const engine::Label lead = query->Lead();

  // Several ids lead to one case. Places are in the order newest first.
  std::map<std::string, std::string, std::greater<>> keys;
  size_t looked = 0;
  for (const std::string& id : viewers.front()) {
    const std::string prefix = absl::StrCat(engine::ViewIndexRun(is, lead.name, lead.value), engine::KeyText(id));
    batch.Scan(Table::kViewIndex, prefix, [&](absl::string_view key, absl::string_view value) {
      if (!absl::StartsWith(key, prefix) || ++looked > limits::kPlanRowsMax) return false;
      keys.emplace(key.substr(prefix.size()), value);
      return true;
    });
    if (looked > limits::kPlanRowsMax) return TooMany();
  }
  const Window window = WindowOf(library, *plan.cases, day);
  std::vector<v1::DrawCandidate> out;
  for (const auto& [place, key] : keys) {
    const std::optional<std::string> held = batch.Row(Table::kViewRow, engine::ViewPrefix(is) + key);
    duban::state::v1::ViewEntry entry;
    if (!held.has_value() || !entry.ParseFromString(*held)) continue;
    const engine::Ids audience(entry.audience().begin(), entry.audience().end());
    const bool seen = std::all_of(viewers.begin(), viewers.end(),
                                  [&](const engine::Ids& viewer) { return engine::Admits(audience, viewer); });
    const v1::LedgerRow& row = entry.row().ledger();
    if (!seen || !query->Matches(entry.row()) || !window.Holds(row)) continue;
    if (out.size() == static_cast<size_t>(engine::kCandidatesMax)) return TooMany();
    v1::DrawCandidate& candidate = out.emplace_back();
    candidate.set_id(row.case_());
    if (plan.sample) candidate.set_group(GroupOf(row, plan.sample->per));
  }
  return out;
}

}  // namespace duban::node
