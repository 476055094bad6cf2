// One late order through a year: urged, a talk suggested and approved, circulation refused and later approved, the
// negative list entered and left by time. What is suggested is known to those asked and told, in every way of looking.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "google/protobuf/text_format.h"
#include "services/node/rebuild.h"
#include "tests/node/support/office.h"

namespace duban::node {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr char kDirector[] = "persons/zhuren";  // 督查室主任: leads the supervision office, decides.

class LadderYear : public testing::Test {
 protected:
  LadderYear() {
    v1::ApplyDirectoryRequest directory;
    directory.set_idempotency_key("director");
    v1::Person& person = *directory.add_persons();
    person.set_name(kDirector);
    person.set_title("督查室主任");
    v1::Post& post = *directory.add_posts();
    post.set_name("posts/zhuren");
    post.set_title("督查室主任");
    post.set_unit("units/ducha");
    post.add_holders(kDirector);
    v1::Unit& unit = *directory.add_units();
    unit.set_name("units/ducha");
    unit.set_title("督查室");
    unit.set_code("督查");
    unit.set_head("posts/zhuren");
    Office::Must<v1::ApplyDirectoryResponse>(office.Call(kOperatorPerson, directory));
    // Due on Friday 18 September; five working days later the ladder suggests a talk.
    order = office.Open("units/zhujian", "裸土未覆盖", "2026-09-18").case_();
    office.Act(kHousing, order, "acknowledge");
  }

  Reply<Response> Decide(const std::string& person, const std::string& action, const std::string& reason = "") {
    v1::ActOnCaseRequest act = office.Action(order, action);
    act.set_reason(reason);
    return office.Call(person, act);
  }
  void MustDecide(const std::string& action, const std::string& reason = "") {
    Office::Must<v1::ActOnCaseResponse>(Decide(kDirector, action, reason));
  }
  std::vector<v1::ViewRow> View(const std::string& viewer, v1::View view,
                                const std::map<std::string, std::string>& labels = {}) {
    v1::QueryViewRequest request;
    request.set_view(view);
    for (const auto& [name, value] : labels) (*request.mutable_filter()->mutable_labels())[name] = value;
    const v1::QueryViewResponse page = Office::MustRead(office.node().QueryView(viewer, request));
    return {page.rows().begin(), page.rows().end()};
  }
  std::vector<std::string> Waiting(const std::string& viewer) {
    std::vector<std::string> actions;
    for (const v1::ViewRow& row : View(viewer, v1::VIEW_WORKLIST)) {
      for (const auto& action : row.item().actions()) actions.push_back(action.action());
    }
    return actions;
  }
  std::vector<std::string> Registered(const std::string& viewer) {
    std::vector<std::string> out;
    for (const v1::ViewRow& row : View(viewer, v1::VIEW_REGISTERS, {{"register", "negative_list"}})) {
      const v1::RegisterEntry& entry = row.register_();
      out.push_back(
          absl::StrCat(entry.subject_title(), " ", entry.reason().zh(), " ",
                       absl::FormatTime("%Y-%m-%d", engine::FromProto(entry.until()), absl::FixedTimeZone(8 * 3600))));
    }
    return out;
  }
  // The director's post falls vacant; above the office there is a leader, who sees what is below him or does not.
  std::string GivenALeader(bool sees_below) {
    v1::ApplyDirectoryRequest vacant;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(R"(
        units { name: "units/shi" title: "市政府" code: "市府" head: "posts/shizhang" }
        persons { name: "persons/shizhang" title: "分管领导" }
        posts { name: "posts/shizhang" title: "分管领导" unit: "units/shi" holders: "persons/shizhang" scope: SCOPE_OWN }
        units { name: "units/ducha" title: "督查室" code: "督查" head: "posts/zhuren" superiors: "units/shi" }
        posts { name: "posts/zhuren" title: "督查室主任" unit: "units/ducha" })",
                                                              &vacant));
    if (sees_below) vacant.mutable_posts(0)->set_scope(v1::SCOPE_SUBTREE);
    vacant.set_idempotency_key("vacant");
    Office::Must<v1::ApplyDirectoryResponse>(office.Call(kOperatorPerson, vacant));
    return "persons/shizhang";
  }
  // Everything that a viewer can be given about the order, as text.
  std::string AllThatIsShown(const std::string& viewer) {
    std::string all = office.Show(viewer, order).Utf8DebugString();
    for (const v1::EventRecord& record : office.Events(viewer, order)) {
      // What is planned stands in the procedure, for everybody to read; what has happened does not.
      if (!record.event().has_clock_started() && !record.event().has_clock_moved())
        all += record.event().Utf8DebugString();
    }
    for (v1::View view :
         {v1::VIEW_LEDGER, v1::VIEW_ALERTS, v1::VIEW_WORKLIST, v1::VIEW_METRICS, v1::VIEW_REGISTERS, v1::VIEW_UNITS}) {
      for (const v1::ViewRow& row : View(viewer, view)) all += row.Utf8DebugString();
    }
    for (const v1::ViewRow& row : View(viewer, v1::VIEW_TIMELINE, {{"case", order}})) all += row.Utf8DebugString();
    return all;
  }
  std::string TalkOf(const std::string& viewer) {
    v1::QueryLedgerRequest talks;
    talks.mutable_filter()->set_procedure("talk");
    const v1::QueryLedgerResponse found = office.Ledger(viewer, talks);
    return found.rows().empty() ? "" : found.rows(0).case_();
  }

  Office office;
  std::string order;
};

TEST_F(LadderYear, UrgedTalkedCirculatedListedAndLeftByTime) {
  // Then, five working days late, a talk waits for the director and nothing has happened by itself.
  office.Advance(At("2026-09-28 09:00"));
  EXPECT_THAT(Waiting(kDirector), Contains("approve_talk"));
  EXPECT_THAT(Waiting(kSupervisor), Not(Contains("approve_talk")));
  EXPECT_EQ(TalkOf(kDirector), "");
  // When he approves, then a talk is open between the two units, linked to the order.
  MustDecide("approve_talk", "首次逾期");
  EXPECT_THAT(Waiting(kDirector), Not(Contains("approve_talk")));
  const std::string talk = TalkOf(kHousing);
  ASSERT_NE(talk, "");
  EXPECT_EQ(office.Show(kHousing, talk).parent(), order);
  EXPECT_EQ(office.Show(kHousing, talk).subject(), "裸土未覆盖");
  EXPECT_EQ(ReasonOf(Decide(kDirector, "approve_talk")), "NO_SUCH_SUGGESTION");

  // When circulation is refused, nobody is listed.
  office.Advance(At("2026-10-12 09:00"));
  MustDecide("refuse_circulate", "正在整改");
  EXPECT_THAT(Registered(kDirector), IsEmpty());

  // When the order is late again under a new deadline, circulation is suggested again, and approved now.
  v1::ActOnCaseRequest ask = office.Action(order, "extend_rectify");
  ask.set_reason("连续降雨");
  Office::SetField(ask.mutable_fields(), "due")->set_date("2026-10-16");
  Office::Must<v1::ActOnCaseResponse>(office.Call(kHousing, ask));
  office.Act(kSupervisor, order, "approve_extend_rectify");
  office.Advance(At("2026-11-02 09:00"));
  MustDecide("refuse_talk", "已谈过");
  MustDecide("approve_circulate", "再次逾期");
  // Then the bureau stands in the negative list; it sees why, and until when.
  EXPECT_THAT(Registered(kHousing), ElementsAre("住房和城乡建设局 整改时限逾期，通报：再次逾期 2027-11-02"));
  EXPECT_THAT(Registered(kWater), IsEmpty()) << "another bureau does not see the order";

  // When a year has passed, then the entry is gone by itself, though the order still is not done.
  office.Advance(At("2027-11-02 23:59"));
  EXPECT_EQ(Registered(kHousing).size(), 1u);
  office.Advance(At("2027-11-03 00:01"));
  EXPECT_THAT(Registered(kHousing), IsEmpty());
  EXPECT_TRUE(office.Events(kHousing, order).back().event().has_register_left());
}

TEST_F(LadderYear, UntilItIsApprovedTheUnitChargedLearnsOfNoSuggestionAnywhere) {
  office.Advance(At("2026-10-12 09:00"));
  for (const char* word : {"talk", "circulate", "通报", "谈话", "suggest"}) {
    EXPECT_THAT(AllThatIsShown(kHousing), Not(HasSubstr(word))) << "while it waits";
  }
  EXPECT_THAT(AllThatIsShown(kHousing), HasSubstr("urge")) << "it is told that it is urged";
  EXPECT_THAT(AllThatIsShown(kDirector), HasSubstr("talk@5wd"));
  EXPECT_THAT(AllThatIsShown(kSupervisor), HasSubstr("circulate@10wd")) << "the issuing office is told";
  EXPECT_THAT(AllThatIsShown(kAuditor), HasSubstr("circulate@10wd"));
  MustDecide("refuse_circulate", "内部掌握");
  for (const char* word : {"circulate", "通报", "内部掌握"}) {
    EXPECT_THAT(AllThatIsShown(kHousing), Not(HasSubstr(word))) << "a refusal is not told";
  }
  EXPECT_THAT(AllThatIsShown(kSupervisor), HasSubstr("内部掌握"));
  MustDecide("approve_talk", "首次逾期");
  EXPECT_THAT(AllThatIsShown(kHousing), HasSubstr("首次逾期")) << "an approval is";
}

TEST_F(LadderYear, AWatchOfTheUnitChargedIsNotWokenByWhatItMayNotKnow) {
  office.Advance(At("2026-09-28 09:00"));
  const std::vector<v1::EventRecord> before = office.Events(kHousing);
  MustDecide("refuse_talk", "已当面提醒");
  EXPECT_EQ(office.Events(kHousing).size(), before.size());
  EXPECT_GT(office.Events(kDirector).size(), before.size());
  // And what it decides on is not stale by it.
  v1::ActOnCaseRequest submit = office.Submission(order);
  submit.set_expected_revision(before.back().revision());
  Office::Must<v1::ActOnCaseResponse>(office.Call(kHousing, submit));
}

TEST_F(LadderYear, ARowOfTheLedgerIsTheSameBeforeAndAfterWhatNotEverybodyMayKnow) {
  const auto row = [&] { return View(kHousing, v1::VIEW_LEDGER).at(0).SerializeAsString(); };
  office.Advance(At("2026-09-25 23:59"));
  const std::string before = row();
  const uint64_t revision = office.Show(kDirector, order).revision();
  office.Advance(At("2026-09-28 09:00"));
  EXPECT_THAT(Waiting(kDirector), Contains("approve_talk"));
  EXPECT_GT(office.Show(kDirector, order).revision(), revision);
  EXPECT_EQ(row(), before) << "a talk is suggested";
  MustDecide("refuse_talk", "已当面提醒");
  EXPECT_EQ(row(), before) << "and refused";
  // And what it shows serves as the revision that a command expects.
  v1::ActOnCaseRequest submit = office.Submission(order);
  submit.set_expected_revision(View(kHousing, v1::VIEW_LEDGER).at(0).ledger().revision());
  Office::Must<v1::ActOnCaseResponse>(office.Call(kHousing, submit));
}

TEST_F(LadderYear, WhereTheHeadsPostIsVacantTheHeadAboveIsAskedInHisInbox) {
  const std::string leader = GivenALeader(true);
  EXPECT_THAT(Waiting(leader), Not(Contains("approve_talk")));
  office.Advance(At("2026-09-28 09:00"));
  EXPECT_THAT(Waiting(leader), Contains("approve_talk"));
  Office::Must<v1::ActOnCaseResponse>(Decide(leader, "approve_talk", "首次逾期"));
  EXPECT_THAT(Waiting(leader), Not(Contains("approve_talk")));
}

TEST_F(LadderYear, AHeadAboveWhoDoesNotSeeWhatIsBelowIsAGuestWhileHeIsAsked) {
  const std::string leader = GivenALeader(false);
  EXPECT_EQ(ReasonOf(Decide(leader, "approve_talk")), "CASE_NOT_FOUND");
  office.Advance(At("2026-09-28 09:00"));
  EXPECT_EQ(office.Show(leader, order).suggestions_size(), 1);
  EXPECT_FALSE(office.Show(leader, order).fields(0).masked()) << "he reads what he decides on";
  v1::ReadEventsRequest history;
  history.set_stream(order);
  EXPECT_EQ(ReasonOf(office.node().ReadEvents(leader, history)), "STREAM_NOT_FOUND") << "and no more than that";
  Office::Must<v1::ActOnCaseResponse>(Decide(leader, "refuse_talk", "已当面提醒"));
  EXPECT_EQ(ReasonOf(Decide(leader, "refuse_talk", "再次")), "CASE_NOT_FOUND");
}

TEST_F(LadderYear, OthersGetTheSameAnswerWhetherASuggestionWaitsOrNot) {
  EXPECT_EQ(ReasonOf(Decide(kHousing, "approve_talk")), "NOT_YOUR_PART");
  EXPECT_EQ(ReasonOf(Decide(kWater, "approve_talk")), "CASE_NOT_FOUND");
  office.Advance(At("2026-09-28 09:00"));
  EXPECT_EQ(ReasonOf(Decide(kHousing, "approve_talk")), "NOT_YOUR_PART");
  EXPECT_EQ(ReasonOf(Decide(kWater, "approve_talk")), "CASE_NOT_FOUND");
  EXPECT_EQ(ReasonOf(Decide(kSupervisor, "refuse_talk", "代")), "NOT_YOUR_PART");
}

TEST_F(LadderYear, ARestartAndARebuildLeaveSuggestionsAndEntriesAsTheyWere) {
  office.Advance(At("2026-10-12 09:00"));
  MustDecide("approve_circulate", "逾期十日");
  const std::string director = AllThatIsShown(kDirector);
  const std::string housing = AllThatIsShown(kHousing);
  ASSERT_THAT(director, HasSubstr("approve_talk"));
  office.options().random = SeededRandom(7);
  office.Restart();
  EXPECT_EQ(AllThatIsShown(kDirector), director);
  EXPECT_EQ(AllThatIsShown(kHousing), housing);
  office.node().Shutdown();
  ASSERT_TRUE(RebuildRows(office.store()).ok());
  office.Restart();
  EXPECT_EQ(AllThatIsShown(kDirector), director);
  // And the timer of the entry is armed: it leaves in a year.
  office.Advance(At("2027-10-13 00:01"));
  EXPECT_THAT(Registered(kDirector), IsEmpty());
}

TEST_F(LadderYear, AGuardKnowsOfAnEntryThatAnotherCaseMadeAndOfItsEnd) {
  office.Publish("honour", R"(
procedure: honour
title: {zh: 评优, en: Honour}
may_open: [office]
parties:
  office: {kind: unit, right: issue, title: {zh: 评定单位}}
  other:  {kind: unit, title: {zh: 被评单位}}
fields:
  matter: {title: {zh: 事由}, type: text, required: true}
stages:
  open: {title: {zh: 待评}, after: {90 days: lapsed}, actions: {honour: {title: {zh: 评定}, by: office, to: done, when: [{not: {in_register: negative_list}}]}}}
  done: {title: {zh: 已评}, end: done}
  lapsed: {title: {zh: 未评}, end: failed}
registers:
  negative_list: {title: {zh: 负面清单}, kind: unit}
)");
  office.Advance(At("2026-10-12 09:00"));
  MustDecide("approve_circulate", "逾期十日");
  const std::string honour =
      Office::Must<v1::OpenCaseResponse>(office.Call(kSupervisor, office.Matter("honour", "units/zhujian", "年度评优")))
          .case_();
  EXPECT_EQ(ReasonOf(office.Call(kSupervisor, office.Action(honour, "honour"))), "GUARD_FAILED");
  EXPECT_THAT(office.Show(kSupervisor, honour).actions(), IsEmpty());
  office.Restart();
  EXPECT_EQ(ReasonOf(office.Call(kSupervisor, office.Action(honour, "honour"))), "GUARD_FAILED");
  MustDecide("lift_negative_list", "已整改到位");
  EXPECT_EQ(office.Show(kSupervisor, honour).actions_size(), 1);
  office.Act(kSupervisor, honour, "honour");
}

}  // namespace
}  // namespace duban::node
