// Files as somebody at a desk sends and fetches them: the command line and the client against a real server that dies.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "clients/cpp/files.h"
#include "tests/e2e/support/city.h"

namespace duban::e2e {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr int64_t kChunk = 1 << 20;

class FilesAtADesk : public ::testing::Test {
 protected:
  FilesAtADesk() {
    name_ = city_.Open("units/zhujian", "裸土未覆盖", "2026-10-09");
    EXPECT_EQ(city_.Act(kOwner, name_, "acknowledge"), "");
  }

  Ran As(const std::string& person, std::vector<std::string> words) {
    std::vector<std::string> command = {DubanPath(), "--server", city_.server().target(), "--token",
                                        city_.TokenOf(person)};
    command.insert(command.end(), words.begin(), words.end());
    return e2e::Run(command);
  }

  // A file of this many bytes; its path.
  std::string Photo(int64_t bytes) {
    std::string content;
    for (int64_t i = 0; i < bytes; i += 16) content += absl::StrCat(absl::Hex(i, absl::kZeroPad15), "\n");
    content.resize(static_cast<size_t>(bytes));
    const std::string path = Out("现场照片.jpg");
    std::ofstream(path, std::ios::binary) << content;
    return path;
  }
  std::string Out(const std::string& name) { return city_.server().data() + "/../" + name; }

  // The bytes of a file of the case as they lie on the server's disk.
  fs::path Stored() {
    fs::path found;
    for (const auto& entry : fs::recursive_directory_iterator(city_.server().data() + "/files")) {
      if (entry.is_regular_file()) found = entry.path();
    }
    return found;
  }

  City city_;
  std::string name_;
};

TEST_F(FilesAtADesk, EvidenceIsSentBesideTheActionAndFetchedByTheOtherSide) {
  const std::string photo = Photo(2 * kChunk + 7);
  const Ran acted = As(kOwner, {"act", name_, "submit", "--set", "result=已覆盖", "--set", "evidence=" + photo});
  ASSERT_EQ(acted.code, 0) << acted.output;
  EXPECT_THAT(As(kIssuer, {"case", "show", name_}).output, HasSubstr("现场照片.jpg"));
  EXPECT_THAT(As(kIssuer, {"case", "file", "list", name_}).output,
              AllOf(HasSubstr("现场照片.jpg"), HasSubstr("files/")));
  const Ran got = As(kIssuer, {"case", "file", "get", name_, "现场照片.jpg", "-o", Out("got.jpg")});
  EXPECT_EQ(got.code, 0) << got.output;
  EXPECT_EQ(ReadFile(Out("got.jpg")), ReadFile(photo));
  EXPECT_NE(As(kOther, {"case", "file", "get", name_, "现场照片.jpg", "-o", Out("none.jpg")}).code, 0);
  EXPECT_FALSE(fs::exists(Out("none.jpg")));
  EXPECT_FALSE(fs::exists(Out("none.jpg.part")));

  // And erased: the bytes are gone from the disk and from what anybody is shown.
  ASSERT_FALSE(Stored().empty());
  const Ran erased = As(kOperator, {"case", "file", "erase", name_, "现场照片.jpg", "--reason", "拍到无关人员"});
  EXPECT_EQ(erased.code, 0) << erased.output;
  EXPECT_TRUE(Stored().empty());
  EXPECT_THAT(As(kIssuer, {"case", "show", name_}).output, AllOf(HasSubstr("已擦除"), Not(HasSubstr("现场照片.jpg"))));
  EXPECT_THAT(As(kIssuer, {"replay", name_}).output, AllOf(HasSubstr("拍到无关人员"), Not(HasSubstr("现场照片.jpg"))));
}

TEST_F(FilesAtADesk, WhatIsOnlyCheckedIsNotSent) {
  const Ran checked = As(
      kOwner, {"act", name_, "submit", "--set", "result=已覆盖", "--set", "evidence=" + Photo(10), "--validate-only"});
  EXPECT_EQ(checked.code, 0) << checked.output;
  EXPECT_EQ(city_.As(kOperator).Call(v1::GetStatsRequest())->uploads_open(), 0);
  EXPECT_TRUE(!fs::exists(city_.server().data() + "/files") || Stored().empty());
}

// Killed after each chunk; the client that sends goes on by itself.
TEST_F(FilesAtADesk, AnUploadOutlivesTheServersDeaths) {
  const std::string photo = Photo(4 * kChunk + 100);
  client::Options options;
  options.target = city_.server().target();
  options.token = city_.TokenOf(kOwner);
  options.retry_for = std::chrono::seconds(20);
  const auto client = client::Client::Connect(options);
  int deaths = 0;
  const auto sent = client::UploadFile(*client, name_, photo, "现场照片.jpg", [&](int64_t done, int64_t total) {
    if (done == total) return;
    city_.server().Kill();
    city_.server().Start(/*same_port=*/true);
    ++deaths;
  });
  ASSERT_TRUE(sent.ok()) << sent.error().reason << " " << sent.error().message.en();
  EXPECT_EQ(deaths, 5);
  v1::ActOnCaseRequest report;
  report.set_case_(name_);
  report.set_action("report");
  *report.add_fields() = FieldOf("progress", "已覆盖");
  v1::FieldValue& evidence = *report.add_fields();
  evidence.set_field("evidence");
  evidence.add_values()->set_file(*sent);
  ASSERT_TRUE(client->Call(report).ok());
  ASSERT_TRUE(client::DownloadFile(*client, name_, sent->substr(0, sent->find('#')), Out("got.jpg")).ok());
  EXPECT_EQ(ReadFile(Out("got.jpg")), ReadFile(photo));
}

TEST_F(FilesAtADesk, AByteChangedOnTheDiskIsDataLossAndNeverAnotherByte) {
  const std::string photo = Photo(2 * kChunk);
  ASSERT_EQ(As(kOwner, {"act", name_, "submit", "--set", "result=已覆盖", "--set", "evidence=" + photo}).code, 0);
  const std::string whole = ReadFile(Stored().string());
  std::string changed = whole;
  changed[whole.size() - 1000] = static_cast<char>(changed[whole.size() - 1000] ^ 4);
  std::ofstream(Stored(), std::ios::binary | std::ios::trunc) << changed;
  v1::DownloadFileRequest request;
  request.set_case_(name_);
  request.set_file("files/" + Stored().filename().string());
  const auto stream = city_.As(kIssuer).DownloadFile(request);
  v1::DownloadFileResponse message;
  std::string got;
  while (stream->Next(&message)) got += message.data();
  EXPECT_EQ(stream->error().code, absl::StatusCode::kDataLoss);
  EXPECT_EQ(got, ReadFile(photo).substr(0, got.size())) << "what came before the damage was right";
  EXPECT_LE(got.size(), static_cast<size_t>(kChunk));
}

}  // namespace
}  // namespace duban::e2e
