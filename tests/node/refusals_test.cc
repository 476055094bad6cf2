// What is asked wrongly and is asked seldom: each refusal of docs/errors.md that no other test meets, by the door at
// which a caller meets it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "engine/base/limits.h"
#include "services/node/marks.h"
#include "tests/node/support/office.h"

namespace duban::node {
namespace {

class Refusals : public testing::Test {
 protected:
  std::string ViewReason(v1::View view, const std::map<std::string, std::string>& labels = {}) {
    v1::QueryViewRequest request;
    request.set_view(view);
    for (const auto& [name, value] : labels) (*request.mutable_filter()->mutable_labels())[name] = value;
    return ReasonOf(office.node().QueryView(kSupervisor, request));
  }

  Office office{{.own_thread = false}};
};

TEST_F(Refusals, AViewIsNamedWithTheLabelsThatItHas) {
  EXPECT_EQ(ViewReason(v1::VIEW_UNSPECIFIED), "VIEW_REQUIRED");
  EXPECT_EQ(ViewReason(static_cast<v1::View>(99)), "VIEW_REQUIRED");
  EXPECT_EQ(ViewReason(v1::VIEW_LEDGER, {{"colour", "red"}}), "UNKNOWN_LABEL");
  EXPECT_EQ(ViewReason(v1::VIEW_TIMELINE), "LABEL_REQUIRED") << "whose";
  EXPECT_EQ(ViewReason(v1::VIEW_LEDGER, {{"light", "red"}}), "");
}

TEST_F(Refusals, AYearIsAskedForWhenItIsThereAndPublishedOnce) {
  v1::GetCalendarYearRequest get;
  get.set_year(2031);
  EXPECT_EQ(ReasonOf(office.node().GetCalendarYear(kSupervisor, get)), "YEAR_NOT_PUBLISHED");
  get.set_year(2026);
  EXPECT_EQ(ReasonOf(office.node().GetCalendarYear(kSupervisor, get)), "");
  v1::PublishCalendarRequest twice;
  for (int time = 0; time < 2; ++time) {
    v1::CalendarYear& year = *twice.add_years();
    year.set_year(2027);
    v1::CalendarDay& off = *year.add_days();
    off.set_date("2027-01-01");
    off.set_type(v1::DAY_TYPE_HOLIDAY);
    off.set_title("元旦");
  }
  twice.set_idempotency_key(office.FreshKey());
  EXPECT_EQ(ReasonOf(office.Call(kOperatorPerson, twice)), "YEAR_TWICE");
  v1::GetBurdenRequest burden;
  for (const int year : {0, -1, 10'000}) {
    burden.set_year(year);
    EXPECT_EQ(ReasonOf(office.node().GetBurden(kSupervisor, burden)), "YEAR_OUT_OF_RANGE") << year;
  }
  burden.set_year(2026);
  EXPECT_EQ(ReasonOf(office.node().GetBurden(kSupervisor, burden)), "");
}

TEST_F(Refusals, TheClockIsSetToATime) {
  v1::AdvanceClockRequest advance;
  advance.set_idempotency_key(office.FreshKey());
  EXPECT_EQ(ReasonOf(office.Call(kOperatorPerson, advance)), "TIME_REQUIRED");
}

TEST_F(Refusals, WhatIsPublishedIsAProcedure) {
  v1::PublishProcedureRequest publish;
  v1::ProcedureFile& file = *publish.add_files();
  file.set_path("common.yaml");
  file.set_text("codes:\n  kinds: {water: {zh: 水}}\n");
  publish.set_idempotency_key(office.FreshKey());
  EXPECT_EQ(ReasonOf(office.Call(kOperatorPerson, publish)), "PROCEDURE_KEY_MISSING");
}

// Wherever it stands in a request: in one text or in the second of several, at the top or within what is within.
TEST(Marks, OfAStateSecretAreFoundInEveryTextOfARequest) {
  const auto field = [](const google::protobuf::Message& request) {
    const engine::Verdict verdict = CheckMarks(request.SerializeAsString(), request);
    return verdict.ok() ? std::string() : verdict.rejection().facts.front().second;
  };
  v1::PutPlanRequest plan;
  plan.mutable_file()->set_text("title: 绝密★");
  EXPECT_EQ(field(plan), "file.text");
  v1::FreezeDrawRequest draw;
  draw.set_title("★星级单位");
  draw.add_not_related_to("units/shuiwu");
  draw.add_not_related_to("机密★10年");
  EXPECT_EQ(field(draw), "not_related_to[1]");
  draw.set_title("秘密★");
  EXPECT_EQ(field(draw), "title") << "the first of them";
  v1::OpenCaseRequest open;
  open.add_fields()->add_values()->set_text("甲");
  open.mutable_fields(0)->add_values()->set_text("机密★20年");
  EXPECT_EQ(field(open), "fields[0].values[1].text");
  open.mutable_fields(0)->mutable_values(1)->set_text("工作秘密★");
  EXPECT_EQ(field(open), "");
}

TEST_F(Refusals, SoManyEntriesOfTheDirectoryComeAtOnce) {
  v1::ApplyDirectoryRequest request;
  for (size_t i = 0; i <= engine::limits::kDirectoryEntriesMax; ++i) {
    v1::Unit& unit = *request.add_units();
    unit.set_name(absl::StrCat("units/u", i));
    unit.set_title(absl::StrCat("单位", i));
    unit.set_code(absl::StrCat("单", i));
  }
  request.set_idempotency_key(office.FreshKey());
  EXPECT_EQ(ReasonOf(office.Call(kOperatorPerson, request)), "TOO_MANY_ENTRIES");
  request.mutable_units()->RemoveLast();
  EXPECT_EQ(ReasonOf(office.Call(kOperatorPerson, request)), "");
}

}  // namespace
}  // namespace duban::node
