// Jobs: cut short anywhere they go on and do nothing twice; commands come first; cancelling leaves what was done; and
// nobody learns from a job of cases that he may not see. The job is the one that counts deadlines again.
#include <gmock/gmock.h>

#include <functional>
#include <memory>
#include <random>
#include <utility>

#include "engine/views/rows.h"
#include "services/node/limits.h"
#include "tests/node/support/cut_store.h"
#include "tests/node/support/heard_log.h"
#include "tests/node/support/permits.h"

namespace duban::node {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

v1::CalendarYear Notice(bool extended) { return extended ? engine::NoticeOf(2020) : FirstNoticeOf2020(); }

// An office on Monday 20 January 2020, with the year as it was first announced, whose writer works by hand: a batch,
// then a lot.
class ByHand : public PermitOffice {
 public:
  explicit ByHand(std::shared_ptr<store::Store> store = nullptr)
      : PermitOffice({.own_thread = false, .start = "2020-01-20 09:00"}, std::move(store)) {
    PublishYear(Notice(false));
  }
};

// Cases of all sorts: answers, suspended ones, notices, agreed days.
std::vector<std::string> Fill(PermitOffice& office, int permits) {
  std::vector<std::string> names;
  for (int i = 0; i < permits; ++i) {
    names.push_back(office.Permit(absl::StrCat("事项", i)));
    if (i % 10 == 1) office.Do(kSupervisor, names[i], "pause");
    if (i % 10 == 2) office.Act(kHousing, names[i], "finish");
    if (i % 10 == 3) office.Do(kSupervisor, names[i], "agree", {"fixed", "2020-02-03"});
  }
  return names;
}

int MovedByCalendar(PermitOffice& office, const std::string& name) {
  int moved = 0;
  for (const v1::EventRecord& record : office.Events(kAuditor, name)) {
    moved += record.event().clock_moved().action() == "calendar" ? 1 : 0;
  }
  return moved;
}

v1::CancelJobRequest Cancel(PermitOffice& office, const std::string& job) {
  v1::CancelJobRequest request;
  request.set_job(job);
  request.set_reason("日历有误");
  request.set_idempotency_key(office.FreshKey());
  return request;
}

void Grant(PermitOffice& office, const std::string& post, const std::string& unit, const std::string& holder,
           const std::string& right) {
  v1::ApplyDirectoryRequest request;
  request.set_idempotency_key(office.FreshKey());
  v1::Post& put = *request.add_posts();
  put.set_name(post);
  put.set_title("临时岗位");
  put.set_unit(unit);
  put.add_holders(holder);
  put.set_scope(v1::SCOPE_OWN);
  put.add_rights(right);
  office.Must<v1::ApplyDirectoryResponse>(office.Call(kOperatorPerson, request));
}

// --- Cut short ----------------------------------------------------------------------------------------------------

TEST(Job, CutShortAtTwoHundredRandomPointsEndsWithTheLogOfOneThatWasNot) {
  constexpr int kCuts = 200;
  constexpr int kPermits = 70;
  ByHand whole;
  auto store = std::make_shared<CutStore>();
  ByHand cut(store);
  Fill(whole, kPermits);
  Fill(cut, kPermits);
  std::mt19937_64 random(20200127);
  bool extended = false;
  int cuts = 0;
  for (int round = 0; cuts < kCuts; ++round) {
    extended = round % 2 == 0;
    const v1::PublishCalendarRequest publish = PermitOffice::Years({Notice(extended)}, absl::StrCat("notice", round));
    whole.Ended(whole.Must<v1::PublishCalendarResponse>(whole.Call(kOperatorPerson, publish)).job());
    // Publishing is the first write, a lot of 64 the second, one of six the third.
    store->CutAt(1 + static_cast<int>(random() % 3), random() % 2 == 0);
    Reply<Response> reply = cut.Call(kOperatorPerson, publish);
    while (!store->is_cut() && cut.node().Pump()) {
    }
    ASSERT_TRUE(store->is_cut());
    EXPECT_FALSE(cut.node().Writable().ok());
    ++cuts;
    store->Mend();
    cut.Restart();
    // Who was not answered asks again under the same key.
    const auto again = cut.Must<v1::PublishCalendarResponse>(cut.Call(kOperatorPerson, publish));
    ASSERT_EQ(cut.Ended(again.job()).state(), v1::JOB_STATE_DONE);
    ASSERT_EQ(store->head(), whole.store().head()) << "after cut " << cuts;
  }
  EXPECT_TRUE(Told(*store) == Told(whole.store()));
  ExpectDerived(*store);
}

TEST(Job, ItsBeginningAndItsEndAreLinesOfTheLogInNumbersAlone) {
  ByHand office;
  const std::vector<std::string> permits = Fill(office, 5);
  const auto log = std::make_shared<HeardLog>();
  office.options().log = log;
  office.Restart();
  office.Ended(office.PublishYear(Notice(true)).job());
  EXPECT_THAT(log->Of("job_started"), ElementsAre("info job_started kind=CalendarChange total=5"));
  EXPECT_THAT(
      log->Of("job_ended"),
      ElementsAre(testing::StartsWith("info job_ended kind=CalendarChange state=JOB_STATE_DONE looked_at=5 changed=")));
}

// Lets somebody look just before what a write has changed can be read.
class LookedAtStore : public PassingStore {
 public:
  std::unique_ptr<store::Snapshot> NewSnapshot() const override {
    if (const auto look = std::exchange(look_, nullptr)) {
      look();
      look_ = look;
    }
    return PassingStore::NewSnapshot();
  }
  void WhenWritten(std::function<void()> look) { look_ = std::move(look); }

 private:
  mutable std::function<void()> look_;
};

// Who waited for the count and then read missed the last lot.
TEST(Job, CountsAsWorkingUntilItsLastLotCanBeRead) {
  const auto store = std::make_shared<LookedAtStore>();
  ByHand office(store);
  Fill(office, 70);  // One lot is done with the publication.
  const std::string job = office.PublishYear(Notice(true)).job();
  int looks = 0;
  store->WhenWritten([&] {
    const bool works = office.Job(kOperatorPerson, job).state() == v1::JOB_STATE_RUNNING;
    const int64_t counted = Office::MustRead(office.node().GetStats(kOperatorPerson, {})).jobs_running();
    EXPECT_EQ(counted, works ? 1 : 0);
    ++looks;
  });
  office.Ended(job);
  store->WhenWritten(nullptr);
  EXPECT_GT(looks, 0);
  EXPECT_EQ(Office::MustRead(office.node().GetStats(kOperatorPerson, {})).jobs_running(), 0);
}

TEST(Job, RowsOfAnEarlierFormAreRebuiltFromTheLog) {
  ByHand office;
  const std::vector<std::string> permits = Fill(office, 5);
  // Given rows as they were before there were jobs.
  store::Apply without{office.store().head(), {}, {}};
  for (const auto& [key, value] : RowsOf(office.store())) {
    const auto table = static_cast<engine::Table>(key.first);
    if (table == engine::Table::kOpenCase || table == engine::Table::kRowsFormat) {
      without.rows.push_back({static_cast<uint8_t>(key.first), key.second, "", true});
    }
  }
  ASSERT_TRUE(office.store().Write({office.store().head(), {}}, without).ok());
  office.Restart();
  ExpectDerived(office.store());
  EXPECT_NE(office.PublishYear(Notice(true)).job(), "");
}

// --- Beside commands ----------------------------------------------------------------------------------------------

TEST(Job, CommandsComeFirstAndFindTheirDeadlinesCounted) {
  ByHand office;
  std::vector<std::string> permits;
  for (int i = 0; i < 200; ++i) permits.push_back(office.Permit(absl::StrCat("事项", i)));
  // Given a job that has done the first of its lots.
  const std::string job = office.PublishYear(Notice(true)).job();
  ASSERT_EQ(office.Job(kOperatorPerson, job).looked_at(), 64);
  v1::GetStatsResponse stats = office.MustRead(office.node().GetStats(kOperatorPerson, {}));
  EXPECT_EQ(stats.jobs_running(), 1);
  // When somebody suspends the last case before the job has come to it.
  ASSERT_EQ(office.Due(permits[199]), "2020-02-01");
  office.Do(kSupervisor, permits[199], "pause");
  ASSERT_EQ(office.Job(kOperatorPerson, job).looked_at(), 128) << "one lot after each batch";
  // Then its deadline was counted again first: five days are left of it, and not the three up to the old day.
  office.Advance(At("2020-01-23 09:00"));
  office.Do(kSupervisor, permits[199], "resume");
  EXPECT_EQ(office.Due(permits[199]), "2020-02-07");
  // And each case was counted once, by whichever came first; the clock stood still until the job had ended.
  const v1::Job ended = office.Job(kOperatorPerson, job);
  EXPECT_EQ(ended.state(), v1::JOB_STATE_DONE);
  EXPECT_EQ(engine::FromProto(ended.ended_at()), At("2020-01-20 09:00"));
  EXPECT_EQ(ended.looked_at(), 200);
  EXPECT_EQ(ended.changed(), 199);
  for (const std::string& name : {permits[0], permits[100], permits[199]}) {
    EXPECT_EQ(MovedByCalendar(office, name), 1) << name;
  }
  stats = office.MustRead(office.node().GetStats(kOperatorPerson, {}));
  EXPECT_EQ(stats.jobs_running(), 0);
}

TEST(Job, CancelledInTheMiddleLeavesWhatItDidAndTheRestIsCountedWhenItIsActedOn) {
  ByHand office;
  std::vector<std::string> permits;
  for (int i = 0; i < 200; ++i) permits.push_back(office.Permit(absl::StrCat("事项", i)));
  const std::string job = office.PublishYear(Notice(true)).job();
  EXPECT_EQ(ReasonOf(office.Call(kWater, Cancel(office, job))), "JOB_NOT_FOUND");
  v1::CancelJobRequest no_reason = Cancel(office, job);
  no_reason.clear_reason();
  EXPECT_EQ(ReasonOf(office.Call(kOperatorPerson, no_reason)), "REASON_REQUIRED");
  const int64_t looked_at = office.Job(kOperatorPerson, job).looked_at();
  ASSERT_LT(looked_at, 200);
  const v1::CancelJobRequest cancel = Cancel(office, job);
  const auto cancelled = office.Must<v1::CancelJobResponse>(office.Call(kOperatorPerson, cancel));
  EXPECT_EQ(cancelled.job().state(), v1::JOB_STATE_CANCELLED);
  EXPECT_EQ(cancelled.job().reason(), "日历有误");
  while (office.node().Pump()) {
  }
  EXPECT_EQ(office.Job(kOperatorPerson, job).looked_at(), looked_at) << "nothing more was done";
  EXPECT_EQ(office.Due(permits[looked_at - 1]), "2020-02-04");
  EXPECT_EQ(office.Due(permits[looked_at]), "2020-02-01");
  // And the same key gets the same answer, another finds the job ended.
  EXPECT_EQ(office.Must<v1::CancelJobResponse>(office.Call(kOperatorPerson, cancel)).position(), cancelled.position());
  EXPECT_EQ(ReasonOf(office.Call(kOperatorPerson, Cancel(office, job))), "JOB_ENDED");
  // Then whoever acts on a case that was left finds it counted.
  v1::ActOnCaseRequest remark = office.Action(permits[199], "comment");
  remark.set_note("备注");
  office.Must<v1::ActOnCaseResponse>(office.Call(kHousing, remark));
  EXPECT_EQ(office.Due(permits[199]), "2020-02-04");
}

TEST(Job, GoesOnByItselfWhenNobodyCommands) {
  PermitOffice office({.virtual_clock = false, .start = "2020-01-20 09:00"});
  office.PublishYear(Notice(false));
  for (int i = 0; i < 150; ++i) office.Permit(absl::StrCat("事项", i));
  EXPECT_EQ(office.Ended(office.PublishYear(Notice(true)).job()).changed(), 150);
}

TEST(Job, FiveThousandOpenCasesKeepWithinTheBoundsOfACommit) {
  ByHand office;
  // Many at once: a batch each.
  int opened = 0;
  for (int i = 0; i < 5000; ++i) {
    office.node().Submit(kSupervisor, office.Matter("permit", "units/zhujian", absl::StrCat("事项", i)),
                         [&](Reply<Response> reply) { opened += std::holds_alternative<Response>(reply) ? 1 : 0; });
    if (i % limits::kBatchCommandsMax == 0) office.node().Pump();
  }
  while (office.node().Pump()) {
  }
  ASSERT_EQ(opened, 5000);
  const size_t before = office.store().head();
  const v1::Job job = office.Ended(office.PublishYear(Notice(true)).job());
  EXPECT_EQ(job.looked_at(), 5000);
  EXPECT_EQ(job.changed(), 5000);
  const std::vector<v1::Commit> log = LogOf(office.store());
  for (size_t i = before + 1; i < log.size(); ++i) {
    ASSERT_LE(log[i].parts_size(), static_cast<int>(limits::kJobLotItemsMax) + 1);
    ASSERT_LE(log[i].ByteSizeLong(), limits::kJobLotBytesMax);
  }
  EXPECT_EQ(log.size() - before - 1, 79u) << "5,000 cases in lots of 64";
}

// --- Who sees what ------------------------------------------------------------------------------------------------

TEST(Job, IsStartedByPublishingAlone) {
  ByHand office;
  v1::StartJobRequest start;
  start.set_idempotency_key("start");
  EXPECT_EQ(ReasonOf(office.Call(kOperatorPerson, start)), "JOB_TASK_UNKNOWN");
  start.mutable_task()->mutable_calendar_change()->set_calendar_version(1);
  EXPECT_EQ(ReasonOf(office.Call(kOperatorPerson, start)), "JOB_STARTS_BY_ITSELF");
  EXPECT_EQ(ReasonOf(office.node().PreviewJob(kOperatorPerson, start)), "JOB_STARTS_BY_ITSELF");
}

TEST(Job, TellsNobodyOfCasesThatHeMayNotSee) {
  PermitOffice office({.own_thread = false, .start = "2026-12-24 09:00"});
  Grant(office, "posts/rili", "units/zhujian", kHousing, "administer");
  Grant(office, "posts/yunxing", "units/shuiwu", kWater, "operate");
  // Given answers due on the last day of a calendar which now makes that day a holiday: they cannot be counted.
  const std::string housing = office.Permit("甲", "units/zhujian");
  const std::string water = office.Permit("乙", "units/shuiwu");
  ASSERT_EQ(office.Due(housing), "2026-12-31");
  v1::CalendarYear year;
  year.set_year(2026);
  v1::CalendarDay& off = *year.add_days();
  off.set_date("2026-12-31");
  off.set_type(v1::DAY_TYPE_HOLIDAY);
  off.set_title("元旦");
  // Then the preview counts and names for each what he sees.
  EXPECT_EQ(office.PreviewYear(kOperatorPerson, year).refused(), 2);
  const v1::JobPreview seen = office.PreviewYear(kHousing, year);
  EXPECT_EQ(seen.looked_at(), 1);
  ASSERT_THAT(seen.refusals(), SizeIs(1));
  EXPECT_EQ(seen.refusals(0).item(), housing);
  EXPECT_EQ(seen.refusals(0).reason(), "CALENDAR_NOT_COVERED");
  v1::PublishCalendarRequest preview = PermitOffice::Years({year}, "preview");
  EXPECT_EQ(ReasonOf(office.node().PreviewCalendar(kWater, preview)), "RIGHT_REQUIRED");

  // And the job, which the others' administrator started, does not say more.
  const std::string job = office.PublishYear(year).job();
  ASSERT_EQ(office.Ended(job).refused(), 2) << "and goes on";
  EXPECT_THAT(office.Job(kOperatorPerson, job).refusals(), SizeIs(2));
  const v1::Job administered = office.Job(kHousing, job);
  ASSERT_THAT(administered.refusals(), SizeIs(1));
  EXPECT_EQ(administered.refusals(0).item(), housing);
  EXPECT_EQ(administered.total() + administered.looked_at() + administered.refused() + administered.changed(), 0);
  const v1::Job operated = office.Job(kWater, job);
  ASSERT_THAT(operated.refusals(), SizeIs(1));
  EXPECT_EQ(operated.refusals(0).item(), water);
  EXPECT_EQ(operated.refused(), 2) << "operators know how much happens";
  int advanced = 0;
  for (const v1::EventRecord& record : office.Events(kWater, job)) {
    if (!record.event().has_job_advanced()) continue;
    ++advanced;
    ASSERT_THAT(record.event().job_advanced().refusals(), SizeIs(1));
    EXPECT_EQ(record.event().job_advanced().refusals(0).item(), water);
  }
  EXPECT_EQ(advanced, 1);
  v1::ReadEventsRequest events;
  events.set_stream(job);
  EXPECT_EQ(ReasonOf(office.node().ReadEvents(kHousing, events)), "STREAM_NOT_FOUND");
  // And who has no business with jobs finds none.
  v1::GetJobRequest get;
  get.set_job(job);
  EXPECT_EQ(ReasonOf(office.node().GetJob(kSupervisor, get)), "JOB_NOT_FOUND");
  EXPECT_THAT(office.MustRead(office.node().ListJobs(kSupervisor, {})).jobs(), IsEmpty());
  get.set_job("jobs/none");
  EXPECT_EQ(ReasonOf(office.node().GetJob(kOperatorPerson, get)), "JOB_NOT_FOUND");
}

TEST(Job, ListsTheNewestFirstPageByPage) {
  ByHand office;
  office.Permit("甲");
  std::vector<std::string> jobs;
  for (int i = 0; i < 5; ++i) jobs.insert(jobs.begin(), office.PublishYear(Notice(i % 2 == 0)).job());
  std::vector<std::string> listed;
  v1::ListJobsRequest request;
  request.set_page_size(2);
  do {
    const v1::ListJobsResponse page = office.MustRead(office.node().ListJobs(kOperatorPerson, request));
    EXPECT_LE(page.jobs_size(), 2);
    for (const v1::Job& job : page.jobs()) listed.push_back(job.name());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(listed, jobs);
}

}  // namespace
}  // namespace duban::node
