// What people ask of the city, and what its units are given to do.
#include "tests/city/deed.h"

namespace duban::city {

std::optional<Move> Matters::Hotline(Deed& d) const {
  const Case& c = d.c;
  const std::string desk = d.Issuer("desk"), handler = c.Party("handler");
  if (c.stage == "dispatched") {
    if (d.Always("refuse", 40)) return d.Because(d.Do(handler, "refuse", 0, 0), "不属本单位职责");
    return d.Chance("late", 60) ? d.Do(handler, "accept", 2, 3) : d.Do(handler, "accept", 0, 1);
  }
  if (c.stage == "refused") return d.Because(d.Do(desk, d.Chance("insist", 500) ? "insist" : "agree", 0, 1), "经研究");
  if (c.stage == "handling") {
    if (d.Tries("without a result", 10)) return d.Refused(d.Do(handler, "done", 0, 1), "MISSING_NEED");
    if (!c.asked.count("abort") && d.Always("abort", 20)) {
      return d.Because(d.Do(handler, "abort", 0, 2), "诉求人撤回");
    }
    if (!c.asked.count("extend_solve") && d.DueOf("solve") > d.now && d.Always("extend", 60)) {
      Move ask = d.Because(d.Do(handler, "extend_solve", 0, 2), "需要采购配件");
      return d.With(ask, DateField("new_due", Later(d.DueOf("solve"), d.Pick("longer", 3, 10))));
    }
    Move done = d.With(d.Do(handler, "done", 0, 3), TextField("result", "已办理"));
    if (d.Chance("late", 90)) done.at = Working(d.now, d.Pick("days late", 6, 11), d.Roll("hour"));
    return done;
  }
  if (c.stage == "callback") {
    const int low = d.Chance("late", 30) ? 4 : 0;
    if (d.Chance("again", 90)) {
      return d.Because(d.With(d.Do(desk, "again", low, low + 1), TextField("callback", "来电人不满意")), "未解决");
    }
    return d.With(d.Do(desk, "content", low, low + 2), TextField("callback", "来电人满意"));
  }
  return std::nullopt;
}

std::optional<Move> Matters::Petition(Deed& d) const {
  const Case& c = d.c;
  const std::string office = d.Issuer("office"), handler = c.Party("handler");
  if (c.stage == "registered") {
    if (d.Always("decline", 40)) return d.Because(d.Do(office, "decline", 1, 6), "不属受理范围");
    return d.Do(office, "forward", 0, 8);
  }
  if (c.stage == "transferred") {
    if (d.Always("dispute", 50)) return d.Because(d.Do(handler, "dispute", 0, 3), "不属本单位");
    if (d.Always("slow", 120)) return std::nullopt;
    return d.Do(handler, "accept", 0, 3);
  }
  if (c.stage == "awaiting") return d.Do(handler, "accept_late", 1, 8);
  if (c.stage == "disputed") return d.Because(d.Do(office, d.Chance("agree", 400) ? "agree" : "insist", 0, 4), "经核");
  if (c.stage == "handling") {
    const absl::Time due = d.DueOf("handle");
    if (!Acted(c, "record") && d.Always("record", 500)) {
      return d.With(d.Do(handler, "record", 2, 10), TextField("findings", "已走访"));
    }
    if (!Acted(c, "hearing") && d.Always("hearing", 50)) return d.Because(d.Do(handler, "hearing", 3, 10), "意见不一");
    if (!c.asked.count("extend_handle") && due > d.now && d.Always("extend", 90)) {
      Move ask = d.Because(d.Near(d.Do(handler, "extend_handle", 1, 2), due, false), "情况复杂");
      return d.With(ask, DateField("new_due", Later(due, d.Pick("longer", 5, 30))));
    }
    Move reply = d.With(d.Do(handler, "reply", 1, 4), TextField("answer", "处理意见"));
    if (due == absl::InfinitePast() || d.Always("prompt", 400)) {
      reply.at = Working(d.now, d.Pick("prompt days", 3, 25), d.Roll("hour"));
      return reply;
    }
    return d.Near(reply, due, d.Always("late", 110));
  }
  if (c.stage == "hearing") return d.Do(handler, "resume", 3, 10);
  if (c.stage == "answered") {
    if (d.Chance("unsatisfied", 80)) return d.Because(d.Do(office, "unsatisfied", 0, 4), "未到现场");
    return d.Do(office, "satisfied", 0, 4);
  }
  return std::nullopt;
}

// Unseen by the unit until it is asked; what it says is let out by the spokesman.
std::optional<Move> Matters::Opinion(Deed& d) const {
  const Case& c = d.c;
  const std::string desk = d.Issuer("desk"), unit = c.Party("unit");
  if (c.stage == "seen") {
    if (d.Tries("the unit asks", 100)) {
      Move ask = d.Do(unit, "comment", 0, 0);
      ask.act.set_note("网上有何反映");
      return d.Refused(ask, "CASE_NOT_FOUND");
    }
    if (!Acted(c, "judge") && d.Always("judge", 600)) {
      return d.With(d.Do(desk, "judge", 0, 0), TextField("notes", "研判意见 " + d.matter.identity));
    }
    if (d.Always("drop", 300)) return d.Because(d.Do(desk, "drop", 0, 1), "已有回应");
    return d.Do(desk, "ask", 0, 1);
  }
  if (c.stage == "checking") {
    static constexpr const char* kFound[] = {"confirmed", "partly", "unfounded"};
    return d.With(d.Do(unit, kFound[d.Roll("found") % std::size(kFound)], 0, 1), TextField("facts", "核查情况"));
  }
  if (c.stage == "answering") {
    if (d.Tries("without a reply", 50)) return d.Refused(d.Do(unit, "publish", 0, 0), "MISSING_NEED");
    return d.With(d.Do(unit, "publish", 0, d.Chance("late", 200) ? 3 : 0), TextField("reply", "情况通报"));
  }
  if (c.stage == "watching" && !Acted(c, "again") && d.Always("again", 150)) {
    return d.Because(d.Do(desk, "again", 1, 2), "又有新帖");
  }
  return std::nullopt;
}

std::optional<Move> Matters::Task(Deed& d) const {
  const Case& c = d.c;
  const std::string issuer = d.Issuer("issuer"), lead = c.Party("lead");
  if (c.stage == "assigned") {
    if (d.Always("recall", 15)) return d.Because(d.Do(issuer, "recall", 0, 2), "任务调整");
    return d.Chance("late", 50) ? d.Do(lead, "acknowledge", 3, 4) : d.Do(lead, "acknowledge", 0, 1);
  }
  if (c.stage == "working") {
    const auto twin = twins_.find(d.matter.identity);
    if (twin != twins_.end() && c.wholes.size() == 1) {
      const Case* whole = facts_.FindCase(twin->second);
      if (whole != nullptr && whole->open()) {
        Move link = d.Because(d.Do(issuer, "link", 0, 1), "两项任务合办");
        link.act.set_target(twin->second);
        link.act.set_weight(2);
        return d.Alone(link);
      }
    }
    const bool open_parts = std::any_of(c.parts.begin(), c.parts.end(), [&](const std::string& part) {
      const Case* one = facts_.FindCase(part);
      return one != nullptr && one->open();
    });
    const Move finish = d.With(d.Do(lead, "finish", 1, 3), TextField("result", "已完成"));
    if (open_parts) {
      if (!d.Tries("before its parts", 100)) return std::nullopt;
      return d.Alone(d.Refused(d.With(d.Do(lead, "finish", 0, 0), TextField("result", "完")), "GUARD_FAILED"));
    }
    const absl::Time due = d.DueOf("complete");
    if (!Acted(c, "report") && d.Always("report", 400)) {
      return d.With(d.Do(lead, "report", 2, 10), TextField("progress", "已启动"));
    }
    if (!c.asked.count("extend_complete") && due > d.now && d.Always("extend", 80)) {
      Move ask = d.Because(d.Near(d.Do(lead, "extend_complete", 1, 2), due, false), "招标流标");
      return d.With(ask, DateField("due", Later(due, d.Pick("longer", 10, 40))));
    }
    return d.Near(finish, due, d.Always("late", 130));
  }
  if (c.stage == "checking" || c.stage == "accepting") {
    if (d.Chance("return", 80)) return d.Because(d.Do(issuer, "return", 0, 4), "缺少验收单");
    return d.Do(issuer, "confirm", 0, 4);
  }
  return std::nullopt;
}

std::optional<Move> Matters::FourHaves(Deed& d) const {
  const Case& c = d.c;
  if (c.stage != "working") return std::nullopt;
  const std::string owner = c.Party("owner"), issuer = d.Issuer("issuer");
  if (d.Always("drop", 10)) return d.Because(d.Do(issuer, "drop", 3, 10), "任务取消");
  const std::tuple<const char*, const char*, std::string> kHaves[] = {{"deployment", "deploy", owner},
                                                                      {"implementation", "implement", owner},
                                                                      {"feedback", "answer", issuer},
                                                                      {"effect", "assess", issuer}};
  for (const auto& [field, action, who] : kHaves) {
    if (c.fields.count(field) > 0) continue;
    if (d.Tries("closes too early", 60)) return d.Refused(d.Do(issuer, "close", 0, 1), "GUARD_FAILED");
    return d.With(d.Do(who, action, 2, 14), TextField(field, "已报送"));
  }
  return d.Do(issuer, "close", 0, 5);
}

std::optional<Move> Matters::Joint(Deed& d) const {
  const Case& c = d.c;
  const std::string lead = c.Party("lead");
  if (c.stage == "called") {
    if (d.Tries("sends back to a superior", 50)) {
      return d.Refused(d.Because(d.Do(lead, "decline", 0, 0), "职责不清"), "GUARD_FAILED");
    }
    return d.Do(lead, "convene", 0, d.Chance("late", 100) ? 3 : 1);
  }
  if (c.stage == "handling") {
    if (c.parts.empty()) return std::nullopt;
    if (!Acted(c, "disagree") && d.Always("disagree", 200)) {
      return d.With(d.Do(lead, "disagree", 0, 3), TextField("dispute", "由谁出资"));
    }
    const bool open_parts = std::any_of(c.parts.begin(), c.parts.end(), [&](const std::string& part) {
      const Case* one = facts_.FindCase(part);
      return one != nullptr && one->open();
    });
    const Move finish = d.With(d.Do(lead, "finish", 0, 4), TextField("result", "已会办"));
    if (!open_parts) return finish;
    if (!d.Tries("before its parts", 80)) return std::nullopt;
    return d.Alone(d.Refused(d.With(d.Do(lead, "finish", 0, 0), TextField("result", "已会办")), "GUARD_FAILED"));
  }
  if (c.stage == "ruling") {
    if (!Acted(c, "raise") && d.Always("raise", 500)) {
      Move raise = d.Because(d.Do(c.Party("decider"), "raise", 0, 1), "各执一词");
      raise.act.set_target(c.Party("issuer"));
      return raise;
    }
    return d.With(d.Do(c.Party("decider"), "rule", 0, 2), TextField("ruling", "按职责分担"));
  }
  return std::nullopt;
}

std::optional<Move> Matters::JointPart(Deed& d) const {
  const Case& c = d.c;
  const std::vector<std::string>& members = c.parties.at("member");
  if (c.stage == "waiting") {
    if (members.size() > 1) {
      const std::string& first = members[Roll(d.matter.identity, "claims") % members.size()];
      if (d.Tries("arrives unclaimed", 100)) return d.Refused(d.Do(first, "arrive", 0, 0), "UNCLAIMED");
      return d.Do(first, "claim", 0, 1);
    }
    if (!c.assigned_by_superior && d.Always("decline", 100)) {
      return d.Because(d.Do(members[0], "decline", 0, 1), "无相应职能");
    }
    return d.Do(members[0], "arrive", 0, 1);
  }
  if (c.stage == "working") {
    return d.Near(d.With(d.Do(members[0], "finish", 1, 3), TextField("result", "已办")), d.DueOf("complete"),
                  d.Always("late", 120));
  }
  return std::nullopt;
}

}  // namespace duban::city
