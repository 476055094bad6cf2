#include "tests/city/matters.h"

#include "tests/city/deed.h"

namespace duban::city {

absl::Time Matters::Working(absl::Time from, int days, uint64_t roll) const {
  static constexpr int kHours[] = {9, 11, 15};
  Day day = DayOf(from);
  if (days > 0) {
    day = facts_.days().After(day, days);
  } else if (!facts_.days().IsWorking(day)) {
    day = facts_.days().After(day, 0);
  }
  const absl::Time at = TimeOn(day, kHours[roll % 3]);
  return at > from ? at : from + absl::Minutes(1);
}

std::optional<Move> Matters::Next(const Matter& matter, absl::Time now) const {
  const Case* c = facts_.FindCase(matter.name);
  if (c == nullptr) return std::nullopt;
  Deed d{*this, matter, *c, now, absl::StrCat(matter.identity, "#", c->turn)};
  static const std::map<std::string, std::optional<Move> (Matters::*)(Deed&) const> kWays = {
      {"rectification", &Matters::Rectification},
      {"hotline", &Matters::Hotline},
      {"petition", &Matters::Petition},
      {"opinion", &Matters::Opinion},
      {"task", &Matters::Task},
      {"four_haves", &Matters::FourHaves},
      {"joint", &Matters::Joint},
      {"joint_part", &Matters::JointPart},
      {"review", &Matters::Review},
      {"talk", &Matters::Talk},
      {"lookback", &Matters::Lookback},
      {"accountability", &Matters::Accountability},
      {"duty_report", &Matters::DutyReport},
      {"rhythm", &Matters::Rhythm},
      {"card", &Matters::Card},
      {"term", &Matters::Term},
      {"appraisal", &Matters::Appraisal},
      {"naming", &Matters::Naming},
      {"recheck", &Matters::Recheck},
      {"team", &Matters::Supervise},
      {"alike", &Matters::AskAlike},
      {"self_check", &Matters::SelfCheck},
      {"term_notice", &Matters::TermNotice}};
  if (!c->open()) return Lift(d);
  const std::optional<Move> beside = Beside(d);
  // Who waits for an answer does nothing meanwhile; a suggestion is no answer.
  const bool waits = !c->requests.empty() || !c->offered_to.empty();
  if (beside.has_value() && waits) return beside;
  const std::optional<Move> next = (this->*kWays.at(c->procedure))(d);
  if (!next.has_value() || (beside.has_value() && beside->at < next->at)) return beside;
  return next;
}

std::optional<Move> Matters::Beside(Deed& d) const {
  if (!d.c.offered_to.empty()) {
    if (d.Tries("taken by the giver", 50)) {
      return d.Refused(d.Do(d.c.Party(d.c.offered_party), "take_over", 0, 1), "NOT_YOUR_PART");
    }
    if (d.Chance("taken", 750)) return d.Do(d.c.offered_to, "take_over", 0, 2);
    return d.Because(d.Do(d.c.offered_to, "send_back", 0, 2), "不属本单位职责");
  }
  for (const auto& [action, asked] : d.c.requests) {
    std::string who;
    if (action == "extend_handle") {
      who = "head:" + d.c.Party("handler");
    } else if (action == "hand_over") {
      who = "head:" + d.c.Party("proposing");
    } else if (action == "strike") {
      who = "head:" + d.c.Party("assessor");
    } else if (action == "publish") {
      who = d.c.Party("speaker");
    } else {
      const bool desk = d.c.procedure == "hotline";
      who = d.Issuer(desk                          ? "desk"
                     : d.c.procedure == "petition" ? "office"
                     : d.c.procedure == "lookback" ? "inspecting"
                                                   : "issuer",
                     asked.person());
    }
    // A head who stands in for his clerk cannot decide on what he asked himself.
    if (who.empty() || town_.ActorFor(who, d.now) == asked.person()) continue;
    if (action != "void" && action != "hand_over" && action != "strike" && asked.on_behalf_of().empty() &&
        d.Tries("decided by the asker", 40)) {
      return d.Refused(d.Do(asked.person(), "approve_" + action, 0, 1), "NOT_YOUR_PART");
    }
    if (d.Chance("approved", 800)) return d.Do(who, "approve_" + action, 0, 2);
    return d.Because(d.Do(who, "refuse_" + action, 0, 2), "理由不充分");
  }
  for (const Suggestion& suggestion : d.c.suggestions) {
    const std::string what = suggestion.clock + suggestion.rung;
    if (suggestion.ask.empty() || !d.Always("heeds " + what, 800)) continue;
    const std::string& asked = suggestion.ask[Roll(d.matter.identity, what) % suggestion.ask.size()];
    if (d.Always("agrees to " + what, 650)) {
      return d.Because(d.Do(asked, "approve_" + suggestion.suggests, 1, 4), "逾期未见进展");
    }
    return d.Because(d.Do(asked, "refuse_" + suggestion.suggests, 1, 4), "已约定办结时间");
  }
  return std::nullopt;
}

}  // namespace duban::city
