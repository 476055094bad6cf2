// Stages that collect: that the weights are whole, what is asked can be counted, nobody rates himself, and it closes.
#include <algorithm>
#include <optional>
#include <set>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "engine/base/limits.h"
#include "engine/cases/fields.h"
#include "engine/procedure/check.h"

namespace duban::engine::language {
namespace {

constexpr int64_t kWhole = 10'000;  // Hundredths of a percent.

// "33.33%".
std::string Percent(int64_t hundredths) {
  std::string out = absl::StrCat(hundredths / 100);
  if (hundredths % 100 != 0) absl::StrAppend(&out, ".", hundredths % 100 < 10 ? "0" : "", hundredths % 100);
  return out + "%";
}

// One stage that collects.
class Collecting {
 public:
  Collecting(const Checked& c, const Stage& stage) : c_(c), p_(c.procedure), stage_(stage), collect_(*stage.collect) {}

  void Check() const {
    CheckGroups();
    CheckAsks();
    CheckRated();
    CheckResult();
    CheckClose();
    CheckEntry();
  }

 private:
  Path At(const std::vector<std::string>& keys = {}) const {
    Path path = {"stages", stage_.name, "collect"};
    path.insert(path.end(), keys.begin(), keys.end());
    return path;
  }

  void CheckGroups() const {
    int64_t sum = 0;
    for (const RaterGroup& group : collect_.groups) {
      sum += group.weight;
      const bool rated_alone =
          std::all_of(group.of.begin(), group.of.end(), [&](const Role& role) { return role == collect_.rated; });
      if (!rated_alone) continue;
      c_.Error("COLLECT_GROUP_EMPTY", At({"from", group.name, "of"}),
               absl::StrCat("评议主体“", group.name, "”只有被评议人自己，而他不参加评议。"),
               absl::StrCat("Group \"", group.name, "\" is only the one who is rated, who does not rate himself."));
    }
    if (sum == kWhole) return;
    c_.Error("COLLECT_WEIGHTS", At({"from"}), absl::StrCat("各评议主体的权重之和为 ", Percent(sum), "，应为 100%。"),
             absl::StrCat("The groups' weights add up to ", Percent(sum), " and not to 100%."));
  }

  void CheckAsks() const {
    for (const Field& ask : collect_.asks) {
      const Path path = At({"asks", ask.name});
      const std::string most = absl::StrCat(limits::kAnswerMax);
      const bool bounded = ask.min.has_value() && ask.max.has_value() && CompareDecimals(*ask.max, most) <= 0 &&
                           CompareDecimals(absl::StrCat("-", most), *ask.min) <= 0;
      if (ask.type != FieldType::kNumber || !bounded) {
        c_.Error("COLLECT_ASKS", path,
                 absl::StrCat("评议的“", ask.name, "”须为数字，写明 min、max，绝对值不超过 ", most, "。"),
                 absl::StrCat("What is asked (\"", ask.name, "\") is a number with \"min\" and \"max\", within ", most,
                              "."));
      } else if (ask.many || ask.approximate || ask.sealed || !ask.sees.empty()) {
        c_.Error(
            "COLLECT_ASKS", path,
            absl::StrCat("评议的“", ask.name, "”不能写 many、approximate、sealed、sees：票箱整个加密，一题一个数。"),
            absl::StrCat("\"", ask.name,
                         "\" cannot be many, approximate, sealed or for some: the box is sealed as a whole, and "
                         "each answer is one number."));
      } else if (p_.FindField(ask.name) != nullptr) {
        c_.Error("COLLECT_ASKS", path, absl::StrCat("“", ask.name, "”已是本规程的字段，评议的问题请另取名字。"),
                 absl::StrCat("\"", ask.name, "\" is a field of the procedure; name the question otherwise."));
      }
    }
  }

  // One person is rated at a time, and he must not be among those who see who has voted.
  void CheckRated() const {
    const Party& rated = *p_.FindParty(collect_.rated.party);
    if (absl::c_linear_search(p_.may_open, rated.name)) {
      c_.Error("COLLECT_RATED", At({"rated"}),
               absl::StrCat("“", rated.name, "”能发起事项，会看到谁已投票，不能是被评议人。"),
               absl::StrCat("\"", rated.name, "\" may open cases and would see who has voted; it cannot be rated."));
    }
    const bool person = rated.kind != PartyKind::kUnit || collect_.rated.head;
    if (person && !rated.many && !rated.optional) return;
    c_.Error("COLLECT_RATED", At({"rated"}),
             absl::StrCat("被评议的“", rated.name, "”须为一个必有的岗位或人员；评议单位时写 ", rated.name, ".head。"),
             absl::StrCat("Who is rated (\"", rated.name, "\") is one post or person, not optional; of a unit write ",
                          rated.name, ".head."));
  }

  // What is counted is not typed.
  void CheckResult() const {
    const Field& result = *p_.FindField(collect_.result);
    const Path path = At({"result"});
    if (result.type != FieldType::kNumber || result.many || result.sealed || result.required) {
      c_.Error("COLLECT_RESULT", path,
               absl::StrCat("评议结果“", result.name, "”须为单个数字字段，不密封，立项时不必填。"),
               absl::StrCat("The result \"", result.name,
                            "\" is a field of one number, neither sealed nor required at opening."));
    }
    for (const Field& ask : collect_.asks) {
      const bool narrower = (result.min && ask.min && CompareDecimals(*ask.min, *result.min) < 0) ||
                            (result.max && ask.max && CompareDecimals(*result.max, *ask.max) < 0);
      if (!narrower) continue;
      c_.Error("COLLECT_RESULT", path,
               absl::StrCat("结果“", result.name, "”的上下限比所问的“", ask.name, "”还窄，可能放不下。"),
               absl::StrCat("The bounds of \"", result.name, "\" are narrower than those of \"", ask.name, "\"."));
    }
    for (const Stage& stage : p_.stages) {
      for (const Action& action : stage.actions) {
        const bool sets = std::any_of(action.sets.begin(), action.sets.end(),
                                      [&](const auto& set) { return set.first == result.name; });
        if (!sets && !absl::c_linear_search(action.needs, result.name) &&
            !absl::c_linear_search(action.takes, result.name))
          continue;
        c_.Error("COLLECT_RESULT", ActionPath(stage, action),
                 absl::StrCat("“", result.name, "”由计票得出，操作“", action.name, "”不能填写。"),
                 absl::StrCat("\"", result.name, "\" is counted; action \"", action.name, "\" cannot give it."));
      }
    }
  }

  void CheckClose() const {
    if (!stage_.after.has_value()) {
      c_.Error("COLLECT_WITHOUT_CLOSE", At(),
               absl::StrCat("环节“", stage_.name, "”收集评议却没有截止时间；请写 after: {5个工作日: 环节}。"),
               absl::StrCat("Stage \"", stage_.name,
                            "\" collects and never closes; write \"after\": {5 working days: stage}."));
    }
    // Too few rate again and again, and nobody is asked.
    std::set<std::string> seen;
    std::vector<std::string> next = {collect_.below_quorum};
    while (!next.empty()) {
      const Stage* at = p_.FindStage(next.back());
      next.pop_back();
      if (!seen.insert(at->name).second) continue;
      for (const Way& way : WaysOut(p_, *at)) {
        if (way.action.empty()) next.push_back(way.to);
      }
    }
    if (seen.count(stage_.name) == 0) return;
    c_.Error("TIMED_LOOP", At({"below_quorum"}),
             absl::StrCat("参评人数不足时只靠到时流转又回到“", stage_.name, "”；其间至少要有一步由人办理。"),
             absl::StrCat("Where too few rated, timed moves alone lead back to \"", stage_.name,
                          "\"; some step on the way has to be a person's."));
  }

  // Who may rate is fixed on entry, which is refused where nobody may: somebody has to be there to be told.
  void CheckEntry() const {
    if (&stage_ == &p_.stages.front()) {
      c_.Error("COLLECT_ENTRY", At(), "评议不能是第一个环节；请先有一步由人办理，再进入评议。",
               "The first stage cannot collect; let somebody's action lead into it.");
    }
    for (const Stage& from : p_.stages) {
      if (from.name == stage_.name) continue;  // The loop above.
      const std::vector<Way> ways = WaysOut(p_, from);
      const bool by_time = std::any_of(ways.begin(), ways.end(),
                                       [&](const Way& way) { return way.action.empty() && way.to == stage_.name; });
      if (!by_time) continue;
      c_.Error("COLLECT_ENTRY", At(),
               absl::StrCat("环节“", from.name, "”到时自动转入评议；无人可评时没有人知道，请改由操作进入。"),
               absl::StrCat("Stage \"", from.name,
                            "\" leads into it by time; where nobody may rate nobody would be told: let an action do."));
    }
  }

  const Checked& c_;
  const Procedure& p_;
  const Stage& stage_;
  const Collect& collect_;
};

}  // namespace

void CheckCollecting(const Checked& c) {
  for (const Stage& stage : c.procedure.stages) {
    if (stage.collect.has_value()) Collecting(c, stage).Check();
  }
}

}  // namespace duban::engine::language
