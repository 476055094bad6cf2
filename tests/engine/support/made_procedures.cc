#include "tests/engine/support/made_procedures.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace duban::engine {

namespace {

class Author {
 public:
  explicit Author(Dice& dice) : dice_(dice) {}

  std::string Write() {
    stages_ = 1 + dice_.Below(5);
    for (int i = 0; i < stages_; ++i) names_.push_back(absl::StrCat("s", i));
    names_.emplace_back("done");
    if (dice_.OneIn(2)) names_.emplace_back("dropped");
    suggests_ = dice_.OneIn(3);
    reviewer_ = dice_.OneIn(2);
    helpers_ = dice_.OneIn(3);
    leader_ = dice_.OneIn(3);
    takers_ = dice_.OneIn(5);
    objects_ = dice_.OneIn(4);
    std::string out =
        "procedure: made\ntitle: 试\nmay_open: [issuer]\nburden: {topic: 查, party: owner, lasts_days: 2}\nparties:\n"
        "  issuer: {kind: unit, title: 甲}\n";
    absl::StrAppend(&out, "  owner: {kind: unit, title: 乙", dice_.OneIn(3) ? ", never: {unit_of: [issuer]}" : "",
                    "}\n");
    if (helpers_) absl::StrAppend(&out, "  helpers: {kind: unit, title: 协, many: true, optional: true}\n");
    if (reviewer_) {
      absl::StrAppend(&out, "  reviewer: {kind: post, title: 验",
                      dice_.OneIn(2) ? ", never: {unit_of: [owner], acted_in: [go0]}" : "",
                      dice_.OneIn(4) ? ", drawn: true" : "", "}\n");
    }
    if (leader_) {
      absl::StrAppend(&out, "  leader: {kind: person, title: 领", dice_.OneIn(2) ? ", never: {person_of: [owner]}" : "",
                      "}\n");
    }
    if (takers_) absl::StrAppend(&out, "  takers: {kind: unit, title: 接, many: true, claimable: true}\n");
    absl::StrAppend(
        &out,
        "fields:\n  what: {type: text, title: 事, required: true}\n  due: {type: date, title: 期}\n"
        "  kind: {type: choice, of: kinds, title: 类}\n  score: {type: number, title: 分, min: 0, max: 100}\n"
        "  result: {type: text, title: 果}\n  secret: {type: text, title: 密, sealed: {sees: [issuer]}}\n"
        "  inner: {type: text, title: 内, sees: [issuer, owner]}\nstages:\n");
    for (int i = 0; i < stages_; ++i) absl::StrAppend(&out, StageText(i));
    absl::StrAppend(&out, "  done: {title: 完, end: done", dice_.OneIn(4) ? absl::StrCat(", opens: ", kOpens) : "",
                    "}\n");
    if (names_.back() == "dropped") absl::StrAppend(&out, "  dropped: {title: 撤, end: cancelled}\n");
    absl::StrAppend(
        &out, "clocks:\n  whole: {title: 全, from: ", dice_.OneIn(4) ? Start() : "s0", ", until: [",
        dice_.OneIn(4) ? Start() + ", " : "", "done], ", dice_.OneIn(2) ? "due: due" : "budget: 30 working days",
        dice_.OneIn(2) ? ", remind: [2 days]" : "",
        dice_.OneIn(3)
            ? ", extend: {title: 延, by: owner, approved_by: issuer, at_most: 2 per case, by_at_most: 60 days, "
              "needs: [due]}"
            : "",
        suggests_ ? ", ladder: [{at: 1 day, raise: urge, title: 催, tell: [owner]}, {at: 3 days, "
                    "suggest: talk, title: 谈, ask: [issuer.head]}], charged_to: owner"
                  : "",
        dice_.OneIn(3) ? absl::StrCat(", stops_in: [s", dice_.Below(stages_), "]") : "",
        dice_.OneIn(6) ? ", milestones: {half: {title: 半, left: 50%, needs: [result]}}" : "", "}\n");
    if (dice_.OneIn(2)) {
      absl::StrAppend(&out, "  part: {title: 段, from: ", Start(), ", until: [", Start(),
                      ", done], budget: ", 1 + dice_.Below(20), " days", dice_.OneIn(3) ? ", on_reentry: restart" : "",
                      "}\n");
    }
    if (dice_.OneIn(5)) {
      absl::StrAppend(&out, "  monthly: {title: 月, from: ", Start(),
                      ", until: [done], every: month, needs: [result], charged_to: owner}\n");
    }
    absl::StrAppend(&out, "codes: {kinds: [a, b, c]}\nregisters: {list: {title: 单, kind: unit}}\n");
    return out;
  }

 private:
  static constexpr char kOpens[] = "{procedure: follow, bind: {asks: issuer, answers: owner}, set: {matter: what}}";

  static constexpr char kOpensForEach[] =
      "{procedure: follow, for_each: {answers: helpers}, bind: {asks: issuer}, set: {matter: what}}";

  std::string Role() {
    std::vector<std::string> roles = {"issuer", "owner", "owner", "issuer.head", "owner.head"};
    if (narrow_) return dice_.Pick(roles);
    if (reviewer_) roles.emplace_back("reviewer");
    if (helpers_) roles.emplace_back("helpers");
    if (leader_) roles.emplace_back("leader");
    if (takers_) roles.emplace_back("takers");
    return dice_.Pick(roles);
  }

  std::string Start() { return dice_.OneIn(3) ? "\"action:go0\"" : absl::StrCat("s", dice_.Below(stages_)); }

  std::string Guard() {
    const std::vector<std::string> guards = {"{field_is: {kind: a}}",
                                             "{field_set: result}",
                                             "first_round",
                                             "assigned_by_superior",
                                             "{before_due: whole}",
                                             "{field_is: {score: 50}}",
                                             suggests_ ? "suggestion_open" : "first_round",
                                             objects_ ? "objection_open" : "first_round",
                                             "{in_register: {list: owner}}",
                                             "{field_set: inner}",
                                             "parts_closed"};
    const std::string guard = dice_.Pick(guards);
    return dice_.OneIn(2) ? absl::StrCat("{not: ", guard, "}") : guard;
  }

  std::string ActionText(const std::string& name, const std::string& to, bool plain) {
    const std::string by = Role();
    std::string out = absl::StrCat("      ", name, ": {title: 办, by: ", by);
    if (!to.empty()) absl::StrAppend(&out, ", to: ", to);
    if (dice_.OneIn(3)) absl::StrAppend(&out, ", needs: [", dice_.OneIn(2) ? "result" : "reason, score", "]");
    if (dice_.OneIn(4)) absl::StrAppend(&out, ", takes: [kind, inner, secret]");
    if (dice_.OneIn(6)) absl::StrAppend(&out, ", sets: {kind: ", dice_.OneIn(2) ? "a" : "b", "}");
    if (objects_ && dice_.OneIn(3)) absl::StrAppend(&out, ", objection: ", dice_.OneIn(2) ? "raise" : "settle");
    if (!plain && helpers_ && dice_.OneIn(8)) absl::StrAppend(&out, ", opens: ", kOpensForEach);
    const std::string approver = Role();
    if (dice_.OneIn(4) && approver != by) absl::StrAppend(&out, ", approved_by: [", approver, "]");
    if (!plain && dice_.OneIn(4)) {
      absl::StrAppend(&out, ", at_most: ", 1 + dice_.Below(2), dice_.OneIn(2) ? " per round" : " per case");
    }
    if (!plain && dice_.OneIn(3)) {
      absl::StrAppend(&out, ", when: [", Guard(), dice_.OneIn(3) ? absl::StrCat(", ", Guard()) : "", "]");
    }
    return out + "}\n";
  }

  std::string StageText(int i) {
    std::string out = absl::StrCat("  s", i, ":\n    title: 段\n");
    if (!dice_.OneIn(3)) absl::StrAppend(&out, "    within: ", 1 + dice_.Below(9), " working days\n");
    if (dice_.OneIn(6)) absl::StrAppend(&out, "    no_deadline: 不计\n");
    if (dice_.OneIn(6)) absl::StrAppend(&out, "    after: {", 1 + dice_.Below(30), " days: ", Further(i), "}\n");
    if (dice_.OneIn(12)) {
      absl::StrAppend(&out, "    opens: ", helpers_ && dice_.OneIn(2) ? kOpensForEach : kOpens, "\n");
    }
    narrow_ = dice_.OneIn(6);
    if (narrow_) absl::StrAppend(&out, "    sees: [issuer, owner]\n");
    absl::StrAppend(&out, "    actions:\n");
    // The first leads on, so that most of them can be walked at all.
    // Stages may have actions of one name, each with its own meaning.
    const bool shared = i > 0 && dice_.OneIn(6);
    absl::StrAppend(&out, ActionText(shared ? "hand" : absl::StrCat("go", i),
                                     i + 1 < stages_ ? absl::StrCat("s", i + 1) : "done", !dice_.OneIn(3)));
    for (int k = dice_.Below(4); k > 0; --k) {
      const std::string to = dice_.OneIn(3) ? "" : dice_.OneIn(8) && i > 0 ? "previous" : dice_.Pick(names_);
      const bool hand = !shared && k == 1 && dice_.OneIn(4);
      absl::StrAppend(&out, ActionText(hand ? "hand" : absl::StrCat("x", i, "_", k), to, false));
    }
    if (i == 0 && names_.back() == "dropped") absl::StrAppend(&out, ActionText("drop", "dropped", false));
    return out;
  }

  // Mostly onward: time that goes back goes round.
  std::string Further(int i) {
    return dice_.OneIn(5) ? dice_.Pick(names_) : i + 1 < stages_ ? absl::StrCat("s", i + 1) : "done";
  }

  Dice& dice_;
  int stages_ = 0;
  bool narrow_ = false;    // The stage at hand is seen by two parties alone.
  bool suggests_ = false;  // A ladder does.
  std::vector<std::string> names_;
  bool reviewer_ = false;
  bool helpers_ = false;
  bool leader_ = false;
  bool takers_ = false;
  bool objects_ = false;  // Some actions raise objections, others settle them.
};

}  // namespace

std::string MakeProcedure(Dice& dice) { return Author(dice).Write(); }

std::string MakeFollowProcedure(Dice& dice) {
  const std::string after =
      dice.OneIn(4) ? absl::StrCat(", after: {", 1 + dice.Below(9), " days: ", dice.OneIn(2) ? "held" : "back", "}")
                    : "";
  return absl::StrCat(R"(procedure: follow
title: 随
may_open: [asks]
parties:
  asks: {kind: unit, title: 问}
  answers: {kind: unit, title: 答}
fields:
  matter: {type: text, title: 事, required: true}
  found: {type: text, title: 果}
stages:
  hidden: {title: 暗, sees: [asks], within: 5 days, actions: {tell: {title: 告, by: asks, to: told, needs: [found]}}}
  told:
    {title: 明, within: 5 days)",
                      after, R"(,
     actions: {hold: {title: 好, by: asks, to: held}, again: {title: 重, by: asks, to: back}}}
  held: {title: 好, end: done}
  back: {title: 重, end: failed, reopens: {case: parent, to: s0}}
)");
}

std::string Damaged(const std::string& text, Dice& dice) {
  std::vector<std::string> lines = absl::StrSplit(text, '\n');
  std::string& line = lines[5 + dice.Below(static_cast<int>(lines.size()) - 6)];
  if (dice.OneIn(4)) {
    line.clear();
  } else {
    std::vector<std::string> words;
    for (absl::string_view word : absl::StrSplit(text, absl::ByAnyChar(" \n{}[],:"), absl::SkipEmpty())) {
      words.emplace_back(word);
    }
    std::vector<std::string> own;
    for (absl::string_view word : absl::StrSplit(line, absl::ByAnyChar(" \n{}[],:"), absl::SkipEmpty())) {
      own.emplace_back(word);
    }
    if (!own.empty()) {
      const std::string& old = dice.Pick(own);
      line.replace(line.find(old), old.size(), dice.Pick(words));
    }
  }
  return absl::StrJoin(lines, "\n");
}

}  // namespace duban::engine
