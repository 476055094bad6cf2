#include "engine/picture/wording.h"

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "engine/procedure/span.h"
#include "engine/procedure/titles.h"

namespace duban::engine {
namespace {

std::string FieldTitle(const Procedure& p, const std::string& name) {
  const Field* field = p.FindField(name);
  return field == nullptr ? name : TitleOr(field->title, name);
}

std::string ClockTitle(const Procedure& p, const std::string& name) {
  const Clock* clock = p.FindClock(name);
  return clock == nullptr ? name : TitleOr(clock->title, name);
}

std::string RegisterText(const Procedure& p, const Guard& guard) {
  const Register* listed = p.FindRegister(guard.value);
  const Party* party = p.FindParty(guard.subject);
  return absl::StrCat(party == nullptr ? "有参与方" : TitleOr(party->title, party->name), guard.negated ? "不在" : "在",
                      listed == nullptr ? guard.value : TitleOr(listed->title, listed->name), "上");
}

std::string GuardText(const Procedure& p, const Guard& guard) {
  const bool no = guard.negated;
  switch (guard.test) {
    case Guard::Test::kFieldIs: {
      const Field* field = p.FindField(guard.subject);
      const Code* code = field == nullptr ? nullptr : p.FindCode(field->codes, guard.value);
      const std::string value = code == nullptr ? guard.value : TitleOr(code->title, code->id);
      return absl::StrCat(FieldTitle(p, guard.subject), no ? "不是“" : "是“", value, "”");
    }
    case Guard::Test::kFieldSet:
      return absl::StrCat(no ? "未填" : "已填", FieldTitle(p, guard.subject));
    case Guard::Test::kBeforeDue:
      return absl::StrCat(no ? "已过" : "未到", ClockTitle(p, guard.subject));
    case Guard::Test::kAssignedBySuperior:
      return no ? "非上级交办" : "上级交办";
    case Guard::Test::kFirstRound:
      return no ? "非首轮" : "首轮";
    case Guard::Test::kSuggestionOpen:
      return no ? "没有待决建议" : "有待决建议";
    case Guard::Test::kInRegister:
      return RegisterText(p, guard);
    case Guard::Test::kPartsOpen:
      return no ? "组成部分都已结束" : "还有组成部分未结束";
    case Guard::Test::kObjectionOpen:
      return no ? "没有待处理的异议" : "有待处理的异议";
  }
  return guard.written;
}

std::string CapText(const Cap& cap) {
  return cap.count == 0 ? "" : absl::StrCat(cap.per_round ? "每轮" : "每件", cap.count, "次");
}

// “整改中”、“报送进展”时
std::string StartsText(const Procedure& p, const std::vector<std::string>& starts) {
  std::vector<std::string> out;
  for (const std::string& start : starts) {
    absl::string_view action = start;
    if (!absl::ConsumePrefix(&action, "action:")) {
      out.push_back(absl::StrCat("“", StageTitle(p, start).zh(), "”"));
      continue;
    }
    std::string title(action);
    for (const Stage& stage : p.stages) {
      if (const Action* found = p.FindAction(stage.name, action)) title = TitleOr(found->title, found->name);
    }
    out.push_back(absl::StrCat("办理“", title, "”"));
  }
  return absl::StrJoin(out, "、");
}

}  // namespace

std::string ProcedureTitle(const Titles& titles, const std::string& procedure) {
  const auto found = titles.find(procedure);
  return found == titles.end() || found->second.empty() ? procedure : found->second;
}

std::string TitleOr(const v1::Text& title, const std::string& name) { return title.zh().empty() ? name : title.zh(); }

std::string OpensText(const Procedure& p, const Opens& opens, const Titles& titles) {
  const std::string title = ProcedureTitle(titles, opens.procedure);
  if (opens.each.empty()) return absl::StrCat("另开“", title, "”");
  const Party* party = p.FindParty(opens.of);
  const std::string of = party != nullptr ? TitleOr(party->title, party->name) : FieldTitle(p, opens.of);
  return absl::StrCat("为每个", of, "各开“", title, "”");
}

std::string RolesText(const Procedure& p, const std::vector<Role>& roles) {
  std::vector<std::string> out;
  for (const Role& role : roles) {
    const Party* party = p.FindParty(role.party);
    out.push_back(absl::StrCat(party == nullptr ? role.party : TitleOr(party->title, party->name), role.head ? "负责人"
                                                                                                   : role.superior
                                                                                                       ? "上级"
                                                                                                       : ""));
  }
  return absl::StrJoin(out, "、");
}

std::string PartiesText(const Procedure& p, const std::vector<std::string>& parties) {
  std::vector<Role> roles;
  for (const std::string& party : parties) roles.push_back(Role{party});
  return RolesText(p, roles);
}

std::string TermsText(const Procedure& p, const Action& action, const Titles& titles) {
  std::vector<std::string> out;
  if (!action.approved_by.empty()) out.push_back(absl::StrCat(RolesText(p, action.approved_by), "批准"));
  if (action.at_most.count > 0) out.push_back(CapText(action.at_most));
  std::vector<std::string> guards;
  for (const Guard& guard : action.when) guards.push_back(GuardText(p, guard));
  if (!guards.empty()) out.push_back(absl::StrCat("须", absl::StrJoin(guards, "、")));
  if (action.objection == v1::OBJECTION_RAISED) out.push_back("提出异议");
  if (action.objection == v1::OBJECTION_SETTLED) out.push_back("处理异议");
  if (action.opens.has_value()) out.push_back(OpensText(p, *action.opens, titles));
  return absl::StrJoin(out, "；");
}

bool Names(const std::vector<std::string>& starts, const std::string& stage) {
  return absl::c_linear_search(starts, stage);
}

std::string ClockText(const Procedure& p, const Clock& clock) {
  std::vector<std::string> out;
  out.push_back(absl::StrCat("自", StartsText(p, clock.from), "起，至", StartsText(p, clock.until), "止"));
  if (clock.budget.has_value()) {
    out.push_back(absl::StrCat("限", SpanText(*clock.budget).zh(), clock.counts_first ? "（首日计入）" : ""));
  } else if (clock.every.has_value()) {
    constexpr const char* kPeriods[] = {"每周", "每月", "每季", "每半年", "每年"};
    out.push_back(
        absl::StrCat(kPeriods[static_cast<int>(*clock.every)], "报一次，期末",
                     clock.grace.has_value() ? absl::StrCat("后", SpanText(*clock.grace).zh(), "内") : "为止"));
  } else if (clock.left_percent > 0) {
    out.push_back(absl::StrCat("期限在“", ClockTitle(p, clock.milestone_of), "”剩", clock.left_percent, "%之日"));
  } else {
    out.push_back(absl::StrCat("期限按“", FieldTitle(p, clock.due_field), "”，未填则不计时"));
  }
  if (!clock.stops_in.empty()) out.push_back(absl::StrCat(StartsText(p, clock.stops_in), "停表"));
  if (clock.restart_on_reentry) out.push_back("再次进入重新计时");
  if (!clock.remind.empty()) {
    std::vector<std::string> spans;
    for (const Span& span : clock.remind) spans.push_back(SpanText(span).zh());
    out.push_back(absl::StrCat("提前", absl::StrJoin(spans, "、"), "提醒"));
  }
  if (!clock.charged_to.empty()) out.push_back(absl::StrCat("逾期算", PartiesText(p, clock.charged_to)));
  if (clock.extend.has_value()) {
    std::string cap = CapText(clock.extend->at_most);
    if (clock.extend->by_at_most.has_value()) {
      absl::StrAppend(&cap, cap.empty() ? "" : "，", "一次不超过", SpanText(*clock.extend->by_at_most).zh());
    }
    out.push_back(absl::StrCat("延期由", RolesText(p, clock.extend->by), "申请、",
                               RolesText(p, clock.extend->approved_by), "批准", cap.empty() ? "" : "，", cap));
  }
  return absl::StrJoin(out, "；");
}

std::string LadderText(const Procedure& p, const Clock& clock) {
  std::vector<std::string> out;
  for (const LadderRung& rung : clock.ladder) {
    const std::string when = rung.at.count == 0 ? "一逾期" : absl::StrCat("逾期", SpanText(rung.at).zh());
    const std::string title = TitleOr(rung.title, rung.raises.empty() ? rung.suggests : rung.raises);
    out.push_back(rung.suggests.empty() ? absl::StrCat(when, title)
                                        : absl::StrCat(when, "建议", title, "（", RolesText(p, rung.ask), "决定）"));
  }
  return absl::StrJoin(out, "；");
}

std::string EndText(v1::EndKind kind) {
  switch (kind) {
    case v1::END_KIND_DONE:
      return "办结";
    case v1::END_KIND_CANCELLED:
      return "撤销";
    case v1::END_KIND_FAILED:
      return "未成";
    case v1::END_KIND_TRANSFERRED:
      return "移送";
    case v1::END_KIND_MERGED:
      return "并案";
    default:
      return "";
  }
}

}  // namespace duban::engine
