// Backups (store/backup.h): made under the writer's feet, brought up to date by what is new, and never restored when a
// single bit of them has changed.
#include "store/backup.h"

#include <atomic>
#include <thread>

#include "absl/strings/str_cat.h"
#include "store/disk_files.h"
#include "store/memory_store.h"
#include "store/rocks_store.h"
#include "tests/store/support.h"

namespace duban::store {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using Code = absl::StatusCode;

constexpr int64_t kNow = 1'790'000'000'000;

class BackupTest : public ::testing::Test {
 protected:
  BackupTest() {
    fs::create_directories(workspace_ + "/files/9f");
    WriteFile(workspace_ + "/secret.key", std::string(32, 's'));
    WriteFile(workspace_ + "/files/9f/86d08188", "附件");
    Open();
  }

  void Open() {
    auto store = OpenRocksStore(workspace_ + "/db");
    ASSERT_OK(store.status());
    store_ = *std::move(store);
    auto vault = OpenKeyVault(workspace_ + "/keys");
    ASSERT_OK(vault.status());
    vault_ = *std::move(vault);
  }

  void Append(int commits) {
    for (int i = 0; i < commits; ++i) {
      const Position head = store_->head();
      ASSERT_OK(store_->Write(Commits(head, {absl::StrCat("commit ", head)}),
                              {head + 1, {Row(1, absl::StrCat("row", head % 7), absl::StrCat(head))}, {}}));
    }
  }

  BackupParts Parts() const { return {store_.get(), vault_.get(), workspace_, {"secret.key", "absent"}, "files"}; }
  absl::StatusOr<BackupSummary> Backup() const { return CreateBackup(Parts(), backup_, kNow, nullptr); }
  absl::StatusOr<BackupSummary> Restore() const { return RestoreBackup(backup_, restored_, nullptr); }

  std::vector<std::string> RestoredRecords() const {
    auto store = OpenRocksStore(restored_ + "/db");
    EXPECT_OK(store.status());
    return store.ok() ? AllRecords(**store) : std::vector<std::string>();
  }

  TempDir directory_;
  const std::string workspace_ = directory_.path() + "/workspace";
  const std::string backup_ = directory_.path() + "/backup";
  const std::string restored_ = directory_.path() + "/restored";
  std::unique_ptr<Store> store_;
  std::unique_ptr<KeyVault> vault_;
};

TEST_F(BackupTest, WhatIsRestoredIsWhatWasThere) {
  Append(40);
  const std::string key = vault_->Create("cases/1").value();
  const auto made = Backup();
  ASSERT_OK(made.status());
  EXPECT_EQ(made->commits, 40u);
  EXPECT_EQ(made->last_record_sha256, Sha256(Record("commit 39")));
  EXPECT_EQ(made->made_at_ms, kNow);
  EXPECT_EQ(made->bytes_written, made->bytes_total);

  const auto restored = Restore();
  ASSERT_OK(restored.status());
  EXPECT_EQ(restored->commits, 40u);
  EXPECT_EQ(RestoredRecords(), AllRecords(*store_));
  EXPECT_EQ(ReadFile(restored_ + "/secret.key"), std::string(32, 's'));
  EXPECT_EQ(ReadFile(restored_ + "/files/9f/86d08188"), "附件");
  EXPECT_EQ(fs::status(restored_).permissions() & fs::perms::others_all, fs::perms::none);
  auto keys = OpenKeyVault(restored_ + "/keys");
  ASSERT_OK(keys.status());
  EXPECT_EQ((*keys)->Get("cases/1").value(), key);
  auto store = OpenRocksStore(restored_ + "/db");
  ASSERT_OK(store.status());
  EXPECT_EQ(ScanAll(*(*store)->NewSnapshot(), 1), ScanAll(*store_->NewSnapshot(), 1));
}

TEST_F(BackupTest, AnEmptyLogCanBeBackedUpToo) {
  ASSERT_OK(Backup().status());
  ASSERT_OK(Restore().status());
  EXPECT_TRUE(RestoredRecords().empty());
}

// The writer goes on while copies are made: each holds at least what was acknowledged when it was asked for, and is the
// beginning of the log, record by record.
TEST_F(BackupTest, MadeUnderWritesItIsABeginningOfTheLog) {
  Append(10);
  std::atomic<bool> stop{false};
  std::thread writer([&] {
    while (!stop) Append(1);
  });
  std::vector<Position> asked_at;
  std::vector<BackupSummary> made;
  for (int i = 0; i < 5; ++i) {
    asked_at.push_back(store_->head());
    auto backup = Backup();
    EXPECT_OK(backup.status());
    if (!backup.ok()) break;
    made.push_back(*backup);
  }
  stop = true;
  writer.join();
  ASSERT_EQ(made.size(), 5u);
  for (size_t i = 0; i < made.size(); ++i) EXPECT_GE(made[i].commits, asked_at[i]);

  ASSERT_OK(Restore().status());
  std::vector<std::string> all = AllRecords(*store_);
  ASSERT_LE(made.back().commits, all.size());
  all.resize(made.back().commits);
  EXPECT_EQ(RestoredRecords(), all);
}

TEST_F(BackupTest, TheSecondWritesOnlyWhatIsNew) {
  WriteFile(workspace_ + "/files/9f/aaaa", std::string(3 << 20, 'a'));
  Append(20);
  ASSERT_OK(Backup().status());
  WriteFile(workspace_ + "/files/9f/bbbb", std::string(1000, 'b'));
  WriteFile(workspace_ + "/files/9f/cccc.new", "half an upload");
  Append(1);
  const auto second = Backup();
  ASSERT_OK(second.status());
  EXPECT_EQ(second->commits, 21u);
  EXPECT_GT(second->bytes_total, 3u << 20);
  EXPECT_LT(second->bytes_written, 1u << 20);
  EXPECT_EQ(FilesEndingIn(backup_, ".new").size(), 0u);
  ASSERT_OK(Restore().status());
  EXPECT_EQ(RestoredRecords(), AllRecords(*store_));
  EXPECT_EQ(ReadFile(restored_ + "/files/9f/bbbb"), std::string(1000, 'b'));
}

// Of keys there is one copy: a key that was destroyed before the last backup is nowhere in it.
TEST_F(BackupTest, ADestroyedKeyLeavesTheNextBackup) {
  Append(1);
  const std::string key = vault_->Create("persons/1").value();
  ASSERT_OK(Backup().status());
  ASSERT_OK(vault_->Destroy("persons/1"));
  ASSERT_OK(Backup().status());
  for (const auto& file : FilesEndingIn(backup_, "")) EXPECT_EQ(ReadFile(file).find(key), std::string::npos) << file;
  ASSERT_OK(Restore().status());
  auto keys = OpenKeyVault(restored_ + "/keys");
  ASSERT_OK(keys.status());
  EXPECT_THAT((*keys)->Get("persons/1").status(), HasCode(Code::kNotFound));
}

// ---- what is refused

TEST_F(BackupTest, EachFlippedOrShortenedFileIsRefused) {
  Append(30);
  ASSERT_OK(vault_->Create("cases/1").status());
  ASSERT_OK(Backup().status());
  Append(3);  // So that there are files of a second run too.
  ASSERT_OK(Backup().status());
  int files = 0;
  for (const auto& file : FilesEndingIn(backup_, "")) {
    const std::string whole = ReadFile(file);
    if (whole.empty()) continue;
    ++files;
    for (const size_t at : {size_t{0}, whole.size() / 2, whole.size() - 1}) {
      std::string flipped = whole;
      flipped[at] ^= 1;
      WriteFile(file, flipped);
      EXPECT_FALSE(Restore().ok()) << file << " with a bit flipped at " << at << " of " << whole.size();
      fs::remove_all(restored_);
    }
    WriteFile(file, whole.substr(0, whole.size() / 2));
    EXPECT_FALSE(Restore().ok()) << file << " cut short";
    fs::remove_all(restored_);
    fs::remove(file);
    EXPECT_FALSE(Restore().ok()) << file << " missing";
    fs::remove_all(restored_);
    WriteFile(file, whole);
  }
  EXPECT_GT(files, 10);
  EXPECT_FALSE(fs::exists(restored_ + ".restoring"));
  EXPECT_OK(Restore().status());  // Put back, it is good again.
}

TEST_F(BackupTest, ADamagedFileIsNamed) {
  Append(1);
  ASSERT_OK(Backup().status());
  WriteFile(backup_ + "/files/9f/86d08188", "别的");
  const absl::Status refused = Restore().status();
  EXPECT_THAT(refused, HasCode(Code::kDataLoss));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("files/9f/86d08188"));
}

TEST_F(BackupTest, WithoutAManifestThereIsNoBackup) {
  Append(1);
  ASSERT_OK(Backup().status());
  fs::remove(backup_ + "/BACKUP");
  const absl::Status refused = Restore().status();
  EXPECT_THAT(refused, HasCode(Code::kFailedPrecondition));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("BACKUP"));
}

TEST_F(BackupTest, NothingIsRestoredOverWhatIsThere) {
  Append(1);
  ASSERT_OK(Backup().status());
  fs::create_directories(restored_);
  ASSERT_OK(Restore().status()) << "an empty directory will do";
  EXPECT_THAT(Restore().status(), HasCode(Code::kFailedPrecondition));
  EXPECT_EQ(RestoredRecords().size(), 1u);
}

TEST_F(BackupTest, AnInterruptedRestoreIsNotTakenForOne) {
  Append(1);
  ASSERT_OK(Backup().status());
  fs::create_directories(restored_ + ".restoring");
  EXPECT_THAT(Restore().status(), HasCode(Code::kFailedPrecondition));
  EXPECT_FALSE(fs::exists(restored_));
}

TEST_F(BackupTest, StoppedOnTheWayItLeavesTheOneBefore) {
  Append(5);
  ASSERT_OK(Backup().status());
  Append(5);
  for (const auto step : {BackupProgress::Step::kLog, BackupProgress::Step::kFiles, BackupProgress::Step::kKeys}) {
    const auto stop = [&](const BackupProgress& progress) { return progress.step != step; };
    EXPECT_THAT(CreateBackup(Parts(), backup_, kNow, stop).status(), HasCode(Code::kCancelled));
    ASSERT_OK(Restore().status());
    EXPECT_EQ(RestoredRecords().size(), 5u);
    fs::remove_all(restored_);
  }
  EXPECT_EQ(Backup()->commits, 10u);
  ASSERT_OK(Restore().status());
  EXPECT_EQ(RestoredRecords().size(), 10u);
}

TEST_F(BackupTest, ABackupIsNotReplacedByAnotherHistory) {
  Append(5);
  ASSERT_OK(Backup().status());
  Append(1);
  ASSERT_OK(CreateBackup(Parts(), directory_.path() + "/other", kNow, nullptr).status());
  // Given the older backup restored and gone on with differently,
  ASSERT_OK(Restore().status());
  auto store = OpenRocksStore(restored_ + "/db");
  ASSERT_OK(store.status());
  BackupParts parts = Parts();
  parts.store = store->get();
  // then it does not go over the one that holds more, nor over one that went on differently; its own it continues.
  EXPECT_THAT(CreateBackup(parts, directory_.path() + "/other", kNow, nullptr).status(),
              HasCode(Code::kFailedPrecondition));
  ASSERT_OK((*store)->Write(Commits(5, {"something else", "and more"}), {7, {}, {}}));
  EXPECT_THAT(CreateBackup(parts, directory_.path() + "/other", kNow, nullptr).status(),
              HasCode(Code::kFailedPrecondition));
  EXPECT_OK(CreateBackup(parts, backup_, kNow, nullptr).status());
  EXPECT_EQ(ReadBackupSummary(directory_.path() + "/other")->commits, 6u);
}

TEST_F(BackupTest, OnlyWhatIsOnDiskCanBeBackedUp) {
  const auto memory = NewMemoryStore();
  BackupParts parts = Parts();
  parts.store = memory.get();
  EXPECT_THAT(CreateBackup(parts, backup_, kNow, nullptr).status(), HasCode(Code::kFailedPrecondition));
}

// The guard of a restored log knows its end at once: a log cut short afterwards is noticed.
TEST_F(BackupTest, ARestoredLogIsGuarded) {
  Append(8);
  ASSERT_OK(Backup().status());
  ASSERT_OK(Restore().status());
  EXPECT_FALSE(LacksHeadGuard(restored_ + "/db"));
  for (const auto& log : FilesEndingIn(restored_ + "/db/db", ".log")) WriteFile(log, "");
  EXPECT_THAT(OpenRocksStore(restored_ + "/db").status(), HasCode(Code::kDataLoss));
}

}  // namespace
}  // namespace duban::store
