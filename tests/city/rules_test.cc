// Each line of the procedures' rules (rules.h) finds what it is for: a case is told as the line wants it, and then
// again with each thing that it demands left out, or with each thing that must not be.
#include "tests/city/rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tests/city/told_city.h"

namespace duban::city {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// What is told wrong of an end.
std::vector<std::string> OfTheEnd(const ToldCity& city) {
  std::vector<std::string> out;
  for (const std::string& one : city.wrong) {
    if (absl::StrContains(one, "comes to ")) out.push_back(one);
  }
  return out;
}

void Do(ToldCity& city, const std::string& action) {
  const std::string asked = absl::StartsWith(action, "approve_") ? action.substr(8) : "";
  if (asked.empty()) return city.Act(action, "persons/jingban");
  city.Happens().mutable_approval_requested()->set_action(asked);
  city.Happens().mutable_approval_decided()->set_action(asked);
  city.commit_back().mutable_approval_decided()->set_approved(true);
}

void Link(ToldCity& city, const std::string& name, const std::string& procedure, v1::LinkKind link) {
  v1::CaseOpened& opened = *city.Happens(name).mutable_case_opened();
  opened.set_procedure(procedure);
  opened.set_parent(kCase);
  opened.set_link(link);
}

// A case that comes to this end but for one thing; "": it lacks nothing.
std::vector<std::string> Ends(const std::string& procedure, const Ending& ending, const std::string& without,
                              const std::string& at_last = "") {
  ToldCity city;
  const absl::Time moves_at = TimeOn(Day(2019, 3, 20), 0);
  city.Open(procedure, {});
  for (const std::string& party : {ending.one, ending.entered}) {
    if (!party.empty() && without != "one") city.Bind(party, {"units/shuiwu"});
  }
  if (ending.parts) {
    Link(city, "cases/part", "task", v1::LINK_KIND_PART);
    if (without != "parts") city.Happens("cases/part").mutable_case_ended()->set_kind(v1::END_KIND_CANCELLED);
  }
  city.Take();
  for (const std::string& field : Words(ending.fields)) {
    if (field == without) continue;
    v1::FieldValue& value = *city.Happens().mutable_fields_set()->add_fields();
    value.set_field(field);
    value.add_values()->set_text("有");
  }
  for (const auto group : absl::StrSplit(ending.steps, " > ")) {
    for (const std::string& step : Words(std::string(group))) {
      const std::vector<std::string> any = absl::StrSplit(step, '|');
      if (step != without) Do(city, any[0]);
    }
  }
  if (!at_last.empty()) Do(city, at_last);
  if (!ending.waited.empty() && without != "waited") {
    city.Enter(ending.waited);
    *city.commit_back().mutable_stage_entered()->mutable_moves_at() = Stamp(moves_at);
  }
  city.Enter(ending.stage);
  city.Happens().mutable_case_ended()->set_kind(v1::END_KIND_DONE);
  *city.commit_back().mutable_case_ended()->mutable_at() =
      Stamp(without == "its time" ? moves_at - absl::Hours(1) : moves_at);
  if (!ending.opens.empty() && without != "opens") {
    Link(city, "cases/opened", ending.opens, v1::LINK_KIND_FOLLOW_UP);
  }
  if (!ending.enters.empty() && without != "enters") {
    v1::RegisterEntered& entered = *city.Happens().mutable_register_entered();
    entered.set_register_(ending.enters);
    entered.set_entry(ending.enters);
    entered.set_subject("units/shuiwu");
  }
  city.Take();
  return OfTheEnd(city);
}

TEST(RulesTest, FindWhateverAnEndLacks) {
  for (const auto& [procedure, rules] : AllRules()) {
    for (const Ending& ending : rules.done) {
      const std::string which = absl::StrCat(procedure, " ", ending.stage, ": ", ending.steps);
      EXPECT_THAT(Ends(procedure, ending, ""), IsEmpty()) << which;
      std::vector<std::string> things = Words(ending.fields);
      std::vector<std::string> all_steps;
      for (const auto group : absl::StrSplit(ending.steps, " > ")) {
        for (const std::string& step : Words(std::string(group))) all_steps.push_back(step);
      }
      things.insert(things.end(), all_steps.begin(), all_steps.end());
      if (!ending.one.empty()) things.push_back("one");
      if (ending.parts) things.push_back("parts");
      if (!ending.opens.empty()) things.push_back("opens");
      if (!ending.enters.empty()) things.push_back("enters");
      if (!ending.waited.empty()) {
        things.push_back("waited");
        things.push_back("its time");
      }
      for (const std::string& thing : things) {
        EXPECT_EQ(Ends(procedure, ending, thing).size(), 1u) << which << ", without " << thing;
      }
      // Steps in their order; what was raised answered.
      if (absl::StrContains(ending.steps, " > ")) {
        const std::vector<std::string> first = absl::StrSplit(all_steps[0], '|');
        EXPECT_EQ(Ends(procedure, ending, "", first[0]).size(), 1u) << which << ", then again " << first[0];
      }
      for (const auto pair : absl::StrSplit(ending.answered, ", ", absl::SkipEmpty())) {
        const std::string raised = Words(std::string(pair))[0];
        EXPECT_EQ(Ends(procedure, ending, "", raised).size(), 1u) << which << ", then " << raised;
      }
    }
  }
}

TEST(RulesTest, FindWhoeverNeverMay) {
  for (const auto& [procedure, rules] : AllRules()) {
    for (const Never& never : rules.never) {
      const std::string which = absl::StrCat(procedure, " ", never.party);
      // An action that is this party's alone.
      const auto its = std::find_if(rules.takes.begin(), rules.takes.end(),
                                    [&](const Takes& takes) { return takes.parties == never.party; });
      const std::string action = its == rules.takes.end() ? "" : Words(its->actions)[0];
      for (const std::string& other : Words(never.unit_of)) {
        ToldCity city;
        city.Open(procedure, {{other, "units/shuiwu"}, {never.party, "posts/jingban"}});
        city.Take();
        EXPECT_THAT(city.wrong, Contains(HasSubstr(absl::StrCat("posts/jingban is bound to ", never.party))))
            << which << " of the unit of " << other;
        city.wrong.clear();
        city.Bind(never.party, {"posts/yanshou"});
        city.Take();
        EXPECT_THAT(city.wrong, IsEmpty()) << which << " of another unit than " << other;
        if (action.empty()) continue;
        city.Act(action, "persons/jingban");
        city.Take();
        EXPECT_THAT(city.wrong,
                    Contains(HasSubstr(absl::StrCat("persons/jingban of units/shuiwu, ", other, ", takes"))))
            << which;
      }
      for (const std::string& other : Words(never.person_of)) {
        ToldCity city;
        city.Open(procedure, {{other, "posts/yanshou"}, {never.party, "posts/kezhang"}});
        city.Act(action, "persons/kezhang");
        city.Take();
        EXPECT_THAT(city.wrong, IsEmpty()) << which;
        city.Act(action, "persons/kezhang");
        city.commit_back().mutable_action_taken()->set_on_behalf_of("persons/yanshou");
        city.Take();
        EXPECT_THAT(city.wrong, Contains(HasSubstr(absl::StrCat("persons/yanshou, ", other, ", takes ", action))))
            << which;
      }
      for (const std::string& other : Words(never.related_to)) {
        // Their clerk is kin to his; and has been.
        ToldCity city;
        city.Open(procedure, {{other, "units/shuiwu"}, {never.party, "posts/kezhang"}});
        city.Take();
        for (const bool ended : {false, true}) {
          v1::Relation& kin = *city.Happens("relations/r").mutable_relation_put()->mutable_relation();
          kin.set_name("relations/r");
          kin.set_from("persons/jingban");
          kin.set_to("posts/kezhang");
          kin.set_ended(ended);
          city.wrong.clear();
          city.Act(action, "persons/kezhang");
          city.Take();
          const auto found =
              Contains(HasSubstr(absl::StrCat("persons/kezhang, related to ", other, ", takes ", action)));
          if (ended) {
            EXPECT_THAT(city.wrong, IsEmpty()) << which;
          } else {
            EXPECT_THAT(city.wrong, found) << which;
          }
        }
      }
      for (const std::string& earlier : Words(never.acted_in)) {
        ToldCity city;
        city.Open(procedure, {{never.party, "posts/kezhang"}});
        city.Act(earlier, "persons/jingban");
        city.Take();
        city.wrong.clear();
        city.Act(action, "persons/kezhang");
        city.Take();
        EXPECT_THAT(city.wrong, IsEmpty()) << which;
        // Himself, or as whoever's duty it was.
        city.Act(action, "persons/kezhang");
        city.commit_back().mutable_action_taken()->set_on_behalf_of("persons/jingban");
        city.Take();
        EXPECT_THAT(city.wrong, Contains(HasSubstr(absl::StrCat("persons/jingban takes ", action, " after ", earlier))))
            << which;
      }
    }
  }
}

TEST(RulesTest, FindWhoeverTakesAStepThatIsNotHis) {
  for (const auto& [procedure, rules] : AllRules()) {
    for (const Takes& takes : rules.takes) {
      for (const std::string& action : Words(takes.actions)) {
        ToldCity city;
        city.Open(procedure, {});
        city.Take();
        Do(city, action);
        city.Take();
        EXPECT_THAT(city.wrong, Contains(HasSubstr(absl::StrCat("takes ", action, ", which is for ", takes.parties))))
            << procedure;
      }
    }
  }
}

TEST(RulesTest, FindAStageThatEndsTooEarlyOrElsewhere) {
  for (const auto& [procedure, rules] : AllRules()) {
    for (const Timed& timed : rules.timed) {
      ToldCity city;
      city.Open(procedure, {});
      city.Enter(timed.stage);
      *city.commit_back().mutable_stage_entered()->mutable_moves_at() = Stamp(TimeOn(Day(2019, 3, 2), 0));
      city.commit_back().mutable_stage_entered()->set_moves_to(timed.to);
      city.Take();
      EXPECT_THAT(city.wrong, Contains(HasSubstr(absl::StrCat(timed.stage, " of 2019-03-01")))) << procedure;
    }
  }
}

}  // namespace
}  // namespace duban::city
