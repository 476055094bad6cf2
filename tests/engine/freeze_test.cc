// Who is left out of a draw: whoever is one of those named, belongs to them, leads them, or is related to them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "engine/draw/draw.h"
#include "tests/engine/support/desk.h"

namespace duban::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class FreezeTest : public testing::Test {
 protected:
  FreezeTest() : desk({}) {
    desk.PutPost("posts/kongque", "units/shuiwu", "");
    desk.PutPost("posts/kongque-fu", "units/zhujian", "");
  }

  void Relate(const std::string& from, const std::string& to) {
    v1::Event event;
    v1::Relation& relation = *event.mutable_relation_put()->mutable_relation();
    relation.set_name("relations/a");
    relation.set_kind("kin");
    relation.set_from(from);
    relation.set_to(to);
    desk.directory().Evolve(event);
  }
  // Those of the candidates who are not drawn, because of those named.
  std::vector<std::string> LeftOut(const std::vector<std::string>& candidates, const std::vector<std::string>& named) {
    v1::FreezeDrawRequest request;
    request.set_title("检查人员");
    // One whom nothing bars, so that there is somebody to draw.
    request.add_candidates()->set_id("persons/luru");
    for (const std::string& id : candidates) request.add_candidates()->set_id(id);
    for (const std::string& id : named) request.add_not_related_to(id);
    request.add_shares()->set_count(1);
    const Outcome<v1::DrawFrozen> frozen =
        Freeze(desk.directory(), request, [](absl::string_view text) { return std::string(text); });
    std::vector<std::string> out;
    if (!frozen.ok()) return {frozen.rejection().reason};
    for (const v1::DrawCandidate& one : frozen->candidates()) {
      if (!one.excluded().empty()) out.push_back(one.id());
    }
    return out;
  }

  Desk desk;
};

TEST_F(FreezeTest, WhoeverServesInAUnitThatIsNamedWhetherPersonOrPost) {
  EXPECT_THAT(LeftOut({"persons/shuiwu-jingban", "persons/zhujian-jingban"}, {"units/shuiwu"}),
              ElementsAre("persons/shuiwu-jingban"));
  EXPECT_THAT(LeftOut({"posts/kongque", "posts/kongque-fu"}, {"units/shuiwu"}), ElementsAre("posts/kongque"))
      << "whoever is appointed to the vacant post serves there";
}

TEST_F(FreezeTest, WhoeverLeadsItThoughHisPostStandsElsewhere) {
  v1::Event event;
  v1::Unit& unit = *event.mutable_unit_put()->mutable_unit();
  unit = *desk.directory().FindUnit("units/shuiwu");
  unit.set_head("posts/fenguan");
  desk.directory().Evolve(event);
  desk.PutPost("posts/fenguan", "units/shi", "persons/fenguan");
  EXPECT_THAT(LeftOut({"persons/fenguan"}, {"units/shuiwu"}), ElementsAre("persons/fenguan"));
  EXPECT_THAT(LeftOut({"posts/fenguan"}, {"units/shuiwu"}), ElementsAre("posts/fenguan"));
}

TEST_F(FreezeTest, WhoeverStandsInForSomebodyThere) {
  v1::Event put;
  v1::Delegation& lent = *put.mutable_delegation_put()->mutable_delegation();
  lent.set_name("delegations/a");
  lent.set_from("persons/shuiwu-jingban");
  lent.set_to("persons/zhujian-jingban");
  desk.directory().Evolve(put);
  EXPECT_THAT(LeftOut({"persons/zhujian-jingban"}, {"units/shuiwu"}), IsEmpty());
  v1::Event began;
  began.mutable_delegation_began()->set_delegation("delegations/a");
  desk.directory().Evolve(began);
  EXPECT_THAT(LeftOut({"persons/zhujian-jingban"}, {"units/shuiwu"}), ElementsAre("persons/zhujian-jingban"));
}

TEST_F(FreezeTest, WhoeverIsRelatedToItThroughAPostOrAPersonFromEitherEnd) {
  // A relation of his to somebody who serves there.
  Relate("persons/zhujian-jingban", "persons/shuiwu-jingban");
  EXPECT_THAT(LeftOut({"persons/zhujian-jingban", "persons/zhujian-juzhang"}, {"units/shuiwu"}),
              ElementsAre("persons/zhujian-jingban"));
  // A unit is not drawn to be visited by somebody who is related to one of its people, or serves there.
  EXPECT_THAT(LeftOut({"units/shuiwu", "units/shi"}, {"persons/zhujian-jingban"}), ElementsAre("units/shuiwu"));
  EXPECT_THAT(LeftOut({"units/zhujian"}, {"persons/zhujian-jingban"}), ElementsAre("units/zhujian"));
  // A relation of a post, held or vacant, to the unit.
  Relate("units/shuiwu", "posts/kongque-fu");
  EXPECT_THAT(LeftOut({"posts/kongque-fu", "persons/zhujian-jingban"}, {"units/shuiwu"}),
              ElementsAre("posts/kongque-fu"));
  desk.PutPost("posts/kongque-fu", "units/zhujian", "persons/zhujian-jingban");
  EXPECT_THAT(LeftOut({"persons/zhujian-jingban"}, {"units/shuiwu"}), ElementsAre("persons/zhujian-jingban"));
}

TEST_F(FreezeTest, APostAndItsHolderAreTheSame) {
  desk.PutPost("posts/kongque", "units/shuiwu", "persons/renzhi");
  EXPECT_THAT(LeftOut({"posts/kongque"}, {"persons/renzhi"}), ElementsAre("posts/kongque"));
  EXPECT_THAT(LeftOut({"persons/renzhi"}, {"posts/kongque"}), ElementsAre("persons/renzhi"));
}

}  // namespace
}  // namespace duban::engine
