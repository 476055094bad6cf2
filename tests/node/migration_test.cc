// What a migration would do is told before it does it: each case that goes along and what becomes of its deadlines,
// each that does not and why, however many there are; and it then does just that.
#include <gmock/gmock.h>

#include "absl/strings/str_replace.h"
#include "services/node/limits.h"
#include "tests/node/support/permits.h"

namespace duban::node {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

using Edits = std::vector<std::pair<std::string, std::string>>;

class Migrations : public PermitOffice {
 public:
  Migrations() : PermitOffice({.own_thread = false, .start = "2026-09-01 09:00"}) {}

  // The next version of the permit.
  void Revise(const Edits& edits) {
    ++version_;
    Publish(absl::StrCat("permit", version_), absl::StrReplaceAll(kPermit, edits));
  }
  // `named`: stages by which the mapping says "old=new", or "same" for "same=same".
  v1::StartJobRequest ToNewest(const std::vector<std::string>& named = {}) {
    v1::StartJobRequest request;
    request.set_idempotency_key(FreshKey());
    v1::Migration& task = *request.mutable_task()->mutable_migration();
    task.set_procedure("permit");
    task.set_from_version(from);
    task.set_to_version(version_);
    for (const std::string& pair : named) {
      const size_t equals = pair.find('=');
      (*task.mutable_stages())[pair.substr(0, equals)] = pair.substr(equals == std::string::npos ? 0 : equals + 1);
    }
    return request;
  }
  v1::JobPreview Preview(const std::vector<std::string>& named = {}) {
    v1::StartJobRequest request = ToNewest(named);
    request.set_validate_only(true);
    return MustRead(node().PreviewJob(kOperatorPerson, request)).preview();
  }
  // What would become of the one case there is.
  std::string Foretold(const std::vector<std::string>& named = {}) {
    const v1::JobPreview preview = Preview(named);
    if (preview.changes_size() == 1) return preview.changes(0).change().zh();
    return preview.refusals_size() == 1 ? preview.refusals(0).reason() : "";
  }
  v1::Job Run(const std::vector<std::string>& named = {}) {
    return Ended(Must<v1::StartJobResponse>(Call(kOperatorPerson, ToNewest(named))).job());
  }
  std::string Noticed() {
    const std::string name = Permit("甲");
    Act(kHousing, name, "finish");
    return name;
  }

  uint32_t from = 1;

 private:
  uint32_t version_ = 1;
};

constexpr char kNotice[] = "notice: {title: {zh: 公示}, after: {5 working days: closed}, counts: both_ends}";

// --- A timed move -------------------------------------------------------------------------------------------------

TEST(Migration, ANoticeThatLastsOtherwiseIsToldWithBothDays) {
  Migrations office;
  const std::string name = office.Noticed();
  office.Revise({{"after: {5 working days", "after: {7 working days"}});
  EXPECT_EQ(office.Foretold(), "自动转入“已结束”：2026-09-08 → 2026-09-10");
  EXPECT_EQ(office.Run().changed(), 1);
  office.Advance(At("2026-09-09 23:00"));
  EXPECT_EQ(office.Show(kSupervisor, name).stage(), "notice");
  office.Advance(At("2026-09-10 00:01"));
  EXPECT_EQ(office.Show(kSupervisor, name).stage(), "closed");
}

TEST(Migration, ANoticeThatWouldBeOverAtOnceStaysUnlessItsStageIsNamed) {
  Migrations office;
  const std::string name = office.Noticed();
  office.Advance(At("2026-09-04 09:00"));
  office.Revise({{"after: {5 working days", "after: {2 working days"}});
  // When nobody has named the stage, then it is counted and named among those left as they are.
  const v1::JobPreview unsaid = office.Preview();
  EXPECT_EQ(unsaid.changed(), 0);
  ASSERT_THAT(unsaid.refusals(), SizeIs(1));
  EXPECT_EQ(unsaid.refusals(0).item(), name);
  EXPECT_EQ(unsaid.refusals(0).reason(), "MIGRATION_MOVES_AT_ONCE");
  EXPECT_THAT(unsaid.refusals(0).message().zh(), StartsWith("换版后将立即转入“已结束”"));
  EXPECT_EQ(office.Run().refused(), 1);
  EXPECT_EQ(office.Show(kSupervisor, name).stage(), "notice");
  // When it is named, then the preview says first what will happen, and it does.
  EXPECT_THAT(office.Foretold({"notice"}), StartsWith("将立即转入“已结束”（原定 2026-09-08）"));
  EXPECT_EQ(office.Run({"notice"}).changed(), 1);
  office.Advance(At("2026-09-04 09:01"));
  EXPECT_EQ(office.Show(kSupervisor, name).stage(), "closed");
}

TEST(Migration, AMoveThatComesOrGoesIsTold) {
  Migrations office;
  const std::string name = office.Noticed();
  office.Revise(
      {{kNotice,
        "notice: {title: {zh: 公示}, within: 5 working days, actions: {close: {title: {zh: 结束}, by: office, "
        "to: closed}}}"}});
  EXPECT_EQ(office.Foretold(), "不再自动转入“已结束”（原定 2026-09-08）；开始计时：公示时限，期限 2026-09-08");
  office.Revise({{kNotice, "notice: {title: {zh: 公示}, after: {5 working days: void}, counts: both_ends}"},
                 {"  closed: {title: {zh: 已结束}, end: done}",
                  "  closed: {title: {zh: 已结束}, end: done}\n  void: {title: {zh: 已作废}, end: cancelled}"},
                 {"to: notice}", "to: notice}\n      shut: {title: {zh: 结束}, by: office, to: closed}"}});
  EXPECT_EQ(office.Foretold(), "自动转入“已结束” → “已作废”：2026-09-08 → 2026-09-08");
}

// --- Deadlines ----------------------------------------------------------------------------------------------------

TEST(Migration, OfEachDeadlineItIsToldWhetherItBeginsEndsOrIsPlannedAgain) {
  Migrations office;
  office.Permit("甲");
  office.Revise({{"title: {zh: 办理中}", "title: {zh: 在办}"}});
  EXPECT_EQ(office.Foretold(), "除版本外不变");
  office.Revise({{"remind: [2 working days]", "remind: [1 working day]"}});
  EXPECT_EQ(office.Foretold(), "办理时限：期限不变，提醒与督办节点重新排定");
  office.Revise({{"  answer:\n", "  respond:\n"}, {"budget: 5 working days", "budget: 7 working days"}});
  EXPECT_EQ(office.Foretold(), "不再计时：办理时限；开始计时：办理时限，期限 2026-09-10");
  office.Revise({{"    budget: 5 working days\n", "    budget: 9 working days\n"}});
  EXPECT_EQ(office.Foretold(), "除版本外不变") << "what runs keeps its due instant";
}

TEST(Migration, ASuspendedDeadlineThatGoesOnIsTold) {
  Migrations office;
  const std::string name = office.Permit("甲");
  office.Do(kSupervisor, name, "pause");
  office.Revise({{"    stops_in: [paused]\n", ""}});
  EXPECT_EQ(office.Foretold(), "恢复计时：办理时限，期限 2026-09-08");
}

TEST(Migration, ADeadlineThatWouldBeOverdueAtOnceKeepsTheCaseWhereItIs) {
  Migrations office;
  const std::string name = office.Permit("甲");
  office.Do(kSupervisor, name, "agree", {"fixed", "2026-09-03"});
  office.Advance(At("2026-09-04 09:00"));
  const std::string promised =
      "  promised: {title: {zh: 承诺时限}, from: working, until: [notice], due: fixed, charged_to: other}\n";
  office.Revise({{"  answer:\n", promised + "  answer:\n"}});
  const v1::JobPreview preview = office.Preview();
  ASSERT_THAT(preview.refusals(), SizeIs(1));
  EXPECT_EQ(preview.refusals(0).reason(), "MIGRATION_LATE");
  EXPECT_THAT(preview.refusals(0).message().zh(), StartsWith("换版后“承诺时限”将立即逾期（期限 2026-09-03）"));
}

TEST(Migration, OneThatWasOverdueAndStaysSoUnderAnotherNameIsToldFirst) {
  const auto notice = [](const std::string& name, const std::string& days) {
    return absl::StrCat(name, ": {title: {zh: 公示}, within: ", days,
                        ", actions: {close: {title: {zh: 结束}, by: office, to: closed}}}");
  };
  Migrations office;
  office.Noticed();
  office.Revise({{kNotice, notice("notice", "3 working days")}});
  ASSERT_EQ(office.Run().changed(), 1);
  office.Advance(At("2026-09-15 09:00"));
  office.from = 2;
  office.Revise({{kNotice, notice("board", "4 working days")},
                 {"to: notice", "to: board"},
                 {"until: [notice]", "until: [board]"}});
  EXPECT_EQ(office.Foretold({"notice=board"}), "将立即逾期：公示时限，期限 2026-09-07；环节：公示；不再计时：公示时限");
}

// --- Who does not go along ----------------------------------------------------------------------------------------

TEST(Migration, ACaseWhosePartiesTheNewVersionForbidsIsNamedWithTheReason) {
  Migrations office;
  const std::string theirs = office.Permit("甲"), own = office.Permit("乙", "units/ducha");
  office.Revise({{"other:  {kind: unit,", "other:  {kind: unit, never: {unit_of: [office]},"}});
  const v1::JobPreview preview = office.Preview();
  EXPECT_EQ(preview.changed(), 1);
  EXPECT_EQ(preview.refused(), 1);
  ASSERT_THAT(preview.refusals(), SizeIs(1));
  EXPECT_EQ(preview.refusals(0).item(), own);
  EXPECT_EQ(preview.refusals(0).reason(), "MIGRATION_PARTY");
  EXPECT_THAT(preview.refusals(0).message().zh(), HasSubstr("与主管单位同属一个单位"));
  // And opening such a case is refused as well.
  const auto opened = office.Call(kSupervisor, office.Matter("permit", "units/ducha", "丙"));
  ASSERT_TRUE(std::holds_alternative<engine::Rejection>(opened));
  EXPECT_EQ(std::get<engine::Rejection>(opened).reason, "PARTY_NOT_ALLOWED");
  const v1::Job job = office.Run();
  EXPECT_EQ(job.changed(), preview.changed());
  EXPECT_EQ(job.refusals(0).message().zh(), preview.refusals(0).message().zh());
  EXPECT_EQ(office.Show(kSupervisor, own).procedure_version(), 1u);
  EXPECT_EQ(office.Show(kSupervisor, theirs).procedure_version(), 2u);
}

// --- However many -------------------------------------------------------------------------------------------------

TEST(Migration, EveryCaseIsNamedHoweverManyThereAre) {
  constexpr int kEach = 130;  // More than a job itself shows.
  Migrations office;
  std::vector<std::string> own, theirs;
  for (int i = 0; i < kEach; ++i) {
    theirs.push_back(office.Permit(absl::StrCat("他单位", i)));
    own.push_back(office.Permit(absl::StrCat("本单位", i), "units/ducha"));
  }
  office.Revise({{"other:  {kind: unit,", "other:  {kind: unit, never: {unit_of: [office]},"}});
  const v1::JobPreview preview = office.Preview();
  std::vector<std::string> changed, refused;
  for (const v1::JobChange& change : preview.changes()) changed.push_back(change.item());
  for (const v1::JobRefusal& refusal : preview.refusals()) refused.push_back(refusal.item());
  EXPECT_EQ(changed, theirs);
  EXPECT_EQ(refused, own);
  // The job shows the first; its stream holds them all.
  const v1::Job job = office.Run();
  EXPECT_EQ(job.refused(), kEach);
  EXPECT_EQ(job.refusals_size(), limits::kJobRefusalsKept);
  std::vector<std::string> told;
  for (const v1::EventRecord& record : office.Events(kOperatorPerson, job.name())) {
    for (const v1::JobRefusal& refusal : record.event().job_advanced().refusals()) told.push_back(refusal.item());
  }
  EXPECT_EQ(told, own);
}

}  // namespace
}  // namespace duban::node
