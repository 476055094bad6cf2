#include "engine/cases/guards.h"

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "engine/cases/evolve.h"

namespace duban::engine {
namespace {

using duban::state::v1::ClockState;

// A value as procedures write it.
std::string Written(const v1::Value& value) {
  switch (value.kind_case()) {
    case v1::Value::kText:
      return value.text();
    case v1::Value::kChoice:
      return value.choice();
    case v1::Value::kNumber:
      return value.number();
    case v1::Value::kDate:
      return value.date();
    case v1::Value::kReference:
      return value.reference();
    case v1::Value::kInstant:
    case v1::Value::kFile:
    case v1::Value::kSealed:
    case v1::Value::kStanding:
    case v1::Value::KIND_NOT_SET:
      return "";
  }
  return "";
}

// Whether one of the parties meant stands in the register: the one named, or all but those that may open such cases.
bool InRegister(const Guard& guard, const Procedure& procedure, const CaseState& state, const Context& context) {
  for (const v1::BoundParty& party : state.parties()) {
    const auto& openers = procedure.may_open;
    const bool meant =
        guard.subject.empty() ? !absl::c_linear_search(openers, party.party()) : party.party() == guard.subject;
    if (!meant) continue;
    for (const v1::BoundId& id : party.bound()) {
      if (!context.entered_by(guard.value, id.id()).empty()) return true;
    }
  }
  return false;
}

bool Test(const Guard& guard, const Procedure& procedure, const CaseState& state, const Context& context) {
  switch (guard.test) {
    case Guard::Test::kFieldSet:
      return FindFieldState(state, guard.subject) != nullptr;
    case Guard::Test::kFieldIs: {
      const auto* field = FindFieldState(state, guard.subject);
      if (field == nullptr) return false;
      for (const v1::Value& value : field->values()) {
        if (Written(value) == guard.value) return true;
      }
      return false;
    }
    case Guard::Test::kBeforeDue: {
      const ClockState* clock = FindClockState(state, guard.subject);
      if (clock == nullptr || clock->run() == ClockState::RUN_STOPPED) return false;
      return !clock->has_due() ? !clock->late() : context.occurred <= FromProto(clock->due());
    }
    case Guard::Test::kAssignedBySuperior:
      return state.assigned_by_superior();
    case Guard::Test::kFirstRound:
      return state.round() == 1;
    case Guard::Test::kSuggestionOpen:
      return !state.suggestions().empty();
    case Guard::Test::kInRegister:
      return InRegister(guard, procedure, state, context);
    case Guard::Test::kPartsOpen:
      return context.open_parts(state.name()) > 0;
    case Guard::Test::kObjectionOpen:
      return state.objections() > 0;
  }
  return false;
}

}  // namespace

v1::Text WhyNot(const Guard& guard, const Procedure& procedure) {
  const Field* field = procedure.FindField(guard.subject);
  v1::Text why;
  if (guard.test == Guard::Test::kFieldSet && field != nullptr) {
    const std::string& en = field->title.en().empty() ? field->name : field->title.en();
    why.set_zh(absl::StrCat("“", field->title.zh(), guard.negated ? "”已经填写" : "”尚未填写"));
    why.set_en(absl::StrCat("\"", en, guard.negated ? "\" is set" : "\" is not set"));
    return why;
  }
  if (guard.test == Guard::Test::kPartsOpen) {
    why.set_zh(guard.negated ? "还有组成部分没有办结" : "没有尚在办理的组成部分");
    why.set_en(guard.negated ? "parts of it are still open" : "no part of it is open");
    return why;
  }
  if (guard.test == Guard::Test::kObjectionOpen) {
    why.set_zh(guard.negated ? "有异议尚未处理" : "没有待处理的异议");
    why.set_en(guard.negated ? "an objection stands" : "no objection stands");
    return why;
  }
  const Clock* clock = procedure.FindClock(guard.subject);
  if (guard.test == Guard::Test::kBeforeDue && clock != nullptr && !guard.negated) {
    why.set_zh(absl::StrCat("已过“", clock->title.zh(), "”，或该时限没有在计时"));
    why.set_en(absl::StrCat("clock ", clock->name, " is past its due instant or does not run"));
    return why;
  }
  const bool no = guard.negated;
  switch (guard.test) {
    case Guard::Test::kFieldIs: {
      const Code* code = field == nullptr ? nullptr : procedure.FindCode(field->codes, guard.value);
      why.set_zh(absl::StrCat("“", field == nullptr ? guard.subject : field->title.zh(), no ? "”是“" : "”不是“",
                              code == nullptr ? guard.value : code->title.zh(), "”"));
      break;
    }
    case Guard::Test::kBeforeDue:
      why.set_zh(absl::StrCat("“", clock == nullptr ? guard.subject : clock->title.zh(), "”还没有到期"));
      break;
    case Guard::Test::kAssignedBySuperior:
      why.set_zh(no ? "本事项由上级交办" : "本事项不是上级交办的");
      break;
    case Guard::Test::kFirstRound:
      why.set_zh(no ? "本事项还在第一轮" : "本事项已不是第一轮");
      break;
    case Guard::Test::kSuggestionOpen:
      why.set_zh(no ? "有建议等待决定" : "没有等待决定的建议");
      break;
    default:
      why.set_zh(absl::StrCat("不满足条件 ", guard.written));
  }
  why.set_en(absl::StrCat("condition ", guard.written, " does not hold"));
  return why;
}

bool Holds(const Guard& guard, const Procedure& procedure, const CaseState& state, const Context& context) {
  return Test(guard, procedure, state, context) != guard.negated;
}

}  // namespace duban::engine
