// Counting: exact decimals, stated rounding, and nothing single to be subtracted out of what is shown.
#include "engine/cases/counting.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace duban::engine {
namespace {

using ::testing::ElementsAre;

// A ballot box with groups of so many, and ballots put in by hand.
class Box {
 public:
  explicit Box(int decimals = 2) {
    collect_.decimals = decimals;
    collect_.asks.resize(1);
  }
  Box& Secret(int smallest) {
    collect_.secret = true;
    collect_.smallest_group = smallest;
    return *this;
  }
  Box& Asks(size_t questions) {
    collect_.asks.resize(questions);
    return *this;
  }
  // A group with its weight in percent, who may rate, and what those gave who did: a ballot each.
  Box& Group(const std::string& name, int percent, int electors, const std::vector<std::vector<std::string>>& ballots,
             int quorum = 0, int of = 0) {
    RaterGroup declared;
    declared.name = name;
    declared.quorum = quorum;
    declared.quorum_of = of;
    collect_.groups.push_back(declared);
    v1::ElectorGroup& group = *began_.add_groups();
    group.set_group(name);
    group.set_weight(100 * percent);
    for (int i = 0; i < electors; ++i) group.add_electors(absl::StrCat("persons/", name, i));
    for (const std::vector<std::string>& answers : ballots) {
      v1::Ballot& ballot = *box_.add_ballots();
      ballot.set_group(name);
      if (!collect_.secret) ballot.set_person(absl::StrCat("persons/", name, box_.ballots_size()));
      for (const std::string& answer : answers) {
        v1::FieldValue& value = *ballot.add_answers();
        value.set_field("score");
        value.add_values()->set_number(AnswerInBox(answer).value());
      }
    }
    return *this;
  }
  v1::CollectClosed Count() const { return CountBallots(collect_, began_, box_); }
  // "a 3/5 86.00", "b 1/5 withheld".
  std::vector<std::string> Shown() const {
    std::vector<std::string> out;
    const v1::CollectClosed closed = Count();
    for (const v1::GroupResult& group : closed.groups()) {
      out.push_back(absl::StrCat(group.group(), " ", group.cast(), "/", group.electors(), " ",
                                 group.withheld() ? "withheld" : group.mean()));
    }
    return out;
  }

 private:
  Collect collect_;
  v1::CollectBegan began_;
  v1::BallotBox box_;
};

std::vector<std::vector<std::string>> Each(const std::vector<std::string>& answers) {
  std::vector<std::vector<std::string>> out;
  for (const std::string& answer : answers) out.push_back({answer});
  return out;
}

TEST(Counting, AnswersHaveOneFormAndOneLength) {
  EXPECT_EQ(AnswerInBox("90"), "+0000090.0000");
  EXPECT_EQ(AnswerInBox("+90.00"), AnswerInBox("90"));
  EXPECT_EQ(AnswerInBox("-0"), AnswerInBox("0"));
  EXPECT_EQ(AnswerInBox("-1000000"), "-1000000.0000");
  EXPECT_EQ(AnswerInBox("0.0001"), "+0000000.0001");
  EXPECT_EQ(AnswerInBox("0.00010"), "+0000000.0001");
  EXPECT_EQ(AnswerInBox("0.00001"), std::nullopt) << "finer than answers are";
}

TEST(Counting, MeansAreWeightedExactlyAndRoundedOnce) {
  // 1/3 each of 100 and two times 0 is 33.333…; half of it and half of 50 is 41.666…, not what 33.33 would give.
  const Box box = Box(2).Group("a", 50, 3, Each({"100", "0", "0"})).Group("b", 50, 1, Each({"50"}));
  EXPECT_EQ(box.Count().result(), "41.67");
  EXPECT_THAT(box.Shown(), ElementsAre("a 3/3 33.33", "b 1/1 50.00"));
  EXPECT_EQ(Box(4).Group("a", 100, 3, Each({"100", "0", "0"})).Count().result(), "33.3333");
}

TEST(Counting, HalfIsRoundedAwayFromZero) {
  EXPECT_EQ(Box(0).Group("a", 100, 2, Each({"2", "3"})).Count().result(), "3");
  EXPECT_EQ(Box(0).Group("a", 100, 2, Each({"-2", "-3"})).Count().result(), "-3");
  EXPECT_EQ(Box(1).Group("a", 100, 2, Each({"0.1", "0.2"})).Count().result(), "0.2");
  EXPECT_EQ(Box(1).Group("a", 100, 2, Each({"0.1", "-0.1"})).Count().result(), "0.0");
  EXPECT_EQ(Box(1).Group("a", 100, 1, Each({"-0.01"})).Count().result(), "0.0") << "no negative nothing";
}

TEST(Counting, SeveralQuestionsCountAlike) {
  EXPECT_EQ(Box(2).Asks(2).Group("a", 100, 2, {{"80", "90"}, {"100", "100"}}).Count().result(), "92.50");
}

TEST(Counting, TheGreatestNumbersFit) {
  // Eight groups, five hundred ballots, twenty questions, all at the bound.
  Box box(4);
  box.Asks(20);
  const std::vector<std::string> most(20, "1000000"), least(20, "999999.9999");
  for (int i = 0; i < 8; ++i) {
    std::vector<std::vector<std::string>> ballots(62, most);
    ballots.push_back(least);
    box.Group(absl::StrCat("g", i), i == 0 ? 16 : 12, 63, ballots);
  }
  // 1,000,000 less a 63rd of 0.0001.
  EXPECT_EQ(box.Count().result(), "1000000.0000");
  EXPECT_EQ(Box(4).Group("a", 100, 1, Each({"999999.9999"})).Count().result(), "999999.9999");
}

TEST(Counting, AnEmptyGroupsWeightGoesToTheOthersInProportion) {
  const Box box = Box(2).Group("a", 40, 0, {}).Group("b", 30, 1, Each({"90"})).Group("c", 30, 1, Each({"80"}));
  const v1::CollectClosed closed = box.Count();
  EXPECT_TRUE(closed.quorum());
  EXPECT_EQ(closed.result(), "85.00");
  EXPECT_EQ(closed.groups(0).weight(), 0);
  EXPECT_EQ(closed.groups(1).weight(), 5000);
}

TEST(Counting, AQuorumIsAShareAndOneBallotAtLeast) {
  const auto counted = [](int cast) {
    return Box().Group("a", 100, 9, std::vector<std::vector<std::string>>(cast, {"90"}), 2, 3).Count();
  };
  EXPECT_FALSE(counted(5).quorum());
  EXPECT_EQ(counted(5).result(), "");
  EXPECT_EQ(counted(5).groups(0).mean(), "") << "nothing is shown of what does not count";
  EXPECT_TRUE(counted(5).ballots().empty());
  EXPECT_TRUE(counted(6).quorum());
  // A group without a quorum of its own still has to give something to be weighted.
  EXPECT_FALSE(Box().Group("a", 50, 3, Each({"1"})).Group("b", 50, 3, {}).Count().quorum());
}

TEST(Counting, OneGroupThatIsTooSmallIsNotSubtractedOutOfTheResult) {
  // Only b is too small; with its weight its mean would follow from the result and the others. So the smallest of the
  // others goes with it.
  const Box box = Box()
                      .Secret(5)
                      .Group("a", 40, 9, Each({"90", "90", "90", "90", "90", "90", "90"}))
                      .Group("b", 30, 2, Each({"60", "70"}))
                      .Group("c", 30, 6, Each({"80", "80", "80", "80", "80"}));
  EXPECT_THAT(box.Shown(), ElementsAre("a 7/9 90.00", "b 2/2 withheld", "c 5/6 withheld"));
  EXPECT_EQ(box.Count().result(), "79.50") << "they count all the same";
}

TEST(Counting, WhatIsWithheldTogetherIsNotTooSmallEither) {
  // a and b are too small, and two ballots together would be guessed from what is left: c goes too.
  const Box box = Box()
                      .Secret(5)
                      .Group("a", 40, 1, Each({"90"}))
                      .Group("b", 30, 1, Each({"60"}))
                      .Group("c", 30, 6, Each({"80", "80", "80", "80", "80"}));
  EXPECT_THAT(box.Shown(), ElementsAre("a 1/1 withheld", "b 1/1 withheld", "c 5/6 withheld"));
  const Box enough = Box()
                         .Secret(5)
                         .Group("a", 40, 3, Each({"90", "80", "70"}))
                         .Group("b", 30, 2, Each({"60", "60"}))
                         .Group("c", 30, 6, Each({"80", "80", "80", "80", "80"}));
  EXPECT_THAT(enough.Shown(), ElementsAre("a 3/3 withheld", "b 2/2 withheld", "c 5/6 80.00"));
}

TEST(Counting, FewerBallotsThanTheSmallestGroupGiveNoResultAtAll) {
  const Box few = Box().Secret(5).Group("a", 50, 4, Each({"90", "80"})).Group("b", 50, 4, Each({"70", "60"}));
  EXPECT_FALSE(few.Count().quorum());
  EXPECT_EQ(few.Count().result(), "");
  EXPECT_TRUE(few.Count().groups(0).quorum());
}

TEST(Counting, OpenBallotsAreShownWithTheirNamesAsTheyWereGiven) {
  const v1::CollectClosed closed = Box().Group("a", 100, 2, Each({"90.5", "80"})).Count();
  ASSERT_EQ(closed.ballots_size(), 2);
  EXPECT_EQ(closed.ballots(0).person(), "persons/a1");
  EXPECT_EQ(closed.ballots(0).answers(0).values(0).number(), "90.5");
  EXPECT_EQ(closed.ballots(1).answers(0).values(0).number(), "80");
  const v1::CollectClosed secret = Box().Secret(2).Group("a", 100, 2, Each({"90.5", "80"})).Count();
  EXPECT_TRUE(secret.ballots().empty());
  EXPECT_EQ(secret.groups(0).mean(), "85.25");
}

}  // namespace
}  // namespace duban::engine
