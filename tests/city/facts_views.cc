// Who may see what, and what is counted.
#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "tests/city/facts.h"

namespace duban::city {
namespace {

// For whom a stage is shown, where not for every party.
std::optional<std::vector<std::string>> SeenBy(const std::string& procedure, const std::string& stage) {
  const Rules* rules = RulesOf(procedure);
  if (rules == nullptr) return std::nullopt;
  for (const Shown& shown : rules->shown) {
    const std::vector<std::string> stages = Words(shown.stages);
    if (std::find(stages.begin(), stages.end(), stage) != stages.end()) return Words(shown.sees);
  }
  return std::nullopt;
}

}  // namespace

bool Facts::Sees(const std::string& person, const Case& c, const std::string& stage) const {
  if (tree_.Audits(person)) return true;
  const std::optional<std::vector<std::string>> seen_by = SeenBy(c.procedure, stage);
  for (const auto& [party, ids] : c.parties) {
    if (seen_by.has_value() && std::find(seen_by->begin(), seen_by->end(), party) == seen_by->end()) continue;
    for (const std::string& id : ids) {
      if (tree_.Reaches(person, id)) return true;
    }
  }
  return !c.offered_to.empty() && tree_.Reaches(person, c.offered_to);
}

// Personal data follows one's own posts and units; what else is not for everybody, all that one sees. The right to
// audit takes in neither.
bool Facts::SeesField(const std::string& person, const Case& c, const Hidden& field) const {
  for (const std::string& party : Words(field.sees)) {
    const std::vector<std::string>* bound = FindIn(c.parties, party);
    if (bound == nullptr) continue;
    for (const std::string& id : *bound) {
      if (field.sealed ? tree_.ReachesByItself(person, id) : tree_.Reaches(person, id)) return true;
    }
  }
  return false;
}

Names Facts::Visible(const std::string& person, bool open_only) const {
  Names out;
  for (const auto& [name, c] : cases_) {
    if ((!open_only || c.open()) && Sees(person, c)) out.insert(out.end(), name);
  }
  return out;
}

Names Facts::Audience(const Case& c) const {
  const std::optional<std::vector<std::string>> seen_by = SeenBy(c.procedure, c.stage);
  Names out;
  for (const auto& [party, ids] : c.parties) {
    if (seen_by.has_value() && std::find(seen_by->begin(), seen_by->end(), party) == seen_by->end()) continue;
    out.insert(ids.begin(), ids.end());
  }
  if (!c.offered_to.empty()) out.insert(c.offered_to);
  return out;
}

// Those told by a rung hear of it as far as the case is shown to them, or to their post's unit, and so do the contacts
// of that unit, but of what is only suggested. Those told instead of a vacant one see what his unit sees.
bool Facts::IsTold(const std::string& person, const Names& audience, const Fired& fired) const {
  const auto shown = [&](const std::string& id) { return audience.count(id) > 0; };
  for (const std::string& id : fired.told) {
    const v1::Post* post = tree_.FindPost(id);
    const bool unit_sees = post != nullptr && shown(post->unit());
    if (!shown(id) && !unit_sees) continue;
    if (tree_.Reaches(person, id)) return true;
    if (unit_sees && !fired.suggests && tree_.IsContactOf(person, post->unit())) return true;
  }
  for (const auto& [vacant, told] : fired.instead) {
    if (!shown(tree_.UnitOf(vacant))) continue;
    if (std::any_of(told.begin(), told.end(), [&](const std::string& id) { return tree_.Reaches(person, id); })) {
      return true;
    }
  }
  return false;
}

std::map<std::string, std::string> Facts::Alerts(const std::string& person) const {
  std::map<std::string, std::string> out;
  const bool audits = tree_.Audits(person);
  for (const auto& [name, c] : cases_) {
    if (!c.open() || !Sees(person, c)) continue;
    const Names audience = Audience(c);
    for (const auto& [clock_name, clock] : c.clocks) {
      if (!clock.running) continue;
      for (const Fired& fired : clock.fired) {
        if (fired.kind.empty() || (!audits && !IsTold(person, audience, fired))) continue;
        out[absl::StrCat(name, "/alerts/", clock_name, ".", fired.rung)] =
            absl::StrCat(fired.kind, " of ", Text(fired.at), ", due ", Text(clock.due));
      }
    }
  }
  return out;
}

Names Facts::Overdue() const {
  Names out;
  for (const auto& [name, c] : cases_) {
    const bool late = std::any_of(c.clocks.begin(), c.clocks.end(), [](const auto& one) {
      const std::vector<Fired>& fired = one.second.fired;
      return one.second.running && std::any_of(fired.begin(), fired.end(), [](const Fired& f) { return f.overdue; });
    });
    if (c.open() && late) out.insert(out.end(), name);
  }
  return out;
}

// What was merged counts nowhere; what was called off counts until then, and its end never.
template <typename Add>
void Facts::Occur(const Case& c, Day first, Day last, const Add& add) const {
  const auto within = [&](Day day) { return first <= day && day <= last; };
  if (c.end == v1::END_KIND_MERGED) return;
  if (c.end == v1::END_KIND_CANCELLED && DayOf(c.ended_at) <= last) return;
  bool ended = false;
  for (const Ended& end : c.ends) {
    if (!within(end.day) || end.kind == v1::END_KIND_CANCELLED) continue;
    ended = true;
    if (end.truth != v1::TRUTH_UNSPECIFIED) add("confirmed", end.truth != v1::TRUTH_UNFOUNDED);
    if (end.kind == v1::END_KIND_DONE && end.dated) add("ended_on_time", !end.late);
  }
  if (within(DayOf(c.opened_at))) add("ended_of_opened", ended);
  for (const Checked& check : c.checks) {
    if (within(check.day)) add("check_passed", check.passed);
  }
}

Counts Facts::Count(Day first, Day last, const std::string& person) const {
  Counts out = {
      {"ended_on_time", {0, 0}}, {"ended_of_opened", {0, 0}}, {"check_passed", {0, 0}}, {"confirmed", {0, 0}}};
  for (const auto& [name, c] : cases_) {
    if (!person.empty() && !Sees(person, c)) continue;
    Occur(c, first, last, [&](const char* metric, bool above) {
      ++out[metric].second;
      if (above) ++out[metric].first;
    });
  }
  return out;
}

Counts Facts::CountBy(const std::string& field, Day first, Day last, const std::string& person) const {
  Counts out;
  for (const auto& [name, c] : cases_) {
    if (!person.empty() && !Sees(person, c)) continue;
    Names values;
    if (const auto held = c.fields.find(field); held != c.fields.end()) {
      for (const v1::Value& value : held->second) values.insert(value.choice());
    }
    if (values.empty()) values.insert("");
    Occur(c, first, last, [&](const char* metric, bool above) {
      for (const std::string& value : values) {
        std::pair<int64_t, int64_t>& counts = out[absl::StrCat(metric, " ", value)];
        ++counts.second;
        if (above) ++counts.first;
      }
    });
  }
  return out;
}

}  // namespace duban::city
