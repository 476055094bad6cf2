// A late order on a real server with the shipped procedures: urged, talked to, circulated, and what goes beyond the
// office's competence handed over with a receipt. Who sees what, at each step.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "google/protobuf/text_format.h"
#include "tests/e2e/support/city.h"

namespace duban::e2e {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

constexpr char kCompetent[] = "persons/jijian-jingban";

class Accountability : public testing::Test {
 protected:
  Accountability() {
    v1::ApplyDirectoryRequest directory;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(R"(
        units { name: "units/jijian" title: "市纪检监察机关" code: "纪检" }
        persons { name: "persons/jijian-jingban" title: "案管岗" }
        posts { name: "posts/jijian-anguan" title: "案管岗" unit: "units/jijian" holders: "persons/jijian-jingban" })",
                                                              &directory));
    EXPECT_TRUE(city.As(kOperator).Call(directory).ok());
  }

  std::vector<std::string> Inbox(const std::string& person) {
    const auto page = city.As(person).Call(v1::ListWorklistRequest());
    std::vector<std::string> actions;
    if (!page.ok()) ADD_FAILURE() << page.error().message.en();
    for (const v1::WorklistItem& item : page->items()) {
      for (const auto& action : item.actions()) actions.push_back(action.action());
    }
    return actions;
  }
  std::vector<v1::RegisterEntry> Listed(const std::string& person) {
    v1::QueryViewRequest request;
    request.set_view(v1::VIEW_REGISTERS);
    (*request.mutable_filter()->mutable_labels())["register"] = "negative_list";
    const auto page = city.As(person).Call(request);
    std::vector<v1::RegisterEntry> entries;
    if (!page.ok()) ADD_FAILURE() << page.error().message.en();
    for (const v1::ViewRow& row : page->rows()) entries.push_back(row.register_());
    return entries;
  }
  // The newest case of a procedure that the person sees; empty when none.
  std::string Find(const std::string& person, const std::string& procedure) {
    for (const v1::LedgerRow& row : city.Ledger(person)) {
      if (row.procedure() == procedure) return row.case_();
    }
    return "";
  }
  std::string Reason(const std::string& person, const std::string& name) {
    v1::GetCaseRequest request;
    request.set_case_(name);
    const auto answer = city.As(person).Call(request);
    return answer.ok() ? "" : answer.error().reason;
  }
  static std::vector<std::string> Shown(const v1::Case& c) {
    std::vector<std::string> fields;
    for (const v1::CaseField& field : c.fields()) {
      if (!field.masked()) fields.push_back(field.field());
    }
    return fields;
  }

  City city;
};

TEST_F(Accountability, TheLadderSuggestsAndTheHeadDecides) {
  const std::string order = city.Open("units/zhujian", "裸土未覆盖", "2026-09-18");
  ASSERT_EQ(city.Act(kOwner, order, "acknowledge"), "");
  // Five working days late (the Mid-Autumn day is no working day): a talk is suggested.
  city.At("2026-10-01 09:00");
  EXPECT_THAT(Inbox(kIssuerHead), Contains("approve_talk"));
  EXPECT_THAT(Inbox(kIssuer), Not(Contains("approve_talk")));
  EXPECT_THAT(city.Case(kOwner, order).suggestions(), IsEmpty());
  EXPECT_EQ(city.Case(kIssuer, order).suggestions_size(), 1) << "the issuing office is told";
  EXPECT_EQ(city.Act(kOwnerHead, order, "refuse_talk", {}, "不必"), "NOT_YOUR_PART");
  ASSERT_EQ(city.Act(kIssuerHead, order, "approve_talk", {}, "首次逾期"), "");

  // The talk runs between the two units to its end.
  const std::string talk = Find(kOwner, "talk");
  ASSERT_NE(talk, "");
  EXPECT_EQ(city.Case(kOwner, talk).parent(), order);
  v1::ActOnCaseRequest notify;
  notify.set_case_(talk);
  notify.set_action("notify");
  notify.set_idempotency_key("notify");
  v1::FieldValue& form = *notify.add_fields();
  form.set_field("form");
  form.add_values()->set_choice("reminder");
  *notify.add_fields() = FieldOf("meeting", "2026-10-09");
  ASSERT_TRUE(city.As(kIssuer).Call(notify).ok());
  ASSERT_EQ(city.Act(kOwner, talk, "confirm"), "");
  ASSERT_EQ(city.Act(kIssuer, talk, "hold", {{"minutes", "要求十月底前完成"}}), "");
  ASSERT_EQ(city.Act(kOwner, talk, "commit", {{"commitments", "每日上报进度"}}), "");
  ASSERT_EQ(city.Act(kIssuer, talk, "accept"), "");
  EXPECT_EQ(city.Case(kOwner, talk).end_kind(), v1::END_KIND_DONE);

  // Ten working days late: circulated and listed, for a year, with the reason that the listed can read.
  city.At("2026-10-20 09:00");
  EXPECT_THAT(Listed(kOwner), IsEmpty());
  ASSERT_EQ(city.Act(kIssuerHead, order, "approve_circulate", {}, "谈话后仍未整改"), "");
  ASSERT_EQ(Listed(kOwner).size(), 1u);
  EXPECT_EQ(Listed(kOwner)[0].reason().zh(), "整改时限逾期，通报：谈话后仍未整改");
  EXPECT_EQ(Listed(kOwner)[0].until().seconds(), LocalTime("2027-10-20 23:59").seconds() + 59);
  EXPECT_THAT(Listed(kOther), IsEmpty());

  // Closed at last: what waits is overtaken, what was decided stands.
  city.At("2026-11-05 09:00");
  EXPECT_THAT(Inbox(kIssuerHead), Contains("approve_interview"));
  ASSERT_EQ(city.Act(kOwner, order, "submit",
                     {{"result", "已覆盖"},
                      {"evidence", "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}}),
            "");
  ASSERT_EQ(city.Act(kReviewer, order, "accept"), "");
  city.At("2026-11-25 09:00");
  EXPECT_EQ(city.Case(kIssuerHead, order).end_kind(), v1::END_KIND_DONE);
  EXPECT_THAT(Inbox(kIssuerHead), Not(Contains("approve_interview")));
  EXPECT_EQ(city.Act(kIssuerHead, order, "approve_interview"), "NO_SUCH_SUGGESTION");
  EXPECT_EQ(Listed(kOwner).size(), 1u);
  ASSERT_EQ(city.Act(kIssuerHead, order, "lift_negative_list", {}, "验收通过"), "");
  EXPECT_THAT(Listed(kOwner), IsEmpty());
}

TEST_F(Accountability, IsHandedOverWithAReceiptAndTheUnitConcernedSeesOnlyWhatItIsTold) {
  v1::OpenCaseRequest request;
  request.set_procedure("accountability");
  for (const auto& [party, id] :
       {std::make_pair("competent", "units/jijian"), std::make_pair("concerned", "units/zhujian")}) {
    v1::PartyBinding& binding = *request.add_parties();
    binding.set_party(party);
    binding.add_ids(id);
  }
  *request.add_fields() = FieldOf("matter", "长期未整改");
  *request.add_fields() = FieldOf("basis", "三次逾期，谈话后仍未整改");
  const auto opened = city.As(kIssuer).Call(request);
  ASSERT_TRUE(opened.ok()) << opened.error().message.en();
  const std::string name = opened->case_();
  const auto unseen_by = [&](const char* person) { return Reason(person, name) == "CASE_NOT_FOUND"; };

  // Suggested: nobody outside the office knows. Whoever asks does not approve.
  EXPECT_TRUE(unseen_by(kCompetent) && unseen_by(kOwner) && unseen_by(kOwnerHead));
  ASSERT_EQ(city.Act(kIssuer, name, "hand_over", {}, "建议问责"), "");
  EXPECT_EQ(city.Act(kIssuer, name, "approve_hand_over"), "NOT_YOUR_PART");
  EXPECT_TRUE(unseen_by(kCompetent)) << "not before the head approves";
  ASSERT_EQ(city.Act(kIssuerHead, name, "approve_hand_over"), "");

  // Handed over: the competent body acknowledges with number and date, and answers; the unit concerned sees nothing.
  EXPECT_EQ(city.Act(kCompetent, name, "receive"), "MISSING_NEED");
  ASSERT_EQ(
      city.Act(kCompetent, name, "receive", {{"receipt_number", "收〔2026〕8号"}, {"receipt_date", "2026-09-02"}}), "");
  EXPECT_EQ(city.Act(kIssuer, name, "answer", {{"feedback", "代为反馈"}}), "NOT_YOUR_PART") << "never imposed";
  ASSERT_EQ(city.Act(kCompetent, name, "answer", {{"feedback", "予以批评教育"}}), "");
  EXPECT_TRUE(unseen_by(kOwner));
  EXPECT_THAT(Shown(city.Case(kIssuer, name)),
              UnorderedElementsAre("matter", "basis", "receipt_number", "receipt_date", "feedback"));

  // Informed: the matter and what it is told, nothing of basis, receipt or outcome, nor of how it came about.
  ASSERT_EQ(city.Act(kCompetent, name, "inform", {{"told", "请引以为戒"}}), "");
  EXPECT_THAT(Shown(city.Case(kOwner, name)), UnorderedElementsAre("matter", "told"));
  EXPECT_EQ(city.Case(kOwner, name).end_kind(), v1::END_KIND_TRANSFERRED);
  for (const v1::EventRecord& record : city.Events(kOwner, name)) {
    EXPECT_FALSE(record.event().has_case_opened() || record.event().has_approval_decided());
  }
  EXPECT_TRUE(unseen_by(kOther));
}

}  // namespace
}  // namespace duban::e2e
