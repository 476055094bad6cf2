// Uploads that expire: what a sweep is removing is neither used nor begun anew until it has gone. And what one may
// announce, where room and disk are bounded.
#include "services/node/uploads.h"

#include <gmock/gmock.h>

#include <functional>
#include <future>
#include <optional>

#include "absl/strings/str_cat.h"
#include "services/node/library.h"
#include "services/node/limits.h"
#include "services/node/rebuild.h"
#include "services/node/sequencer.h"
#include "services/node/streams.h"
#include "store/disk_files.h"
#include "tests/node/support/office.h"

namespace duban::node {
namespace {

using testing::StartsWith;

// Asks before a file is removed.
class AskedSpace : public store::FileSpace {
 public:
  std::function<absl::Status()> before_remove;
  std::optional<uint64_t> free;  // Bytes; else as below.

  absl::StatusOr<uint64_t> Size(const std::string& path) const override { return below_->Size(path); }
  absl::StatusOr<std::string> Read(const std::string& path, uint64_t offset, size_t n) const override {
    return below_->Read(path, offset, n);
  }
  absl::Status Write(const std::string& path, uint64_t offset, absl::string_view bytes) override {
    return below_->Write(path, offset, bytes);
  }
  absl::Status Rename(const std::string& from, const std::string& to) override { return below_->Rename(from, to); }
  absl::Status Remove(const std::string& path) override {
    if (absl::Status asked = before_remove ? before_remove() : absl::OkStatus(); !asked.ok()) return asked;
    return below_->Remove(path);
  }
  absl::StatusOr<std::vector<std::string>> List(const std::string& directory) const override {
    return below_->List(directory);
  }
  absl::StatusOr<uint64_t> FreeBytes() const override { return free.has_value() ? *free : below_->FreeBytes(); }

 private:
  const std::unique_ptr<store::FileSpace> below_ = store::NewMemorySpace();
};

// The uploads of an office that has one matter, without its node: swept when the test says so.
class UploadsExpire : public testing::Test {
 protected:
  UploadsExpire() {
    request_.set_case_(office_.Open("units/zhujian", "裸土未覆盖").case_());
    request_.set_title("现场照片.jpg");
    request_.set_bytes(3);
    request_.set_sha256(store::Sha256("abc"));
    office_.node().Shutdown();
    hub_ = std::make_unique<WatchHub>(
        *PublishedNow(office_.store(), *LoadLibrary(*office_.store().NewSnapshot()), AllKept(engine::Views()), Now()),
        vitals_);
    file_ = Office::MustRead(Begin()).file();
    EXPECT_TRUE(Send());
    EXPECT_TRUE(Check());
    // Given that nobody used it in time.
    office_.clock().Set(Now() + absl::FromChrono(limits::kUploadLife) + absl::Minutes(1));
  }

  absl::Time Now() { return office_.clock().Now(); }
  Reply<v1::BeginUploadResponse> Begin() {
    return uploads_.Begin(StreamSource{source_, *hub_, office_.clock()}.Read(kHousing), request_);
  }
  bool Send() {
    v1::UploadChunkRequest chunk;
    chunk.set_file(file_);
    chunk.set_data("abc");
    return std::holds_alternative<v1::UploadChunkResponse>(uploads_.Add(kHousing, chunk));
  }
  // What is said of trouble; empty where there is none.
  static std::string Told(const Reply<v1::BeginUploadResponse>& reply) {
    const auto* status = std::get_if<absl::Status>(&reply);
    return status == nullptr ? "" : std::string(status->message());
  }
  // Whether a command may name it.
  bool Check() { return uploads_.Check(file_, request_.case_(), kHousing).ok(); }
  absl::Status Sweep() { return uploads_.Sweep(*office_.store().NewSnapshot()); }

  Office office_;
  AskedSpace* const space_ = new AskedSpace;  // `files_` owns it.
  store::FileStore files_{std::unique_ptr<store::FileSpace>(space_), office_.vault()};
  const std::shared_ptr<Random> random_ = SeededRandom(1);
  const Tokens tokens_{std::string(kSecretBytes, 's'), random_};
  Vitals vitals_{Silence()};
  const Source source_{office_.store(), office_.vault(), tokens_, vitals_};
  std::unique_ptr<WatchHub> hub_;
  Uploads uploads_{files_, tokens_, *random_, office_.clock(), vitals_};
  v1::BeginUploadRequest request_;
  std::string file_;
  std::future<absl::StatusCode> again_;
};

TEST_F(UploadsExpire, WhatIsBeingDroppedIsNeitherUsedNorBegunMeanwhile) {
  // When it is named, or sent again, at the moment in which a sweep is about to remove it.
  bool asked = false;
  space_->before_remove = [&] {
    if (std::exchange(asked, true)) return absl::OkStatus();
    EXPECT_FALSE(Check());
    EXPECT_FALSE(Send());
    auto again = std::async(std::launch::async, [&] { return CodeOf(Begin()); });
    // Then it is not taken for what is there still, and nobody waits for the disk.
    EXPECT_EQ(again.wait_for(std::chrono::seconds(10)), std::future_status::ready);
    again_ = std::move(again);
    return absl::OkStatus();
  };
  EXPECT_TRUE(Sweep().ok());
  EXPECT_TRUE(asked);
  EXPECT_EQ(again_.get(), absl::StatusCode::kUnavailable);
  EXPECT_FALSE(Check());
  // And once it has gone it is sent from its beginning, and stays.
  EXPECT_EQ(Office::MustRead(Begin()).received(), 0);
  EXPECT_TRUE(Send());
  EXPECT_TRUE(Check());
  EXPECT_TRUE(Sweep().ok());
  EXPECT_TRUE(Check());
  EXPECT_EQ(*files_.Read(StoredName(file_), 0), "abc");
}

TEST_F(UploadsExpire, WhatCouldNotBeDroppedIsTriedAgainAndNotUsedMeanwhile) {
  space_->before_remove = [] { return absl::UnavailableError("磁盘出错 the disk has trouble"); };
  EXPECT_FALSE(Sweep().ok());
  EXPECT_FALSE(Check()) << "part of it may have gone";
  EXPECT_THAT(Told(Begin()), StartsWith("FILE_EXPIRING:"));
  space_->before_remove = nullptr;
  EXPECT_TRUE(Sweep().ok());
  EXPECT_EQ(Office::MustRead(Begin()).received(), 0);
}

TEST_F(UploadsExpire, NobodyAnnouncesMoreThanHeSendsAndUses) {
  // Given as many as one person may have waiting, one of them from the beginning.
  for (int64_t i = 1; i < limits::kUploadsPerPersonMax; ++i) {
    request_.set_sha256(store::Sha256(absl::StrCat(i)));
    ASSERT_EQ(Told(Begin()), "") << i;
  }
  // Then no more are taken, what was announced goes on, and what has expired makes room.
  request_.set_sha256(store::Sha256("one more"));
  EXPECT_THAT(Told(Begin()), StartsWith("TOO_MANY_UPLOADS:"));
  request_.set_sha256(store::Sha256("1"));
  EXPECT_EQ(Told(Begin()), "");
  EXPECT_TRUE(Sweep().ok());
  request_.set_sha256(store::Sha256("one more"));
  EXPECT_EQ(Told(Begin()), "");
}

TEST_F(UploadsExpire, FilesLeaveTheLogItsRoomOnTheDisk) {
  request_.set_sha256(store::Sha256("another"));
  space_->free = limits::kDiskReserveBytes;
  EXPECT_THAT(Told(Begin()), StartsWith("DISK_FULL:"));
  space_->free = limits::kDiskReserveBytes + request_.bytes();
  EXPECT_EQ(Told(Begin()), "");
}

}  // namespace
}  // namespace duban::node
