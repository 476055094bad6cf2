// Letters on a node: each unit sees its own and no other; numbers have no gaps whatever was refused or only looked at;
// a receipt starts the clocks; a repeated call is answered as the first; all of it follows from the log.
#include <gmock/gmock.h>

#include "engine/base/limits.h"
#include "tests/node/support/cut_store.h"
#include "tests/node/support/office.h"
#include "tests/node/support/viewer.h"

namespace duban::node {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

constexpr char kOrder[] = "rectification/order";

class Documents : public ::testing::Test {
 protected:
  v1::IssueDocumentsRequest Request(const std::vector<std::string>& cases) {
    v1::IssueDocumentsRequest request;
    request.set_template_(kOrder);
    for (const std::string& one : cases) request.add_cases(one);
    if (cases.empty()) request.mutable_filter();
    request.set_idempotency_key(office.FreshKey());
    return request;
  }
  v1::IssueDocumentsResponse Issue(const v1::IssueDocumentsRequest& request) {
    return office.Must<v1::IssueDocumentsResponse>(office.Call(kSupervisor, request));
  }
  v1::ReceiveDocumentRequest Receipt(const std::string& document) {
    v1::ReceiveDocumentRequest request;
    request.set_document(document);
    request.set_idempotency_key(office.FreshKey());
    return request;
  }
  Reply<v1::GetDocumentResponse> Get(const std::string& viewer, const std::string& document) {
    v1::GetDocumentRequest request;
    request.set_document(document);
    return office.node().GetDocument(viewer, request);
  }
  std::vector<std::string> Listed(const std::string& viewer, v1::ListDocumentsRequest request = {}) {
    std::vector<std::string> numbers;
    const v1::ListDocumentsResponse page = office.MustRead(office.node().ListDocuments(viewer, request));
    for (const v1::DocumentRow& row : page.documents()) numbers.push_back(row.number());
    request.set_page_size(1);
    const v1::ListDocumentsResponse first = office.MustRead(office.node().ListDocuments(viewer, request));
    EXPECT_EQ(first.total_size(), static_cast<int64_t>(numbers.size()));
    return numbers;
  }

  Office office{{.own_thread = false}};
};

TEST_F(Documents, EachUnitSeesItsOwnAndNoOther) {
  const std::string housing = office.Open("units/zhujian", "裸土未覆盖").case_();
  const std::string water = office.Open("units/shuiwu", "排口溢流").case_();
  const v1::IssueDocumentsResponse issued = Issue(Request({housing, water}));
  ASSERT_EQ(issued.documents_size(), 2);
  const v1::Document& to_water = issued.documents(0);
  const v1::Document& to_housing = issued.documents(1);
  EXPECT_EQ(to_water.issued().to(), "units/shuiwu");
  EXPECT_EQ(to_water.issued().number(), "督查交〔2026〕1号");
  EXPECT_EQ(to_housing.issued().number(), "督查交〔2026〕2号");

  EXPECT_THAT(Listed(kSupervisor), ElementsAre("督查交〔2026〕2号", "督查交〔2026〕1号"));
  EXPECT_THAT(Listed(kAuditor), SizeIs(2));
  EXPECT_THAT(Listed(kHousing), ElementsAre("督查交〔2026〕2号"));
  EXPECT_THAT(Listed(kWater), ElementsAre("督查交〔2026〕1号"));
  EXPECT_EQ(office.MustRead(Get(kHousing, to_housing.name())).document().SerializeAsString(),
            to_housing.SerializeAsString());
  EXPECT_EQ(office.MustRead(Get(kHousing, "督查交〔2026〕2号")).document().name(), to_housing.name());
  // Hidden and absent are answered alike: by name, by number, by stream, by what one may do.
  EXPECT_EQ(ReasonOf(Get(kHousing, to_water.name())), "DOCUMENT_NOT_FOUND");
  EXPECT_EQ(ReasonOf(Get(kHousing, "督查交〔2026〕1号")), "DOCUMENT_NOT_FOUND");
  EXPECT_EQ(ReasonOf(Get(kHousing, "督查交〔2026〕9号")), "DOCUMENT_NOT_FOUND");
  EXPECT_EQ(ReasonOf(office.Call(kHousing, Receipt("督查交〔2026〕1号"))), "DOCUMENT_NOT_FOUND");
  v1::ReadEventsRequest events;
  events.set_stream(to_water.name());
  EXPECT_EQ(ReasonOf(office.node().ReadEvents(kHousing, events)), "STREAM_NOT_FOUND");
  for (const v1::EventRecord& record : office.Events(kHousing)) {
    EXPECT_NE(record.event().document_issued().to(), "units/shuiwu");
    EXPECT_NE(record.event().document_filed().to(), "units/shuiwu");
  }
  v1::ListDocumentsRequest others;
  others.set_to("units/shuiwu");
  EXPECT_THAT(Listed(kHousing, others), IsEmpty());
}

// Whoever helps sees the case, and not the letter to the unit that answers for it.
TEST_F(Documents, AreShownWithACaseToThoseWhoSeeThem) {
  v1::OpenCaseRequest order = office.Order("units/zhujian", "裸土未覆盖");
  Office::Bind(order, "helpers", "units/shuiwu");
  const std::string name = office.Must<v1::OpenCaseResponse>(office.Call(kSupervisor, order)).case_();
  Issue(Request({name}));
  EXPECT_THAT(office.Show(kHousing, name).documents(), SizeIs(1));
  EXPECT_THAT(office.Show(kSupervisor, name).documents(), SizeIs(1));
  EXPECT_THAT(office.Show(kAuditor, name).documents(), SizeIs(1));
  EXPECT_THAT(office.Show(kWater, name).documents(), IsEmpty());
  const auto told = [&](const std::string& viewer) {
    int lines = 0;
    v1::QueryViewRequest timeline;
    timeline.set_view(v1::VIEW_TIMELINE);
    *timeline.mutable_filter() = Where("case", name);
    const v1::QueryViewResponse page = office.MustRead(office.node().QueryView(viewer, timeline));
    for (const v1::ViewRow& row : page.rows()) {
      lines += row.entry().kind() == "document" ? 1 : 0;
    }
    int filed = 0;
    for (const v1::EventRecord& record : office.Events(viewer, name)) filed += record.event().has_document_filed();
    EXPECT_EQ(lines, filed) << viewer;
    return lines;
  };
  EXPECT_EQ(told(kHousing), 1);
  EXPECT_EQ(told(kWater), 0);
}

TEST_F(Documents, NumbersHaveNoGapsWhateverIsRefusedOrOnlyLookedAt) {
  const std::string first = office.Open("units/zhujian", "裸土未覆盖").case_();
  v1::IssueDocumentsRequest preview = Request({first});
  preview.set_validate_only(true);
  const v1::IssueDocumentsResponse looked = Issue(preview);
  EXPECT_EQ(looked.documents(0).issued().number(), "督查交〔2026〕1号");
  EXPECT_EQ(looked.documents(0).name(), "");
  EXPECT_EQ(looked.position(), "");
  EXPECT_THAT(Listed(kSupervisor), IsEmpty());
  EXPECT_EQ(ReasonOf(office.Call(kHousing, Request({first}))), "NOT_YOUR_PART");
  EXPECT_EQ(ReasonOf(office.Call(kSupervisor, Request({first, "cases/nothing"}))), "CASE_NOT_FOUND");

  // What was looked at is what is issued: the same words under the same number.
  const v1::IssueDocumentsResponse issued = Issue(Request({first}));
  v1::DocumentIssued said = issued.documents(0).issued(), expected = looked.documents(0).issued();
  said.clear_document();
  EXPECT_EQ(said.SerializeAsString(), expected.SerializeAsString());
  EXPECT_EQ(ReasonOf(office.Call(kSupervisor, Request({first}))), "DOCUMENT_ISSUED");
  const std::string second = office.Open("units/shuiwu", "排口溢流").case_();
  EXPECT_EQ(Issue(Request({second})).documents(0).issued().number(), "督查交〔2026〕2号");
}

TEST_F(Documents, AFilterMeansWhatMayStandInALetterNow) {
  const std::string gone = office.Open("units/zhujian", "已签收的").case_();
  office.Act(kHousing, gone, "acknowledge");
  const std::string issued = office.Open("units/zhujian", "已发过的").case_();
  Issue(Request({issued}));
  office.Open("units/zhujian", "裸土未覆盖");
  office.Open("units/shuiwu", "排口溢流");
  v1::IssueDocumentsRequest to_water = Request({});
  to_water.mutable_filter()->set_party("units/shuiwu");
  EXPECT_THAT(Issue(to_water).documents(), SizeIs(1));
  const v1::IssueDocumentsResponse rest = Issue(Request({}));
  ASSERT_THAT(rest.documents(), SizeIs(1));
  EXPECT_EQ(rest.documents(0).issued().to(), "units/zhujian");
  EXPECT_EQ(rest.documents(0).issued().cases_size(), 1);
  EXPECT_EQ(ReasonOf(office.Call(kSupervisor, Request({}))), "DOCUMENT_NO_CASES");
  // Who acts for no issuer finds nothing to issue.
  EXPECT_EQ(ReasonOf(office.Call(kHousing, Request({}))), "DOCUMENT_NO_CASES");
}

TEST_F(Documents, AReceiptAcknowledgesAllAndStartsTheClocks) {
  const std::string first = office.Open("units/zhujian", "裸土未覆盖", "2026-10-30").case_();
  const std::string second = office.Open("units/zhujian", "围挡破损", "2026-10-30").case_();
  const std::string document = Issue(Request({first, second})).documents(0).name();
  office.Advance(At("2026-09-02 10:00"));
  v1::ListDocumentsRequest waiting;
  waiting.set_unreceived(true);
  EXPECT_THAT(Listed(kHousing, waiting), SizeIs(1));
  EXPECT_EQ(ReasonOf(office.Call(kSupervisor, Receipt(document))), "NOT_ADDRESSEE");

  const v1::ReceiveDocumentRequest receipt = Receipt(document);
  const auto received = office.Must<v1::ReceiveDocumentResponse>(office.Call(kHousing, receipt));

  EXPECT_EQ(received.document().received().person(), kHousing);
  EXPECT_THAT(received.document().received().left(), IsEmpty());
  for (const std::string& name : {first, second}) {
    const v1::Case shown = office.Show(kHousing, name);
    EXPECT_EQ(shown.stage(), "rectifying");
    bool runs = false;
    for (const v1::CaseClock& clock : shown.clocks()) {
      if (clock.clock() != "rectify") continue;
      runs = clock.state() == v1::CaseClock::STATE_RUNNING;
      EXPECT_EQ(engine::FromProto(clock.from()), At("2026-09-02 10:00"));
    }
    EXPECT_TRUE(runs);
  }
  EXPECT_THAT(Listed(kHousing, waiting), IsEmpty());
  EXPECT_EQ(ReasonOf(office.Call(kHousing, Receipt(document))), "DOCUMENT_RECEIVED");
  const auto again = office.Must<v1::ReceiveDocumentResponse>(office.Call(kHousing, receipt));
  EXPECT_TRUE(again.repeated_call());
  EXPECT_EQ(again.document().SerializeAsString(), received.document().SerializeAsString());
  // One commit: the receipt and what followed from it.
  std::set<uint64_t> positions;
  for (const v1::EventRecord& record : office.Events(kAuditor)) {
    if (record.command() == "ReceiveDocument") positions.insert(record.log_position());
  }
  EXPECT_THAT(positions, SizeIs(1));
}

TEST_F(Documents, WhatHasGoneOnIsLeftAndNamed) {
  const std::string first = office.Open("units/zhujian", "裸土未覆盖").case_();
  const std::string second = office.Open("units/zhujian", "围挡破损").case_();
  const std::string document = Issue(Request({first, second})).documents(0).name();
  office.Act(kHousing, first, "acknowledge");
  const auto received = office.Must<v1::ReceiveDocumentResponse>(office.Call(kHousing, Receipt(document)));
  ASSERT_THAT(received.document().received().left(), SizeIs(1));
  EXPECT_EQ(received.document().received().left(0).case_(), first);
  EXPECT_EQ(received.document().received().left(0).reason(), "WRONG_STAGE");
  EXPECT_EQ(office.Show(kHousing, second).stage(), "rectifying");
}

// A campaign of eight hundred problems goes out in one request; what is more is refused, not left out in silence.
TEST_F(Documents, OneRequestMeansNoMoreCasesThanItsBound) {
  static_assert(engine::limits::kLettersCasesMax >= 800);
  const std::string one = office.Open("units/zhujian", "裸土未覆盖").case_();
  const std::vector<std::string> named(engine::limits::kLettersCasesMax + 1, one);
  const auto refused = office.Call(kSupervisor, Request(named));
  ASSERT_TRUE(std::holds_alternative<engine::Rejection>(refused));
  EXPECT_EQ(std::get<engine::Rejection>(refused).reason, "DOCUMENT_CASES");
  EXPECT_THAT(std::get<engine::Rejection>(refused).message.zh(), HasSubstr("事项有 1001 件，一次最多 1000 件"));
  EXPECT_THAT(Issue(Request({one})).documents(), SizeIs(1));
}

TEST_F(Documents, PaperThatCameInEarlierIsTypedLaterWithAReason) {
  const std::string name = office.Open("units/zhujian", "裸土未覆盖", "2026-10-30").case_();
  const std::string document = Issue(Request({name})).documents(0).name();
  office.Advance(At("2026-09-04 10:00"));
  v1::ReceiveDocumentRequest receipt = Receipt(document);
  receipt.set_entered_for(kHousing);
  *receipt.mutable_occurred_at() = engine::ToProto(At("2026-09-02 09:00"));
  EXPECT_EQ(ReasonOf(office.Call(kSupervisor, receipt)), "RIGHT_REQUIRED");
  v1::ApplyDirectoryRequest directory;
  directory.set_idempotency_key("clerk");
  v1::Post& post = *directory.add_posts();
  post.set_name("posts/luru");
  post.set_title("录入岗");
  post.set_unit("units/ducha");
  post.add_holders(kSupervisor);
  post.add_rights("enter");
  office.Must<v1::ApplyDirectoryResponse>(office.Call(kOperatorPerson, directory));
  receipt.set_reason("纸质回执");
  const auto received = office.Must<v1::ReceiveDocumentResponse>(office.Call(kSupervisor, receipt));
  EXPECT_EQ(received.document().received().person(), kHousing);
  EXPECT_EQ(received.document().received().entered_by(), kSupervisor);
  const v1::Case shown = office.Show(kHousing, name);
  for (const v1::CaseClock& clock : shown.clocks()) {
    if (clock.clock() != "rectify") continue;
    EXPECT_EQ(engine::FromProto(clock.from()), At("2026-09-02 09:00"));
  }
}

TEST_F(Documents, ARepeatedCallIsAnsweredAsTheFirst) {
  const std::string name = office.Open("units/zhujian", "裸土未覆盖").case_();
  v1::IssueDocumentsRequest request = Request({});
  const v1::IssueDocumentsResponse first = Issue(request);
  office.Must<v1::ReceiveDocumentResponse>(office.Call(kHousing, Receipt(first.documents(0).name())));
  v1::IssueDocumentsResponse again = Issue(request);
  EXPECT_TRUE(again.repeated_call());
  again.clear_repeated_call();
  EXPECT_EQ(again.SerializeAsString(), first.SerializeAsString());
  request.add_cases(name);
  EXPECT_EQ(ReasonOf(office.Call(kSupervisor, request)), "KEY_REUSED");
}

TEST_F(Documents, FollowFromTheLogAlone) {
  const std::string first = office.Open("units/zhujian", "裸土未覆盖", "2026-10-30").case_();
  const std::string second = office.Open("units/shuiwu", "排口溢流").case_();
  const v1::IssueDocumentsResponse issued = Issue(Request({first, second}));
  Viewer viewer(office, kHousing, v1::VIEW_DOCUMENTS);
  viewer.Connect();
  viewer.Rest();
  office.Must<v1::ReceiveDocumentResponse>(office.Call(kHousing, Receipt(issued.documents(1).name())));
  viewer.Rest();
  ExpectDerived(office.store());
  const v1::Document before = office.MustRead(Get(kHousing, issued.documents(1).name())).document();
  viewer.Cut();
  office.Restart();
  EXPECT_EQ(office.MustRead(Get(kHousing, issued.documents(1).name())).document().SerializeAsString(),
            before.SerializeAsString());
  EXPECT_EQ(Issue(Request({office.Open("units/shuiwu", "又一处").case_()})).documents(0).issued().sequence(), 3u);
}

TEST_F(Documents, WhatIsWrongIsSaid) {
  const std::string name = office.Open("units/zhujian", "裸土未覆盖").case_();
  v1::IssueDocumentsRequest unknown = Request({name});
  unknown.set_template_("rectification/nothing");
  EXPECT_EQ(ReasonOf(office.Call(kSupervisor, unknown)), "TEMPLATE_NOT_FOUND");
  EXPECT_EQ(ReasonOf(office.Call(kSupervisor, Request({name, name}))), "DOCUMENT_SELECTION");
  v1::IssueDocumentsRequest both = Request({name});
  both.mutable_filter();
  EXPECT_EQ(ReasonOf(office.Call(kSupervisor, both)), "DOCUMENT_SELECTION");
  v1::OpenCaseRequest task;
  task.set_procedure("task");
  task.set_idempotency_key(office.FreshKey());
  Office::Bind(task, "lead", "units/zhujian");
  Office::SetField(task.mutable_fields(), "task")->set_text("清淤");
  const auto other = office.Must<v1::OpenCaseResponse>(office.Call(kSupervisor, task));
  EXPECT_EQ(ReasonOf(office.Call(kSupervisor, Request({other.case_()}))), "DOCUMENT_OTHER_PROCEDURE");
}

}  // namespace
}  // namespace duban::node
