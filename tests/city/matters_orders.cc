// Orders of the inspectors, and what comes of them.
#include "tests/city/deed.h"

namespace duban::city {
namespace {

const char* const kCauses[] = {"duty", "rule", "oversight", "means"};

}  // namespace

std::optional<Move> Matters::Rectification(Deed& d) const {
  const Case& c = d.c;
  const std::string owner = c.Party("owner"), issuer = d.Issuer("issuer");
  if (c.stage == "issued") {
    const auto twin = twins_.find(d.matter.identity);
    if (twin != twins_.end() && c.round == 1) {
      const Case* into = facts_.FindCase(twin->second);
      if (into != nullptr && into->open() && into->merged_into.empty()) {
        Move merge = d.Because(d.Do(issuer, "merge", 0, 1), "与前件为同一问题");
        merge.act.set_target(twin->second);
        return d.Alone(merge);
      }
    }
    if (c.assigned_by_superior && d.Tries("sends back to a superior", 40)) {
      return d.Refused(d.Because(d.Do(owner, "dispute", 0, 1), "职责不清"), "GUARD_FAILED");
    }
    if (d.Tries("a stranger looks", 20)) {
      const std::vector<std::string>& all = town_.departments();
      const std::string& stranger = all[owner == all[1] ? 2 : 1];
      if (!facts_.Sees(town_.ActorFor(stranger, d.now), c)) {
        Move look = d.Do(stranger, "comment", 0, 0);
        look.act.set_note("看看");
        return d.Refused(look, "CASE_NOT_FOUND");
      }
    }
    if (!c.asked.count("void") && d.Always("void", 12)) return d.Because(d.Do(issuer, "void", 0, 1), "误录");
    if (d.Tries("the owner's head is to check", 40)) {
      Move pass = d.Because(d.Do(issuer, "transfer", 0, 1), "改由责任单位验收");
      pass.act.set_party("reviewer");
      pass.act.set_target(HeadPost(owner));
      return d.Refused(pass, "PARTY_NOT_ALLOWED");
    }
    if (!Acted(c, "transfer") && c.offered_party.empty() && d.Always("transfer", 40)) {
      Move pass = d.Because(d.Do(c.assigned_by_superior ? issuer : owner, "transfer", 0, 2), "属他单位职责");
      pass.act.set_party("owner");
      pass.act.set_target(town_.Neighbour(owner, d.Roll("passed to")));
      const auto helpers = c.parties.find("helpers");
      const bool helps = helpers != c.parties.end() &&
                         std::count(helpers->second.begin(), helpers->second.end(), pass.act.target()) > 0;
      if (pass.act.target() != owner && !helps) return pass;
    }
    if (!c.assigned_by_superior && d.Always("dispute", 40)) {
      return d.Because(d.Do(owner, "dispute", 0, 2), "不属本单位职责");
    }
    return d.Chance("late receipt", 60) ? d.Do(owner, "acknowledge", 4, 7) : d.Do(owner, "acknowledge", 0, 2);
  }
  if (c.stage == "disputed")
    return d.Because(d.Do(issuer, d.Chance("uphold", 600) ? "uphold" : "recall", 0, 2), "经核");
  if (c.stage == "rectifying") {
    const absl::Time due = d.DueOf("rectify");
    if (d.Tries("the checker submits", 15)) {
      return d.Refused(
          d.With(d.With(d.Do(c.Party("reviewer"), "submit", 1, 3), TextField("result", "代报")), FileField("evidence")),
          "NOT_YOUR_PART");
    }
    // Of the inspectors, but in no post that may issue.
    if (c.Party("issuer") == "units/ducha" && d.Tries("the checker pauses it", 15)) {
      return d.Refused(d.Because(d.Do(c.Party("reviewer"), "pause", 0, 1), "代为中止"), "RIGHT_REQUIRED");
    }
    if (std::optional<Move> visit = Visit(d); visit.has_value()) return visit;
    if (Times(c, "report") < Between(Roll(d.matter.identity, "reports"), 0, 2)) {
      return d.With(d.Do(owner, "report", 1, 8), TextField("progress", "正在整改"));
    }
    if (!Acted(c, "pause") && d.Always("pause", 25)) return d.Because(d.Do(issuer, "pause", 1, 4), "等待上级批复");
    if (!c.asked.count("extend_rectify") && due > d.now && d.Always("extend", 100)) {
      Move ask = d.Because(d.Near(d.Do(owner, "extend_rectify", 1, 2), due, false), "汛期无法施工");
      return d.With(ask, DateField("due", Later(due, d.Pick("longer", 10, 30))));
    }
    Move submit = d.With(d.With(d.Do(owner, "submit", 1, 3), TextField("result", "已整改到位")), FileField("evidence"));
    if (d.Chance("cause", 600)) *submit.act.add_fields() = ChoiceField("cause", kCauses[d.Roll("cause") % 4]);
    return d.Near(submit, due, d.Always("late", 130));
  }
  if (c.stage == "paused") return d.Do(issuer, "resume", 3, 15);
  if (c.stage == "review") {
    const std::string checker = town_.ActorFor(c.Party("reviewer"), d.now);
    const auto helpers = c.parties.find("helpers");
    const bool kin = facts_.tree().Related(checker, owner) ||
                     (helpers != c.parties.end() &&
                      std::any_of(helpers->second.begin(), helpers->second.end(),
                                  [&](const std::string& helper) { return facts_.tree().Related(checker, helper); }));
    if (kin) {
      if (d.matter.tries == 0) return d.Refused(d.Do(c.Party("reviewer"), "accept", 0, 1), "FORBIDDEN_RELATED");
      Move pass = d.Because(d.Do(issuer, "transfer", 0, 1), "验收人须回避");
      pass.act.set_party("reviewer");
      pass.act.set_target("posts/yanshou-4");
      return pass;
    }
    if (d.Tries("checks himself", 15)) return d.Refused(d.Do(owner, "accept", 0, 1), "NOT_YOUR_PART");
    const int low = d.Chance("late check", 80) ? 6 : 0;
    if (d.Chance("accept", 880)) return d.Do(c.Party("reviewer"), "accept", low, low + 3);
    return d.Because(d.Do(c.Party("reviewer"), "reject", low, low + 3), "现场仍有积水");
  }
  if (c.stage == "publicity" && !Acted(c, "object") && d.Always("object", 25)) {
    return d.Because(d.Do(issuer, "object", 1, 6), "群众提出异议");
  }
  return std::nullopt;
}

std::optional<Move> Matters::Visit(Deed& d) const {
  const Case* team = facts_.FindCase(team_);
  if (team == nullptr || team->stage != "working" || d.c.Party("issuer") != "units/ducha") return std::nullopt;
  // Not in its last days, in which it may be over sooner than one gets there.
  if (team->clocks.at("term").due - absl::Hours(24 * 20) < d.now) return std::nullopt;
  Move visit = d.Do(d.Chance("by the leader", 500) ? "posts/ducha-2" : "posts/ducha-3", "on_site", 0, 1);
  visit.act.set_target(team_);
  visit.act.set_note("到现场查看");
  const bool within = facts_.tree().IsBelow(d.c.Party("owner"), team->fields.at("scope")[0].reference());
  if (within && !Acted(d.c, "on_site") && d.Always("visited", 500)) return visit;
  if (!within && d.Tries("visited beyond the scope", 150)) return d.Refused(visit, "OUT_OF_MANDATE");
  return std::nullopt;
}

std::optional<Move> Matters::Supervise(Deed& d) const {
  if (d.c.stage == "drafted") return d.Do(d.Issuer("issuer"), "propose", 0, 2);
  if (d.c.stage == "proposed") return d.Do(d.c.Party("approver"), "approve", 0, 2);
  if (d.c.stage != "working") return std::nullopt;
  return d.Near(d.With(d.Do(d.c.Party("leader"), "report", 1, 1), TextField("findings", "督查情况")), d.DueOf("term"),
                false);
}

std::optional<Move> Matters::Review(Deed& d) const {
  const Case& c = d.c;
  if (c.stage == "drafting") {
    return d.With(d.Do(c.Party("author"), "conclude", 2, 10), TextField("conclusion", "整改不到位"));
  }
  if (c.stage == "signing") {
    if (d.Chance("redraft", 100)) return d.Because(d.Do("head:units/ducha", "redraft", 0, 3), "事实不清");
    return d.Do("head:units/ducha", "sign", 0, 3);
  }
  if (c.stage == "served") {
    if (d.Always("appeal", 250)) {
      return d.With(d.Do(c.Party("object"), "appeal", 2, 15), TextField("grounds", "一处属上级管辖"));
    }
    if (d.Always("accept", 400)) return d.Do(c.Party("object"), "accept", 1, 12);
    return std::nullopt;
  }
  if (c.stage == "reviewing") {
    const bool upheld = d.Always("uphold", 600);
    const Move decide =
        d.With(d.Do(c.Party("reviewer"), upheld ? "uphold" : "change", 3, 15), TextField("decision", "复核决定"));
    if (c.Party("reviewer") == HeadPost("units/ducha")) {
      if (d.matter.tries == 0) {
        return d.Refused(upheld ? decide : d.With(decide, TextField("conclusion", "改")), "FORBIDDEN_SAME_PERSON");
      }
      const std::string author = c.Party("author");
      Move pass = d.Because(d.Do(author, "transfer", 0, 2), "签发人不得复核");
      pass.act.set_party("reviewer");
      pass.act.set_target(author == "posts/ducha-1" ? "posts/ducha-2" : "posts/ducha-1");
      return pass;
    }
    if (d.Tries("the author decides", 200)) {
      Move own = decide;
      own.who = c.Party("author");
      return d.Refused(upheld ? own : d.With(own, TextField("conclusion", "改")), "NOT_YOUR_PART");
    }
    return upheld ? decide : d.With(decide, TextField("conclusion", "两处整改不到位"));
  }
  return std::nullopt;
}

std::optional<Move> Matters::Talk(Deed& d) const {
  const Case& c = d.c;
  const std::string inviting = d.Issuer("inviting"), invited = c.Party("invited");
  if (c.stage == "arranging") {
    if (d.Always("cancel", 40)) return d.Because(d.Do(inviting, "cancel", 0, 2), "已整改");
    const Move notify = d.With(d.Do(inviting, "notify", 0, 3), ChoiceField("form", "reminder"));
    return d.With(notify, DateField("meeting", Later(notify.at, 7)));
  }
  if (c.stage == "notified") {
    if (!Acted(c, "confirm") && d.Always("confirm", 500)) return d.Do(invited, "confirm", 0, 2);
    return d.With(d.Do(inviting, "hold", 2, 9), TextField("minutes", "谈话记录"));
  }
  if (c.stage == "talked") return d.With(d.Do(invited, "commit", 1, 5), TextField("commitments", "整改措施"));
  if (c.stage == "checking") {
    if (d.Chance("return", 100)) return d.Because(d.Do(inviting, "return", 0, 3), "措施不具体");
    return d.Do(inviting, "accept", 0, 4);
  }
  return std::nullopt;
}

std::optional<Move> Matters::Lookback(Deed& d) const {
  const Case& c = d.c;
  const std::string inspecting = d.Issuer("inspecting"), visited = c.Party("visited");
  if (c.stage == "planned") {
    if (d.Tries("the visited asks", 60)) {
      Move ask = d.Do(visited, "comment", 0, 2);
      ask.act.set_note("是否有人要来");
      return d.Refused(ask, "CASE_NOT_FOUND");
    }
    if (drawn_.count(visited) == 0 && d.Always("not sampled", 400)) {
      return d.Because(d.Do(inspecting, "cancel", 3, 15), "未抽中");
    }
    return d.With(d.Do(inspecting, "visit", 5, 26), TextField("findings", "现场检查情况"));
  }
  if (c.stage == "visited_on_site") return d.Do(inspecting, "report", 1, 6);
  if (c.stage == "feedback") {
    if (!Acted(c, "respond") && d.Always("respond", 300)) {
      Move respond = d.Do(visited, "respond", 0, 2);
      respond.act.set_note("说明情况");
      return respond;
    }
    if (d.Always("rebound", 130)) {
      // The matter it comes from is opened again.
      const Move rebound = d.Alone(d.Because(d.Do(inspecting, "rebound", 0, 3), "原问题再现"));
      return d.With(rebound, DateField("new_due", Later(rebound.at, d.Pick("new due", 20, 45))));
    }
    return d.Do(inspecting, "hold", 0, 3);
  }
  return std::nullopt;
}

std::optional<Move> Matters::Accountability(Deed& d) const {
  const Case& c = d.c;
  const std::string proposing = d.Issuer("proposing");
  const std::string competent = absl::StrCat("posts/jiwei-", Between(Roll(d.matter.identity, "competent"), 1, 4));
  if (c.stage == "drafted") {
    if (d.Tries("the concerned asks", 200)) {
      Move ask = d.Do(c.Party("concerned"), "comment", 0, 1);
      ask.act.set_note("是否移送");
      return d.Refused(ask, "CASE_NOT_FOUND");
    }
    if (c.asked.count("hand_over") || d.Always("drop", 200))
      return d.Because(d.Do(proposing, "drop", 1, 6), "情节轻微");
    return d.Because(d.Do(proposing, "hand_over", 1, 6), "多次逾期");
  }
  if (c.stage == "handed_over") {
    if (d.Always("decline", 100)) return d.Because(d.Do(competent, "decline", 1, 5), "不属管辖");
    const Move receive = d.With(d.Do(competent, "receive", 1, 7), TextField("receipt_number", d.matter.identity));
    return d.With(receive, DateField("receipt_date", Text(DayOf(receive.at))));
  }
  if (c.stage == "received") return d.With(d.Do(competent, "answer", 10, 60), TextField("feedback", "已谈话提醒"));
  if (c.stage == "answered") {
    if (d.Always("inform", 600)) return d.With(d.Do(competent, "inform", 1, 6), TextField("told", "告知办理情况"));
    return d.Because(d.Do(competent, "close", 1, 6), "不宜告知");
  }
  return std::nullopt;
}

// Whoever checks what is found is of the inspectors: to ask their own unit would ask him to check himself.
std::optional<Move> Matters::AskAlike(Deed& d) const {
  if (d.c.stage == "preparing") {
    const std::vector<std::string>& all = town_.departments();
    v1::FieldValue units;
    units.set_field("units");
    const size_t count = std::min<size_t>(static_cast<size_t>(d.Pick("how many", 3, 8)), all.size());
    const size_t first = d.Roll("first") % all.size();
    for (size_t i = 0; i < count; ++i) units.add_values()->set_reference(all[(first + i) % all.size()]);
    const Move launch = d.Do(d.Issuer("issuer"), "launch", 0, 2);
    if (d.matter.tries == 0) {
      v1::FieldValue own = units;
      own.add_values()->set_reference("units/ducha");
      return d.Refused(d.With(launch, own), "EACH_NOT_OPENED");
    }
    return d.With(launch, units);
  }
  return d.With(d.Do(d.Issuer("issuer"), "conclude", 20, 30), TextField("conclusion", "各单位自查情况"));
}

std::optional<Move> Matters::SelfCheck(Deed& d) const {
  const std::string unit = d.c.Party("unit");
  const int low = d.Chance("late", 150) ? 15 : 1;
  if (d.Always("found", 400)) {
    return d.With(d.With(d.Do(unit, "find", low, low + 8), TextField("looked", "查了八处")),
                  TextField("found", "一处混接 " + d.matter.identity));
  }
  return d.With(d.Do(unit, "none", low, low + 8), TextField("looked", "查了十二处"));
}

std::optional<Move> Matters::Lift(Deed& d) const {
  const bool listed = std::any_of(d.c.entries.begin(), d.c.entries.end(),
                                  [](const auto& entry) { return entry.second.register_() == "negative_list"; });
  if (!listed || d.c.end != v1::END_KIND_DONE || !d.Always("lifted", 400)) return std::nullopt;
  return d.Because(d.Do("head:" + d.c.Party("issuer"), "lift_negative_list", 3, 20), "已整改到位");
}

}  // namespace duban::city
