// Who is above whom, who holds what, who sees with which ids.
#include "engine/directory/directory.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace duban::engine {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

v1::Unit MakeUnit(const std::string& id, const std::string& title, const std::vector<std::string>& superiors = {}) {
  v1::Unit unit;
  unit.set_name("units/" + id);
  unit.set_title(title);
  for (const std::string& superior : superiors) unit.add_superiors("units/" + superior);
  return unit;
}

v1::Post MakePost(const std::string& id, const std::string& unit, const std::vector<std::string>& holders,
                  v1::Scope scope = v1::SCOPE_OWN, const std::vector<std::string>& rights = {}) {
  v1::Post post;
  post.set_name("posts/" + id);
  post.set_title("岗位" + id);
  post.set_unit("units/" + unit);
  for (const std::string& holder : holders) post.add_holders("persons/" + holder);
  post.set_scope(scope);
  for (const std::string& right : rights) post.add_rights(right);
  return post;
}

v1::Person MakePerson(const std::string& id) {
  v1::Person person;
  person.set_name("persons/" + id);
  person.set_title("人员" + id);
  return person;
}

void Put(Directory& directory, const v1::Unit& unit) {
  v1::Event event;
  *event.mutable_unit_put()->mutable_unit() = unit;
  directory.Evolve(event);
}
void Put(Directory& directory, const v1::Post& post) {
  v1::Event event;
  *event.mutable_post_put()->mutable_post() = post;
  directory.Evolve(event);
}
void Put(Directory& directory, const v1::Person& person) {
  v1::Event event;
  *event.mutable_person_put()->mutable_person() = person;
  directory.Evolve(event);
}

void Put(Directory& directory, const v1::Relation& relation) {
  v1::Event event;
  *event.mutable_relation_put()->mutable_relation() = relation;
  directory.Evolve(event);
}

v1::Relation MakeRelation(const std::string& id, const std::string& from, const std::string& to,
                          const std::string& kind = "kin") {
  v1::Relation relation;
  relation.set_name("relations/" + id);
  relation.set_kind(kind);
  relation.set_from(from);
  relation.set_to(to);
  return relation;
}

// A city, two bureaus, and a station with two superiors: the county and the water bureau (dual leadership).
Directory City() {
  Directory d;
  Put(d, MakeUnit("shi", "市政府"));
  v1::Unit zhujian = MakeUnit("zhujian", "市住房和城乡建设局", {"shi"});
  zhujian.set_code("住建");
  zhujian.add_aliases("市住建局");
  Put(d, zhujian);
  Put(d, MakeUnit("shuiwu", "市水务局", {"shi"}));
  Put(d, MakeUnit("xian", "某县", {"shi"}));
  Put(d, MakeUnit("zhan", "县水务站", {"xian", "shuiwu"}));
  for (const char* id : {"zhuren", "keyuan", "juzhang"}) Put(d, MakePerson(id));
  Put(d, MakePost("zhuren", "shi", {"zhuren"}, v1::SCOPE_SUBTREE, {"audit", "enter"}));
  Put(d, MakePost("keyuan", "zhujian", {"keyuan"}));
  Put(d, MakePost("juzhang", "shuiwu", {"juzhang"}, v1::SCOPE_SUBTREE));
  return d;
}

std::string Reason(const Verdict& verdict) { return verdict.ok() ? "" : verdict.rejection().reason; }

// --- Superiors ---

TEST(DirectorySuperiors, AUnitMayHaveTwoSuperiorsAndIsBelowBoth) {
  const Directory d = City();
  EXPECT_TRUE(d.IsAbove("units/xian", "units/zhan"));
  EXPECT_TRUE(d.IsAbove("units/shuiwu", "units/zhan"));
  EXPECT_TRUE(d.IsAbove("units/shi", "units/zhan"));
  EXPECT_FALSE(d.IsAbove("units/zhujian", "units/zhan"));
  EXPECT_FALSE(d.IsAbove("units/zhan", "units/shi"));
  EXPECT_FALSE(d.IsAbove("units/zhan", "units/zhan"));
  EXPECT_FALSE(d.IsAbove("units/nowhere", "units/zhan"));
}

TEST(DirectorySuperiors, ASubtreeHasEachUnitOnceAndBeginsWithItsTop) {
  const Directory d = City();
  EXPECT_THAT(d.Subtree("units/shi"),
              UnorderedElementsAre("units/shi", "units/zhujian", "units/shuiwu", "units/xian", "units/zhan"));
  EXPECT_EQ(d.Subtree("units/shi").front(), "units/shi");
  EXPECT_THAT(d.Subtree("units/zhan"), ElementsAre("units/zhan"));
}

TEST(DirectorySuperiors, MovingAUnitTakesItOutOfItsOldSubtree) {
  Directory d = City();
  Put(d, MakeUnit("zhan", "县水务站", {"zhujian"}));
  EXPECT_THAT(d.Subtree("units/xian"), ElementsAre("units/xian"));
  EXPECT_THAT(d.Subtree("units/zhujian"), ElementsAre("units/zhujian", "units/zhan"));
  EXPECT_FALSE(d.IsAbove("units/shuiwu", "units/zhan"));
}

// --- Persons and posts ---

TEST(DirectoryPersons, ViewerIdsFollowPostsScopesAndRights) {
  const Directory d = City();
  EXPECT_THAT(d.ViewerIds("persons/keyuan"), ElementsAre("persons/keyuan", "posts/keyuan", "units/zhujian"));
  EXPECT_THAT(d.ViewerIds("persons/juzhang"),
              ElementsAre("persons/juzhang", "posts/juzhang", "units/shuiwu", "units/zhan"));
  EXPECT_THAT(d.ViewerIds("persons/zhuren"),
              ElementsAre("persons/zhuren", "posts/zhuren", "rights/audit", "rights/enter", "units/shi", "units/shuiwu",
                          "units/xian", "units/zhan", "units/zhujian"));
  EXPECT_THAT(d.ViewerIds("persons/nobody"), ElementsAre("persons/nobody"));
}

TEST(DirectoryPersons, APostOfOwnScopeSeesNothingBelowItsUnit) {
  Directory d = City();
  Put(d, MakePost("xianzhang", "xian", {"xianzhang"}, v1::SCOPE_UNSPECIFIED));
  EXPECT_THAT(d.ViewerIds("persons/xianzhang"), ElementsAre("persons/xianzhang", "posts/xianzhang", "units/xian"));
}

TEST(DirectoryPersons, APostThatChangesHandsIsLost) {
  Directory d = City();
  Put(d, MakePost("keyuan", "zhujian", {"juzhang"}));
  EXPECT_THAT(d.PostsOf("persons/keyuan"), IsEmpty());
  EXPECT_THAT(d.ViewerIds("persons/keyuan"), ElementsAre("persons/keyuan"));
  EXPECT_THAT(d.UnitsOf("persons/juzhang"), ElementsAre("units/shuiwu", "units/zhujian"));
  ASSERT_EQ(d.PostsOf("persons/juzhang").size(), 2u);
  EXPECT_EQ(d.PostsOf("persons/juzhang")[0]->name(), "posts/juzhang");
}

TEST(DirectoryPersons, ThoseBehindAUnitHoldItsPostsAsTheyAreNow) {
  Directory d = City();
  EXPECT_THAT(d.PersonsBehind("units/zhujian"), ElementsAre("persons/keyuan"));
  EXPECT_THAT(d.PersonsBehind("posts/keyuan"), ElementsAre("persons/keyuan"));
  EXPECT_THAT(d.PersonsBehind("persons/keyuan"), ElementsAre("persons/keyuan"));
  EXPECT_THAT(d.PersonsBehind("units/nowhere"), IsEmpty());
  // A post goes over to another unit, and to another holder.
  Put(d, MakePost("keyuan", "xian", {"juzhang"}));
  EXPECT_THAT(d.PersonsBehind("units/zhujian"), IsEmpty());
  EXPECT_THAT(d.PersonsBehind("units/xian"), testing::Contains("persons/juzhang"));
}

TEST(DirectoryPersons, RightsComeFromPosts) {
  Directory d = City();
  EXPECT_TRUE(d.HasRight("persons/zhuren", kRightAudit));
  EXPECT_FALSE(d.HasRight("persons/zhuren", kRightAdminister));
  EXPECT_FALSE(d.HasRight("persons/keyuan", kRightAudit));
  Put(d, MakePost("zhuren", "shi", {"zhuren"}));
  EXPECT_FALSE(d.HasRight("persons/zhuren", kRightAudit));
}

// --- Relations ---

TEST(DirectoryRelations, ARelationReachesTheOthersPersonPostsAndUnitInBothDirections) {
  Directory d = City();
  Put(d, MakeRelation("a", "persons/zhuren", "persons/keyuan"));
  for (const char* id : {"persons/keyuan", "posts/keyuan", "units/zhujian"}) {
    EXPECT_TRUE(d.Related("persons/zhuren", id)) << id;
  }
  EXPECT_TRUE(d.Related("persons/keyuan", "units/shi")) << "the same relation, from its other end";
  EXPECT_FALSE(d.Related("persons/zhuren", "units/shuiwu"));
  EXPECT_FALSE(d.Related("persons/juzhang", "units/zhujian")) << "others have nothing to do with it";
}

TEST(DirectoryRelations, ARelationOfAPostOrAUnitIsThatOfItsHolders) {
  Directory d = City();
  Put(d, MakeRelation("a", "posts/zhuren", "units/xian", "contact"));
  EXPECT_TRUE(d.Related("persons/zhuren", "units/xian"));
  EXPECT_FALSE(d.Related("persons/zhuren", "units/zhan")) << "not with what is below the unit";
  Put(d, MakePost("zhuren", "shi", {"juzhang"}));
  EXPECT_FALSE(d.Related("persons/zhuren", "units/xian")) << "it stays with the post";
  EXPECT_TRUE(d.Related("persons/juzhang", "units/xian"));
  Put(d, MakeRelation("b", "units/zhujian", "units/xian", "contact"));
  EXPECT_TRUE(d.Related("persons/keyuan", "units/xian"));
}

TEST(DirectoryRelations, AHeadCountsForItsUnitWhereverItsPostStands) {
  Directory d = City();
  v1::Unit zhan = MakeUnit("zhan", "县水务站", {"xian", "shuiwu"});
  zhan.set_head("posts/juzhang");
  Put(d, zhan);
  Put(d, MakeRelation("a", "persons/keyuan", "persons/juzhang"));
  EXPECT_TRUE(d.Related("persons/keyuan", "units/zhan"));
}

TEST(DirectoryRelations, WhatHasEndedOrGoneToOthersCountsNoMore) {
  Directory d = City();
  v1::Relation relation = MakeRelation("a", "persons/zhuren", "persons/keyuan");
  Put(d, relation);
  relation.set_to("persons/juzhang");
  Put(d, relation);
  EXPECT_FALSE(d.Related("persons/zhuren", "persons/keyuan"));
  EXPECT_FALSE(d.Related("persons/keyuan", "persons/zhuren"));
  EXPECT_TRUE(d.Related("persons/zhuren", "persons/juzhang"));
  relation.set_ended(true);
  Put(d, relation);
  EXPECT_FALSE(d.Related("persons/zhuren", "persons/juzhang"));
}

// --- Finding ---

TEST(DirectoryFinding, AUnitIsFoundByTitleCodeOrAliasAsLedgersWriteIt) {
  const Directory d = City();
  for (const char* text : {"市住房和城乡建设局", "住建", "市住建局", "  市住建局\t", "\u3000市住建局\u00a0\r\n"}) {
    const v1::Unit* unit = d.FindUnitByText(text);
    ASSERT_NE(unit, nullptr) << text;
    EXPECT_EQ(unit->name(), "units/zhujian");
  }
  EXPECT_EQ(d.FindUnitByText("住"), nullptr) << "no part of a name";
  EXPECT_EQ(d.FindUnitByText(""), nullptr) << "the other units have an empty code";
  EXPECT_EQ(d.FindUnitByText(" \u3000"), nullptr);
}

TEST(DirectoryFinding, ANameOfTwoUnitsFindsNeither) {
  Directory d = City();
  v1::Unit other = MakeUnit("zhujian2", "区住建局", {"shi"});
  other.set_code("住建");
  Put(d, other);
  EXPECT_EQ(d.FindUnitByText("住建"), nullptr);
  EXPECT_NE(d.FindUnitByText("区住建局"), nullptr);
}

TEST(DirectoryFinding, TitlesOfEveryKind) {
  const Directory d = City();
  EXPECT_EQ(d.TitleOf("units/shuiwu"), "市水务局");
  EXPECT_EQ(d.TitleOf("posts/keyuan"), "岗位keyuan");
  EXPECT_EQ(d.TitleOf("persons/keyuan"), "人员keyuan");
  EXPECT_EQ(d.TitleOf("units/nowhere"), "");
}

// --- What is refused ---

TEST(DirectoryCheck, WhatComesAlongMayBeReferredTo) {
  v1::Unit unit = MakeUnit("xin", "新单位", {"shi"});
  unit.set_head("posts/xin");
  EXPECT_EQ(Reason(City().Check({unit}, {MakePost("xin", "xin", {"xin"})}, {MakePerson("xin")})), "");
}

TEST(DirectoryCheck, AUnitIsNeverAboveItself) {
  const Directory d = City();
  EXPECT_EQ(Reason(d.Check({MakeUnit("shi", "市政府", {"shi"})}, {}, {})), "DIRECTORY_CYCLE");
  EXPECT_EQ(Reason(d.Check({MakeUnit("shi", "市政府", {"zhan"})}, {}, {})), "DIRECTORY_CYCLE") << "over three levels";
  const Verdict together = d.Check({MakeUnit("a", "甲", {"b"}), MakeUnit("b", "乙", {"a"})}, {}, {});
  ASSERT_EQ(Reason(together), "DIRECTORY_CYCLE") << "among what is put together";
  EXPECT_EQ(together.rejection().facts[0].second, "units/a");
  EXPECT_EQ(Reason(d.Check({MakeUnit("zhan", "县水务站", {"xian", "shuiwu", "shi"})}, {}, {})), "")
      << "two ways up are no cycle";
}

TEST(DirectoryCheck, AnExistingCycleIsBrokenByPuttingBothAnew) {
  Directory d = City();
  Put(d, MakeUnit("shi", "市政府", {"zhan"}));  // As a damaged import might have left it.
  EXPECT_TRUE(d.IsAbove("units/zhan", "units/shi")) << "and asking ends all the same";
  EXPECT_FALSE(d.IsAbove("units/shi", "units/shi"));
  EXPECT_EQ(Reason(d.Check({MakeUnit("shi", "市政府")}, {}, {})), "");
}

TEST(DirectoryCheck, ReferencesMustExist) {
  const Directory d = City();
  EXPECT_EQ(Reason(d.Check({MakeUnit("a", "甲", {"nowhere"})}, {}, {})), "DIRECTORY_UNKNOWN_REFERENCE");
  v1::Unit headed = MakeUnit("a", "甲");
  headed.set_head("posts/nobody");
  EXPECT_EQ(Reason(d.Check({headed}, {}, {})), "DIRECTORY_UNKNOWN_REFERENCE");
  EXPECT_EQ(Reason(d.Check({}, {MakePost("a", "nowhere", {})}, {})), "DIRECTORY_UNKNOWN_REFERENCE");
  EXPECT_EQ(Reason(d.Check({}, {MakePost("a", "shi", {"nobody"})}, {})), "DIRECTORY_UNKNOWN_REFERENCE");
}

TEST(DirectoryCheck, RightsMustBeKnown) {
  const Verdict verdict = City().Check({}, {MakePost("a", "shi", {}, v1::SCOPE_OWN, {"audit", "fly"})}, {});
  ASSERT_EQ(Reason(verdict), "DIRECTORY_RIGHT_UNKNOWN");
  EXPECT_EQ(verdict.rejection().facts[1].second, "fly");
}

TEST(DirectoryCheck, IdsMustBeWellFormed) {
  const Directory d = City();
  for (const std::string& id : {std::string("Zhujian"), std::string("住建"), std::string("a b"), std::string(""),
                                std::string("a/b"), std::string(55, 'a')}) {
    EXPECT_EQ(Reason(d.Check({MakeUnit(id, "甲")}, {}, {})), "DIRECTORY_ID_INVALID") << id;
  }
  EXPECT_EQ(Reason(d.Check({MakeUnit(std::string(54, 'a'), "甲")}, {}, {})), "");
  v1::Unit wrong = MakeUnit("a", "甲");
  wrong.set_name("posts/a");
  EXPECT_EQ(Reason(d.Check({wrong}, {}, {})), "DIRECTORY_ID_INVALID");
}

TEST(DirectoryCheck, TitlesAreNeededAndNothingIsPutTwice) {
  const Directory d = City();
  EXPECT_EQ(Reason(d.Check({MakeUnit("a", "")}, {}, {})), "DIRECTORY_TITLE_MISSING");
  EXPECT_EQ(Reason(d.Check({}, {}, {MakePerson("a"), MakePerson("a")})), "DIRECTORY_DUPLICATE");
}

TEST(DirectoryCheck, RelationsJoinTwoThatExistByAWellFormedKind) {
  const Directory d = City();
  const auto check = [&](const v1::Relation& relation) { return Reason(d.Check({}, {}, {}, {relation})); };
  const v1::Relation good = MakeRelation("a", "persons/zhuren", "units/xian", std::string(40, 'k'));
  EXPECT_EQ(check(good), "");
  EXPECT_EQ(check(MakeRelation("A", "persons/zhuren", "units/xian")), "DIRECTORY_ID_INVALID");
  for (const std::string& kind : {std::string(), std::string("Kin"), std::string("亲属"), std::string(41, 'k')}) {
    EXPECT_EQ(check(MakeRelation("a", "persons/zhuren", "units/xian", kind)), "DIRECTORY_KIND_INVALID") << kind;
  }
  EXPECT_EQ(check(MakeRelation("a", "persons/zhuren", "persons/zhuren")), "DIRECTORY_RELATION_TO_ITSELF");
  EXPECT_EQ(check(MakeRelation("a", "persons/nobody", "units/xian")), "DIRECTORY_UNKNOWN_REFERENCE");
  EXPECT_EQ(check(MakeRelation("a", "units/xian", "posts/nobody")), "DIRECTORY_UNKNOWN_REFERENCE");
  EXPECT_EQ(check(MakeRelation("a", "units/xian", "")), "DIRECTORY_UNKNOWN_REFERENCE");
  EXPECT_EQ(Reason(d.Check({}, {}, {}, {good, good})), "DIRECTORY_DUPLICATE");
  EXPECT_EQ(Reason(d.Check({}, {}, {MakePerson("xin")}, {MakeRelation("a", "persons/xin", "units/xian")})), "")
      << "ends may come along";
}

}  // namespace
}  // namespace duban::engine
