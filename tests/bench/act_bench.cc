// A real `act`, durable before its answer, beside a bare RocksDB writer of the same rows in the same batches.
//
//   Act/n          n acts in flight against the node: dedup, timers, decide, views, one sync per batch
//   GrpcAct/n      the same through gRPC on loopback, client and server sharing the machine
//   BareRows/n     the rows that Act/n wrote, batch by batch, into a RocksDB with a sync per batch and nothing else
//
// Each act reports progress (200 bytes) on one of 1,000 open rectification orders. Absolute figures drift with the
// machine; read the ratios inside one run: duban_bench --benchmark_repetitions=3
// --benchmark_enable_random_interleaving=true
#include <benchmark/benchmark.h>
#include <grpcpp/grpcpp.h>

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <semaphore>

#include "duban/v1/case_service.grpc.pb.h"
#include "rocksdb/db.h"
#include "services/rpc/server.h"
#include "store/rocks_store.h"
#include "tests/bench/disk.h"
#include "tests/node/support/office.h"
#include "tests/node/support/passing_store.h"

namespace duban::bench {
namespace {

constexpr int kCases = 1000;
constexpr int kActsPerRun = 4096;  // Of one iteration, whatever is in flight.

// What one batch wrote.
struct Written {
  store::Append append;
  store::Apply apply;
};

// Passes everything on and keeps what is written while it is told to.
class Tap : public node::PassingStore {
 public:
  explicit Tap(std::unique_ptr<store::Store> below) : PassingStore(std::move(below)) {}

  absl::Status Write(const store::Append& append, const store::Apply& apply) override {
    if (recording) kept.push_back({append, apply});
    return below_->Write(append, apply);
  }

  bool recording = false;  // Changed only while nothing is in flight.
  std::vector<Written> kept;
};

// An office on a real disk with a thousand orders being rectified.
class Ground {
 public:
  static Ground& Get() {
    static Ground ground;
    return ground;
  }
  ~Ground() {
    server_.reset();
    office_.reset();
    tap_.reset();
  }

  node::Node& node() { return office_->node(); }
  Tap& tap() { return *tap_; }
  const std::string& directory() const { return disk_.path(); }
  std::map<int, std::vector<Written>>& written() { return written_; }

  v1::ActOnCaseRequest NextAct() {
    const uint64_t n = next_++;
    v1::ActOnCaseRequest request;
    request.set_case_(cases_[n * 7919 % kCases]);
    request.set_action("report");
    request.set_idempotency_key("bench-" + std::to_string(n));
    node::Office::SetField(request.mutable_fields(), "progress")->set_text(std::string(200, 'p'));
    return request;
  }

  v1::CaseService::Stub& stub() {
    if (server_ == nullptr) {
      server_ = *rpc::Server::Start(node(), "127.0.0.1:0");
      stub_ = v1::CaseService::NewStub(
          grpc::CreateChannel("127.0.0.1:" + std::to_string(server_->port()), grpc::InsecureChannelCredentials()));
      v1::IssueTokenRequest request;
      request.set_person(node::kHousing);
      token_ = "Bearer " + node::Office::MustRead(node().IssueToken(node::kOperatorPerson, request)).token();
    }
    return *stub_;
  }
  const std::string& token() const { return token_; }

 private:
  Ground() {
    tap_ = std::make_shared<Tap>(*store::OpenRocksStore(disk_.path() + "/db"));
    office_ = std::make_unique<node::Office>(node::OfficeOptions{}, tap_);
    for (int i = 0; i < kCases; ++i) {
      const std::string name = office_->Open("units/zhujian", "裸土未覆盖", "2026-12-20").case_();
      office_->Act(node::kHousing, name, "acknowledge");
      cases_.push_back(name);
    }
  }

  const Disk disk_;
  std::shared_ptr<Tap> tap_;
  std::unique_ptr<node::Office> office_;
  std::vector<std::string> cases_;
  std::atomic<uint64_t> next_{0};
  std::map<int, std::vector<Written>> written_;
  std::unique_ptr<rpc::Server> server_;
  std::unique_ptr<v1::CaseService::Stub> stub_;
  std::string token_;
};

// Keeps `in_flight` calls open until `total` have been answered.
template <typename Send>
void Flood(int in_flight, int total, Send send) {
  std::counting_semaphore<> free(in_flight);
  for (int i = 0; i < total; ++i) {
    free.acquire();
    send([&free] { free.release(); });
  }
  for (int i = 0; i < in_flight; ++i) free.acquire();
}

int Total(const benchmark::State& state) { return state.range(0) == 1 ? kActsPerRun / 8 : kActsPerRun; }

void Act(benchmark::State& state) {
  Ground& ground = Ground::Get();
  const int n = static_cast<int>(state.range(0));
  std::atomic<int> failed{0};
  for (auto _ : state) {
    ground.tap().kept.clear();
    ground.tap().recording = true;
    Flood(n, Total(state), [&](auto release) {
      ground.node().Submit(node::kHousing, ground.NextAct(), [&failed, release](node::Reply<node::Response> reply) {
        if (!std::holds_alternative<node::Response>(reply)) ++failed;
        release();
      });
    });
    ground.tap().recording = false;
    ground.written()[n] = std::move(ground.tap().kept);
  }
  if (failed > 0) state.SkipWithError("an act was refused");
  size_t rows = 0;
  size_t bytes = 0;
  for (const Written& one : ground.written()[n]) {
    for (const auto& commit : one.append.commits) {
      rows += 1 + commit.streams.size();
      bytes += 8 + commit.record.size();
      for (const auto& span : commit.streams) bytes += span.stream.size() + 17;
    }
    for (const auto& row : one.apply.rows) rows += 1, bytes += 1 + row.key.size() + row.value.size();
    rows += one.apply.timers.size();
  }
  state.SetItemsProcessed(state.iterations() * Total(state));
  state.counters["rows_per_act"] = static_cast<double>(rows) / Total(state);
  state.counters["bytes_per_act"] = static_cast<double>(bytes) / Total(state);
  state.counters["acts_per_sync"] = static_cast<double>(Total(state)) / static_cast<double>(ground.written()[n].size());
}

void GrpcAct(benchmark::State& state) {
  Ground& ground = Ground::Get();
  v1::CaseService::Stub& stub = ground.stub();
  struct Call {
    grpc::ClientContext context;
    v1::ActOnCaseRequest request;
    v1::ActOnCaseResponse response;
  };
  std::atomic<int> failed{0};
  for (auto _ : state) {
    Flood(static_cast<int>(state.range(0)), Total(state), [&](auto release) {
      auto* call = new Call;
      call->request = ground.NextAct();
      call->context.AddMetadata("authorization", ground.token());
      stub.async()->ActOnCase(&call->context, &call->request, &call->response,
                              [&failed, call, release](grpc::Status status) {
                                if (!status.ok()) ++failed;
                                delete call;
                                release();
                              });
    });
  }
  if (failed > 0) state.SkipWithError("an act was refused");
  state.SetItemsProcessed(state.iterations() * Total(state));
}

void BareRows(benchmark::State& state) {
  Ground& ground = Ground::Get();
  const std::vector<Written>& batches = ground.written()[static_cast<int>(state.range(0))];
  if (batches.empty()) return state.SkipWithError("Act with as many in flight has to run before");
  const Disk disk;
  rocksdb::Options options;
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (const char* name : {"default", "log", "streams", "rows", "timers"}) {
    families.emplace_back(name, rocksdb::ColumnFamilyOptions());
  }
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  if (!rocksdb::DB::Open(options, disk.path(), families, &handles, &db).ok()) return state.SkipWithError("no RocksDB");
  rocksdb::WriteOptions sync;
  sync.sync = true;
  uint64_t position = 0;
  for (auto _ : state) {
    for (const Written& one : batches) {
      rocksdb::WriteBatch batch;
      for (const auto& commit : one.append.commits) {
        std::string key(8, '\0');
        for (int i = 0; i < 8; ++i) key[i] = static_cast<char>(position >> (56 - 8 * i));
        batch.Put(handles[1], key, commit.record);
        for (const auto& span : commit.streams) batch.Put(handles[2], span.stream + key, key);
        ++position;
      }
      for (const auto& row : one.apply.rows) {
        const std::string key = static_cast<char>(row.table) + row.key;
        row.deleted ? batch.Delete(handles[3], key) : batch.Put(handles[3], key, row.value);
      }
      for (const auto& timer : one.apply.timers) batch.Put(handles[4], timer.name, "");
      if (!db->Write(sync, &batch).ok()) return state.SkipWithError("a write failed");
    }
  }
  state.SetItemsProcessed(state.iterations() * Total(state));
  for (rocksdb::ColumnFamilyHandle* handle : handles) delete handle;
  delete db;
}

BENCHMARK(Act)->Arg(1)->Arg(64)->Arg(256)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(BareRows)->Arg(1)->Arg(64)->Arg(256)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(GrpcAct)->Arg(1)->Arg(64)->Arg(256)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace duban::bench
