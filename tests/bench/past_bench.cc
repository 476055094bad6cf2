// The past of lists, on a real disk: 300 orders and 10,000 acts after them.
//
//   LedgerNow         a page of fifty rows of now
//   LedgerThenKept    the same as of the middle of the history, from what is kept
//   LedgerThenScratch the same by reading the log again up to there
//   CompareKept       a page of what differs between the middle and now
//
// Counters of LedgerThenKept: bytes kept beside for each commit, and how many rows.
#include <benchmark/benchmark.h>

#include "engine/views/rows.h"
#include "store/rocks_store.h"
#include "tests/bench/disk.h"
#include "tests/node/support/office.h"

namespace duban::bench {
namespace {

constexpr int kOrders = 300;
constexpr int kActs = 10'000;

class History {
 public:
  static History& Get() {
    static History history;
    return history;
  }
  ~History() {
    office_.reset();
    store_.reset();
  }

  node::Office& office() { return *office_; }
  v1::AsOf middle() const { return middle_; }

  // Lets go of what is kept before now, or of nothing.
  void Keep(uint64_t commits) {
    office_->options().past_kept = commits;
    office_->Restart();
    v1::ActOnCaseRequest urge = office_->Action(cases_[0], "urge");
    urge.set_reason("请抓紧");
    node::Office::Must<v1::ActOnCaseResponse>(office_->Call(node::kSupervisor, urge));
  }

  void CountKept(double* rows, double* bytes) const {
    *rows = *bytes = 0;
    for (const auto table : {engine::Table::kPastRow, engine::Table::kPastCount, engine::Table::kPastIndex}) {
      (void)store_->NewSnapshot()->Scan(static_cast<uint8_t>(table), "", "",
                                        [&](absl::string_view key, absl::string_view value) {
                                          *rows += 1;
                                          *bytes += static_cast<double>(key.size() + value.size());
                                          return true;
                                        });
    }
    *rows /= static_cast<double>(store_->head());
    *bytes /= static_cast<double>(store_->head());
  }

 private:
  History() {
    store_ = *store::OpenRocksStore(disk_.path() + "/db");
    office_ = std::make_unique<node::Office>(node::OfficeOptions{}, store_);
    for (int i = 0; i < kOrders; ++i) {
      cases_.push_back(office_->Open("units/zhujian", "裸土未覆盖", "2026-12-20").case_());
      office_->Act(node::kHousing, cases_.back(), "acknowledge");
    }
    for (int i = 0; i < kActs; ++i) {
      v1::ActOnCaseRequest report = office_->Action(cases_[static_cast<size_t>(i) * 7919 % kOrders], "report");
      node::Office::SetField(report.mutable_fields(), "progress")->set_text(std::string(200, 'p'));
      node::Office::Must<v1::ActOnCaseResponse>(office_->Call(node::kHousing, report));
      if (i == kActs / 2) middle_.set_position(office_->Ledger(node::kAuditor).position());
    }
  }

  const Disk disk_;
  std::shared_ptr<store::Store> store_;
  std::unique_ptr<node::Office> office_;
  std::vector<std::string> cases_;
  v1::AsOf middle_;
};

void Query(benchmark::State& state, bool then, v1::PastAnswer::Source source) {
  v1::QueryViewRequest request;
  request.set_view(v1::VIEW_LEDGER);
  History& history = History::Get();
  if (then) *request.mutable_as_of() = history.middle();
  for (auto _ : state) {
    if (source == v1::PastAnswer::SOURCE_SCRATCH) {
      // Another time for each, so that none is held already.
      state.PauseTiming();
      history.Keep(1);
      state.ResumeTiming();
    }
    const auto page = node::Office::MustRead(history.office().node().QueryView(node::kHousing, request));
    if (page.rows_size() != 50 || page.past().source() != source) state.SkipWithError("not the answer that was meant");
  }
}

void LedgerNow(benchmark::State& state) { Query(state, false, v1::PastAnswer::SOURCE_UNSPECIFIED); }
BENCHMARK(LedgerNow)->UseRealTime()->Unit(benchmark::kMicrosecond);

void LedgerThenKept(benchmark::State& state) {
  Query(state, true, v1::PastAnswer::SOURCE_KEPT);
  double rows = 0, bytes = 0;
  History::Get().CountKept(&rows, &bytes);
  state.counters["rows_per_commit"] = rows;
  state.counters["bytes_per_commit"] = bytes;
}
BENCHMARK(LedgerThenKept)->UseRealTime()->Unit(benchmark::kMicrosecond);

void CompareKept(benchmark::State& state) {
  v1::CompareViewRequest request;
  request.set_view(v1::VIEW_LEDGER);
  *request.mutable_from() = History::Get().middle();
  for (auto _ : state) {
    const auto page = node::Office::MustRead(History::Get().office().node().CompareView(node::kHousing, request));
    if (page.differences_size() != 50) state.SkipWithError("not the answer that was meant");
  }
}
BENCHMARK(CompareKept)->UseRealTime()->Unit(benchmark::kMicrosecond);

void LedgerThenScratch(benchmark::State& state) { Query(state, true, v1::PastAnswer::SOURCE_SCRATCH); }
BENCHMARK(LedgerThenScratch)->Iterations(3)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace duban::bench
