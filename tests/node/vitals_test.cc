// What a node says of itself: bounds that are reached, batches that are slow, a writer that stops, a clock that jumps.
#include "services/node/vitals.h"

#include <gmock/gmock.h>

#include "services/node/limits.h"
#include "store/memory_store.h"
#include "tests/node/support/heard_log.h"
#include "tests/node/support/office.h"
#include "tests/node/support/passing_store.h"

namespace duban::node {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A stopwatch that a test winds.
class WoundClock : public Clock {
 public:
  absl::Time Now() const override { return At("2026-09-01 09:00") + jump; }
  absl::Duration Steady() const override { return absl::Nanoseconds(steady_ns.load()); }
  std::atomic<int64_t> steady_ns{0};
  absl::Duration jump = absl::ZeroDuration();
};

// A store whose writes take as long as a test says, by that stopwatch.
class SlowStore : public PassingStore {
 public:
  explicit SlowStore(std::shared_ptr<WoundClock> clock) : clock_(std::move(clock)) {}
  absl::Status Write(const store::Append& append, const store::Apply& apply) override {
    clock_->steady_ns += absl::ToInt64Nanoseconds(takes);
    return broken ? absl::InternalError("the disk is full of holes") : below_->Write(append, apply);
  }

  absl::Duration takes = absl::ZeroDuration();
  bool broken = false;

 private:
  const std::shared_ptr<WoundClock> clock_;
};

// An office that is listened to.
struct Listened {
  std::shared_ptr<WoundClock> clock = std::make_shared<WoundClock>();
  std::shared_ptr<SlowStore> store = std::make_shared<SlowStore>(clock);
  std::shared_ptr<HeardLog> log = std::make_shared<HeardLog>();
  Office office{{}, store};

  Listened() {
    office.options().clock = clock;
    office.options().log = log;
    office.Restart();
  }

  v1::GetStatsResponse Stats() { return Office::MustRead(office.node().GetStats(kOperatorPerson, {})); }
  v1::Bound BoundNamed(const std::string& name) {
    const v1::GetStatsResponse stats = Stats();
    for (const v1::Bound& bound : stats.bounds()) {
      if (bound.name() == name) return bound;
    }
    ADD_FAILURE() << "no bound " << name;
    return {};
  }
};

TEST(Vitals, ASlowBatchIsToldOfAndAQuickOneOnlyCounted) {
  Listened here;
  here.store->takes = absl::Milliseconds(3);
  here.office.Open("units/zhujian", "裸土未覆盖");
  EXPECT_THAT(here.log->Of("slow_batch"), IsEmpty());
  EXPECT_DOUBLE_EQ(here.Stats().batch_seconds(), 0.003);
  here.store->takes = absl::Milliseconds(700);
  here.office.Open("units/zhujian", "渣土外溢");
  EXPECT_THAT(here.log->Of("slow_batch"), ElementsAre(HasSubstr("warning slow_batch seconds=0.7 commits=1 bytes=")));
  EXPECT_DOUBLE_EQ(here.Stats().batch_seconds(), 0.7);
  EXPECT_GT(here.Stats().batch_seconds_p99(), 0.5);
  EXPECT_LE(here.Stats().batch_seconds_p99(), 1);
}

TEST(Vitals, AFailedWriteIsToldOfOnce) {
  Listened here;
  here.store->broken = true;
  for (int i = 0; i < 3; ++i) here.office.Call(kSupervisor, here.office.Order("units/zhujian", "裸土未覆盖"));
  EXPECT_THAT(here.log->Of("read_only"),
              ElementsAre(AllOf(HasSubstr("error read_only"), HasSubstr("the disk is full of holes"))));
}

TEST(Vitals, AJumpOfTheClockIsToldOfWithItsLength) {
  auto log = std::make_shared<HeardLog>();
  Office office({.virtual_clock = false});
  office.options().log = log;
  office.clock().Set(At("2026-09-01 09:00") + limits::kClockJumpMax / std::chrono::hours(1) * absl::Hours(1) +
                     absl::Hours(30));
  office.Restart();
  EXPECT_THAT(log->Of("timers_held"), ElementsAre(HasSubstr("warning timers_held jump_hours=366")));
  EXPECT_THAT(log->Of("opened"), ElementsAre(HasSubstr("info opened commits=")));
}

TEST(Vitals, EveryBoundIsListedWithItsLimit) {
  Listened here;
  const v1::GetStatsResponse stats = here.Stats();
  ASSERT_EQ(stats.bounds_size(), static_cast<int>(kBoundCount));
  for (size_t i = 0; i < kBoundCount; ++i) {
    const v1::Bound& bound = stats.bounds(static_cast<int>(i));
    EXPECT_EQ(bound.name(), InfoOf(static_cast<Bound>(i)).name);
    EXPECT_GT(bound.limit(), 0) << bound.name();
    EXPECT_EQ(bound.hits(), 0u) << bound.name();
  }
  EXPECT_EQ(here.BoundNamed("queue").limit(), static_cast<int64_t>(limits::kQueueMax));
}

TEST(Vitals, WatchesOfOnePersonAreCountedUpToTheirBoundAndBeyondItAsHits) {
  Listened here;
  std::vector<std::unique_ptr<ViewStream>> open;
  v1::WatchViewRequest request;
  request.set_view(v1::VIEW_LEDGER);
  while (true) {
    auto stream = here.office.node().WatchView(kHousing, request, [] {});
    if (!std::holds_alternative<std::unique_ptr<ViewStream>>(stream)) break;
    open.push_back(std::get<std::unique_ptr<ViewStream>>(std::move(stream)));
  }
  EXPECT_EQ(open.size(), limits::kWatchesPerPersonMax);
  EXPECT_EQ(here.BoundNamed("watches_per_person").value(), static_cast<int64_t>(open.size()));
  EXPECT_EQ(here.BoundNamed("watches_per_person").hits(), 1u);
  EXPECT_EQ(here.BoundNamed("watches").value(), static_cast<int64_t>(open.size()));
  EXPECT_EQ(here.BoundNamed("watches").hits(), 0u);
}

TEST(Vitals, BoundsThatReadersReachAreCounted) {
  Listened here;
  v1::QueryLedgerRequest page;
  page.set_page_size(limits::kPageMax + 1);
  here.office.Ledger(kHousing, page);
  EXPECT_EQ(here.BoundNamed("page_rows").hits(), 1u);
  v1::IssueTokenRequest token;
  token.set_person(kHousing);
  token.set_days(limits::kTokenDaysMax + 1);
  EXPECT_EQ(ReasonOf(here.office.node().IssueToken(kOperatorPerson, token)), "OUT_OF_BOUNDS");
  EXPECT_EQ(here.BoundNamed("token_days").hits(), 1u);
}

TEST(Vitals, PagesOfEventsAndOfTheDirectoryAreCountedByThemselves) {
  Listened here;
  v1::ReadEventsRequest events;
  events.set_page_size(limits::kEventPageMax + 1);
  Office::MustRead(here.office.node().ReadEvents(kHousing, events));
  v1::ListUnitsRequest units;
  units.set_page_size(limits::kDirectoryPageMax + 1);
  Office::MustRead(here.office.node().ListUnits(kHousing, units));
  EXPECT_EQ(here.BoundNamed("event_page_rows").hits(), 1u);
  EXPECT_EQ(here.BoundNamed("directory_page_rows").hits(), 1u);
  EXPECT_EQ(here.BoundNamed("page_rows").hits(), 0u);
}

TEST(Vitals, BoundsOfThePastAreCounted) {
  Listened here;
  here.office.options().past_kept = 5;
  std::vector<std::string> positions;
  for (int i = 0; i < 20; ++i) {
    positions.push_back(here.office.Open("units/zhujian", absl::StrCat("问题", i)).position());
  }
  here.office.Restart();
  // When more times are asked for than are held, all from before what is kept.
  v1::QueryViewRequest request;
  request.set_view(v1::VIEW_LEDGER);
  for (size_t i = 0; i <= limits::kScratchesMax; ++i) {
    request.mutable_as_of()->set_position(positions[i]);
    Office::MustRead(here.office.node().QueryView(kAuditor, request));
  }
  EXPECT_EQ(here.BoundNamed("past_kept").hits(), limits::kScratchesMax + 1);
  EXPECT_EQ(here.BoundNamed("scratches").hits(), 1u);
}

TEST(Vitals, BoundsOfUploadsAreCountedOneByOne) {
  Listened here;
  v1::BeginUploadRequest begin;
  begin.set_case_(here.office.Open("units/zhujian", "裸土未覆盖").case_());
  begin.set_title("现场照片.jpg");
  begin.set_bytes(1);
  const auto send = [&](const char* seed) {
    begin.set_sha256(std::string(31, 'x') + seed);
    return here.office.node().BeginUpload(kHousing, begin);
  };
  begin.set_bytes(limits::kFileBytesMax + 1);
  EXPECT_EQ(ReasonOf(send("a")), "FILE_TOO_LARGE");
  begin.set_bytes(1);
  begin.set_title(std::string(limits::kFileTitleBytesMax + 1, 'x'));
  EXPECT_EQ(ReasonOf(send("a")), "FILE_TITLE_INVALID");
  begin.set_title("现场照片.jpg");
  for (int64_t i = 0; i < limits::kUploadsPerPersonMax; ++i) {
    Office::MustRead(send(std::string(1, static_cast<char>('a' + i)).c_str()));
  }
  EXPECT_EQ(CodeOf(send("\x01")), absl::StatusCode::kResourceExhausted);
  for (const char* bound : {"file_bytes", "file_title_bytes", "uploads_per_person"}) {
    EXPECT_EQ(here.BoundNamed(bound).hits(), 1u) << bound;
  }
  EXPECT_EQ(here.BoundNamed("upload_bytes_per_person").hits(), 0u);
  EXPECT_EQ(here.BoundNamed("uploads").value(), limits::kUploadsPerPersonMax);
}

TEST(Vitals, AnIdempotencyKeyBeyondItsWindowIsANewCommandAndCounted) {
  Listened here;
  const v1::OpenCaseRequest order = here.office.Order("units/zhujian", "裸土未覆盖");
  const auto first = Office::Must<v1::OpenCaseResponse>(here.office.Call(kSupervisor, order));
  here.office.Advance(At("2026-09-01 09:00") + absl::Hours(24 * (limits::kDedupWindowDays + 1)));
  const auto second = Office::Must<v1::OpenCaseResponse>(here.office.Call(kSupervisor, order));
  EXPECT_NE(first.case_(), second.case_());
  EXPECT_EQ(here.BoundNamed("dedup_days").hits(), 1u);
}

TEST(Vitals, ManyCommandsAtOnceReachTheBoundOfABatchAndOfTheQueue) {
  Listened here;
  here.office.options().own_thread = false;
  here.office.Restart();
  size_t refused = 0;
  for (size_t i = 0; i < limits::kQueueMax + 3; ++i) {
    here.office.node().Submit(kSupervisor, here.office.Action("cases/none", "comment"), [&](Reply<Response> reply) {
      if (CodeOf(reply) == absl::StatusCode::kResourceExhausted) ++refused;
    });
  }
  EXPECT_EQ(refused, 3u);
  EXPECT_EQ(here.BoundNamed("queue").hits(), 3u);
  EXPECT_EQ(here.BoundNamed("queue").value(), static_cast<int64_t>(limits::kQueueMax));
  here.office.node().Pump();
  EXPECT_EQ(here.BoundNamed("batch_commands").hits(), 1u);
  while (here.office.node().Pump()) {
  }
  EXPECT_EQ(here.BoundNamed("queue").value(), 0);
}

}  // namespace
}  // namespace duban::node
