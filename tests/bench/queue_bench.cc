// Queues over their own markers: what reading the front of an index costs when everything before it is done.
//
// A worklist's index is a queue: entries come at its end and are removed at its front, and RocksDB keeps a marker for
// each that was removed until it merges its files. FrontOfQueue/n removes n entries, a thousand being open at a time,
// in commits of about a kilobyte as acting writes them, then reads the first 32 that are left.
#include <benchmark/benchmark.h>

#include "absl/strings/str_cat.h"
#include "store/record.h"
#include "store/rocks_store.h"
#include "tests/bench/disk.h"

namespace duban::store {
namespace {

constexpr uint64_t kOpen = 1000;
constexpr uint8_t kIndex = 31;

std::string Entry(uint64_t number) {
  return absl::StrCat("worklist/units/zhujian/", absl::Dec(number, absl::kZeroPad12), "/cases/0123456789abc");
}

void FrontOfQueue(benchmark::State& state) {
  const bench::Disk disk;
  auto store = OpenRocksStore(disk.path());
  if (!store.ok()) return state.SkipWithError(std::string(store.status().message()).c_str());
  const auto done = static_cast<uint64_t>(state.range(0));
  for (uint64_t number = 0; number < done + kOpen;) {
    Append append{(*store)->head(), {}};
    Apply apply;
    for (int i = 0; i < 256 && number < done + kOpen; ++i, ++number) {
      append.commits.push_back({EncodeRecord(std::string(600, static_cast<char>('a' + number % 26)), ""), {}});
      apply.rows.push_back({1, absl::StrCat("case/", number % 5000), std::string(300, 's'), false});
      apply.rows.push_back({kIndex, Entry(number), "cases/0123456789abc", false});
      if (number >= kOpen) apply.rows.push_back({kIndex, Entry(number - kOpen), "", true});
    }
    apply.position = append.expected_head + append.commits.size();
    if (absl::Status status = (*store)->Write(append, apply); !status.ok()) {
      state.SkipWithError(std::string(status.message()).c_str());
      break;
    }
  }
  for (auto _ : state) {
    int left = 32;
    const auto rows = (*store)->NewSnapshot();
    const absl::Status read = rows->Scan(kIndex, "worklist/units/zhujian/", "",
                                         [&](absl::string_view, absl::string_view) { return --left > 0; });
    if (!read.ok() || left != 0) state.SkipWithError("the queue's front is not there");
  }
}
BENCHMARK(FrontOfQueue)
    ->Arg(0)
    ->Arg(10'000)
    ->Arg(40'000)
    ->Arg(150'000)
    ->Arg(400'000)
    ->UseRealTime()
    ->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace duban::store
