// The head guard (store/head_guard.h): RocksDB opens without an error on a shorter history when its live log is
// damaged; the store must not.
#include "store/head_guard.h"

#include "absl/strings/str_cat.h"
#include "store/memory_store.h"
#include "store/rocks_store.h"
#include "tests/store/support.h"

namespace duban::store {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;
using Code = absl::StatusCode;

constexpr size_t kSlotBytes = 4096;

class HeadGuardTest : public ::testing::Test {
 protected:
  std::unique_ptr<HeadGuard> OpenGuard() {
    auto guard = HeadGuard::Open(path_);
    EXPECT_OK(guard.status());
    return std::move(*guard);
  }

  static void Flip(const std::string& path, size_t at) {
    std::string bytes = ReadFile(path);
    ASSERT_LT(at, bytes.size());
    bytes[at] ^= 1;
    WriteFile(path, bytes);
  }

  TempDir directory_;
  const std::string path_ = directory_.path() + "/HEAD";
};

TEST_F(HeadGuardTest, RemembersTheLastPosition) {
  EXPECT_EQ(OpenGuard()->position(), 0u);
  for (Position position = 1; position <= 5; ++position) {
    ASSERT_OK(OpenGuard()->Write(position, absl::StrCat("record ", position)));
    EXPECT_EQ(OpenGuard()->position(), position);
  }
  EXPECT_EQ(std::filesystem::file_size(path_), 2 * kSlotBytes);
}

TEST_F(HeadGuardTest, ATornWriteLeavesTheOneBefore) {
  ASSERT_OK(OpenGuard()->Write(1, "a"));
  ASSERT_OK(OpenGuard()->Write(2, "b"));  // The second write is in the first slot.
  for (size_t at = 0; at < 88; ++at) {    // 88 bytes of a slot carry meaning.
    Flip(path_, at);
    EXPECT_EQ(OpenGuard()->position(), 1u) << at;
    Flip(path_, at);
    EXPECT_EQ(OpenGuard()->position(), 2u);
  }
}

TEST_F(HeadGuardTest, WithBothSlotsDamagedItSaysSo) {
  ASSERT_OK(OpenGuard()->Write(1, "a"));
  Flip(path_, 10);
  Flip(path_, kSlotBytes + 10);
  EXPECT_THAT(HeadGuard::Open(path_).status(), HasCode(Code::kDataLoss));
  WriteFile(path_, "");
  EXPECT_THAT(HeadGuard::Open(path_).status(), HasCode(Code::kDataLoss));
}

TEST_F(HeadGuardTest, AShorterLogOrAnotherRecordIsDataLossAndALongerOneIsFine) {
  const auto store = NewMemoryStore();
  ASSERT_OK(store->Write(Commits(0, {"a", "b", "c"}), {3, {}, {}}));
  const auto guard = OpenGuard();
  EXPECT_OK(guard->Check(*store));
  ASSERT_OK(guard->Write(2, Record("b")));
  EXPECT_OK(guard->Check(*store));
  ASSERT_OK(guard->Write(3, Record("another")));
  EXPECT_THAT(guard->Check(*store), HasCode(Code::kDataLoss));
  ASSERT_OK(guard->Write(4, Record("d")));
  EXPECT_THAT(guard->Check(*store), HasCode(Code::kDataLoss));
}

// ---- under a store

class GuardedStoreTest : public HeadGuardTest {
 protected:
  static constexpr Position kCommits = 1000;

  // A store closed in good order, all of it still in RocksDB's live log.
  void SetUp() override {
    auto store = OpenRocksStore(directory_.path());
    ASSERT_OK(store.status());
    for (Position i = 0; i < kCommits; ++i) {
      ASSERT_OK((*store)->Write(Commits(i, {absl::StrCat("commit ", i)}), {i + 1, {Row(1, "k", "v")}, {}}));
    }
    store->reset();
    const auto logs = FilesEndingIn(directory_.path() + "/db", ".log");
    ASSERT_THAT(logs, SizeIs(1));
    log_ = logs[0].string();
    ASSERT_GT(std::filesystem::file_size(log_), kCommits);
  }

  absl::Status TryOpen() { return OpenRocksStore(directory_.path()).status(); }

  std::string log_;
};

TEST_F(GuardedStoreTest, ABitFlippedInTheLiveLogIsNotASilentLoss) {
  Flip(log_, std::filesystem::file_size(log_) / 2);
  const std::string damaged = ReadFile(log_);
  for (int attempt = 0; attempt < 3; ++attempt) {
    const absl::Status status = TryOpen();
    EXPECT_THAT(status, HasCode(Code::kDataLoss));
    EXPECT_THAT(std::string(status.message()), HasSubstr("but 1000 were durable"));
    EXPECT_THAT(std::string(status.message()), HasSubstr("HEAD"));
    EXPECT_EQ(ReadFile(log_), damaged) << "what is left stays there to be looked at";
  }
}

TEST_F(GuardedStoreTest, TheLossCanBeAcceptedByDeletingTheGuard) {
  Flip(log_, std::filesystem::file_size(log_) / 2);
  ASSERT_THAT(TryOpen(), HasCode(Code::kDataLoss));
  std::filesystem::remove(path_);
  Position kept = 0;
  for (int round = 0; round < 3; ++round) {
    auto store = OpenRocksStore(directory_.path());
    ASSERT_OK(store.status());
    if (round == 0) kept = (*store)->head();
    EXPECT_GT(kept, 0u);
    EXPECT_LT(kept, kCommits);
    ASSERT_EQ((*store)->head(), kept + round);
    EXPECT_EQ(AllRecords(**store).size(), kept + round);
    ASSERT_OK((*store)->Write(Commits(kept + round, {"after"}), {kept + round + 1, {}, {}}));
  }
}

TEST_F(GuardedStoreTest, ALiveLogCutShortOrDeletedIsNotASilentLoss) {
  std::filesystem::resize_file(log_, std::filesystem::file_size(log_) / 2);
  EXPECT_THAT(TryOpen(), HasCode(Code::kDataLoss));
  std::filesystem::remove(log_);
  EXPECT_THAT(TryOpen(), HasCode(Code::kDataLoss));
  std::filesystem::remove_all(directory_.path() + "/db");
  EXPECT_THAT(TryOpen(), HasCode(Code::kDataLoss));
}

TEST_F(GuardedStoreTest, AnotherStoresFilesUnderThisGuardAreRefused) {
  TempDir other;
  {
    auto store = OpenRocksStore(other.path());
    ASSERT_OK(store.status());
    for (Position i = 0; i < kCommits; ++i) ASSERT_OK((*store)->Write(Commits(i, {"other"}), {i + 1, {}, {}}));
  }
  std::filesystem::copy_file(path_, other.path() + "/HEAD", std::filesystem::copy_options::overwrite_existing);
  EXPECT_THAT(OpenRocksStore(other.path()).status(), HasCode(Code::kDataLoss));
}

TEST_F(GuardedStoreTest, AProcessThatDiedLeavesAGuardBehindTheLogAndOpens) {
  const std::string old_guard = ReadFile(path_);
  {
    auto store = OpenRocksStore(directory_.path());
    ASSERT_OK(store.status());
    ASSERT_OK((*store)->Write(Commits(kCommits, {"late"}), {kCommits + 1, {}, {}}));
  }
  WriteFile(path_, old_guard);
  auto store = OpenRocksStore(directory_.path());
  ASSERT_OK(store.status());
  EXPECT_EQ((*store)->head(), kCommits + 1);
}

// The first write after opening guards, so that even a short life leaves a trace.
TEST_F(GuardedStoreTest, TheGuardFollowsWhileTheStoreIsOpen) {
  auto store = OpenRocksStore(directory_.path());
  ASSERT_OK(store.status());
  ASSERT_OK((*store)->Write(Commits(kCommits, {"more"}), {kCommits + 1, {}, {}}));
  EXPECT_EQ(OpenGuard()->position(), kCommits + 1);
}

}  // namespace
}  // namespace duban::store
