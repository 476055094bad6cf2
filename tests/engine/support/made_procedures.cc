#include "tests/engine/support/made_procedures.h"

#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace duban::engine {
namespace {

constexpr char kSet[] = "set: {matter: what}";

// Writes a procedure. Most are sound: each stage has a way on that nothing bars, and a deadline. Some are careless:
// what they say is drawn with less thought, and the checker has to see what is wrong with it.
class Author {
 public:
  explicit Author(Dice& dice) : dice_(dice) {}

  std::string Write() {
    Plan();
    std::string out = absl::StrCat(
        "procedure: made\ntitle: 试\nmay_open: [issuer]\n"
        "burden: {topic: 查, party: owner, lasts_days: 2}\n",
        Head(), "parties:\n", Parties(), "fields:\n", Fields(), "stages:\n");
    for (int i = 0; i < stages_; ++i) absl::StrAppend(&out, StageText(i));
    absl::StrAppend(&out, Ends(), "clocks:\n", Clocks(),
                    "codes: {kinds: [a, b, c]}\nregisters: {list: {title: 单, kind: unit, keeps: 20 days}}\n");
    if (letters_) absl::StrAppend(&out, Letters());
    if (leads_ >= 0) {
      absl::StrAppend(&out, "mandate: {by: [", Maybe(2) ? "issuer" : "issuer.head, owner", "], in: s", leads_,
                      ", over: units", Maybe(2) ? ", until: whole" : "", "}\n");
    }
    return out;
  }

 private:
  bool Maybe(int n) { return dice_.OneIn(n); }
  // Something that a sound procedure does not do.
  bool Careless(int n) { return careless_ && dice_.OneIn(n); }

  // What it has, before any of it is written.
  void Plan() {
    careless_ = Maybe(4);
    stages_ = 1 + dice_.Below(5);
    for (int i = 0; i < stages_; ++i) names_.push_back(absl::StrCat("s", i));
    names_.emplace_back("done");
    dropped_ = Maybe(2);
    moved_ = Maybe(6);
    if (dropped_) names_.emplace_back("dropped");
    if (moved_) names_.emplace_back("moved");
    suggests_ = Maybe(3);
    reviewer_ = Maybe(2);
    helpers_ = Maybe(3);
    leader_ = Maybe(3);
    experts_ = Maybe(6);
    takers_ = Maybe(5);
    objects_ = Maybe(4);
    parts_ = Maybe(3);
    units_ = Maybe(3);
    lists_ = Maybe(3);
    reports_ = Maybe(4);
    checks_twice_ = reviewer_ && Maybe(4);
    signs_ = leader_ && stages_ > 1 && Maybe(2);
    rated_ = reviewer_ && Maybe(2) ? "reviewer" : leader_ && Maybe(2) ? "leader" : "owner.head";
    collects_ = stages_ > 1 && Maybe(3) ? 1 + dice_.Below(stages_ - 1) : -1;
    whole_from_start_ = !Careless(2);
    whole_stops_ = stages_ > 1 && Maybe(4) ? dice_.Below(stages_) : -1;
    whole_due_ = Maybe(2);
    letters_ = Maybe(3);
    signed_for_ = letters_ && !Maybe(4);
    leads_ = units_ && Maybe(2) ? dice_.Below(stages_) : -1;
  }

  std::string Head() {
    std::string out;
    if (Maybe(3)) absl::StrAppend(&out, "secrecy: ", Maybe(2) ? "public" : "work_secret", "\n");
    if (Maybe(4)) absl::StrAppend(&out, "numbers: 试〔{year}〕{owner}{seq}号\n");
    if (Maybe(4)) absl::StrAppend(&out, "columns: [kind, score]\n");
    if (Maybe(5)) {
      absl::StrAppend(&out, Maybe(2) ? "lights: [{colour: green}, {colour: yellow, left: 30%}, {colour: red, overdue: "
                                       "true}, {colour: purple, overdue_by: 2 days}]\n"
                                     : "lights: [{colour: green}, {colour: yellow, milestones_missed: true}, {colour: "
                                       "orange, left: 2 days}, {colour: red, reports_missed: 2}]\n");
    }
    return out;
  }

  // Whom a party keeps away, or nothing.
  std::string Never(const std::vector<std::string>& rules) {
    if (rules.empty() || !Maybe(2)) return "";
    std::string out = dice_.Pick(rules);
    const std::string other = dice_.Pick(rules);
    if (other.substr(0, 4) != out.substr(0, 4)) absl::StrAppend(&out, ", ", other);
    return absl::StrCat(", never: {", out, "}");
  }

  std::string Parties() {
    std::string out = "  issuer: {kind: unit, title: 甲}\n";
    absl::StrAppend(&out, "  owner: {kind: unit, title: 乙", Maybe(3) ? ", never: {unit_of: [issuer]}" : "", "}\n");
    if (helpers_) absl::StrAppend(&out, "  helpers: {kind: unit, title: 协, many: true, optional: true}\n");
    if (reviewer_) {
      absl::StrAppend(
          &out, "  reviewer: {kind: post, title: 验",
          checks_twice_ ? ", never: {acted_in: [go0]}"
                        : Never({"unit_of: [owner]", "acted_in: [go0]", "related_to: [owner]", "person_of: [issuer]"}),
          Maybe(5) ? ", drawn: true" : "", "}\n");
    }
    if (leader_) {
      absl::StrAppend(
          &out, "  leader: {kind: person, title: 领",
          signs_ ? ", never: {acted_in: [go0]}" : Never({"person_of: [owner]", "unit_of: [issuer]", "acted_in: [go0]"}),
          "}\n");
    }
    if (experts_) {
      absl::StrAppend(&out, "  experts: {kind: person, many: true, title: 专",
                      Never({"unit_of: [owner]", "acted_in: [go0]"}), Maybe(4) ? ", drawn: true" : "", "}\n");
    }
    if (takers_) absl::StrAppend(&out, "  takers: {kind: unit, title: 接, many: true, claimable: true}\n");
    return out;
  }

  std::string Fields() {
    std::string out =
        "  what: {type: text, title: 事, required: true}\n  due: {type: date, title: 期}\n"
        "  kind: {type: choice, of: kinds, title: 类}\n  score: {type: number, title: 分, min: 0, max: 100}\n"
        "  result: {type: text, title: 果}\n  secret: {type: text, title: 密, sealed: {sees: [issuer]}}\n"
        "  inner: {type: text, title: 内, sees: [issuer, owner]}\n";
    if (collects_ > 0) absl::StrAppend(&out, "  total: {type: number, title: 总}\n");
    if (units_) absl::StrAppend(&out, "  units: {type: unit, title: 单位, many: true}\n");
    const std::vector<std::string> more = {"  sources: {type: choice, of: kinds, title: 源, many: true}\n",
                                           "  place: {type: unit, title: 处}\n",
                                           "  seat: {type: post, title: 岗}\n",
                                           "  man: {type: person, title: 人}\n",
                                           "  papers: {type: file, title: 件, many: true}\n",
                                           "  hour: {type: instant, title: 刻}\n",
                                           "  near: {type: date, title: 约, approximate: true}\n",
                                           "  lines: {type: text, title: 条, many: true, max_bytes: 90}\n"};
    for (size_t i = 0; i < more.size(); ++i) {
      if (!Maybe(4)) continue;
      absl::StrAppend(&out, more[i]);
      extra_.push_back(more[i].substr(2, more[i].find(':') - 2));
    }
    return out;
  }

  // Who may be asked to act where a way must be open to somebody: no party that may be left out.
  std::string Role(bool sure) {
    std::vector<std::string> roles = {"issuer", "owner", "owner", "issuer.head", "owner.head"};
    if (!narrow_) {
      if (reviewer_) roles.emplace_back("reviewer");
      if (leader_) roles.emplace_back("leader");
      if (experts_) roles.emplace_back("experts");
      if (takers_) roles.emplace_back("takers");
      if (helpers_ && (!sure || careless_)) roles.emplace_back("helpers");
    }
    return dice_.Pick(roles);
  }

  std::string Start() { return Maybe(3) ? "\"action:go0\"" : absl::StrCat("s", dice_.Below(stages_)); }

  std::string Guard(int stage) {
    std::vector<std::string> guards = {"{field_is: {kind: a}}", "{field_set: result}", "first_round",
                                       "assigned_by_superior", "{field_is: {score: 50}}"};
    if (whole_from_start_ || careless_) guards.emplace_back("{before_due: whole}");
    if (suggests_ || Careless(8)) guards.emplace_back("suggestion_open");
    if (objects_ && stage == 0) guards.emplace_back("objection_open");
    if (lists_) guards.insert(guards.end(), 3, "{in_register: {list: owner}}");
    if (lists_) guards.emplace_back("{in_register: list}");
    if (parts_ || Maybe(6)) guards.insert(guards.end(), 3, "parts_closed");
    if (parts_) guards.emplace_back("parts_open");
    if (Careless(3)) guards.emplace_back("{field_set: inner}");
    for (const std::string& field : extra_) {
      if (field != "papers") guards.push_back(absl::StrCat("{field_set: ", field, "}"));
    }
    const std::string guard = dice_.Pick(guards);
    return Maybe(2) ? absl::StrCat("{not: ", guard, "}") : guard;
  }

  std::string Opens(bool ended) {
    const std::string kind = ended || !Maybe(3) ? "" : Maybe(2) ? ", as: self_check" : ", as: measure";
    if (parts_ && !ended && Maybe(2)) {
      return absl::StrCat("{procedure: piece, bind: {asks: issuer, answers: owner}, ", kSet, ", as: part}");
    }
    return absl::StrCat("{procedure: follow, bind: {asks: issuer, answers: owner}, ", kSet, kind, "}");
  }

  std::string OpensForEach() {
    const std::string of = units_ && Maybe(2) ? "units" : helpers_ ? "helpers" : "units";
    return parts_
               ? absl::StrCat("{procedure: piece, for_each: {answers: ", of, "}, bind: {asks: issuer}, ", kSet,
                              ", as: part}")
               : absl::StrCat("{procedure: follow, for_each: {answers: ", of, "}, bind: {asks: issuer}, ", kSet, "}");
  }

  // A way on that is to be `plain` has nothing that may bar it.
  std::string ActionText(int stage, const std::string& name, const std::string& to, bool plain) {
    std::string by = Role(plain);
    // Whom going on from the first stage would keep away, where it is one person, does not go on himself.
    while (name == "go0" && (by == "leader" || by == "experts")) by = Role(plain);
    if (!narrow_ && checks_twice_ && (name == "go0" || name == "go1")) by = "reviewer";
    if (!narrow_ && signs_ && name == "go0") by = Maybe(2) ? "owner" : "issuer";
    if (!narrow_ && signs_ && name == "go1") by = "leader";
    std::string out = absl::StrCat("      ", name, ": {title: 办, by: ", Maybe(6) && by != "issuer" ? "[issuer, " : "");
    absl::StrAppend(&out, by, out.back() == ' ' && out[out.size() - 2] == ',' ? "]" : "");
    if (!to.empty()) absl::StrAppend(&out, ", to: ", to);
    if (Maybe(3)) absl::StrAppend(&out, ", needs: [", Maybe(2) ? "result" : "reason, score", "]");
    std::vector<std::string> takes;
    if (Maybe(4)) takes = {"kind", "inner", "secret"};
    if (Maybe(3)) takes.insert(takes.end(), extra_.begin(), extra_.end());
    // What a mandate reaches, and how long, is fixed while it holds.
    const bool fixed = stage == leads_ && !Careless(3);
    if (units_ && !fixed && Maybe(2)) takes.emplace_back("units");
    if (whole_due_ && !fixed && Maybe(5)) takes.emplace_back("due");
    if (!takes.empty()) absl::StrAppend(&out, ", takes: [", absl::StrJoin(takes, ", "), "]");
    if (takes.empty() && Maybe(6)) absl::StrAppend(&out, ", sets: {kind: ", Maybe(2) ? "a" : "b", "}");
    if (Maybe(6)) absl::StrAppend(&out, ", verifies: ", Maybe(2) ? "passed" : "failed");
    if (Maybe(8)) absl::StrAppend(&out, ", finds: ", Maybe(2) ? "confirmed" : "unfounded");
    if (objects_ && Careless(3)) absl::StrAppend(&out, ", objection: ", Maybe(2) ? "raise" : "settle");
    std::string approver = Role(plain);
    while (name == "go0" && (approver == "leader" || approver == "experts")) approver = Role(plain);
    if (Maybe(4) && approver != by && (by != "issuer" || approver != "issuer") && out.find("[issuer, ") == out.npos) {
      absl::StrAppend(&out, ", approved_by: [", approver, "]");
    }
    if (!plain) {
      if (Maybe(6))
        absl::StrAppend(&out, ", opens: ", (helpers_ || units_) && Maybe(2) ? OpensForEach() : Opens(false));
      if (Maybe(4)) absl::StrAppend(&out, ", at_most: ", 1 + dice_.Below(2), Maybe(2) ? " per round" : " per case");
      if (Maybe(2)) {
        absl::StrAppend(&out, ", when: [", Guard(stage), Careless(2) ? absl::StrCat(", ", Guard(stage)) : "", "]");
      }
      if (Maybe(12) && out.find("opens") == out.npos) {
        absl::StrAppend(&out, ", rebind: {", reviewer_ && Maybe(2) ? "reviewer" : "owner", ": superior}");
      }
    }
    return out + "}\n";
  }

  std::string Lasts() {
    return Maybe(5)   ? absl::StrCat(24 + dice_.Below(100), " hours")
           : Maybe(5) ? absl::StrCat(1 + dice_.Below(2), " months")
           : Maybe(3) ? absl::StrCat(2 + dice_.Below(20), " days")
                      : absl::StrCat(2 + dice_.Below(9), " working days");
  }

  // A deadline of the stage, with a reminder where one can be.
  std::string Within() {
    const std::string lasts = Lasts();
    std::string out = absl::StrCat("    within: ", lasts, "\n");
    if (!Maybe(3)) return out;
    const std::string unit = absl::StrContains(lasts, "hours")     ? " hour"
                             : absl::StrContains(lasts, "working") ? " working day"
                                                                   : " day";
    return out + absl::StrCat("    within_remind: [1", unit, "]\n");
  }

  std::string CollectText(int i) {
    const std::string after = i + 1 < stages_ ? absl::StrCat("s", i + 1) : "done";
    std::string out = absl::StrCat(
        "    collect:\n      from:\n        near: {of: owner, weight: 60%}\n        far: {of: ",
        Maybe(2)               ? "issuer"
        : helpers_ && Maybe(2) ? "[helpers, issuer.head]"
                               : "owner.superior",
        ", weight: 40%}\n      asks: {mark: {type: number, title: 评, min: 0, max: 100}}\n", "      rated: ", rated_,
        "\n      below_quorum: ", Maybe(2) ? "done" : "s0", "\n      result: total\n");
    if (Maybe(2)) absl::StrAppend(&out, "      quorum: {near: 1/2}\n");
    if (Maybe(3)) absl::StrAppend(&out, "      empty_group: renormalise\n");
    if (Maybe(2)) absl::StrAppend(&out, "      secret: true\n", Maybe(2) ? "      smallest_group: 2\n" : "");
    return absl::StrCat("    after: {", 3 + dice_.Below(9), " days: ", after, "}\n", out);
  }

  std::string StageText(int i) {
    std::string out = absl::StrCat("  s", i, ":\n    title: 段\n");
    const bool timed = whole_from_start_ && whole_stops_ != i;
    const bool waits = i == collects_ ? objects_ : objects_ || !timed;
    if (i == collects_) {
      absl::StrAppend(&out, CollectText(i));
    } else if (Maybe(6)) {
      absl::StrAppend(&out, "    after: {", Lasts(), ": ", Further(i), "}\n",
                      Maybe(3) ? "    counts: both_ends\n" : "");
    }
    if (i != collects_ && !Careless(3) && (waits || Maybe(2)) && !absl::StrContains(out, "after")) {
      absl::StrAppend(&out, Within());
    } else if (waits || Careless(3)) {
      absl::StrAppend(&out, "    no_deadline: 不计\n");
    }
    if (i > 0 && i != collects_ && lists_ && Maybe(2)) {
      absl::StrAppend(&out, "    ", !Maybe(3) ? "enters" : "leaves", ": {register: list, party: owner}\n");
    }
    if (Maybe(12)) absl::StrAppend(&out, "    opens: ", Careless(3) && helpers_ ? OpensForEach() : Opens(false), "\n");
    narrow_ = i != collects_ && Maybe(6);
    if (narrow_) absl::StrAppend(&out, "    sees: [issuer, owner]\n");
    return absl::StrCat(out, "    actions:\n", Actions(i));
  }

  std::string Actions(int i) {
    // The first leads on, so that most of them can be walked at all. Stages may have actions of one name, each with its
    // own meaning.
    const bool shared = i > 0 && Maybe(6);
    const std::string next = i + 1 < stages_ ? absl::StrCat("s", i + 1) : "done";
    std::string out = i == collects_ ? "" : ActionText(i, shared ? "hand" : absl::StrCat("go", i), next, !Careless(2));
    // A rating may not begin, so there has to be another way.
    if (i == collects_ || i + 1 == collects_) {
      absl::StrAppend(&out, "      quit", i, ": {title: 止, by: issuer, to: ", dropped_ ? "dropped" : "done",
                      ", needs: [reason]}\n");
    }
    if (i == 0 && objects_) {
      absl::StrAppend(
          &out, "      object: {title: 异, by: ", Role(true),
          ", needs: [reason], objection: raise}\n      settle: {title: 处, by: issuer, objection: settle}\n");
    }
    if (i > 0 && objects_ && Maybe(2)) {
      absl::StrAppend(&out, "      settle: {title: 处, by: issuer, objection: settle}\n");
    }
    if (reports_ && i == 0) absl::StrAppend(&out, "      report: {title: 报, by: owner, needs: [result]}\n");
    if (parts_ && (i == 0 || Maybe(2))) {
      absl::StrAppend(&out, "      split", i, ": {title: 分, by: issuer, opens: ",
                      units_ && Maybe(2)     ? OpensForEach()
                      : helpers_ && Maybe(3) ? OpensForEach()
                                             : PartOf(),
                      "}\n");
    }
    if (parts_ && Maybe(2)) {
      absl::StrAppend(&out, "      whole", i, ": {title: 合, by: issuer, to: ", next, ", when: [parts_closed]}\n");
    }
    if (signed_for_ && i < 2 && i != collects_) {
      absl::StrAppend(&out, "      sign: {title: 签, by: ", Maybe(2) ? "owner" : "[owner, issuer]",
                      Maybe(3) ? absl::StrCat(", to: ", next) : "", Careless(4) ? ", needs: [result]" : "",
                      Maybe(3) ? ", at_most: 1 per round" : "", "}\n");
    }
    if (lists_ && i > 0 && Maybe(2)) {
      const char* guard = Maybe(3) ? "{not: {in_register: {list: owner}}}" : "{in_register: {list: owner}}";
      absl::StrAppend(&out, "      listed", i, ": {title: 册, by: issuer, when: [", guard, "]}\n");
    }
    for (int k = dice_.Below(4); k > 0; --k) {
      const std::string to = Maybe(3) ? "" : Maybe(8) && i > 0 ? "previous" : dice_.Pick(names_);
      const bool hand = !shared && k == 1 && Maybe(4);
      absl::StrAppend(&out, ActionText(i, hand ? "hand" : absl::StrCat("x", i, "_", k), to, false));
    }
    if (i == 0 && dropped_) absl::StrAppend(&out, ActionText(i, "drop", "dropped", false));
    if (i == 0 && moved_) absl::StrAppend(&out, ActionText(i, "move", "moved", false));
    return out;
  }

  std::string PartOf() const {
    return absl::StrCat("{procedure: piece, bind: {asks: issuer, answers: owner}, ", kSet, ", as: part}");
  }

  // Letters to the owner, and what they are made of.
  std::string Letters() {
    return absl::StrCat(
        "documents:\n  letter: {template: paper, number: \"试函〔{year}〕{issuer}{seq}号\", per: ",
        helpers_ && Careless(3) ? "helpers" : "owner", ", from: issuer, at: [s0",
        stages_ > 1 && collects_ != 1 && Maybe(2) ? ", s1" : "", "]", signed_for_ ? ", receipt: sign" : "",
        "}\ntemplates:\n  paper:\n    title: 函\n    heading: 关于{count}件的函\n    text:\n      - {each: "
        "\"{case}：{what}，{kind}，期{due}，",
        Careless(3) ? "{inner}" : "{owner}", "\"}\n", Maybe(2) ? "      - {table: [case, what, stage, score]}\n" : "");
  }

  std::string Ends() {
    std::string out = "  done: {title: 完, end: done";
    if (Maybe(4)) absl::StrAppend(&out, ", opens: ", Opens(true));
    // What is asked for in a guard has to be entered somewhere.
    if (lists_ && !Careless(2)) absl::StrAppend(&out, ", enters: {register: list, party: owner, keeps: 40 days}");
    absl::StrAppend(&out, "}\n");
    if (dropped_) {
      absl::StrAppend(&out, "  dropped: {title: 撤, end: ", Maybe(3) ? "failed" : "cancelled",
                      lists_ && Maybe(2) ? ", leaves: {register: list, party: owner}" : "", "}\n");
    }
    if (moved_) absl::StrAppend(&out, "  moved: {title: 移, end: ", Maybe(2) ? "transferred" : "merged", "}\n");
    return out;
  }

  std::string Clocks() {
    const std::string ends = absl::StrCat("done", dropped_ ? ", dropped" : "", moved_ ? ", moved" : "");
    const std::string from = !whole_from_start_ ? Start() : stages_ > 1 && Maybe(4) ? "[s0, s1]" : "s0";
    const char* budgets[] = {"30 working days", "40 days", "2 months", "500 hours"};
    const int budget = dice_.Below(4);
    const char* reminders[] = {"2 working days", "2 days", "20 days", "30 hours"};
    std::string out = absl::StrCat("  whole: {title: 全, from: ", from, ", until: [", Careless(2) ? Start() + ", " : "",
                                   ends, "], ", whole_due_ ? "due: due" : absl::StrCat("budget: ", budgets[budget]));
    if (Maybe(2)) absl::StrAppend(&out, ", remind: [", reminders[budget], "]");
    const bool extends = Maybe(2);
    if (extends) {
      absl::StrAppend(&out, ", extend: {title: 延, by: owner, approved_by: ", Maybe(2) ? "issuer" : "issuer.head",
                      ", at_most: 2 per case, ", Maybe(2) ? "by_at_most: 60 days, " : "", "needs: [due]}");
    }
    if (suggests_) {
      absl::StrAppend(
          &out, ", ladder: [{at: 1 day, raise: urge, title: 催, tell: [owner]}, {at: 3 days, suggest: talk, ",
          "title: 谈, ask: [", Maybe(2) ? "issuer.head" : "owner.superior", "]", Maybe(2) ? ", tell: [owner.head]" : "",
          Maybe(2) ? absl::StrCat(", opens: ", Opens(true))
          : lists_ ? ", register: list, for: 2 months"
                   : "",
          "}], charged_to: owner");
    }
    if (whole_stops_ >= 0) absl::StrAppend(&out, ", stops_in: [s", whole_stops_, "]");
    if (reports_ && Maybe(2)) absl::StrAppend(&out, ", milestones: {half: {title: 半, left: 50%, needs: [result]}}");
    absl::StrAppend(&out, "}\n");
    if (Maybe(2)) {
      const bool second = extends && Maybe(8);
      absl::StrAppend(&out, "  part: {title: 段, from: ", Start(), ", until: [", Careless(1) ? Start() + ", " : "",
                      ends, "], ", Maybe(3) && !second ? "due: due" : absl::StrCat("budget: ", Lasts()),
                      Maybe(3) ? ", on_reentry: restart" : "", Maybe(6) ? ", counts: both_ends" : "",
                      second ? ", extend: {title: 再延, by: owner, approved_by: issuer, needs: [due]}" : "", "}\n");
    }
    if (reports_) {
      absl::StrAppend(&out, "  monthly: {title: 月, from: s0, until: [", ends,
                      "], every: ", Maybe(2) ? "month" : "week", Maybe(2) ? ", within: 2 days, remind: [1 day]" : "",
                      ", needs: [result], charged_to: owner}\n");
    }
    return out;
  }

  // Mostly onward: time that goes back goes round. A rating begins by hand.
  std::string Further(int i) {
    const std::string next = i + 1 == collects_ || i + 1 == stages_ ? "done" : absl::StrCat("s", i + 1);
    return Careless(3) ? dice_.Pick(names_) : next;
  }

  Dice& dice_;
  bool careless_ = false;
  int stages_ = 0;
  std::vector<std::string> names_;
  std::vector<std::string> extra_;  // Fields that no rule needs.
  bool narrow_ = false;             // The stage at hand is seen by two parties alone.
  bool dropped_ = false;
  bool moved_ = false;
  bool suggests_ = false;  // A ladder does.
  bool reviewer_ = false;
  bool helpers_ = false;
  bool leader_ = false;
  bool experts_ = false;
  bool takers_ = false;
  bool objects_ = false;       // Some actions raise objections, others settle them.
  bool parts_ = false;         // It is divided into parts.
  bool units_ = false;         // It has a field of several units.
  bool lists_ = false;         // It keeps a register.
  bool reports_ = false;       // It asks for reports, or has a milestone.
  bool checks_twice_ = false;  // The reviewer takes a step that keeps him from the next.
  bool letters_ = false;       // Letters are issued about it …
  bool signed_for_ = false;    // … whose receipt is an action.
  int leads_ = -1;             // The stage in which it gives a right over others.
  bool signs_ = false;         // The leader decides on what others, he among them perhaps, have done.
  std::string rated_;
  int collects_ = -1;  // The stage that does.
  bool whole_from_start_ = true;
  bool whole_due_ = false;
  int whole_stops_ = -1;  // The stage in which the clock of the whole stands still.
};

}  // namespace

std::string MakeProcedure(Dice& dice) { return Author(dice).Write(); }

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
