// The drill of docs/operating.md: a server under load is backed up, backed up again, killed; its backup is restored
// elsewhere, started, and is the same as far as the backup goes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <future>
#include <thread>

#include "absl/strings/str_cat.h"
#include "clients/cpp/files.h"
#include "tests/e2e/support/city.h"

namespace duban::e2e {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// Writes remarks until it is told to stop; how many were acknowledged.
class Load {
 public:
  Load(ServerProcess& server, const std::string& token, std::string name)
      : client_(server.Connect(token)), name_(std::move(name)), thread_([this] { Run(); }) {}
  ~Load() { Stop(); }
  int done() const { return done_; }
  void WaitForMore(int more) {
    const int until = done_ + more;
    while (done_ < until) std::this_thread::yield();
  }
  void Stop() {
    stop_ = true;
    if (thread_.joinable()) thread_.join();
  }

 private:
  void Run() {
    while (!stop_) {
      v1::ActOnCaseRequest request;
      request.set_case_(name_);
      request.set_action("comment");
      request.set_note(absl::StrCat("第 ", done_ + 1, " 条"));
      const auto done = client_->Call(request);
      ASSERT_TRUE(done.ok()) << done.error().message.en();
      ++done_;
    }
  }

  const std::unique_ptr<client::Client> client_;
  const std::string name_;
  std::atomic<bool> stop_{false};
  std::atomic<int> done_{0};
  std::thread thread_;
};

class BackupDrill : public ::testing::Test {
 protected:
  BackupDrill() : parent_(MakeDirectory()), city_({"--backups", parent_ + "/backups"}) {
    name_ = city_.Open("units/zhujian", "裸土未覆盖", "2026-10-09");
  }
  ~BackupDrill() override { fs::remove_all(parent_); }

  static std::string MakeDirectory() {
    std::string path = (fs::temp_directory_path() / "duban-drill-XXXXXX").string();
    EXPECT_NE(::mkdtemp(path.data()), nullptr);
    return path;
  }

  client::Result<v1::CreateBackupResponse> BackUp(const std::string& name, const std::string& person = kOperator) {
    v1::CreateBackupRequest request;
    request.set_directory(name);
    return city_.As(person).Call(request);
  }
  v1::CreateBackupResponse MustBackUp() {
    auto made = BackUp("daily");
    EXPECT_TRUE(made.ok()) << made.error().reason << " " << made.error().message.en();
    return made.ok() ? *made : v1::CreateBackupResponse();
  }
  std::string Backup() const { return parent_ + "/backups/daily"; }

  // Evidence of the owner in the case; its "files/…".
  std::string Attach(const std::string& content) {
    const std::string path = parent_ + "/photo.jpg";
    std::ofstream(path, std::ios::binary) << content;
    auto sent = client::UploadFile(city_.As(kOwner), name_, path, "现场照片.jpg");
    EXPECT_TRUE(sent.ok()) << sent.error().message.en();
    v1::ActOnCaseRequest report;
    report.set_case_(name_);
    report.set_action("report");
    *report.add_fields() = FieldOf("progress", "有材料");
    v1::FieldValue& evidence = *report.add_fields();
    evidence.set_field("evidence");
    evidence.add_values()->set_file(*sent);
    const auto done = city_.As(kOwner).Call(report);
    EXPECT_TRUE(done.ok()) << done.error().reason;
    return sent->substr(0, sent->find('#'));
  }

  // The bytes that a person gets, or why he gets none.
  std::string Fetch(client::Client& client, const std::string& file) {
    const std::string path = parent_ + "/fetched";
    const client::Error error = client::DownloadFile(client, name_, file, path);
    return error.ok() ? ReadFile(path) : error.reason;
  }

  const std::string parent_;
  City city_;
  std::string name_;
};

std::vector<v1::EventRecord> EventsOf(client::Client& client) {
  std::vector<v1::EventRecord> events;
  v1::ReadEventsRequest request;
  request.set_page_size(500);
  while (true) {
    const auto page = client.Call(request);
    if (!page.ok()) {
      ADD_FAILURE() << page.error().message.en();
      return events;
    }
    events.insert(events.end(), page->events().begin(), page->events().end());
    if (page->next_page_token().empty()) return events;
    request.set_page_token(page->next_page_token());
  }
}

TEST_F(BackupDrill, WhatIsRestoredIsTheHistoryUpToTheBackup) {
  // Given a server under load, with a file, and a backup made meanwhile.
  EXPECT_EQ(city_.Act(kOwner, name_, "acknowledge"), "");
  const std::string kept = Attach("留下的");
  Load load(city_.server(), city_.TokenOf(kIssuer), name_);
  load.WaitForMore(20);
  const auto first = MustBackUp();
  // When more happens, a file is erased, and the backup is brought up to date.
  const std::string erased = Attach("要擦除的");
  const auto between = MustBackUp();
  v1::EraseFileRequest erase;
  erase.set_case_(name_);
  erase.set_file(erased);
  erase.set_reason("误传");
  ASSERT_TRUE(city_.As(kOperator).Call(erase).ok());
  load.WaitForMore(20);
  const auto second = MustBackUp();
  EXPECT_GT(second.commits(), between.commits());
  EXPECT_GT(between.commits(), first.commits());
  EXPECT_LT(second.bytes_written(), second.bytes_total()) << "only what was new";
  load.WaitForMore(20);
  load.Stop();
  v1::GetStatsRequest stats;
  EXPECT_TRUE(city_.As(kOperator).Call(stats)->has_last_backup_at());
  const std::vector<v1::EventRecord> all = EventsOf(city_.As(kOperator));
  const std::string token = city_.TokenOf(kIssuer);
  EXPECT_THAT(city_.server().output(), HasSubstr("\"event\":\"backup_made\",\"commits\":"));
  city_.server().Kill();

  // Then it verifies, is restored elsewhere, and starts there.
  const Ran verified = e2e::Run({DubandPath(), "--verify-backup", Backup()});
  EXPECT_EQ(verified.code, 0) << verified.output;
  EXPECT_THAT(verified.output, AllOf(HasSubstr("备份完好"), HasSubstr(absl::StrCat(second.commits(), " commits"))));
  ServerProcess elsewhere({}, [&](const std::string& data) {
    const Ran restored = e2e::Run({DubandPath(), "--restore", Backup(), "--data", data});
    EXPECT_EQ(restored.code, 0) << restored.output;
    EXPECT_THAT(restored.output, HasSubstr("已恢复"));
  });
  const auto issuer = elsewhere.Connect(token);
  const auto op = elsewhere.ConnectOperator();
  EXPECT_EQ(op->Call(stats)->commits(), second.commits());

  // And its history is the old one's as far as it goes, event by event.
  const std::vector<v1::EventRecord> restored = EventsOf(*op);
  ASSERT_LE(restored.size(), all.size());
  EXPECT_LT(restored.size(), all.size()) << "the load went on after the backup";
  for (size_t i = 0; i < restored.size(); ++i) {
    ASSERT_EQ(restored[i].SerializeAsString(), all[i].SerializeAsString()) << "event " << i;
  }
  // And marks within it go on, those beyond it are told so.
  v1::WatchEventsRequest within;
  within.set_after(restored[restored.size() - 2].position());
  v1::WatchEventsResponse message;
  ASSERT_TRUE(issuer->WatchEvents(within)->Next(&message));
  v1::WatchEventsRequest beyond;
  beyond.set_after(all.back().position());
  const auto ahead = issuer->WatchEvents(beyond);
  EXPECT_FALSE(ahead->Next(&message));
  EXPECT_EQ(ahead->error().reason, "BEHIND_TOKEN");
  // And files are there, but for the erased one, whose key is in no later backup.
  EXPECT_EQ(Fetch(*issuer, kept), "留下的");
  EXPECT_EQ(Fetch(*issuer, erased), "FILE_ERASED");
  EXPECT_FALSE(fs::exists(absl::StrCat(Backup(), "/files/", erased.substr(6, 2), "/", erased.substr(6))));
  // And it takes commands.
  v1::ActOnCaseRequest comment;
  comment.set_case_(name_);
  comment.set_action("comment");
  comment.set_note("恢复之后");
  EXPECT_TRUE(issuer->Call(comment).ok());
}

TEST_F(BackupDrill, ABackupThatWasTamperedWithIsRefusedByTheFilesName) {
  EXPECT_EQ(city_.Act(kOwner, name_, "acknowledge"), "");
  const std::string file = Attach("材料");
  MustBackUp();
  const std::string path = absl::StrCat(Backup(), "/files/", file.substr(6, 2), "/", file.substr(6));
  std::string bytes = ReadFile(path);
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
  const std::string to = parent_ + "/restored";
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{DubandPath(), "--verify-backup", Backup()},
        std::vector<std::string>{DubandPath(), "--restore", Backup(), "--data", to}}) {
    const Ran refused = e2e::Run(command);
    EXPECT_EQ(refused.code, 1);
    EXPECT_THAT(refused.output, AllOf(HasSubstr("备份已损坏"), HasSubstr("damaged"), HasSubstr(file.substr(6))));
  }
  EXPECT_FALSE(fs::exists(to)) << "nothing is left of the attempt";
}

TEST_F(BackupDrill, BackupsLieBelowTheirDirectoryAndAreTheOperators) {
  for (const char* name : {"", "..", "../out", "/tmp/out", "a/b", ".hidden", "a\\b"}) {
    const auto refused = BackUp(name);
    ASSERT_FALSE(refused.ok()) << name;
    EXPECT_EQ(refused.error().reason, "BACKUP_NAME_INVALID") << name;
  }
  EXPECT_EQ(BackUp("daily", kIssuer).error().reason, "RIGHT_REQUIRED");
  EXPECT_FALSE(fs::exists(parent_ + "/out"));
  ServerProcess without;
  v1::CreateBackupRequest request;
  request.set_directory("daily");
  EXPECT_EQ(without.ConnectOperator()->Call(request).error().reason, "BACKUP_NOT_SET_UP");
}

TEST_F(BackupDrill, AnotherWorkspacesBackupIsLeftAlone) {
  MustBackUp();
  ServerProcess other({"--backups", parent_ + "/backups"});
  v1::CreateBackupRequest request;
  request.set_directory("daily");
  const auto refused = other.ConnectOperator()->Call(request);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().reason, "BACKUP_REFUSED");
  EXPECT_THAT(refused.error().message.zh(), AllOf(HasSubstr("另一个工作区"), Not(HasSubstr(" / "))));
  EXPECT_THAT(refused.error().message.en(), HasSubstr("another workspace"));
}

TEST_F(BackupDrill, TheCommandLineMakesOne) {
  const Ran made = e2e::Run({DubanPath(), "--server", city_.server().target(), "--token",
                             city_.server().operator_token(), "backup", "create", "每周"});
  EXPECT_EQ(made.code, 0) << made.output;
  EXPECT_THAT(made.output, HasSubstr("已备份为“每周”"));
  EXPECT_TRUE(fs::exists(parent_ + "/backups/每周/BACKUP"));
}

}  // namespace
}  // namespace duban::e2e
