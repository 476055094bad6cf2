// Rows and timers are a function of the log alone: what a rebuild makes is, byte for byte, what inline updating made.
#include "services/node/rebuild.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <limits>
#include <map>
#include <random>

#include "tests/node/support/office.h"

namespace duban::node {
namespace {

using Rows = std::map<std::pair<int, std::string>, std::string>;
using Timers = std::map<std::string, int64_t>;

Rows RowsOf(const store::Store& store) {
  Rows out;
  const auto snapshot = store.NewSnapshot();
  for (int table = 0; table < 256; ++table) {
    EXPECT_TRUE(snapshot
                    ->Scan(static_cast<uint8_t>(table), "", "",
                           [&](absl::string_view key, absl::string_view value) {
                             out[{table, std::string(key)}] = std::string(value);
                             return true;
                           })
                    .ok());
  }
  return out;
}

Rows RowsOf(const store::Apply& apply) {
  Rows out;
  for (const store::RowChange& row : apply.rows) {
    if (!row.deleted) out[{row.table, row.key}] = row.value;
  }
  return out;
}

Timers TimersOf(const store::Store& store) {
  Timers out;
  EXPECT_TRUE(store
                  .DueTimers(std::numeric_limits<int64_t>::max(),
                             [&](const store::Timer& timer) {
                               out[timer.name] = timer.due_ms;
                               return true;
                             })
                  .ok());
  return out;
}

// Orders, actions and the clock, at random: what the cases themselves say may be done, by whoever may do it.
void WorkAtRandom(Office& office, uint64_t seed, int steps) {
  std::mt19937_64 random(seed);
  const auto pick = [&](size_t n) { return static_cast<size_t>(random() % n); };
  const std::vector<std::string> persons = {kSupervisor, kReviewer, kHousing, kWater};
  std::vector<std::string> cases;
  const v1::QueryLedgerResponse there = office.Ledger(kAuditor);
  for (const v1::LedgerRow& row : there.rows()) cases.push_back(row.case_());
  absl::Time now = engine::FromProto(Office::MustRead(office.node().GetWorkspace(kAuditor, {})).now());
  for (int step = 0; step < steps; ++step) {
    const size_t kind = pick(10);
    if (cases.empty() || kind == 0) {
      v1::OpenCaseRequest order = office.Order(pick(2) ? "units/zhujian" : "units/shuiwu", absl::StrCat("问题", step),
                                               pick(3) ? absl::StrCat("2026-10-", 10 + pick(20)) : "");
      if (pick(2)) Office::SetField(order.mutable_fields(), "informant")->set_text("反映人");
      cases.push_back(Office::Must<v1::OpenCaseResponse>(office.Call(kSupervisor, order)).case_());
    } else if (kind == 1 && now < At("2026-11-10 00:00")) {
      now += absl::Hours(1 + static_cast<int64_t>(pick(60)));
      office.Advance(now);
      // Look-backs that opened by themselves are worked on too.
      const v1::QueryLedgerResponse ledger = office.Ledger(kAuditor);
      for (const v1::LedgerRow& row : ledger.rows()) {
        if (std::find(cases.begin(), cases.end(), row.case_()) == cases.end()) cases.push_back(row.case_());
      }
    } else {
      const std::string& actor = persons[pick(persons.size())];
      const std::string& name = cases[pick(cases.size())];
      v1::GetCaseRequest get;
      get.set_case_(name);
      const Reply<v1::GetCaseResponse> seen = office.node().GetCase(actor, get);
      if (!std::holds_alternative<v1::GetCaseResponse>(seen)) continue;
      const v1::Case& shown = std::get<v1::GetCaseResponse>(seen).case_();
      if (shown.actions().empty()) continue;
      const v1::CaseAction& action = shown.actions(static_cast<int>(pick(static_cast<size_t>(shown.actions_size()))));
      v1::ActOnCaseRequest act = office.Action(name, action.action());
      for (const std::string& need : action.needs()) {
        if (need == "reason") {
          act.set_reason("随机");
        } else if (need == "note") {
          act.set_note("随机");
        } else if (need == "evidence") {
          Office::SetField(act.mutable_fields(), need)->set_file(kPhoto);
        } else if (need == "due" || need == "new_due") {
          Office::SetField(act.mutable_fields(), need)->set_date(absl::StrCat("2026-11-", 10 + pick(20)));
        } else {
          Office::SetField(act.mutable_fields(), need)->set_text("随机");
        }
      }
      office.Call(actor, act);  // Some are refused (never by the same person, …): as it should be.
    }
  }
}

void ExpectSame(const Rows& inline_rows, const Rows& rebuilt) {
  EXPECT_EQ(inline_rows.size(), rebuilt.size());
  for (const auto& [key, value] : inline_rows) {
    const auto found = rebuilt.find(key);
    ASSERT_TRUE(found != rebuilt.end()) << "table " << key.first << " lacks " << key.second;
    ASSERT_EQ(value, found->second) << "table " << key.first << " differs at " << key.second;
  }
}

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

INSTANTIATE_TEST_SUITE_P(Seeds, Rebuild, testing::Values(1, 2, 3, 4, 5));

}  // namespace
}  // namespace duban::node
