// Inside matters*.cc: what one decides from, and how a move is put together.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/city/matters.h"
#include "tests/city/values.h"

namespace duban::city {

inline bool Acted(const Case& c, const std::string& action) {
  return std::any_of(c.acts.begin(), c.acts.end(), [&](const struct Act& act) { return act.action == action; });
}

inline int64_t Times(const Case& c, const std::string& action) {
  return std::count_if(c.acts.begin(), c.acts.end(), [&](const struct Act& act) { return act.action == action; });
}

inline std::string Later(absl::Time from, int days) { return Text(DayOf(from) + days); }

// What one decides from: the matter as it stands, and what chance says in this turn of it.
struct Matters::Deed {
  const Matters& m;
  const Matter& matter;
  const Case& c;
  const absl::Time now;
  const std::string key;  // Of this turn.

  bool Chance(const std::string& what, int permille) const { return m.Chance(key, what, permille); }
  // The same in the whole round.
  bool Always(const std::string& what, int permille) const {
    return m.Chance(absl::StrCat(matter.identity, "@", c.round), what, permille);
  }
  uint64_t Roll(const std::string& what) const { return m.Roll(key, what); }
  int Pick(const std::string& what, int low, int high) const { return Between(Roll(what), low, high); }
  // An attempt that must be refused, at most once a turn.
  bool Tries(const std::string& what, int permille) const { return matter.tries == 0 && Chance(what, permille); }

  // Within so many working days.
  Move Do(const std::string& who, const std::string& action, int low, int high) const {
    Move move;
    move.at = m.Working(now, Pick("days of " + action, low, high), Roll("hour of " + action));
    move.who = who;
    move.act.set_case_(matter.name);
    move.act.set_action(action);
    return move;
  }
  Move With(Move move, const v1::FieldValue& field) const {
    *move.act.add_fields() = field;
    return move;
  }
  Move Because(Move move, const std::string& reason) const {
    move.act.set_reason(reason);
    return move;
  }
  Move Refused(Move move, const std::string& reason) const {
    move.expect = reason;
    return move;
  }
  // Where what happens to another matter decides.
  Move Alone(Move move) const {
    move.alone = true;
    return move;
  }
  // A day so many days before the due instant of a clock, or after it; soon where that is over or there is none.
  Move Near(Move move, absl::Time due, bool late) const {
    if (due == absl::InfinitePast()) {
      move.at = m.Working(now, Pick("without a due day", 5, 45), Roll("hour"));
      return move;
    }
    const Day day = DayOf(due) + (late ? Pick("days late", 1, 40) : -Pick("days early", 0, 9));
    const absl::Time at = m.Working(TimeOn(day, 0) - absl::Minutes(1), 0, Roll("hour"));
    move.at = at > now ? at : m.Working(now, Pick("soon", 0, 3), Roll("hour"));
    return move;
  }
  absl::Time DueOf(const std::string& clock) const {
    const auto found = c.clocks.find(clock);
    return found == c.clocks.end() || !found->second.running ? absl::InfinitePast() : found->second.due;
  }
  // One of those who act for a unit that issues; which one goes by the matter, or `other` than somebody.
  std::string Issuer(const std::string& party, const std::string& other = "") const {
    const std::string& unit = c.Party(party);
    const std::string bare = unit.substr(sizeof("units/") - 1);
    std::vector<std::string> posts;
    if (absl::StartsWith(bare, "c")) {
      posts = {absl::StrCat("posts/", bare, "-du"), HeadPost(unit)};
    } else {
      for (int i = 1; i <= m.town_.Issuers(); ++i) posts.push_back(absl::StrCat("posts/", bare, "-", i));
    }
    const size_t first = m.Roll(matter.identity, "issuer") % posts.size();
    for (size_t i = 0; i < posts.size(); ++i) {
      const std::string& post = posts[(first + i) % posts.size()];
      if (other.empty() || m.town_.ActorFor(post, now) != other) return post;
    }
    return "";
  }
};

}  // namespace duban::city
