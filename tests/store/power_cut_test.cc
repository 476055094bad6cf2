// Power cuts at any operation: every acknowledged commit is there afterwards byte for byte, none half there, and what
// is derived from the log is what a fold over the log's prefix gives. Of rows written beside only the last may be gone,
// and none in part.
//
// DUBAN_POWER_CUTS sets how many cuts (1,200 by default), DUBAN_SEED where they begin. The second test leaves out the
// sync and must see losses: it shows that the first one could have failed.
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <new>
#include <random>
#include <set>

#include "absl/strings/str_cat.h"
#include "store/rocks_store.h"
#include "tests/store/fault_file_system.h"
#include "tests/store/support.h"

namespace duban::store {
namespace {

uint64_t FromEnvironment(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

// What follows from a log: a fold, so that nothing but the records says what must be there.
class Fold {
 public:
  // One more record: what a writer must write with it.
  struct Step {
    CommitBytes commit;
    std::vector<RowChange> rows;
    std::vector<TimerChange> timers;
  };

  Step Next(const std::string& record) {
    std::minstd_rand random(static_cast<uint32_t>(std::hash<std::string>()(record)));
    Step step{{record, {}}, {}, {}};
    const std::string stream = absl::StrCat("case/", random() % 40);
    const uint64_t events = 1 + random() % 3;
    step.commit.streams = {{stream, revisions_[stream] + 1, events}};
    spans_[stream].emplace_back(revisions_[stream] + 1, records_);
    revisions_[stream] += events;

    step.rows = {Row(1, stream, absl::StrCat(revisions_[stream], " ", record.size())),
                 Row(2, absl::StrCat("row ", random() % 60), std::string(random() % 300, 'a' + random() % 26)),
                 NoRow(2, absl::StrCat("row ", random() % 60)), Row(3, "count", absl::StrCat(records_ + 1))};
    for (const RowChange& row : step.rows) {
      rows_[row.table].erase(row.key);
      if (!row.deleted) rows_[row.table][row.key] = row.value;
    }
    SetTimer(absl::StrCat("timer ", random() % 30), static_cast<int64_t>(random() % 100000) - 50000, random() % 3 == 0,
             step.timers);
    ++records_;
    return step;
  }

  // What differs in the store; empty when nothing does.
  std::string Differs(const Store& store) const {
    const auto snapshot = store.NewSnapshot();
    if (snapshot->applied() != records_) return "applied";
    for (uint8_t table : {1, 2, 3}) {
      const auto rows = rows_.find(table);
      const Pairs expected = rows == rows_.end() ? Pairs() : Pairs(rows->second.begin(), rows->second.end());
      if (ScanAll(*snapshot, table) != expected) return absl::StrCat("rows of table ", table);
    }
    if (Due(store, INT64_MAX) != std::vector(armed_.begin(), armed_.end())) return "timers";
    return "";
  }

  std::string StreamsDiffer(const Store& store) const {
    for (const auto& [stream, spans] : spans_) {
      if (Spans(store, stream) != spans) return absl::StrCat("stream ", stream);
    }
    return "";
  }

 private:
  void SetTimer(const std::string& name, int64_t due, bool disarm, std::vector<TimerChange>& changes) {
    const auto before = timers_.find(name);
    TimerChange change{name, before == timers_.end() ? TimerChange::kNone : before->second,
                       disarm ? TimerChange::kNone : due};
    if (before != timers_.end()) armed_.erase({before->second, name}), timers_.erase(before);
    if (!disarm) armed_.insert({due, name}), timers_[name] = due;
    changes.push_back(std::move(change));
  }

  Position records_ = 0;
  std::map<std::string, uint64_t> revisions_;
  std::map<std::string, std::vector<std::pair<uint64_t, Position>>> spans_;
  std::map<uint8_t, std::map<std::string, std::string>> rows_;
  std::map<std::string, int64_t> timers_;
  std::set<std::pair<int64_t, std::string>> armed_;
};

// One store's life over a file system that keeps losing power.
class Life {
 public:
  // All that it keeps is below `directory`.
  Life(std::string directory, uint64_t seed, bool unsafe_no_sync)
      : directory_(std::move(directory)),
        random_(seed),
        files_(std::make_shared<FaultFileSystem>(directory_ + "/attic", seed)) {
    options_.env = FaultEnv(files_);
    options_.unsafe_no_sync = unsafe_no_sync;
    options_.wal_bytes_max = 64 << 10;
    options_.guard_every_write = seed % 2 == 0;
  }

  // Works until the power is cut, then opens again. Returns what is wrong; empty when nothing is.
  std::string CutOnce() {
    constexpr uint64_t kReaches[] = {20, 60, 150, 500};
    files_->CutPowerAfter(1 + random_() % kReaches[random_() % 4]);
    while (!files_->power_is_cut()) Work();
    store_.reset();
    files_->Restore();
    if (absl::Status status = Open(); !status.ok()) return absl::StrCat("does not open: ", status.ToString());
    return Verify();
  }

  Position commits_acknowledged() const { return acknowledged_.size(); }
  uint64_t cuts_within_a_write() const { return cuts_within_a_write_; }
  uint64_t unacknowledged_but_kept() const { return unacknowledged_but_kept_; }
  uint64_t beside_lost() const { return beside_lost_; }

 private:
  absl::Status Open() {
    auto store = OpenRocksStore(directory_ + "/store", options_);
    if (store.ok()) store_ = std::move(*store);
    return store.status();
  }

  void Work() {
    if (store_ == nullptr && !Open().ok()) {  // Only the cut may keep it from opening.
      EXPECT_TRUE(files_->power_is_cut());
      return;
    }
    if (store_->applied() < store_->head() || random_() % 100 == 0) {
      Rebuild();
    } else if (random_() % 3 == 0) {
      WriteBeside();
    } else {
      Write();
    }
  }

  void Write() {
    in_flight_.clear();
    const Position head = acknowledged_.size();
    Append append{head, {}};
    Apply apply;
    for (uint64_t i = 1 + random_() % 8; i > 0; --i) {
      in_flight_.push_back(
          EncodeRecord(absl::StrCat(random_(), std::string(random_() % 2000, 'p')), std::string(random_() % 100, 's')));
      Fold::Step step = fold_.Next(in_flight_.back());
      append.commits.push_back(std::move(step.commit));
      apply.rows.insert(apply.rows.end(), step.rows.begin(), step.rows.end());
      apply.timers.insert(apply.timers.end(), step.timers.begin(), step.timers.end());
    }
    apply.position = head + append.commits.size();
    if (!store_->Write(append, apply).ok()) {
      ++cuts_within_a_write_;
      // Never tried again, even if the power is back.
      EXPECT_THAT(store_->Write(append, apply), HasCode(absl::StatusCode::kFailedPrecondition));
      return;
    }
    acknowledged_.insert(acknowledged_.end(), in_flight_.begin(), in_flight_.end());
    in_flight_.clear();
    applied_ = apply.position;
    beside_durable_ = beside_last_;
  }

  // Two rows that say the same number.
  void WriteBeside() {
    beside_last_ = ++beside_written_;
    const std::string number = absl::StrCat(beside_last_);
    const absl::Status status = store_->WriteBeside({Row(4, "first", number), Row(4, "second", number)});
    if (!status.ok()) {
      EXPECT_THAT(store_->Write({}, {}), HasCode(absl::StatusCode::kFailedPrecondition));
    }
  }

  // A piece of a rebuild: begins one or goes on with one that a cut interrupted.
  void Rebuild() {
    const bool begin = store_->applied() == store_->head();
    if (begin) fold_ = Fold(), beside_durable_ = 0;
    Apply apply{begin ? 0 : applied_, {}, {}};
    for (uint64_t i = random_() % 200; i > 0 && apply.position < acknowledged_.size(); --i, ++apply.position) {
      Fold::Step step = fold_.Next(acknowledged_[apply.position]);
      apply.rows.insert(apply.rows.end(), step.rows.begin(), step.rows.end());
      apply.timers.insert(apply.timers.end(), step.timers.begin(), step.timers.end());
    }
    rebuilding_to_ = apply.position;
    if (!store_->Rebuild(begin, apply).ok()) return;
    if (begin) beside_last_ = 0;
    rebuilding_to_.reset();
    applied_ = apply.position;
  }

  std::string Verify() {
    const Position head = store_->head();
    const Position before = acknowledged_.size();
    if (head < before) return absl::StrCat("lost: ", head, " commits of ", before, " acknowledged");
    if (head > before) {  // The write that the cut met may be there: then whole.
      if (head != before + in_flight_.size()) return absl::StrCat("half a write: ", head, " after ", before);
      acknowledged_.insert(acknowledged_.end(), in_flight_.begin(), in_flight_.end());
      ++unacknowledged_but_kept_;
      applied_ = head;
    }
    in_flight_.clear();
    if (AllRecords(*store_) != acknowledged_) return "the log's records differ";
    if (store_->applied() != applied_ && rebuilding_to_ != store_->applied()) {
      return absl::StrCat("rows at ", store_->applied(), ", not at ", applied_);
    }
    rebuilding_to_.reset();
    applied_ = store_->applied();

    Fold whole;
    for (Position position = 0; position < head; ++position) {
      if (position == applied_) fold_ = whole;
      whole.Next(acknowledged_[position]);
    }
    if (applied_ == head) fold_ = whole;
    if (std::string wrong = VerifyBeside(); !wrong.empty()) return wrong;
    const std::string differs = fold_.Differs(*store_);
    return differs.empty() ? whole.StreamsDiffer(*store_) : differs;
  }

  std::string VerifyBeside() {
    const auto snapshot = store_->NewSnapshot();
    const std::string first = snapshot->Get(4, "first").value_or("0");
    const std::string second = snapshot->Get(4, "second").value_or("0");
    if (first != second) return absl::StrCat("half a write beside: ", first, " and ", second);
    const uint64_t number = std::strtoull(first.c_str(), nullptr, 10);
    if (number < beside_durable_) return absl::StrCat("lost: rows beside at ", number, ", durable ", beside_durable_);
    if (number > beside_last_) return absl::StrCat("rows beside at ", number, ", written ", beside_last_);
    beside_lost_ += number < beside_last_;
    beside_durable_ = beside_last_ = number;
    return "";
  }

  const std::string directory_;
  std::mt19937_64 random_;
  std::shared_ptr<FaultFileSystem> files_;
  RocksOptions options_;
  std::unique_ptr<Store> store_;
  std::vector<std::string> acknowledged_;  // Records.
  Fold fold_;                              // Up to applied_; after a failed write beyond it, until Verify.
  Position applied_ = 0;
  std::vector<std::string> in_flight_;  // Of the write that failed.
  std::optional<Position> rebuilding_to_;
  uint64_t beside_written_ = 0;  // The number in the rows written beside; of the last such write in this store,
  uint64_t beside_last_ = 0;     // and of the last before a Write that was acknowledged. 0: none.
  uint64_t beside_durable_ = 0;
  uint64_t beside_lost_ = 0;
  uint64_t cuts_within_a_write_ = 0;
  uint64_t unacknowledged_but_kept_ = 0;
};

constexpr uint64_t kCutsPerLife = 20;
// Of the lives: how many RocksDB itself may end, by its assertion that a log whose sync failed is not used again
// (store/README.md, Writing). Two of 62 were seen to end so.
constexpr uint64_t kLivesEndedShare = 5;

// What lives tell: in memory that they share with whoever began them.
struct Told {
  uint64_t done, commits, within, kept, beside_lost;
  char wrong[1024];  // Empty: nothing.
};

void Live(const std::string& directory, uint64_t seed, Told& told) {
  Life life(directory, seed, /*unsafe_no_sync=*/false);
  for (uint64_t cut = 0; cut < kCutsPerLife; ++cut, ++told.done) {
    const std::string wrong = life.CutOnce();
    if (wrong.empty()) continue;
    absl::StrCat("seed ", seed, ", cut ", cut, ": ", wrong).copy(told.wrong, sizeof told.wrong - 1);
    break;
  }
  told.commits += life.commits_acknowledged();
  told.within += life.cuts_within_a_write();
  told.kept += life.unacknowledged_but_kept();
  told.beside_lost += life.beside_lost();
}

// One life in a process of its own. Whether it came to its end, or was ended by that assertion.
bool LiveApart(uint64_t seed, Told& told) {
  const TempDir directory;  // Here, for a life that is ended tidies nothing up.
  const std::string errors = directory.path() + "/errors";
  const pid_t child = fork();
  if (child == 0) {
    if (std::freopen(errors.c_str(), "w", stderr) == nullptr) _exit(3);
    Live(directory.path(), seed, told);
    _exit(testing::Test::HasFailure() ? 2 : 0);
  }
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return true;
  std::ifstream in(errors);
  const std::string said((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT &&
              said.find("Assertion `sync_without_flush_called_'") != std::string::npos)
      << "seed " << seed << " ended with " << status << ": " << said;
  return false;
}

class PowerCut : public ::testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Part, PowerCut, ::testing::Range(0, 4));

TEST_P(PowerCut, NothingAcknowledgedIsLostAndNothingIsHalfThere) {
  const uint64_t cuts = FromEnvironment("DUBAN_POWER_CUTS", 1200) / 4;
  const uint64_t first_seed = FromEnvironment("DUBAN_SEED", 1) + GetParam() * 1'000'000;
  void* shared = mmap(nullptr, sizeof(Told), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(shared, MAP_FAILED);
  Told& told = *new (shared) Told();
  uint64_t lives = 0, ended = 0;
  for (uint64_t seed = first_seed; told.done < cuts; ++seed, ++lives) {
    ended += LiveApart(seed, told) ? 0 : 1;
    ASSERT_STREQ(told.wrong, "");
    ASSERT_FALSE(HasFailure());
  }
  std::cout << told.done << " power cuts, " << told.within << " of them within a write, " << told.commits
            << " commits kept, " << told.kept << " writes kept without having been acknowledged, rows beside lost "
            << told.beside_lost << " times; " << ended << " of " << lives << " lives ended by RocksDB's assertion\n";
  // The harness does what it is for: cuts fall where they hurt. That what was not acknowledged survives is rare, two or
  // three times in a part, so it is reported and not required.
  EXPECT_LE(ended, 1 + lives / kLivesEndedShare);
  EXPECT_GT(told.within, told.done / 6);
  EXPECT_GT(told.beside_lost, 0u);
  EXPECT_GT(told.commits, told.done);
  munmap(shared, sizeof(Told));
}

TEST(PowerCutWithoutSync, TheSameHarnessSeesThatAcknowledgedCommitsAreLost) {
  constexpr uint64_t kLives = 40;
  uint64_t lives_with_a_loss = 0;
  for (uint64_t seed = 1; seed <= kLives; ++seed) {
    const TempDir directory;
    Life life(directory.path(), seed, /*unsafe_no_sync=*/true);
    for (uint64_t cut = 0; cut < kCutsPerLife; ++cut) {
      const std::string wrong = life.CutOnce();
      if (wrong.empty()) continue;
      // A loss, or the head guard that saw it; not a store that fell apart in another way.
      EXPECT_TRUE(wrong.starts_with("lost: ") || wrong.find("were durable") != std::string::npos ||
                  wrong.starts_with("rows at"))
          << wrong;
      ++lives_with_a_loss;
      break;
    }
  }
  EXPECT_GT(lives_with_a_loss, kLives * 3 / 4);
}

}  // namespace
}  // namespace duban::store
