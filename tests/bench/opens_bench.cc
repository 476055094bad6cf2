// What one act and one plan open for many, on a real disk.
//
//   OpenForEach/n    an act that opens a part for each of n units, all in its commit
//   PlanOverLedger   the moment in which a plan for cases comes due: a population of the 50,000 cases (or
//                    DUBAN_BENCH_CASES) of a ledger is found, frozen, and one in a hundred drawn; what it then opens,
//                    it opens in commits of their own
#include <benchmark/benchmark.h>

#include <cstdlib>

#include "absl/strings/numbers.h"
#include "tests/bench/city.h"

namespace duban::bench {
namespace {

constexpr char kCampaign[] = R"yaml(
procedure: campaign
title: 专项行动
may_open: [issuer]
parties:
  issuer: {kind: unit, right: issue, title: 交办单位}
  lead:   {kind: unit, title: 牵头单位}
fields:
  matter: {title: 事项, type: text, required: true}
  units:  {title: 各单位, type: unit, many: true}
stages:
  rectifying:
    title: 办理中
    within: 60 days
    actions:
      divide: {title: 分解, by: issuer, needs: [units], opens: {procedure: campaign, for_each: {lead: units}, bind: {issuer: issuer}, set: {matter: matter}, as: part}}
      finish: {title: 办结, by: issuer, to: done}
  done: {title: 已办结, end: done}
)yaml";

constexpr char kSample[] = R"yaml(
plan: sample
title: 回头看抽样
by: posts/duchayi-kezhang
when: {rrule: "FREQ=DAILY", from: 2026-09-02, until: 2026-12-31}
for: {cases: {procedure: campaign, stage: done}, share: 1%}
opens: {procedure: lookback, bind: {inspecting: issuer, visited: lead}, copy: {problem: matter}}
)yaml";

class Campaign : public City {
 public:
  Campaign() : City(kCampaign) {}
  std::string Open(int lead) { return City::Open("lead", lead, "matter", "燃气安全"); }
};

void OpenForEach(benchmark::State& state) {
  static Campaign city;
  for (auto _ : state) {
    state.PauseTiming();
    v1::ActOnCaseRequest divide = city.office().Action(city.Open(0), "divide");
    v1::FieldValue& given = *divide.add_fields();
    given.set_field("units");
    for (int i = 0; i < state.range(0); ++i) given.add_values()->set_reference(City::Unit(i));
    state.ResumeTiming();
    node::Office::Must<v1::ActOnCaseResponse>(city.office().Call(node::kSupervisor, divide));
  }
}
BENCHMARK(OpenForEach)->Arg(1)->Arg(City::kUnits)->UseRealTime()->Unit(benchmark::kMillisecond);

// A city whose ledger is full of cases that have ended.
class Ended : public Campaign {
 public:
  Ended() {
    if (const char* asked = std::getenv("DUBAN_BENCH_CASES")) (void)absl::SimpleAtoi(asked, &cases_);
    for (int i = 0; i < cases_; ++i) office().Act(node::kSupervisor, Open(i), "finish");
    v1::PutPlanRequest put;
    put.mutable_file()->set_path("sample.yaml");
    put.mutable_file()->set_text(kSample);
    put.set_idempotency_key("plan");
    node::Office::Must<v1::PutPlanResponse>(office().Call(node::kSupervisor, put));
  }

  int cases() const { return cases_; }
  // To the next day's morning, on which the plan comes due.
  void NextDay() { office().Advance(node::At("2026-09-01 09:00") + absl::Hours(24) * ++day_); }

 private:
  int cases_ = 50'000;
  int day_ = 0;
};

void PlanOverLedger(benchmark::State& state) {
  static Ended ended;
  for (auto _ : state) {
    ended.NextDay();
    state.PauseTiming();
    while (ended.office().node().Pump()) {
    }
    state.ResumeTiming();
  }
  int64_t population = 0;
  for (const v1::EventRecord& record : ended.office().Events(node::kAuditor, "plans/sample")) {
    if (record.event().has_plan_due()) population = record.event().plan_due().population_size();
  }
  if (population == 0) state.SkipWithError("nothing came due");
  state.counters["cases"] = ended.cases();
}
BENCHMARK(PlanOverLedger)->UseRealTime()->Iterations(5)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace duban::bench
