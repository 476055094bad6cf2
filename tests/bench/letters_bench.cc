// Letters about many cases, on a real disk.
//
//   IssueLetters/n   n cases that wait are put into letters, one for each of 300 units, in one commit; how many at once
//                    is limits::kLettersCasesMax
#include <benchmark/benchmark.h>

#include <algorithm>

#include "engine/base/limits.h"
#include "tests/bench/city.h"

namespace duban::bench {
namespace {

constexpr char kOrder[] = R"yaml(
procedure: campaign
title: 专项整治
may_open: [issuer]
parties:
  issuer: {kind: unit, right: issue, title: 交办单位}
  owner:  {kind: unit, title: 责任单位}
fields:
  problem: {title: 问题, type: text, required: true}
stages:
  issued:
    title: 待签收
    within: 60 days
    actions:
      acknowledge: {title: 签收, by: owner, to: done}
      withdraw: {title: 撤回, by: issuer, to: done}
  done: {title: 已签收, end: done}
documents:
  letter: {template: letter, number: "{issuer}交〔{year}〕{seq}号", per: owner, from: issuer, at: issued, receipt: acknowledge}
templates:
  letter:
    title: 交办函
    heading: 关于交办{count}项问题的函
    text:
      - 现将{count}项问题交由你单位整改，请认真组织落实。
      - {table: [case, problem], title: 问题清单}
)yaml";

void IssueLetters(benchmark::State& state) {
  City city(kOrder);
  const int cases = std::min<int>(state.range(0), engine::limits::kLettersCasesMax);
  for (auto _ : state) {
    state.PauseTiming();
    for (int i = 0; i < cases; ++i) city.Open("owner", i, "problem", "燃气管线与电缆同沟敷设，未设隔离");
    v1::IssueDocumentsRequest request;
    request.set_template_("campaign/letter");
    request.set_idempotency_key(city.office().FreshKey());
    request.mutable_filter()->set_procedure("campaign");
    request.mutable_filter()->set_stage("issued");
    state.ResumeTiming();
    const auto issued = node::Office::Must<v1::IssueDocumentsResponse>(city.office().Call(node::kSupervisor, request));
    if (issued.documents_size() != std::min(cases, City::kUnits)) state.SkipWithError("not a letter for each unit");
  }
  state.counters["cases"] = cases;
}
BENCHMARK(IssueLetters)
    ->Arg(1)
    ->Arg(265)
    ->Arg(500)
    ->Arg(1000)
    ->UseRealTime()
    ->Iterations(5)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace duban::bench
