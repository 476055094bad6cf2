// What comes by itself is not refused: there is nobody who could decide otherwise, and a case that waited for ever
// would tell nobody why. What refuses an act gives way to time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "engine/base/limits.h"
#include "engine/cases/parts.h"
#include "tests/engine/support/desk.h"

namespace duban::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kIssuer[] = "persons/duchayi-kezhang";

constexpr char kPraise[] = R"yaml(
procedure: praise
title: {zh: 列入}
may_open: [issuer]
parties:
  issuer: {kind: unit, title: {zh: 评定单位}}
  branch: {kind: unit, title: {zh: 单位}}
stages:
  review: {title: {zh: 评定}, within: 10 days, actions: {name: {title: {zh: 列入}, by: issuer, to: named}}}
  named:  {title: {zh: 已列入}, end: done, enters: {register: stars, party: branch}}
registers:
  stars: {title: {zh: 星级单位}, kind: unit}
)yaml";

constexpr char kStrike[] = R"yaml(
procedure: strike
title: {zh: 摘牌}
may_open: [issuer]
parties:
  issuer: {kind: unit, title: {zh: 评定单位}}
  branch: {kind: unit, title: {zh: 单位}}
stages:
  notice: {title: {zh: 公示}, after: {5 days: struck}, actions: {strike: {title: {zh: 即时摘牌}, by: issuer, to: struck}}}
  struck: {title: {zh: 已摘牌}, end: done, leaves: {register: stars, party: branch}}
registers:
  stars: {title: {zh: 星级单位}, kind: unit}
)yaml";

class ByTime : public testing::Test {
 protected:
  explicit ByTime(const std::vector<SourceFile>& files) : desk(files) { EXPECT_THAT(desk.errors(), IsEmpty()); }

  void Open(const std::string& nickname, const std::string& procedure, const std::string& party,
            const std::string& part_of = "") {
    v1::OpenCaseRequest request;
    request.set_procedure(procedure);
    v1::PartyBinding& bound = *request.add_parties();
    bound.set_party(party);
    bound.add_ids("units/zhujian");
    if (!part_of.empty()) request.set_part_of(desk.State(part_of).name());
    ASSERT_FALSE(desk.Open(nickname, kIssuer, request).refused) << nickname;
  }

  Desk desk;
};

// --- More entries than end at once ---------------------------------------------------------------------------------

class ManyEntries : public ByTime {
 protected:
  static constexpr int kEntries = static_cast<int>(limits::kEntriesLeftMax) + 6;

  ManyEntries() : ByTime({{"praise.yaml", kPraise}, {"strike.yaml", kStrike}}) {
    for (int i = 0; i < kEntries; ++i) {
      Open(absl::StrCat("named ", i), "praise", "branch");
      EXPECT_FALSE(desk.Act(absl::StrCat("named ", i), kIssuer, "name").refused);
    }
    Open("strike", "strike", "branch");
  }
  int Standing() {
    int standing = 0;
    for (int i = 0; i < kEntries; ++i) standing += desk.State(absl::StrCat("named ", i)).entries_size();
    return standing;
  }
};

TEST_F(ManyEntries, WhoeverActsIsToldToLiftSomeFirst) {
  EXPECT_EQ(desk.Act("strike", kIssuer, "strike").reason, "TOO_MANY_LISTED");
  EXPECT_EQ(Standing(), kEntries);
}

TEST_F(ManyEntries, TimeEndsAsManyAsOneCommitHoldsAndThenMovesWithTheRest) {
  const std::vector<std::string> fired = desk.At("2026-09-07 09:00");
  EXPECT_THAT(fired, SizeIs(kEntries + 2)) << "each once, the stage, the end";
  const auto moved = std::find(fired.begin(), fired.end(), "2026-09-07 00:00 strike: StageEntered struck");
  EXPECT_EQ(moved - fired.begin(), static_cast<int>(limits::kEntriesLeftMax));
  EXPECT_EQ(Standing(), 0);
  EXPECT_EQ(desk.State("strike").end_kind(), v1::END_KIND_DONE);
}

// Nobody was there when its time came; what was entered after it is not what it was to end.
TEST_F(ManyEntries, MadeUpForLateItEndsWhatHadBegunThen) {
  Open("late", "praise", "branch");
  desk.Wake("2026-09-03 09:00");
  ASSERT_FALSE(desk.Act("late", kIssuer, "name").refused);
  desk.Wake("2026-09-10 09:00");
  EXPECT_EQ(Standing(), 0);
  EXPECT_THAT(desk.State("late").entries(), IsEmpty());
  EXPECT_EQ(FromProto(desk.State("strike").stage_since()), desk.Parse("2026-09-07 00:00"));
}

// --- What cannot be a part ------------------------------------------------------------------------------------------

constexpr char kWhole[] = R"yaml(
procedure: whole
title: {zh: 总任务}
may_open: [issuer]
parties:
  issuer: {kind: unit, title: {zh: 交办单位}}
  lead:   {kind: unit, title: {zh: 牵头单位}}
stages:
  waiting:  {title: {zh: 待分解}, after: {5 days: dividing}, actions: {divide: {title: {zh: 提前分解}, by: issuer, to: dividing}}}
  dividing:
    title: {zh: 分解}
    no_deadline: 试验
    opens: {procedure: piece, bind: {issuer: issuer, lead: lead}, as: part}
    actions: {finish: {title: {zh: 办结}, by: issuer, to: done}}
  done: {title: {zh: 已办结}, end: done}
)yaml";

constexpr char kSmall[] = R"yaml(
procedure: piece
title: {zh: 分任务}
may_open: [issuer]
parties:
  issuer: {kind: unit, title: {zh: 交办单位}}
  lead:   {kind: unit, title: {zh: 牵头单位}}
stages:
  open: {title: {zh: 办理}, no_deadline: 试验, actions: {finish: {title: {zh: 办结}, by: lead, to: done}}}
  done: {title: {zh: 已办结}, end: done}
)yaml";

class NoPart : public ByTime {
 protected:
  NoPart() : ByTime({{"whole.yaml", kWhole}, {"piece.yaml", kSmall}}) {}
};

TEST_F(NoPart, WithinTheBoundsTimeOpensAPart) {
  Open("whole", "whole", "lead");
  desk.At("2026-09-07 09:00");
  desk.Name("part");
  EXPECT_EQ(desk.State("part").link(), v1::LINK_KIND_PART);
  EXPECT_THAT(WholesOf(desk.State("part")), SizeIs(1));
}

TEST_F(NoPart, PastThemAFollowUpStandsInItsPlaceAndTheCaseGoesOn) {
  Open("0", "piece", "lead");
  for (size_t i = 1; i < limits::kWholesAboveMax; ++i) Open(absl::StrCat(i), "piece", "lead", absl::StrCat(i - 1));
  const std::string deepest = absl::StrCat(limits::kWholesAboveMax - 1);
  Open("whole", "whole", "lead", deepest);
  EXPECT_EQ(desk.Act("whole", kIssuer, "divide").reason, "TOO_MANY_WHOLES") << "whoever acts is told";
  EXPECT_THAT(desk.At("2026-09-07 09:00"),
              ElementsAre("2026-09-07 00:00 whole: StageEntered dividing", "2026-09-07 00:00 ?: CaseOpened piece ",
                          "2026-09-07 00:00 ?: StageEntered open"));
  desk.Name("beside");
  EXPECT_EQ(desk.State("beside").link(), v1::LINK_KIND_FOLLOW_UP);
  EXPECT_EQ(desk.State("beside").parent(), desk.State("whole").name());
  EXPECT_THAT(WholesOf(desk.State("beside")), IsEmpty());
}

TEST_F(NoPart, NorIsOneThatANewerVersionHidesSummedUpForAll) {
  Open("whole", "whole", "lead");
  desk.Revise(
      {"piece.yaml", absl::StrReplaceAll(kSmall, {{"no_deadline: 试验", "sees: [issuer, lead], no_deadline: 试验"}})});
  ASSERT_THAT(desk.errors(), IsEmpty());
  EXPECT_EQ(desk.Act("whole", kIssuer, "divide").reason, "PART_HIDDEN");
  desk.At("2026-09-07 09:00");
  desk.Name("beside");
  EXPECT_EQ(desk.State("beside").link(), v1::LINK_KIND_FOLLOW_UP);
}

}  // namespace
}  // namespace duban::engine
