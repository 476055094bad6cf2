// Files (store/file_store.h): they arrive in chunks over crashes, are right or not there, and can be forgotten.
#include "store/file_store.h"

#include <functional>
#include <random>

#include "absl/strings/str_cat.h"
#include "store/disk_files.h"
#include "tests/store/support.h"

namespace duban::store {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Code = absl::StatusCode;

constexpr size_t kChunk = kFileChunkBytes;
const std::string kName = "abc234";

std::string Content(size_t bytes, uint32_t seed = 1) {
  std::mt19937 random(seed);
  std::string out(bytes, '\0');
  for (char& c : out) c = static_cast<char>(random());
  return out;
}

std::string Fresh() {
  static std::mt19937 random(7);
  std::string out(kFileRandomBytes, '\0');
  for (char& c : out) c = static_cast<char>(random());
  return out;
}

FileFacts FactsOf(const std::string& content) { return {content.size(), Sha256(content), "cases/1"}; }

// Sends what is missing; the last answer.
absl::StatusOr<FileState> Upload(FileStore& files, const std::string& name, const std::string& content) {
  absl::StatusOr<FileState> state = files.Begin(name, FactsOf(content), Fresh());
  while (state.ok() && !state->complete) {
    state = files.Append(name, state->received, absl::string_view(content).substr(state->received, kChunk), Fresh());
  }
  return state;
}

absl::StatusOr<std::string> Download(const FileStore& files, const std::string& name) {
  std::string out;
  while (true) {
    absl::StatusOr<std::string> bytes = files.Read(name, out.size());
    if (!bytes.ok()) return bytes.status();
    if (bytes->empty()) return out;
    out += *bytes;
  }
}

enum class Kind { kMemory, kDisk };

class FileStoreContract : public ::testing::TestWithParam<Kind> {
 protected:
  FileStoreContract() : vault_(NewMemoryKeyVault()) {
    std::unique_ptr<FileSpace> space = NewMemorySpace();
    if (GetParam() == Kind::kDisk) space = *OpenDiskSpace(directory_.path());
    files_ = std::make_unique<FileStore>(std::move(space), *vault_);
  }

  TempDir directory_;
  std::unique_ptr<KeyVault> vault_;
  std::unique_ptr<FileStore> files_;
};

INSTANTIATE_TEST_SUITE_P(Spaces, FileStoreContract, ::testing::Values(Kind::kMemory, Kind::kDisk),
                         [](const auto& info) { return info.param == Kind::kMemory ? "Memory" : "Disk"; });

TEST_P(FileStoreContract, WhatWasSentIsWhatIsRead) {
  for (size_t bytes : {size_t{1}, kChunk - 1, kChunk, kChunk + 1, 3 * kChunk, 3 * kChunk + 17}) {
    const std::string name = absl::StrCat("size", bytes), content = Content(bytes);
    const auto state = Upload(*files_, name, content);
    ASSERT_OK(state.status());
    EXPECT_TRUE(state->complete);
    EXPECT_EQ(Download(*files_, name).value(), content) << bytes;
    EXPECT_EQ(files_->Find(name)->facts.note, "cases/1");
    EXPECT_EQ(files_->Read(name, bytes / 2)->front(), content[bytes / 2]) << "from the middle on";
    EXPECT_EQ(*files_->Read(name, bytes + 5), "");
  }
}

TEST_P(FileStoreContract, ItGoesOnWhereItStopped) {
  const std::string content = Content(2 * kChunk + 100);
  ASSERT_OK(files_->Begin(kName, FactsOf(content), Fresh()).status());
  ASSERT_OK(files_->Append(kName, 0, content.substr(0, kChunk), Fresh()).status());
  const auto again = files_->Begin(kName, FactsOf(content), Fresh());
  EXPECT_EQ(again->received, kChunk);
  EXPECT_FALSE(again->complete);
  EXPECT_THAT(files_->Read(kName, 0).status(), HasCode(Code::kNotFound)) << "nothing is shown before it is complete";
  EXPECT_EQ(Upload(*files_, kName, content)->received, content.size());
  EXPECT_EQ(Download(*files_, kName).value(), content);
}

TEST_P(FileStoreContract, ChunksAtAnotherPlaceChangeNothing) {
  const std::string content = Content(2 * kChunk);
  ASSERT_OK(files_->Begin(kName, FactsOf(content), Fresh()).status());
  EXPECT_EQ(files_->Append(kName, kChunk, content.substr(kChunk), Fresh())->received, 0u);
  ASSERT_OK(files_->Append(kName, 0, content.substr(0, kChunk), Fresh()).status());
  EXPECT_EQ(files_->Append(kName, 0, Content(kChunk, 9), Fresh())->received, kChunk) << "sent twice, taken once";
  EXPECT_THAT(files_->Append(kName, kChunk, "short", Fresh()).status(), HasCode(Code::kInvalidArgument));
  EXPECT_TRUE(files_->Append(kName, kChunk, content.substr(kChunk), Fresh())->complete);
  EXPECT_TRUE(files_->Append(kName, kChunk, "late", Fresh())->complete) << "what is complete does not change";
  EXPECT_EQ(Download(*files_, kName).value(), content);
}

TEST_P(FileStoreContract, AnotherDigestThanPromisedAndItIsGone) {
  FileFacts facts = FactsOf(Content(10));
  facts.sha256 = Sha256("another");
  ASSERT_OK(files_->Begin(kName, facts, Fresh()).status());
  EXPECT_THAT(files_->Append(kName, 0, Content(10), Fresh()).status(), HasCode(Code::kAborted));
  EXPECT_FALSE(files_->Holds(kName));
  EXPECT_THAT(files_->Find(kName).status(), HasCode(Code::kNotFound));
  EXPECT_OK(Upload(*files_, kName, Content(10)).status()) << "the name may be begun anew";
}

TEST_P(FileStoreContract, ANameHasOneContent) {
  ASSERT_OK(Upload(*files_, kName, Content(10)).status());
  EXPECT_THAT(files_->Begin(kName, FactsOf(Content(11)), Fresh()).status(), HasCode(Code::kAlreadyExists));
  EXPECT_TRUE(files_->Begin(kName, FactsOf(Content(10)), Fresh())->complete);
}

TEST_P(FileStoreContract, NamesThatAreNoneAreRefused) {
  for (const char* name : {"", "a", "../etc", "ab/cd", "ab.part", "AB"}) {
    EXPECT_THAT(files_->Begin(name, FactsOf("x"), Fresh()).status(), HasCode(Code::kInvalidArgument)) << name;
    EXPECT_THAT(files_->Read(name, 0).status(), HasCode(Code::kInvalidArgument)) << name;
  }
  EXPECT_THAT(files_->Begin("empty", FactsOf(""), Fresh()).status(), HasCode(Code::kInvalidArgument));
}

TEST_P(FileStoreContract, OpenAreThoseThatNobodySettled) {
  ASSERT_OK(files_->Begin("begun", FactsOf(Content(10)), Fresh()).status());
  ASSERT_OK(Upload(*files_, "done", Content(10)).status());
  ASSERT_OK(Upload(*files_, "settled", Content(10)).status());
  ASSERT_OK(files_->Settle("settled"));
  EXPECT_THAT(*files_->Open(), ElementsAre("begun", "done"));
  ASSERT_OK(files_->Drop("begun"));
  ASSERT_OK(files_->Drop("done"));
  EXPECT_THAT(*files_->Open(), IsEmpty());
  EXPECT_FALSE(files_->Holds("done"));
  EXPECT_OK(files_->Find("settled").status());
}

TEST_P(FileStoreContract, ErasedIsGoneForGood) {
  ASSERT_OK(Upload(*files_, kName, Content(10)).status());
  ASSERT_OK(files_->Erase(kName));
  EXPECT_FALSE(files_->Holds(kName));
  EXPECT_THAT(files_->Read(kName, 0).status(), HasCode(Code::kNotFound));
  EXPECT_THAT(files_->Begin(kName, FactsOf(Content(10)), Fresh()).status(), HasCode(Code::kFailedPrecondition));
  EXPECT_OK(files_->Erase(kName));
}

class FilesOnDisk : public ::testing::Test {
 protected:
  FilesOnDisk() { Open(); }
  void Open() {
    files_.reset();
    vault_.reset();
    vault_ = *OpenKeyVault(directory_.path() + "/keys");
    files_ = std::make_unique<FileStore>(*OpenDiskSpace(directory_.path()), *vault_);
  }
  std::string Place() const { return directory_.path() + "/files/ab/" + kName; }

  TempDir directory_;
  std::unique_ptr<KeyVault> vault_;
  std::unique_ptr<FileStore> files_;
};

// Whatever byte is changed on the disk, wherever it is cut: an error, never other bytes.
TEST_F(FilesOnDisk, WhatWasChangedIsNeverShown) {
  const std::string content = Content(kChunk + 500);
  ASSERT_OK(Upload(*files_, kName, content).status());
  const std::string whole = ReadFile(Place());
  std::mt19937 random(3);
  for (int i = 0; i < 60; ++i) {
    std::string changed = whole;
    const size_t at = i < 30 ? random() % 200 : random() % whole.size();
    changed[at] = static_cast<char>(changed[at] ^ (1 << (random() % 8)));
    WriteFile(Place(), changed);
    EXPECT_THAT(Download(*files_, kName).status(), HasCode(Code::kDataLoss)) << "byte " << at;
  }
  for (size_t end : {size_t{0}, size_t{10}, size_t{100}, kChunk, whole.size() - 1}) {
    WriteFile(Place(), whole.substr(0, end));
    EXPECT_THAT(Download(*files_, kName).status(), HasCode(Code::kDataLoss)) << "cut at " << end;
  }
  WriteFile(Place(), whole);
  EXPECT_EQ(Download(*files_, kName).value(), content);
}

TEST_F(FilesOnDisk, NeitherFilesNorChunksCanBeExchanged) {
  ASSERT_OK(Upload(*files_, kName, Content(2 * kChunk, 1)).status());
  ASSERT_OK(Upload(*files_, "abother", Content(2 * kChunk, 2)).status());
  const std::string whole = ReadFile(Place());
  fs::copy_file(directory_.path() + "/files/ab/abother", Place(), fs::copy_options::overwrite_existing);
  EXPECT_THAT(Download(*files_, kName).status(), HasCode(Code::kDataLoss));
  const size_t chunk = kChunk + 28, head = whole.size() - 2 * chunk;
  WriteFile(Place(), whole.substr(0, head) + whole.substr(head + chunk) + whole.substr(head, chunk));
  EXPECT_THAT(Download(*files_, kName).status(), HasCode(Code::kDataLoss));
}

TEST_F(FilesOnDisk, NothingOfItsContentStandsOnTheDisk) {
  const std::string content = absl::StrCat(Content(5000), "身份证号 110101199003070000", Content(5000));
  ASSERT_OK(Upload(*files_, kName, content).status());
  const std::string raw = ReadFile(Place());
  EXPECT_EQ(raw.find("身份证号"), std::string::npos);
  EXPECT_EQ(raw.find(Sha256(content)), std::string::npos) << "its digest would let known content be recognised";
  EXPECT_EQ(raw.find("cases/1"), std::string::npos);
}

TEST_F(FilesOnDisk, ACopyTakenBeforeErasingCannotBeReadWithoutItsKey) {
  ASSERT_OK(Upload(*files_, kName, Content(1000)).status());
  const std::string copy = ReadFile(Place());
  ASSERT_OK(files_->Erase(kName));
  WriteFile(Place(), copy);
  Open();
  EXPECT_THAT(files_->Find(kName).status(), HasCode(Code::kNotFound));
  EXPECT_FALSE(files_->Read(kName, 0).ok());
}

// Power cuts: a space that stops at a random operation, which may have been done, in part or not at all. What was
// answered is there afterwards; the upload goes on and ends with the right bytes.
class CutSpace final : public FileSpace {
 public:
  CutSpace(FileSpace& below, std::mt19937& random) : below_(below), random_(random) {}
  void CutAfter(int operations) { left_ = operations; }
  void Fail(absl::Status why) { why_ = std::move(why); }

  absl::StatusOr<uint64_t> Size(const std::string& path) const override { return below_.Size(path); }
  absl::StatusOr<std::string> Read(const std::string& path, uint64_t offset, size_t n) const override {
    return below_.Read(path, offset, n);
  }
  absl::Status Write(const std::string& path, uint64_t offset, absl::string_view bytes) override {
    return Do([&] { return below_.Write(path, offset, bytes); },
              [&] {
                std::string torn(bytes.substr(0, random_() % (bytes.size() + 1)));
                if (!torn.empty() && random_() % 2 == 0) torn.back() = static_cast<char>(torn.back() ^ 1);
                below_.Write(path, offset, torn).IgnoreError();
              });
  }
  absl::Status Rename(const std::string& from, const std::string& to) override {
    return Do([&] { return below_.Rename(from, to); }, [&] { below_.Rename(from, to).IgnoreError(); });
  }
  absl::Status Remove(const std::string& path) override {
    return Do([&] { return below_.Remove(path); }, [&] { below_.Remove(path).IgnoreError(); });
  }
  absl::StatusOr<std::vector<std::string>> List(const std::string& directory) const override {
    return below_.List(directory);
  }
  absl::StatusOr<uint64_t> FreeBytes() const override { return below_.FreeBytes(); }

 private:
  absl::Status Do(std::function<absl::Status()> whole, std::function<void()> torn) {
    if (left_-- > 0) return whole();
    if (left_ == -1 && random_() % 2 == 0) torn();
    return why_;
  }

  FileSpace& below_;
  std::mt19937& random_;
  int left_ = 0;
  absl::Status why_ = absl::UnavailableError("the power is cut");
};

TEST(FilePowerCut, WhatWasAnsweredIsThereAndTheUploadGoesOn) {
  const std::string content = Content(3 * kChunk + 99);
  int cuts = 0;
  for (uint32_t seed = 1; seed <= 60; ++seed) {
    std::mt19937 random(seed);
    const std::unique_ptr<FileSpace> disk = NewMemorySpace();
    const std::unique_ptr<KeyVault> vault = NewMemoryKeyVault();
    uint64_t answered = 0;
    bool complete = false;
    while (!complete) {
      auto space = std::make_unique<CutSpace>(*disk, random);
      space->CutAfter(static_cast<int>(random() % 5));
      FileStore files(std::move(space), *vault);
      auto state = files.Begin(kName, FactsOf(content), Fresh());
      while (state.ok() && !state->complete) {
        ASSERT_GE(state->received, answered) << "seed " << seed;
        answered = state->received;
        state = files.Append(kName, answered, absl::string_view(content).substr(answered, kChunk), Fresh());
      }
      if (state.ok()) {
        complete = true;
        EXPECT_EQ(Download(files, kName).value(), content) << "seed " << seed;
        EXPECT_THAT(*files.Open(), ElementsAre(kName));
      } else {
        ++cuts;
        ASSERT_THAT(state.status(), HasCode(Code::kUnavailable)) << "seed " << seed;
        auto shown = Download(files, kName);
        EXPECT_TRUE(!shown.ok() || *shown == content) << "seed " << seed << ": never a part of it";
      }
    }
  }
  EXPECT_GT(cuts, 60);
}

TEST(FileSpaceThatIsFull, IsSaidAndTheUploadGoesOnOnceThereIsRoom) {
  const std::string content = Content(2 * kChunk);
  std::mt19937 random(5);
  const std::unique_ptr<FileSpace> disk = NewMemorySpace();
  const std::unique_ptr<KeyVault> vault = NewMemoryKeyVault();
  auto space = std::make_unique<CutSpace>(*disk, random);
  CutSpace& room = *space;
  room.Fail(absl::ResourceExhaustedError("no space left"));
  FileStore files(std::move(space), *vault);
  for (int writes = 0; writes < 3; ++writes) {
    room.CutAfter(writes);
    EXPECT_THAT(Upload(files, kName, content).status(), HasCode(Code::kResourceExhausted)) << writes;
  }
  room.CutAfter(100);
  EXPECT_OK(Upload(files, kName, content).status());
  EXPECT_EQ(Download(files, kName).value(), content);
}

TEST(FilePowerCut, AnErasureCutShortIsEndedByTheNext) {
  for (int operations = 0; operations < 4; ++operations) {
    std::mt19937 random(5);
    const std::unique_ptr<FileSpace> disk = NewMemorySpace();
    const std::unique_ptr<KeyVault> vault = NewMemoryKeyVault();
    auto space = std::make_unique<CutSpace>(*disk, random);
    CutSpace& power = *space;
    FileStore files(std::move(space), *vault);
    power.CutAfter(100);
    ASSERT_OK(Upload(files, kName, Content(100)).status());
    power.CutAfter(operations);
    files.Erase(kName).IgnoreError();
    EXPECT_FALSE(files.Read(kName, 0).ok()) << "its key goes first";
    power.CutAfter(100);
    EXPECT_OK(files.Erase(kName));
    EXPECT_FALSE(files.Holds(kName));
    EXPECT_THAT(*files.Open(), IsEmpty());
  }
}

}  // namespace
}  // namespace duban::store
