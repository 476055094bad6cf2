// The small procedures beside a made one: what it opens, what it is divided into, who supervises its cases.
#include "absl/strings/str_cat.h"
#include "tests/engine/support/made_procedures.h"

namespace duban::engine {

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
    {title: 明, within: )",
                      after.empty() ? "5 days" : "1 day", after, R"(,
     actions: {hold: {title: 好, by: asks, to: held}, again: {title: 重, by: asks, to: back}}}
  held: {title: 好, end: done}
  back: {title: 重, end: failed, reopens: {case: parent, to: s0}}
)");
}

std::string MakePieceProcedure(Dice& dice) {
  const std::string after = dice.OneIn(3) ? absl::StrCat(", after: {", 5 + dice.Below(9), " days: made_up}") : "";
  return absl::StrCat(R"(procedure: piece
title: 分
may_open: [asks]
secrecy: )",
                      dice.OneIn(2) ? "public" : "work_secret", R"(
parties:
  asks: {kind: unit, title: 问}
  answers: {kind: unit, title: 答}
fields:
  matter: {type: text, title: 事, required: true}
  found: {type: text, title: 果}
stages:
  doing:
    {title: 办, within: 5 days)",
                      after, R"(,
     actions: {finish: {title: 好, by: answers, to: made_up, needs: [found]}, drop: {title: 撤, by: asks, to: left}}}
  made_up: {title: 好, end: done}
  left: {title: 撤, end: cancelled}
)");
}

std::string MakeTeamProcedure(Dice& dice) {
  const char* kinds[] = {"unit", "post", "person"};
  const bool term = !dice.OneIn(4);
  const char* by[] = {"members", "[members, forms.head]", "forms.head"};
  return absl::StrCat(R"(procedure: team
title: 组
may_open: [forms]
parties:
  forms: {kind: unit, title: 组}
  members: {kind: )",
                      kinds[dice.Below(3)], R"(, many: true, title: 员}
fields:
  topic: {type: text, title: 题, required: true}
  scope: {type: unit, many: true, title: 围, required: true}
  until: {type: date, title: 至, required: true}
stages:
  proposed:
    title: 拟
    within: 3 working days
    actions: {approve: {title: 批, by: forms, to: working}, drop: {title: 罢, by: forms, to: left}}
  working:
    title: 督
)",
                      term ? "" : "    no_deadline: 以任务为准\n", R"(    actions:
      report: {title: 报, by: members, to: over}
      resize: {title: 改, by: members, approved_by: forms, takes: [scope]}
      rest: {title: 歇, by: forms, to: proposed}
  over: {title: 完, end: done}
  left: {title: 撤, end: cancelled}
)",
                      term ? R"(clocks:
  term: {title: 任, from: working, until: [over, left], due: until, charged_to: members, stops_in: [proposed],
         extend: {title: 延, by: members, approved_by: forms.head, at_most: 1 per case, needs: [until]}}
)"
                           : "",
                      "mandate: {by: ", by[dice.Below(3)], ", in: working, over: scope", term ? ", until: term" : "",
                      "}\n");
}

}  // namespace duban::engine
