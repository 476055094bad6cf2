// Plans: put one, look at what it would do, stop it; and what plans ask of each unit.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "clients/cli/commands.h"
#include "clients/cli/procedure_files.h"
#include "clients/cli/values.h"
#include "duban/v1/plan_service.pb.h"

namespace duban::cli {
namespace {

// "市水务局局长 2027-06-30，届满前3个月" of an occurrence "2027-06-30 posts/… 3 months"; else the day as it stands.
std::string LastText(Session& session, const std::string& occurrence) {
  const std::vector<std::string> words = absl::StrSplit(occurrence, absl::MaxSplits(' ', 2));
  if (words.size() < 3) return occurrence;
  return absl::StrCat(session.names().Title(words[1]), " ", words[0]);
}

// Cases are counted in a preview alone.
std::string PopulationText(const v1::PlanStatus& plan) {
  return plan.population() == 0 ? "" : absl::StrCat(plan.population());
}

void PrintWords(const Console& console, const v1::PlanStatus& plan) {
  console.Print(absl::StrCat(console.Word("时间：", "when: "), console.Say(plan.when())));
  console.Print(absl::StrCat(console.Word("范围：", "for: "), console.Say(plan.whom())));
}

void PrintPlans(Session& session, const google::protobuf::RepeatedPtrField<v1::PlanStatus>& plans) {
  const Console& console = session.console();
  Table table({console.Say("计划", "plan"), console.Say("名称", "title"), console.Say("版本", "version"),
               console.Say("范围内", "takes in"), console.Say("上次", "last"), console.Say("下次", "next")});
  for (const v1::PlanStatus& plan : plans) {
    table.Add({plan.plan().name(), console.Say(plan.title()), absl::StrCat(plan.plan().version()), PopulationText(plan),
               LastText(session, plan.last()),
               plan.plan().stopped() ? console.Say("（已停）", "(stopped)")
                                     : session.Show(plan.has_next_at(), plan.next_at())});
  }
  console.PrintTable(table);
}

}  // namespace

int RunPlanPut(Session& session, const PlanPutOptions& options) {
  const Console& console = session.console();
  const std::optional<std::string> text = ReadTextFile(console, options.file);
  if (!text.has_value()) return kExitUsage;
  v1::PutPlanRequest request;
  request.mutable_file()->set_path(options.file);
  request.mutable_file()->set_text(*text);
  request.set_idempotency_key(options.key);
  request.set_validate_only(options.preview);
  request.set_override_reason(options.override_reason);
  int code = kExitOk;
  auto answer = session.Call(std::move(request), &code);
  if (answer == nullptr) return code;
  if (session.json()) {
    console.PrintJson(*answer);
    return answer->findings().empty() ? kExitOk : kExitRefused;
  }
  PrintFindings(console, answer->findings());
  if (!answer->findings().empty()) return kExitRefused;
  google::protobuf::RepeatedPtrField<v1::PlanStatus> one;
  *one.Add() = answer->plan();
  PrintPlans(session, one);
  PrintWords(console, answer->plan());
  console.Print(
      console.Say(absl::StrCat("将到期 ", answer->days_size(), " 次：", absl::StrJoin(answer->days(), "、")),
                  absl::StrCat("comes due ", answer->days_size(), " times: ", absl::StrJoin(answer->days(), ", "))));
  for (int i = 0; i < answer->occasions_size(); ++i) {
    console.Print(absl::StrCat("  ", answer->days(i), "  ", console.Say(answer->occasions(i))));
  }
  if (options.preview) console.Remark("预览，未作改动。", "A preview; nothing was changed.");
  return kExitOk;
}

int RunPlanStop(Session& session, const std::string& name, const std::string& key) {
  v1::StopPlanRequest request;
  request.set_plan(name.rfind("plans/", 0) == 0 ? name : "plans/" + name);
  request.set_idempotency_key(key);
  int code = kExitOk;
  auto answer = session.Call(std::move(request), &code);
  if (answer == nullptr) return code;
  session.console().Print(
      session.console().Say("已停止，不再到期；已立的事项不受影响。", "stopped; what it has opened stays"));
  return kExitOk;
}

int RunPlanList(Session& session) {
  int code = kExitOk;
  auto answer = session.Call(v1::ListPlansRequest(), &code);
  if (answer == nullptr) return code;
  if (session.json()) {
    session.console().PrintJson(*answer);
  } else if (answer->plans().empty()) {
    session.console().Print(session.console().Say("没有您能查看的计划。", "no plans that you may see"));
  } else {
    PrintPlans(session, answer->plans());
  }
  return kExitOk;
}

int RunPlanBurden(Session& session, int year, const std::string& unit) {
  const Console& console = session.console();
  v1::GetBurdenRequest request;
  request.set_year(year);
  if (!unit.empty()) {
    const ReadValue read = ReadReference(unit, "unit", session.names());
    if (!read.ok()) {
      console.Remark(read.fault);
      return kExitUsage;
    }
    request.set_unit(read.value->reference());
  }
  int code = kExitOk;
  auto answer = session.Call(std::move(request), &code);
  if (answer == nullptr) return code;
  if (session.json()) {
    console.PrintJson(*answer);
    return kExitOk;
  }
  Table table({console.Say("单位", "unit"), console.Say("次数", "times"),
               console.Say("哪天、什么主题", "when, on what"), console.Say("事项或计划", "by which case or plan")},
              96);
  for (const v1::UnitBurden& one : answer->units()) {
    std::vector<std::string> items, by;
    for (const v1::BurdenItem& item : one.items()) {
      items.push_back(absl::StrCat(item.day(), " ", item.topic()));
      by.push_back(!item.plan().empty() ? item.plan() : !item.number().empty() ? item.number() : item.case_());
    }
    table.Add({one.title(), absl::StrCat(one.items_size()), absl::StrJoin(items, "，"), absl::StrJoin(by, "，")});
  }
  if (table.empty()) {
    console.Print(console.Say("没有安排，也没有您能查看的。", "nothing is asked or planned that you may see"));
  } else {
    console.PrintTable(table);
  }
  return kExitOk;
}

}  // namespace duban::cli
