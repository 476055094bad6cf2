// Durable commits with ten rows each, as many in one batch as the argument says: what the embedded store can carry
// when nothing is decided. Set DUBAN_BENCH_DIR to a directory on the disk that is to be measured.
#include <benchmark/benchmark.h>

#include "absl/strings/str_cat.h"
#include "store/record.h"
#include "store/rocks_store.h"
#include "tests/bench/disk.h"

namespace duban::store {
namespace {

// About what one act of a case writes: a record of 500 bytes, a state row, index rows, a timer moved.
void AddCommit(uint64_t number, Append& append, Apply& apply) {
  const uint64_t entity = number * 2654435761 % 100000;
  const std::string stream = absl::StrCat("case/", entity);
  append.commits.push_back({EncodeRecord(std::string(500, 'p'), ""), {{stream, 1 + number, 1}}});
  apply.rows.push_back({1, stream, std::string(300, 's'), false});
  for (uint8_t table = 2; table < 9; ++table) {
    apply.rows.push_back({table, absl::StrCat(number % 97, "/", entity), std::string(20, 'i'), false});
  }
  apply.timers.push_back({stream, TimerChange::kNone, static_cast<int64_t>(number)});
}

void DurableCommits(benchmark::State& state) {
  const bench::Disk disk;
  auto store = OpenRocksStore(disk.path());
  if (!store.ok()) return state.SkipWithError(std::string(store.status().message()).c_str());
  for (auto _ : state) {
    Append append{(*store)->head(), {}};
    Apply apply;
    for (int64_t i = 0; i < state.range(0); ++i) AddCommit(append.expected_head + i, append, apply);
    apply.position = append.expected_head + append.commits.size();
    if (absl::Status status = (*store)->Write(append, apply); !status.ok()) {
      state.SkipWithError(std::string(status.message()).c_str());
      break;
    }
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(DurableCommits)->Arg(1)->Arg(16)->Arg(64)->Arg(256)->UseRealTime()->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace duban::store
