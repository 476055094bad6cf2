// Visits, hearings and urges by those to whom another case gives the right.
#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "engine/cases/built_in.h"
#include "engine/cases/checks.h"
#include "engine/cases/evolve.h"
#include "engine/cases/links.h"
#include "engine/cases/mandate.h"

namespace duban::engine {
namespace {

// Whether one of the case's parties, those that may open it aside, belongs to a unit of the scope or below.
bool IsWithin(const Context& context, const CaseDraft& on, const duban::state::v1::FieldState* scope) {
  if (scope == nullptr) return false;
  const auto covered = [&](const std::string& unit) {
    return std::any_of(scope->values().begin(), scope->values().end(), [&](const v1::Value& value) {
      return value.reference() == unit || context.directory.IsAbove(value.reference(), unit);
    });
  };
  const auto& openers = on.procedure->may_open;
  for (const v1::BoundParty& party : on.state.parties()) {
    if (absl::c_linear_search(openers, party.party())) continue;
    for (const v1::BoundId& id : party.bound()) {
      if (covered(id.unit())) return true;
    }
  }
  return false;
}

// Whether the mandate holds at that moment: approved (its stage), and not over.
bool Holds(const Mandate& mandate, const CaseState& team, Instant at) {
  if (team.stage() != mandate.in || team.end_kind() != v1::END_KIND_UNSPECIFIED) return false;
  if (at < FromProto(team.stage_since())) return false;
  if (mandate.until.empty()) return true;
  const auto* term = FindClockState(team, mandate.until);
  return term != nullptr && term->run() == duban::state::v1::ClockState::RUN_RUNNING && at <= FromProto(term->due());
}

}  // namespace

bool NeedsMandate(const v1::ActOnCaseRequest& command) {
  return command.action() == kOnSite || command.action() == kHearReport ||
         (command.action() == kUrge && !command.target().empty());
}

Verdict DecideUnderMandate(const Context& context, const Draft& draft, CaseDraft& on, const Actor& actor,
                           const v1::ActOnCaseRequest& command) {
  if (command.target().empty()) {
    return Reject(Kind::kInvalid, "TARGET_REQUIRED", "请用 target 指明依据哪个督查组（编号或 cases/…）",
                  "say in target which case gives the right (its number, or cases/…)", {{"field", "target"}});
  }
  if (on.state.end_kind() != v1::END_KIND_UNSPECIFIED) return CaseIsOver(on.state);
  const Outcome<const CaseState*> found = FindOther(context, draft, actor, command.target());
  DUBAN_REQUIRE(found);
  const CaseState& team = **found;
  const Procedure& procedure = *context.procedures.Find(team.procedure(), team.procedure_version());
  if (!procedure.mandate.has_value()) {
    return Reject(Kind::kState, "NO_MANDATE",
                  absl::StrCat("“", procedure.title.zh(), "”不授权督查其他事项；请指明督查组的事项"),
                  absl::StrCat("a case of procedure ", procedure.name, " gives no right over others; name a team's"),
                  {{"case", team.name()}});
  }
  const Mandate& mandate = *procedure.mandate;
  const Outcome<Capacity> capacity = FindCapacity(procedure, team, context.directory, mandate.by, actor);
  DUBAN_REQUIRE(capacity);
  if (!Holds(mandate, team, context.occurred)) {
    return Reject(Kind::kState, "MANDATE_OVER", "督查组那时尚未批准，或任期已满、已经撤销",
                  "the team was not approved yet at that time, or its term is over", {{"case", team.name()}});
  }
  if (!IsWithin(context, on, FindFieldState(team, mandate.over))) {
    return Reject(Kind::kForbidden, "OUT_OF_MANDATE", "该事项的承办单位不在督查组的督查范围内",
                  "no unit that answers for the case is within the team's scope", {{"case", team.name()}});
  }
  const bool urges = command.action() == kUrge;
  if (urges ? command.reason().empty() : command.note().empty()) {
    return Reject(Kind::kInvalid, "MISSING_NEED", urges ? "请补充：理由" : "请补充：备注（走访、听取汇报的情况）",
                  urges ? "missing: reason" : "missing: note (what was seen or heard)",
                  {{"needs", urges ? "reason" : "note"}});
  }
  v1::Event event;
  v1::ActionTaken& taken = *event.mutable_action_taken();
  taken.set_action(command.action());
  Sign(context, actor, *capacity, command.reason(), taken);
  taken.set_note(command.note());
  taken.set_through(team.name());
  on.Emit(std::move(event));
  return Nothing{};
}

}  // namespace duban::engine
