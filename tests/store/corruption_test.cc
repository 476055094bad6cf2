// A damaged store says so: it does not open, or the reading that meets the damage is an error. Never a short answer,
// never a wrong one.
#include <functional>
#include <iostream>
#include <map>
#include <random>

#include "absl/strings/str_cat.h"
#include "rocksdb/db.h"
#include "store/keys.h"
#include "store/rocks_store.h"
#include "tests/store/fault_file_system.h"
#include "tests/store/support.h"

namespace duban::store {
namespace {

using ::testing::HasSubstr;
using Code = absl::StatusCode;

constexpr Position kCommits = 3000;

std::string RecordAt(Position position) { return Record(absl::StrCat("commit ", position, std::string(60, 'c'))); }
std::string StreamAt(Position position) { return absl::StrCat("case/", position % 50); }
RowChange RowAt(Position position) { return Row(7, absl::StrCat("row ", position), absl::StrCat("value ", position)); }

// Opens RocksDB itself and lets `change` do what no store would.
void WithDatabase(
    const std::string& directory,
    const std::function<void(rocksdb::DB&, std::map<std::string, rocksdb::ColumnFamilyHandle*>&)>& change) {
  const std::string path = directory + "/db";
  std::vector<std::string> names;
  ASSERT_TRUE(rocksdb::DB::ListColumnFamilies(rocksdb::DBOptions(), path, &names).ok());
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  for (const std::string& name : names) descriptors.emplace_back(name, rocksdb::ColumnFamilyOptions());
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  ASSERT_TRUE(rocksdb::DB::Open(rocksdb::DBOptions(), path, descriptors, &handles, &db).ok());
  std::map<std::string, rocksdb::ColumnFamilyHandle*> families;
  for (size_t i = 0; i < names.size(); ++i) families[names[i]] = handles[i];
  change(*db, families);
  for (rocksdb::ColumnFamilyHandle* handle : handles) db->DestroyColumnFamilyHandle(handle);
  delete db;
}

class CorruptionTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto store = OpenRocksStore(path_);
    ASSERT_OK(store.status());
    Append append;
    Apply apply{kCommits, {}, {}};
    for (Position i = 0; i < kCommits; ++i) {
      append.commits.push_back({RecordAt(i), {{StreamAt(i), 1 + i / 50, 1}}});
      apply.rows.push_back(RowAt(i));
      apply.timers.push_back(Arm(absl::StrCat("timer ", i), static_cast<int64_t>(i)));
    }
    ASSERT_OK((*store)->Write(append, apply));
  }

  // Moves all data from the live log into table files.
  void Settle() {
    WithDatabase(path_, [](rocksdb::DB& db, auto& families) {
      for (auto& [name, family] : families) {
        ASSERT_TRUE(db.Flush(rocksdb::FlushOptions(), family).ok());
        ASSERT_TRUE(db.CompactRange(rocksdb::CompactRangeOptions(), family, nullptr, nullptr).ok());
      }
    });
  }

  absl::StatusOr<std::unique_ptr<Store>> Open(const std::string& path) {
    RocksOptions options;
    options.env = env_;
    options.block_cache_bytes = 1 << 20;
    return OpenRocksStore(path, options);
  }

  TempDir directory_;
  const std::string path_ = directory_.path() + "/store";
  // No power is cut here; but RocksDB sleeps over each error it meets in the background, and this one does not.
  const std::shared_ptr<rocksdb::Env> env_ =
      FaultEnv(std::make_shared<FaultFileSystem>(directory_.path() + "/attic", 1));
};

// Reads everything there is. Returns how many readings were errors; fails the test where one was wrong or short.
int ErrorsWhileReadingEverything(const Store& store) {
  int errors = 0;
  const auto judge = [&](absl::string_view what, const absl::Status& status, bool right) {
    if (status.ok()) {
      EXPECT_TRUE(right) << what << " gave a wrong or short answer without an error";
    } else {
      EXPECT_THAT(status, HasCode(Code::kDataLoss)) << what;
      ++errors;
    }
  };
  Position next = 0;
  absl::Status status = store.Read(0, [&](Position position, absl::string_view record) {
    EXPECT_EQ(position, next);
    EXPECT_EQ(record, RecordAt(next));
    ++next;
    return true;
  });
  judge("the log", status, next == kCommits);
  for (Position i = 0; i < kCommits; i += 7) {
    const auto record = store.ReadOne(i);
    judge("one record", record.status(), record.ok() && *record == RecordAt(i));
  }

  const auto snapshot = store.NewSnapshot();
  size_t rows = 0;
  status = snapshot->Scan(7, "", "", [&](absl::string_view, absl::string_view) { return ++rows, true; });
  judge("rows", status, rows == kCommits);
  for (Position i = 0; i < kCommits; i += 7) {
    const auto row = snapshot->Get(7, RowAt(i).key);
    judge("one row", row.status(), row.ok() && *row == RowAt(i).value);
  }

  size_t timers = 0;
  status =
      store.DueTimers(kCommits, [&](const Timer& timer) { return timer.due_ms == static_cast<int64_t>(timers++); });
  judge("timers", status, timers == kCommits);
  for (Position stream = 0; stream < 50; ++stream) {
    size_t spans = 0;
    status = store.ReadStream(StreamAt(stream), 1, [&](uint64_t revision, Position position) {
      EXPECT_EQ(position, (revision - 1) * 50 + stream);
      return ++spans, true;
    });
    judge("a stream", status, spans == kCommits / 50);
  }
  return errors;
}

TEST_F(CorruptionTest, AFlippedBitInATableIsAnErrorAndNeverAShortAnswer) {
  Settle();
  int refused = 0, noticed = 0, harmless = 0;
  std::mt19937 random(20260301);
  const std::string copy = directory_.path() + "/copy";
  for (int flip = 0; flip < 300; ++flip) {
    std::filesystem::remove_all(copy);
    std::filesystem::copy(path_, copy, std::filesystem::copy_options::recursive);
    const auto tables = FilesEndingIn(copy, ".sst");
    ASSERT_GE(tables.size(), 5u);
    const auto& table = tables[flip % tables.size()];
    std::string bytes = ReadFile(table);
    bytes[random() % bytes.size()] ^= static_cast<char>(1 << (random() % 8));
    WriteFile(table, bytes);

    const auto store = Open(copy);
    if (!store.ok()) {
      EXPECT_THAT(store.status(), HasCode(Code::kDataLoss));
      ++refused;
    } else if (ErrorsWhileReadingEverything(**store) > 0) {
      ++noticed;
    } else {
      ++harmless;  // A filter or a property that no reading used.
    }
    if (HasFailure()) FAIL() << "flip " << flip << " in " << table;
  }
  std::cout << refused << " refused at opening, " << noticed << " noticed while reading, " << harmless << " harmless\n";
  EXPECT_GT(noticed, 100);
  EXPECT_LT(harmless, 100);
}

TEST_F(CorruptionTest, AnUndamagedStoreReadsWithoutError) {
  Settle();
  const auto store = Open(path_);
  ASSERT_OK(store.status());
  EXPECT_EQ(ErrorsWhileReadingEverything(**store), 0);
}

TEST_F(CorruptionTest, AFlippedBitInTheManifestIsNoticedOrHarmless) {
  Settle();
  std::mt19937 random(20260302);
  const std::string copy = directory_.path() + "/copy";
  int refused = 0;
  for (int flip = 0; flip < 100; ++flip) {
    std::filesystem::remove_all(copy);
    std::filesystem::copy(path_, copy, std::filesystem::copy_options::recursive);
    const std::string current = ReadFile(copy + "/db/CURRENT");
    const std::string manifest = copy + "/db/" + current.substr(0, current.find('\n'));
    std::string bytes = ReadFile(manifest);
    bytes[random() % bytes.size()] ^= static_cast<char>(1 << (random() % 8));
    WriteFile(manifest, bytes);
    const auto store = Open(copy);
    if (store.ok()) {
      EXPECT_EQ(ErrorsWhileReadingEverything(**store), 0);
    } else {
      ++refused;
    }
    if (HasFailure()) FAIL() << "flip " << flip;
  }
  EXPECT_GT(refused, 50);
}

TEST_F(CorruptionTest, ATableThatIsGoneIsNoticed) {
  Settle();
  for (const auto& table : FilesEndingIn(path_, ".sst")) {
    const std::string bytes = ReadFile(table);
    std::filesystem::remove(table);
    EXPECT_FALSE(Open(path_).ok()) << table;
    WriteFile(table, bytes);
  }
  EXPECT_OK(Open(path_).status());
}

TEST_F(CorruptionTest, ARecordMissingInTheMiddleIsNoticed) {
  WithDatabase(path_, [](rocksdb::DB& db, auto& families) {
    ASSERT_TRUE(db.Delete(rocksdb::WriteOptions(), families["log"], NumberKey(1000)).ok());
  });
  const auto store = Open(path_);
  ASSERT_OK(store.status());
  Position seen = 0;
  const auto count = [&](Position, absl::string_view) { return ++seen, true; };
  EXPECT_THAT((*store)->Read(0, count), HasCode(Code::kDataLoss));
  EXPECT_EQ(seen, 1000u);
  EXPECT_THAT((*store)->Read(1000, count), HasCode(Code::kDataLoss));
  EXPECT_EQ(seen, 1000u);
  EXPECT_OK((*store)->Read(1001, count));
  EXPECT_THAT((*store)->ReadOne(1000).status(), HasCode(Code::kDataLoss));
}

TEST_F(CorruptionTest, AStoreThatContradictsItselfDoesNotOpen) {
  const auto after =
      [&](const std::function<void(rocksdb::DB&, std::map<std::string, rocksdb::ColumnFamilyHandle*>&)>& change) {
        const std::string copy = directory_.path() + "/copy";
        std::filesystem::remove_all(copy);
        std::filesystem::copy(path_, copy, std::filesystem::copy_options::recursive);
        WithDatabase(copy, change);
        return Open(copy).status();
      };
  const rocksdb::WriteOptions write;
  const auto put = [&](const char* family, const std::string& key, const std::string& value) {
    return after(
        [&](rocksdb::DB& db, auto& families) { ASSERT_TRUE(db.Put(write, families[family], key, value).ok()); });
  };
  const auto erase = [&](const char* family, const std::string& key) {
    return after([&](rocksdb::DB& db, auto& families) { ASSERT_TRUE(db.Delete(write, families[family], key).ok()); });
  };
  EXPECT_OK(put("rows", "x", "y"));  // The test's own tools do no harm.
  EXPECT_THAT(put("meta", "head", NumberKey(kCommits - 1)), HasCode(Code::kDataLoss));
  EXPECT_THAT(put("meta", "head", NumberKey(kCommits + 1)), HasCode(Code::kDataLoss));
  EXPECT_THAT(put("meta", "head", "x"), HasCode(Code::kDataLoss));
  EXPECT_THAT(put("meta", "applied", NumberKey(kCommits + 1)), HasCode(Code::kDataLoss));
  EXPECT_THAT(erase("meta", "head"), HasCode(Code::kDataLoss));
  EXPECT_THAT(erase("meta", "format"), HasCode(Code::kDataLoss));
  EXPECT_THAT(erase("log", NumberKey(kCommits - 1)), HasCode(Code::kDataLoss));
  EXPECT_THAT(put("log", NumberKey(kCommits - 1), Record("cut short").substr(0, 12)), HasCode(Code::kDataLoss));
  EXPECT_THAT(put("log", NumberKey(kCommits - 1), Record("another")), HasCode(Code::kDataLoss));
  EXPECT_THAT(put("log", "odd key after all others", ""), HasCode(Code::kDataLoss));
}

TEST_F(CorruptionTest, ANewerFormatIsRefused) {
  WithDatabase(path_, [](rocksdb::DB& db, auto& families) {
    ASSERT_TRUE(db.Put(rocksdb::WriteOptions(), families["meta"], "format", NumberKey(2)).ok());
  });
  const auto store = Open(path_);
  EXPECT_THAT(store.status(), HasCode(Code::kFailedPrecondition));
  EXPECT_THAT(std::string(store.status().message()), HasSubstr("has format 2; this program knows up to 1"));
}

TEST_F(CorruptionTest, AFamilyOfANewerVersionIsRefusedInSoManyWords) {
  WithDatabase(path_, [](rocksdb::DB& db, auto& families) {
    rocksdb::ColumnFamilyHandle* handle = nullptr;
    ASSERT_TRUE(db.CreateColumnFamily(rocksdb::ColumnFamilyOptions(), "merkle", &handle).ok());
    db.DestroyColumnFamilyHandle(handle);
  });
  const auto store = Open(path_);
  EXPECT_THAT(store.status(), HasCode(Code::kFailedPrecondition));
  EXPECT_THAT(std::string(store.status().message()), HasSubstr("newer version: family merkle"));
}

}  // namespace
}  // namespace duban::store
