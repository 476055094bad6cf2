// A year of tickets, 50,000 unless DUBAN_BENCH_CASES says otherwise, over a hundred units and eight kinds: how long a
// rate takes, over counting cells and case by case, on a real disk; and a page of the ledger with its total.
//
//   YearByUnit      a year by unit, with the year before
//   QuarterByKind   a quarter by kind
//   YearBoard       a ranking of all units over a year
//   QuarterByDays   the same quarter as QuarterByKind, asked for by its days: case by case
//   LedgerOfAll     the newest 50 cases and how many there are, for one who sees everything
//   LedgerOfOne     the same for a unit that sees its own
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <memory>

#include "absl/strings/numbers.h"
#include "store/rocks_store.h"
#include "tests/bench/disk.h"
#include "tests/node/support/office.h"

namespace duban::bench {
namespace {

constexpr int kUnits = 100;
constexpr int kKinds = 8;

constexpr char kTicket[] = R"(
procedure: ticket
title: 工单
may_open: [desk]
parties:
  desk:    {kind: unit, right: issue, title: 派单单位}
  handler: {kind: unit, title: 承办单位}
fields:
  matter: {title: 诉求, type: text, required: true}
  kind:   {title: 类别, type: choice, of: kinds}
codes: {kinds: [k0, k1, k2, k3, k4, k5, k6, k7]}
stages:
  handling:
    title: 办理中
    actions:
      done: {title: 办结, by: desk, to: closed, verifies: passed}
  closed: {title: 已办结, end: done}
clocks:
  solve: {title: 办理时限, from: handling, until: closed, budget: 5 days, charged_to: handler}
)";

constexpr char kFigures[] = R"(
metrics:
  on_time: {title: 按期办结率, above: [ended, on_time], below: [ended]}
  passed:  {title: 通过率, above: [checked, {verified: passed}], below: [checked]}
scoreboards:
  board: {title: 赛马, formula: {on_time: 70, passed: 30}}
)";

class Year {
 public:
  static Year& Get() {
    static Year year;
    return year;
  }
  node::Office& office() { return office_; }
  int cases() const { return cases_; }

 private:
  Year() : office_({.start = "2026-01-01 09:00"}, *store::OpenRocksStore(disk_.path() + "/db")) {
    if (const char* asked = std::getenv("DUBAN_BENCH_CASES")) (void)absl::SimpleAtoi(asked, &cases_);
    office_.Publish("ticket", kTicket);
    office_.Publish("figures", kFigures);
    v1::ApplyDirectoryRequest units;
    units.set_idempotency_key("units");
    for (int i = 0; i < kUnits; ++i) {
      v1::Unit& unit = *units.add_units();
      unit.set_name(absl::StrCat("units/u", i));
      unit.set_title(absl::StrCat("单位", i));
      unit.set_code(absl::StrCat("u", i, "x"));
    }
    node::Office::Must<v1::ApplyDirectoryResponse>(office_.Call(node::kOperatorPerson, units));
    const int days = 350;
    for (int i = 0, day = 0; i < cases_; ++i) {
      if (i * days / cases_ > day)
        office_.Advance(node::At("2026-01-01 09:00") + absl::Hours(24) * (day = i * days / cases_));
      v1::OpenCaseRequest request;
      request.set_procedure("ticket");
      request.set_idempotency_key(office_.FreshKey());
      node::Office::Bind(request, "desk", "units/ducha");
      node::Office::Bind(request, "handler", absl::StrCat("units/u", i * 7919 % kUnits));
      node::Office::SetField(request.mutable_fields(), "matter")->set_text("井盖松动");
      node::Office::SetField(request.mutable_fields(), "kind")->set_choice(absl::StrCat("k", i * 31 % kKinds));
      const auto opened = node::Office::Must<v1::OpenCaseResponse>(office_.Call(node::kSupervisor, request));
      open_.push_back(opened.case_());
      // One in five waits until it is late.
      const size_t next = i % 5 == 0 ? open_.size() / 2 : open_.size() - 1;
      office_.Act(node::kSupervisor, open_[next], "done");
      open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(next));
    }
  }

  const Disk disk_;
  node::Office office_;
  int cases_ = 50'000;
  std::vector<std::string> open_;
};

void Ask(benchmark::State& state, const std::string& period, const std::string& by, v1::Comparison compare) {
  Year& year = Year::Get();
  v1::QueryMetricRequest request;
  request.set_metric("on_time");
  request.set_period(period);
  request.add_by(by);
  request.set_compare(compare);
  int64_t below = 0;
  for (auto _ : state) {
    below = node::Office::MustRead(year.office().node().QueryMetric(node::kAuditor, request)).rate().below();
  }
  if (below == 0) state.SkipWithError("nothing was counted");
  state.counters["below"] = static_cast<double>(below);
}

void YearByUnit(benchmark::State& state) { Ask(state, "2026", "unit", v1::COMPARISON_YEAR_ON_YEAR); }
BENCHMARK(YearByUnit)->UseRealTime()->Unit(benchmark::kMillisecond);

void QuarterByKind(benchmark::State& state) { Ask(state, "2026Q2", "kind", v1::COMPARISON_UNSPECIFIED); }
BENCHMARK(QuarterByKind)->UseRealTime()->Unit(benchmark::kMillisecond);

void QuarterByDays(benchmark::State& state) {
  Ask(state, "2026-04-02..2026-06-29", "kind", v1::COMPARISON_UNSPECIFIED);
}
BENCHMARK(QuarterByDays)->UseRealTime()->Unit(benchmark::kMillisecond);

void YearBoard(benchmark::State& state) {
  v1::QueryScoreboardRequest request;
  request.set_scoreboard("board");
  request.set_period("2026");
  for (auto _ : state) {
    const auto ranked = node::Office::MustRead(Year::Get().office().node().QueryScoreboard(node::kAuditor, request));
    if (ranked.rows_size() != kUnits) state.SkipWithError("not all units are ranked");
  }
}
BENCHMARK(YearBoard)->UseRealTime()->Unit(benchmark::kMillisecond);

void Page(benchmark::State& state, const std::string& viewer, bool all) {
  Year& year = Year::Get();
  v1::QueryLedgerRequest request;
  request.set_page_size(50);
  int64_t total = 0;
  for (auto _ : state) total = node::Office::MustRead(year.office().node().QueryLedger(viewer, request)).total_size();
  if ((total == year.cases()) != all) state.SkipWithError("not what the viewer sees");
  state.counters["total"] = static_cast<double>(total);
}

void LedgerOfAll(benchmark::State& state) { Page(state, node::kAuditor, true); }
BENCHMARK(LedgerOfAll)->UseRealTime()->Unit(benchmark::kMillisecond);

void LedgerOfOne(benchmark::State& state) { Page(state, node::kHousing, false); }
BENCHMARK(LedgerOfOne)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace duban::bench
