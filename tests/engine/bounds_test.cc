// What one case may hold, and what is said at each bound.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "engine/base/limits.h"
#include "tests/engine/support/desk.h"

namespace duban::engine {
namespace {

using ::testing::IsEmpty;

constexpr char kIssuer[] = "persons/duchayi-kezhang";
constexpr char kOwner[] = "persons/zhujian-jingban";

// A stage in which more may be asked for than may wait at once.
std::string Asking() {
  std::string text = R"yaml(
procedure: asking
title: {zh: 请示}
may_open: [issuer]
parties:
  issuer:  {kind: unit, title: {zh: 交办单位}}
  owners:  {kind: unit, many: true, title: {zh: 责任单位}}
  helpers: {kind: unit, many: true, optional: true, title: {zh: 协办单位}}
stages:
  open:
    title: {zh: 办理}
    no_deadline: 试验
    actions:
      finish: {title: {zh: 办结}, by: issuer, to: done}
)yaml";
  for (size_t i = 0; i <= limits::kRequestsOpenMax; ++i) {
    absl::StrAppend(&text, "      ask_", i, ": {title: {zh: 请示", i, "}, by: owners, approved_by: issuer}\n");
  }
  return absl::StrCat(text, "  done: {title: {zh: 已办结}, end: done}\n");
}

class BoundsTest : public testing::Test {
 protected:
  BoundsTest() : desk(std::vector<SourceFile>{{"asking.yaml", Asking()}}) {
    EXPECT_THAT(desk.errors(), IsEmpty());
    request.set_procedure("asking");
  }
  void Bind(const std::string& party, const std::string& unit) {
    if (request.parties().empty() || request.parties().rbegin()->party() != party)
      request.add_parties()->set_party(party);
    request.mutable_parties()->rbegin()->add_ids(unit);
  }
  void GivenACase() {
    Bind("owners", "units/zhujian");
    ASSERT_FALSE(desk.Open("case", kIssuer, request).refused);
  }
  Happened Attach(size_t files) {
    v1::ActOnCaseRequest attach;
    attach.set_action("attach");
    for (size_t i = 0; i < files; ++i) attach.add_files(absl::StrCat("sha256:", std::string(64, 'a')));
    return desk.Act("case", kOwner, attach);
  }

  Desk desk;
  v1::OpenCaseRequest request;
};

TEST_F(BoundsTest, NoMoreTakePartThanFitIntoAnAudience) {
  for (size_t i = 0; i < 2 * limits::kIdsPerPartyMax; ++i) {
    v1::Event event;
    v1::Unit& unit = *event.mutable_unit_put()->mutable_unit();
    unit.set_name(absl::StrCat("units/u", i));
    unit.set_title(absl::StrCat("第", i, "单位"));
    desk.directory().Evolve(event);
    Bind(i < limits::kIdsPerPartyMax ? "owners" : "helpers", unit.name());
  }
  EXPECT_EQ(desk.Open("case", kIssuer, request).reason, "TOO_MANY_PARTIES");
  request.mutable_parties()->RemoveLast();
  EXPECT_FALSE(desk.Open("case", kIssuer, request).refused);
}

TEST_F(BoundsTest, NoMoreIsAskedForThanSomebodyDecides) {
  GivenACase();
  for (size_t i = 0; i < limits::kRequestsOpenMax; ++i) {
    ASSERT_FALSE(desk.Act("case", kOwner, absl::StrCat("ask_", i)).refused);
  }
  const std::string last = absl::StrCat("ask_", limits::kRequestsOpenMax);
  EXPECT_EQ(desk.Act("case", kOwner, last).reason, "TOO_MANY_REQUESTS");
  ASSERT_FALSE(desk.Act("case", kIssuer, "approve_ask_0").refused);
  EXPECT_FALSE(desk.Act("case", kOwner, last).refused);
}

TEST_F(BoundsTest, NoMoreIsLeftWithACaseThanPeopleFindAgain) {
  GivenACase();
  for (int left = 0; left < limits::kAttachmentsMax; left += 50) {
    ASSERT_FALSE(Attach(50).refused) << left;
  }
  EXPECT_EQ(Attach(1).reason, "TOO_MANY_ATTACHMENTS");
}

}  // namespace
}  // namespace duban::engine
