// Reports about a period: figures with both their counts, lists as they stood at its end, changes by their names; fixed
// when issued, whatever happens later; seen by those who issue and get them.
#include <gmock/gmock.h>

#include "absl/strings/str_join.h"
#include "services/node/limits.h"
#include "tests/node/support/cut_store.h"
#include "tests/node/support/office.h"

namespace duban::node {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kFigures[] = R"yaml(
registers: {black: {title: 黑榜, kind: unit}}
metrics:
  on_time: {title: 按期办结率, above: [ended, {end: done}, dated, on_time], below: [ended, {end: done}, dated]}
reports:
  monthly:
    title: 月报
    number: "{from}报〔{year}〕{seq}号"
    heading: 关于{period}情况的报告
    text:
      - "{from}{first}至{last}，{number}"
      - {figures: on_time, compare: [mom, yoy], title: 主要指标}
      - {units: on_time, compare: mom}
      - {heading: 逾期事项}
      - {overdue: all}
      - {register: black}
)yaml";

class PeriodReports : public ::testing::Test {
 protected:
  PeriodReports() {
    v1::PublishProcedureRequest publish;
    publish.set_idempotency_key("figures");
    v1::ProcedureFile& file = *publish.add_files();
    file.set_path("figures.yaml");
    file.set_text(kFigures);
    office.Must<v1::PublishProcedureResponse>(office.Call(kOperatorPerson, publish));
  }
  std::string Task(const std::string& lead, const std::string& what, const std::string& due) {
    v1::OpenCaseRequest request;
    request.set_procedure("task");
    request.set_idempotency_key(office.FreshKey());
    Office::Bind(request, "lead", lead);
    Office::SetField(request.mutable_fields(), "task")->set_text(what);
    Office::SetField(request.mutable_fields(), "due")->set_date(due);
    const std::string name = office.Must<v1::OpenCaseResponse>(office.Call(kSupervisor, request)).case_();
    office.Act(lead == "units/zhujian" ? kHousing : kWater, name, "acknowledge");
    return name;
  }
  void Finish(const std::string& person, const std::string& name) {
    v1::ActOnCaseRequest request = office.Action(name, "finish");
    Office::SetField(request.mutable_fields(), "result")->set_text("已完成");
    office.Must<v1::ActOnCaseResponse>(office.Call(person, request));
    office.Act(kSupervisor, name, "confirm");
  }
  v1::IssueDocumentsRequest Request(const std::string& period) {
    v1::IssueDocumentsRequest request;
    request.set_template_("monthly");
    request.set_period(period);
    request.set_idempotency_key(office.FreshKey());
    return request;
  }
  v1::Document Issue(const std::string& period) {
    return office.Must<v1::IssueDocumentsResponse>(office.Call(kSupervisor, Request(period))).documents(0);
  }
  static std::vector<std::string> RowsOf(const v1::DocumentTable& table) {
    std::vector<std::string> out;
    for (const v1::DocumentTableRow& row : table.rows()) out.push_back(absl::StrJoin(row.cells(), " "));
    return out;
  }
  // September: one ended on time, one late. October: one ended on time, one overdue at its end.
  void TwoMonths() {
    const std::string first = Task("units/shuiwu", "清淤", "2026-09-18");
    const std::string second = Task("units/zhujian", "围挡", "2026-09-18");
    office.Advance(At("2026-09-10 09:00"));
    Finish(kWater, first);
    office.Advance(At("2026-09-28 09:00"));
    Finish(kHousing, second);
    office.Advance(At("2026-10-09 09:00"));
    const std::string third = Task("units/shuiwu", "泵站", "2026-10-20");
    late = Task("units/zhujian", "雨污分流", "2026-10-23");
    office.Advance(At("2026-10-15 09:00"));
    Finish(kWater, third);
    office.Advance(At("2026-11-02 09:00"));
  }

  Office office{{.own_thread = false}};
  std::string late;
};

TEST_F(PeriodReports, SayFiguresWithBothCountsAndTheirChanges) {
  TwoMonths();
  const v1::DocumentIssued report = Issue("2026-10").issued();
  EXPECT_EQ(report.number(), "督查报〔2026〕1号");
  EXPECT_EQ(report.title(), "关于2026年10月情况的报告");
  EXPECT_EQ(report.period(), "2026-10");
  ASSERT_EQ(report.blocks_size(), 7);
  EXPECT_EQ(report.blocks(0).paragraph(), "督查室2026年10月1日至2026年10月31日，督查报〔2026〕1号");
  const v1::DocumentTable& figures = report.blocks(1).table();
  EXPECT_EQ(figures.caption(), "主要指标");
  EXPECT_THAT(figures.columns(),
              ElementsAre("指标", "分子", "分母", "率", "上期", "环比（百分点）", "上年同期", "同比（百分点）"));
  EXPECT_THAT(RowsOf(figures), ElementsAre("按期办结率 1 1 100.00% 1/2（50.00%） +50.00 0/0（—） —"));
  EXPECT_THAT(RowsOf(report.blocks(2).table()),
              ::testing::UnorderedElementsAre("按期办结率 水务局 1 1 100.00% 1/1（100.00%） 0.00",
                                              "按期办结率 住房和城乡建设局 0 0 — 0/1（0.00%） —"));
  EXPECT_EQ(report.blocks(3).heading().text(), "逾期事项");
  ASSERT_THAT(RowsOf(report.blocks(4).table()), SizeIs(1));
  EXPECT_THAT(RowsOf(report.blocks(4).table())[0], HasSubstr("雨污分流 住房和城乡建设局 2026年10月23日"));
  EXPECT_EQ(report.blocks(5).paragraph(), "无。");
  EXPECT_THAT(report.blocks(6).paragraph(), HasSubstr("只计发文人可以查看的事项"));
}

TEST_F(PeriodReports, ListsAreThoseOfThePeriodsEnd) {
  TwoMonths();
  Finish(kHousing, late);
  // Of October the matter was overdue at the end; of November, so far, it is not.
  EXPECT_THAT(RowsOf(Issue("2026-10").issued().blocks(4).table()), SizeIs(1));
  EXPECT_EQ(Issue("2026-11").issued().blocks(4).paragraph(), "无。");
}

TEST_F(PeriodReports, AreFixedWhenIssuedAndNumberedInARow) {
  TwoMonths();
  v1::IssueDocumentsRequest preview = Request("2026-10");
  preview.set_validate_only(true);
  office.Must<v1::IssueDocumentsResponse>(office.Call(kSupervisor, preview));
  const v1::Document issued = Issue("2026-10");
  Finish(kHousing, late);
  v1::GetDocumentRequest get;
  get.set_document(issued.issued().number());
  EXPECT_EQ(office.MustRead(office.node().GetDocument(kAuditor, get)).document().SerializeAsString(),
            issued.SerializeAsString());
  EXPECT_EQ(Issue("2026-10").issued().number(), "督查报〔2026〕2号");
  // Sent to nobody: no business of the bureaus, and nobody's to take in.
  EXPECT_EQ(ReasonOf(office.node().GetDocument(kHousing, get)), "DOCUMENT_NOT_FOUND");
  v1::ReceiveDocumentRequest receipt;
  receipt.set_document(issued.name());
  receipt.set_idempotency_key(office.FreshKey());
  EXPECT_EQ(ReasonOf(office.Call(kSupervisor, receipt)), "NOT_ADDRESSEE");
  ExpectDerived(office.store());
}

TEST_F(PeriodReports, OneThatIsSentIsReadAndTakenInThere) {
  TwoMonths();
  v1::IssueDocumentsRequest request = Request("2026-10");
  request.set_to("units/shuiwu");
  const v1::Document sent = office.Must<v1::IssueDocumentsResponse>(office.Call(kSupervisor, request)).documents(0);
  v1::GetDocumentRequest get;
  get.set_document(sent.name());
  EXPECT_EQ(office.MustRead(office.node().GetDocument(kWater, get)).document().issued().to_title(), "水务局");
  v1::ReceiveDocumentRequest receipt;
  receipt.set_document(sent.name());
  receipt.set_idempotency_key(office.FreshKey());
  const auto received = office.Must<v1::ReceiveDocumentResponse>(office.Call(kWater, receipt));
  EXPECT_EQ(received.document().received().person(), kWater);
  EXPECT_THAT(received.document().received().left(), IsEmpty());
}

// A list is whole or it is refused: nobody reads the first five hundred for all.
TEST_F(PeriodReports, ATableHoldsSoManyRowsAndNoReportShowsAPartOfThem) {
  constexpr int kUnits = limits::kReportRowsMax / 2;
  v1::ApplyDirectoryRequest directory;
  directory.set_idempotency_key("departments");
  for (int i = 0; i < kUnits; ++i) {
    v1::Unit& unit = *directory.add_units();
    unit.set_name(absl::StrCat("units/bumen", i));
    unit.set_title(absl::StrCat("部门", i));
    unit.set_code(absl::StrCat("部", i));
  }
  office.Must<v1::ApplyDirectoryResponse>(office.Call(kOperatorPerson, directory));
  v1::OpenCaseRequest open;
  open.set_procedure("task");
  open.set_idempotency_key(office.FreshKey());
  Office::Bind(open, "lead", "units/zhujian");
  Office::SetField(open.mutable_fields(), "task")->set_text("自查");
  const std::string whole = office.Must<v1::OpenCaseResponse>(office.Call(kSupervisor, open)).case_();
  office.Act(kHousing, whole, "acknowledge");  // Without a day by which it is due it is never overdue.
  for (int twice = 0; twice < 2; ++twice) {
    v1::ActOnCaseRequest divide = office.Action(whole, "divide");
    v1::FieldValue& units = *divide.add_fields();
    units.set_field("units");
    for (const v1::Unit& unit : directory.units()) units.add_values()->set_reference(unit.name());
    office.Must<v1::ActOnCaseResponse>(office.Call(kSupervisor, divide));
  }
  // Given as many overdue as a table holds: nobody has acknowledged.
  office.Advance(At("2026-09-10 09:00"));
  const v1::Document full = Issue("2026-09");
  EXPECT_EQ(full.issued().blocks(4).table().rows_size(), limits::kReportRowsMax);
  // When there is one more.
  Task("units/shuiwu", "清淤", "2026-09-14");
  office.Advance(At("2026-09-15 09:00"));
  EXPECT_EQ(ReasonOf(office.Call(kSupervisor, Request("2026-09"))), "REPORT_ROWS");
}

TEST_F(PeriodReports, WhatIsWrongIsSaid) {
  EXPECT_EQ(ReasonOf(office.Call(kSupervisor, Request("十月"))), "PERIOD_INVALID");
  // Free dates have no period before them, and the template compares with one.
  EXPECT_EQ(ReasonOf(office.Call(kSupervisor, Request("2026-09-03..2026-09-05"))), "COMPARISON_INVALID");
  EXPECT_EQ(ReasonOf(office.Call(kHousing, Request("2026-09"))), "RIGHT_REQUIRED");
  v1::IssueDocumentsRequest request = Request("2026-09");
  request.set_to("units/ducha");
  EXPECT_EQ(ReasonOf(office.Call(kSupervisor, request)), "REPORT_TO");
  request = Request("2026-09");
  request.set_from("units/shuiwu");
  EXPECT_EQ(ReasonOf(office.Call(kSupervisor, request)), "RIGHT_REQUIRED");
  request = Request("2026-09");
  request.add_cases("cases/a");
  EXPECT_EQ(ReasonOf(office.Call(kSupervisor, request)), "DOCUMENT_SELECTION");
  v1::ApplyDirectoryRequest directory;
  directory.set_idempotency_key("two");
  v1::Post& post = *directory.add_posts();
  post.set_name("posts/second");
  post.set_title("兼任");
  post.set_unit("units/shenji");
  post.add_holders(kSupervisor);
  post.add_rights("issue");
  office.Must<v1::ApplyDirectoryResponse>(office.Call(kOperatorPerson, directory));
  EXPECT_EQ(ReasonOf(office.Call(kSupervisor, Request("2026-09"))), "REPORT_FROM");
}

}  // namespace
}  // namespace duban::node
