// One act opens a case for each of several: all of them, or none and the act is refused.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/limits.h"
#include "engine/cases/parts.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/engine/support/desk.h"

namespace duban::engine {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kCampaign[] = R"yaml(
procedure: campaign
title: {zh: 专项行动, en: Campaign}
may_open: [issuer]
numbers: 专项〔{year}〕{seq}号
parties:
  issuer:  {kind: unit, title: {zh: 交办单位}}
  helpers: {kind: unit, title: {zh: 协办单位}, many: true, optional: true}
fields:
  matter: {title: {zh: 事项}, type: text, required: true}
  units:  {title: {zh: 自查单位}, type: unit, many: true}
stages:
  running:
    title: {zh: 开展}
    within: 60 days
    actions:
      spread: {title: {zh: 部署}, by: issuer, needs: [units], opens: {procedure: check, for_each: {unit: units}, bind: {issuer: issuer}, set: {matter: matter}, as: part}}
      ask:    {title: {zh: 征询协办}, by: issuer, opens: {procedure: check, for_each: {unit: helpers}, bind: {issuer: issuer}, set: {matter: matter}, as: self_check}}
      lead:   {title: {zh: 进入督导}, by: issuer, to: led}
      finish: {title: {zh: 收官}, by: issuer, to: done, when: [parts_closed]}
  led:
    title: {zh: 督导}
    within: 60 days
    opens: {procedure: check, for_each: {unit: helpers}, bind: {issuer: issuer}, set: {matter: matter}}
    actions:
      finish: {title: {zh: 收官}, by: issuer, to: done}
  done: {title: {zh: 已收官}, end: done}
)yaml";

constexpr char kCheck[] = R"yaml(
procedure: check
title: {zh: 自查, en: Self-check}
may_open: [issuer]
numbers: 自查〔{year}〕{unit}{seq}号
parties:
  issuer: {kind: unit, title: {zh: 交办单位}}
  unit:   {kind: unit, title: {zh: 自查单位}, never: {unit_of: [issuer]}}
fields:
  matter: {title: {zh: 事项}, type: text, required: true}
stages:
  checking: {title: {zh: 自查中}, within: 10 days, actions: {report: {title: {zh: 报告}, by: unit, to: reported}}}
  reported: {title: {zh: 已报告}, end: done}
)yaml";

constexpr char kIssuer[] = "persons/duchayi-kezhang";

class ForEachTest : public testing::Test {
 protected:
  ForEachTest() : desk({{"campaign.yaml", kCampaign}, {"check.yaml", kCheck}}) {
    EXPECT_THAT(desk.errors(), IsEmpty());
  }

  void GivenACampaign(const std::vector<std::string>& helpers = {}) {
    v1::OpenCaseRequest request;
    request.set_procedure("campaign");
    *request.add_fields() = desk.Field("campaign", "matter", "燃气安全");
    v1::PartyBinding& bound = *request.add_parties();
    bound.set_party("helpers");
    for (const std::string& unit : helpers) bound.add_ids(unit);
    ASSERT_FALSE(desk.Open("campaign", kIssuer, request).refused);
  }
  Happened Spread(const std::vector<std::string>& units) {
    v1::ActOnCaseRequest request;
    request.set_action("spread");
    v1::FieldValue& given = *request.add_fields();
    given.set_field("units");
    for (const std::string& unit : units) given.add_values()->set_reference(unit);
    return desk.Act("campaign", kIssuer, request);
  }
  void PutUnit(const std::string& name) {
    v1::Event event;
    v1::Unit& unit = *event.mutable_unit_put()->mutable_unit();
    unit.set_name(name);
    unit.set_title(name);
    unit.set_code(name.substr(name.find('/') + 1));
    desk.directory().Evolve(event);
  }

  Desk desk;
};

TEST_F(ForEachTest, OpensACaseForEachUnitOfAFieldInTheSameCommit) {
  GivenACampaign();
  EXPECT_THAT(
      Spread({"units/zhujian", "units/shuiwu"}).events,
      ElementsAre("campaign: FieldsSet units", "campaign: ActionTaken spread",
                  "?: CaseOpened check 自查〔2026〕住建1号", "?: FieldsSet matter", "?: StageEntered checking",
                  HasSubstr("ClockStarted within_checking"), "?: CaseOpened check 自查〔2026〕水务1号",
                  "?: FieldsSet matter", "?: StageEntered checking", HasSubstr("ClockStarted within_checking")));
  desk.Name("shuiwu");
  desk.Name("zhujian");
  EXPECT_EQ(desk.State("zhujian").parent(), desk.State("campaign").name());
  EXPECT_EQ(desk.State("zhujian").link(), v1::LINK_KIND_PART);
  EXPECT_EQ(desk.State("shuiwu").parties(1).bound(0).title(), "市水务局");
}

TEST_F(ForEachTest, OpensACaseForEachMemberOfAParty) {
  GivenACampaign({"units/shuiwu", "units/zhujian"});
  const Happened asked = desk.Act("campaign", kIssuer, "ask");
  EXPECT_THAT(asked.events, SizeIs(9));
  desk.Name("zhujian");
  EXPECT_EQ(desk.State("zhujian").link(), v1::LINK_KIND_SELF_CHECK);
}

TEST_F(ForEachTest, AStageThatPeopleLeadIntoOpensThemOnEntry) {
  GivenACampaign({"units/shuiwu", "units/zhujian"});
  const Happened led = desk.Act("campaign", kIssuer, "lead");
  EXPECT_THAT(led.events, ::testing::Contains("?: CaseOpened check 自查〔2026〕水务1号"));
  EXPECT_THAT(led.events, ::testing::Contains("?: CaseOpened check 自查〔2026〕住建1号"));
}

TEST_F(ForEachTest, ForNobodyNothingIsOpened) {
  GivenACampaign();
  EXPECT_THAT(desk.Act("campaign", kIssuer, "ask").events, ElementsAre("campaign: ActionTaken ask"));
}

TEST_F(ForEachTest, AUnitNamedTwiceHasOneCase) {
  GivenACampaign();
  EXPECT_THAT(Spread({"units/zhujian", "units/zhujian"}).events, SizeIs(6));
}

TEST_F(ForEachTest, GuardsOverPartsAreRightDirectlyAfterwards) {
  GivenACampaign();
  Spread({"units/zhujian"});
  desk.Name("zhujian");
  EXPECT_EQ(desk.Act("campaign", kIssuer, "finish").reason, "GUARD_FAILED");
  ASSERT_FALSE(desk.Act("zhujian", "persons/zhujian-jingban", "report").refused);
  EXPECT_FALSE(desk.Act("campaign", kIssuer, "finish").refused);
}

// The issuer's own unit may not check itself: nothing is opened for the others either.
TEST_F(ForEachTest, WhereOneCannotBeOpenedNoneIs) {
  GivenACampaign();
  const Happened spread = Spread({"units/zhujian", "units/duchashi", "units/shuiwu"});
  EXPECT_EQ(spread.reason, "EACH_NOT_OPENED");
  EXPECT_THAT(spread.events, IsEmpty());
  // The number that the first would have had is given to the next.
  EXPECT_THAT(Spread({"units/zhujian"}).events, ::testing::Contains("?: CaseOpened check 自查〔2026〕住建1号"));
}

TEST_F(ForEachTest, MoreThanTheBoundAreRefusedBeforeAnythingHappens) {
  GivenACampaign();
  std::vector<std::string> units;
  for (size_t i = 0; i <= limits::kOpenedAtOnceMax; ++i) {
    units.push_back(absl::StrCat("units/u", i));
    PutUnit(units.back());
  }
  EXPECT_EQ(Spread(units).reason, "FIELD_TOO_MANY");
  units.pop_back();
  const Happened spread = Spread(units);
  EXPECT_FALSE(spread.refused);
  EXPECT_THAT(spread.events, SizeIs(2 + 4 * limits::kOpenedAtOnceMax));
  // A whole has so many parts at most: what is left for it can be filled, and no more.
  ASSERT_FALSE(Spread(units).refused);
  ASSERT_FALSE(Spread(units).refused);
  const size_t left = limits::kPartsMax - 3 * limits::kOpenedAtOnceMax;
  ASSERT_LT(left, units.size());
  EXPECT_EQ(Spread({units.begin(), units.begin() + static_cast<long>(left) + 1}).reason, "TOO_MANY_PARTS");
  EXPECT_FALSE(Spread({units.begin(), units.begin() + static_cast<long>(left)}).refused);
  EXPECT_EQ(Spread({units.front()}).reason, "TOO_MANY_PARTS");
}

TEST_F(ForEachTest, ANewerVersionWithoutThePartyIsToldApart) {
  GivenACampaign({"units/shuiwu"});
  std::string other = kCheck;
  for (size_t at = other.find("unit:"); at != std::string::npos; at = other.find("unit:", at + 8)) {
    if (other.compare(at, 12, "unit:   {kin") == 0) other.replace(at, 5, "body:");
  }
  for (const char* was : {"{unit}{seq}", "by: unit"}) {
    const std::string word = was;
    other.replace(other.find(word) + word.find("unit"), 4, "body");
  }
  // The set of the campaign is not checked again: it is told when somebody acts.
  desk.Revise({"check.yaml", other});
  ASSERT_THAT(desk.errors(), IsEmpty());
  EXPECT_EQ(desk.Act("campaign", kIssuer, "ask").reason, "UNKNOWN_PARTY");
}

}  // namespace
}  // namespace duban::engine
