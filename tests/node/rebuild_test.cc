// Rows and timers are a function of the log alone: what a rebuild makes is, byte for byte, what inline updating made.
#include "services/node/rebuild.h"

#include <gmock/gmock.h>

#include "engine/base/limits.h"
#include "services/node/limits.h"
#include "tests/node/support/passing_store.h"
#include "tests/node/support/random_work.h"
#include "tests/node/support/standing.h"

namespace duban::node {
namespace {

// Weighs the rows of each batch of a rebuild.
class WeighedStore : public PassingStore {
 public:
  std::vector<size_t> batches;

  absl::Status Rebuild(bool begin, const store::Apply& apply) override {
    size_t& bytes = batches.emplace_back();
    for (const store::RowChange& row : apply.rows) bytes += row.key.size() + row.value.size();
    return below_->Rebuild(begin, apply);
  }
};

class Rebuild : public testing::TestWithParam<uint64_t> {};

TEST_P(Rebuild, DerivesFromTheLogAloneWhatInlineUpdatingMade) {
  // Given months of work at random.
  Office office({.seed = GetParam()});
  WorkAtRandom(office, GetParam(), 400);
  office.node().Shutdown();
  const Rows rows = RowsOf(office.store());
  const Timers timers = TimersOf(office.store());
  ASSERT_GT(rows.size(), 200u);
  ASSERT_FALSE(timers.empty());
  // When all rows and timers are derived anew from the log.
  const absl::StatusOr<store::Apply> derived = DeriveRows(office.store());
  ASSERT_TRUE(derived.ok()) << derived.status();
  // Then they are the same to the byte.
  Timers derived_timers;
  for (const store::TimerChange& timer : derived->timers) {
    if (timer.new_due_ms != store::TimerChange::kNone) derived_timers[timer.name] = timer.new_due_ms;
  }
  ExpectSame(rows, RowsOf(*derived));
  EXPECT_EQ(timers, derived_timers);
  EXPECT_EQ(derived->position, office.store().head());
}

TEST_P(Rebuild, InTheStoreItselfLeavesNothingAndLosesNothing) {
  Office office({.seed = GetParam()});
  WorkAtRandom(office, GetParam() + 100, 200);
  office.node().Shutdown();
  const Rows rows = RowsOf(office.store());
  const Timers timers = TimersOf(office.store());
  ASSERT_TRUE(RebuildRows(office.store()).ok());
  ExpectSame(rows, RowsOf(office.store()));
  EXPECT_EQ(timers, TimersOf(office.store()));
}

TEST_P(Rebuild, RestartsInTheMiddleLeaveNoTrace) {
  // Given work that is interrupted again and again, so that states come from snapshots and tails, not from the cache.
  Office office({.seed = GetParam()});
  for (uint64_t part = 0; part < 8; ++part) {
    WorkAtRandom(office, GetParam() * 100 + part, 40);
    office.options().random = SeededRandom(GetParam() * 100 + part);
    office.Restart();
  }
  office.node().Shutdown();
  const absl::StatusOr<store::Apply> derived = DeriveRows(office.store());
  ASSERT_TRUE(derived.ok()) << derived.status();
  ExpectSame(RowsOf(office.store()), RowsOf(*derived));
}

TEST(RebuildBounds, ABatchIsBoundedByItsBytesNotByItsCommitsAlone) {
  // Given matters whose rows are large, so that what each commit changed is too.
  const auto store = std::make_shared<WeighedStore>();
  Office office({}, store);
  const std::string text(engine::limits::kTextBytesMax, 'x');
  for (int i = 0; i < 40; ++i) {
    const std::string order = office.Open("units/zhujian", text).case_();
    office.Act(kHousing, order, "acknowledge");
    for (int n = 0; n < 10; ++n) {
      v1::ActOnCaseRequest report = office.Action(order, "report");
      Office::SetField(report.mutable_fields(), "progress")->set_text(absl::StrCat(n, text.substr(10)));
      Office::Must<v1::ActOnCaseResponse>(office.Call(kHousing, report));
    }
  }
  office.node().Shutdown();
  ASSERT_LT(store->head(), limits::kRebuildBatchMax);
  const Rows rows = RowsOf(*store);
  // When all rows are derived anew.
  ASSERT_TRUE(RebuildRows(*store).ok());
  // Then no batch held more than it may, but for the commit that reached the bound; and they are what they were.
  EXPECT_GT(store->batches.size(), 1u);
  for (const size_t bytes : store->batches) EXPECT_LT(bytes, limits::kBatchBytesMax + 2 * limits::kChangedBytesMax);
  ExpectSame(rows, RowsOf(*store));
}

INSTANTIATE_TEST_SUITE_P(Seeds, Rebuild, testing::Values(1, 2, 3, 4, 5));

}  // namespace
}  // namespace duban::node
