// Files of cases: who may send one, where it may stand, who may have its bytes, and how it is forgotten.
#include <gmock/gmock.h>

#include "services/node/limits.h"
#include "store/disk_files.h"
#include "store/file_store.h"
#include "tests/node/support/cut_store.h"
#include "tests/node/support/office.h"

namespace duban::node {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr size_t kChunk = store::kFileChunkBytes;

// The office keeps papers of its own in a case that the other unit works on.
constexpr char kPapers[] = R"(procedure: papers
title: {zh: 材料, en: Papers}
may_open: [office]
subject: matter
columns: [evidence]
parties:
  office: {kind: unit, title: {zh: 经办单位, en: Office}}
  other:  {kind: unit, title: {zh: 相关单位, en: Other}}
fields:
  matter:   {title: {zh: 事项, en: Matter}, type: text, required: true}
  evidence: {title: {zh: 材料, en: Evidence}, type: file, many: true}
  inside:   {title: {zh: 内部材料, en: Inside}, type: file, many: true, sees: [office]}
stages:
  working:
    title: {zh: 办理, en: Working}
    no_deadline: 测试
    actions:
      add:  {title: {zh: 补充, en: Add}, by: [office, other], takes: [evidence]}
      keep: {title: {zh: 内存, en: Keep}, by: office, takes: [inside]}
      done: {title: {zh: 办结, en: Done}, by: office, to: closed}
  closed: {title: {zh: 已办结, en: Closed}, end: done}
)";

std::string Content(size_t bytes, char seed = 'a') {
  std::string out(bytes, seed);
  for (size_t i = 0; i < bytes; i += 997) out[i] = static_cast<char>('0' + (i / 997) % 10);
  return out;
}

class Files : public ::testing::Test {
 protected:
  Files() {
    office_.Publish("papers", kPapers);
    case_ = OpenCase();
  }

  std::string OpenCase() {
    return Office::Must<v1::OpenCaseResponse>(
               office_.Call(kSupervisor, office_.Matter("papers", "units/zhujian", "事项")))
        .case_();
  }

  static v1::BeginUploadRequest Announce(const std::string& case_name, const std::string& content) {
    v1::BeginUploadRequest request;
    request.set_case_(case_name);
    request.set_title("现场照片.jpg");
    request.set_bytes(static_cast<int64_t>(content.size()));
    request.set_sha256(store::Sha256(content));
    return request;
  }

  Reply<v1::UploadChunkResponse> Send(const std::string& person, const std::string& file, size_t offset,
                                      const std::string& data) {
    v1::UploadChunkRequest request;
    request.set_file(file);
    request.set_offset(static_cast<int64_t>(offset));
    request.set_data(data);
    return office_.node().UploadChunk(person, request);
  }

  // Sends a file as a client does; its name.
  std::string Upload(const std::string& person, const std::string& case_name, const std::string& content) {
    const auto begun = Office::MustRead(office_.node().BeginUpload(person, Announce(case_name, content)));
    for (size_t at = static_cast<size_t>(begun.received()); at < content.size(); at += kChunk) {
      Office::MustRead(Send(person, begun.file(), at, content.substr(at, kChunk)));
    }
    return begun.file();
  }

  v1::ActOnCaseRequest Put(const std::string& case_name, const std::string& action, const std::string& field,
                           const std::vector<std::string>& files) {
    v1::ActOnCaseRequest request = office_.Action(case_name, action);
    v1::FieldValue& value = *request.add_fields();
    value.set_field(field);
    for (const std::string& file : files) value.add_values()->set_file(file + "#现场照片.jpg");
    return request;
  }
  std::string Add(const std::string& person, const std::string& file) {
    return ReasonOf(office_.Call(person, Put(case_, "add", "evidence", {file})));
  }
  std::string Keep(const std::string& file) {
    return ReasonOf(office_.Call(kSupervisor, Put(case_, "keep", "inside", {file})));
  }

  Reply<std::unique_ptr<DownloadStream>> Ask(const std::string& person, const std::string& case_name,
                                             const std::string& file, int64_t offset = 0) {
    v1::DownloadFileRequest request;
    request.set_case_(case_name);
    request.set_file(file);
    request.set_offset(offset);
    return office_.node().DownloadFile(person, request, [] {});
  }
  // What arrives, and how it ends.
  std::string Download(const std::string& person, const std::string& file, absl::Status* end = nullptr) {
    auto stream = Office::MustRead(Ask(person, case_, file));
    if (stream == nullptr) return "";
    std::string out;
    v1::DownloadFileResponse message;
    for (bool first = true; stream->Next(&message) == DownloadStream::Step::kMessage; first = false) {
      if (first) {
        EXPECT_EQ(message.title(), "现场照片.jpg");
      }
      out += message.data();
      message.Clear();
    }
    const auto status = stream->status();
    if (const auto* trouble = std::get_if<absl::Status>(&status); trouble != nullptr && end != nullptr) *end = *trouble;
    return out;
  }

  Reply<Response> Erase(const std::string& person, const std::string& file, const std::string& reason = "误传") {
    v1::EraseFileRequest request;
    request.set_case_(case_);
    request.set_file(file);
    request.set_reason(reason);
    request.set_idempotency_key(office_.FreshKey());
    return office_.Call(person, request);
  }

  // All that a person can read of the case, as one text.
  std::string Readable(const std::string& person) {
    std::string out = office_.Show(person, case_).Utf8DebugString();
    for (const v1::EventRecord& event : office_.Events(person, case_)) out += event.event().Utf8DebugString();
    const v1::QueryLedgerResponse ledger = office_.Ledger(person);
    for (const v1::LedgerRow& row : ledger.rows()) out += row.Utf8DebugString();
    return out;
  }

  Office office_;
  std::string case_;
};

TEST_F(Files, WhatIsSentIsWhatTheOtherSideGets) {
  const std::string content = Content(2 * kChunk + 100);
  const std::string file = Upload(kHousing, case_, content);
  EXPECT_EQ(Add(kHousing, file), "");
  EXPECT_EQ(Download(kSupervisor, file), content);
  EXPECT_EQ(Download(kHousing, file), content);
  EXPECT_THAT(Readable(kSupervisor), HasSubstr("现场照片.jpg"));
}

// A note with files, where the procedure has no field for them; for all who see the case, after its end, too.
TEST_F(Files, AFileMayBeLeftWithAnyCase) {
  const auto attach = [&](const std::string& person, const std::vector<std::string>& files) {
    v1::ActOnCaseRequest request = office_.Action(case_, "attach");
    request.set_note("群众来信扫描件");
    for (const std::string& file : files) request.add_files(file);
    return ReasonOf(office_.Call(person, request));
  };
  const std::string content = Content(100);
  const std::string file = Upload(kHousing, case_, content);
  EXPECT_EQ(attach(kHousing, {}), "MISSING_NEED");
  EXPECT_EQ(attach(kWater, {file + "#现场照片.jpg"}), "CASE_NOT_FOUND");
  EXPECT_EQ(attach(kHousing, {"files/" + std::string(26, 'z') + "#现场照片.jpg"}), "FILE_NOT_FOUND");
  EXPECT_EQ(attach(kHousing, {file + "#现场照片.jpg"}), "");
  const v1::Case shown = office_.Show(kSupervisor, case_);
  ASSERT_EQ(shown.attachments_size(), 1);
  EXPECT_EQ(shown.attachments(0).file(), file + "#现场照片.jpg");
  EXPECT_EQ(shown.attachments(0).person(), kHousing);
  EXPECT_EQ(Download(kSupervisor, file), content);
  EXPECT_THAT(Readable(kSupervisor), HasSubstr("群众来信扫描件"));
  // Other actions take files in their fields.
  v1::ActOnCaseRequest comment = office_.Action(case_, "comment");
  comment.set_note("见附件");
  comment.add_files(file + "#现场照片.jpg");
  EXPECT_EQ(ReasonOf(office_.Call(kHousing, comment)), "FIELD_NOT_TAKEN");
  // After the end.
  office_.Act(kSupervisor, case_, "done");
  const std::string late = Upload(kHousing, case_, Content(200));
  EXPECT_EQ(attach(kHousing, {late + "#现场照片.jpg"}), "");
  // Erased, its bytes and its title are gone from the case and from its history.
  Office::Must<v1::EraseFileResponse>(Erase(kOperatorPerson, file));
  Office::Must<v1::EraseFileResponse>(Erase(kOperatorPerson, late));
  EXPECT_EQ(office_.Show(kHousing, case_).attachments(0).file(), file);
  EXPECT_THAT(Readable(kSupervisor), Not(HasSubstr("现场照片")));
  EXPECT_EQ(ReasonOf(Ask(kSupervisor, case_, file)), "FILE_ERASED");
  office_.Restart();
  ExpectDerived(office_.store());
}

TEST_F(Files, AnUploadGoesOnAfterEachChunkOverRestarts) {
  const std::string content = Content(3 * kChunk + 5);
  const auto request = Announce(case_, content);
  std::string file;
  for (size_t at = 0; at < content.size(); at += kChunk) {
    const auto begun = Office::MustRead(office_.node().BeginUpload(kHousing, request));
    EXPECT_EQ(begun.received(), static_cast<int64_t>(at));
    file = begun.file();
    Office::MustRead(Send(kHousing, file, at, content.substr(at, kChunk)));
    office_.Restart();
  }
  EXPECT_EQ(Office::MustRead(office_.node().BeginUpload(kHousing, request)).received(), request.bytes());
  EXPECT_EQ(Add(kHousing, file), "");
  EXPECT_EQ(Download(kSupervisor, file), content);
}

TEST_F(Files, AWrongPlaceIsRefusedWithTheRightOneAndARepeatedChunkIsNot) {
  const std::string content = Content(2 * kChunk);
  const std::string file = Office::MustRead(office_.node().BeginUpload(kHousing, Announce(case_, content))).file();
  const auto wrong = Send(kHousing, file, kChunk, content.substr(kChunk));
  EXPECT_EQ(ReasonOf(wrong), "FILE_OFFSET");
  EXPECT_EQ(std::get<engine::Rejection>(wrong).facts[1].second, "0");
  Office::MustRead(Send(kHousing, file, 0, content.substr(0, kChunk)));
  EXPECT_EQ(Office::MustRead(Send(kHousing, file, 0, content.substr(0, kChunk))).received(), int64_t{kChunk});
  EXPECT_EQ(ReasonOf(Send(kHousing, file, kChunk, "short")), "FILE_CHUNK_SIZE");
  EXPECT_EQ(ReasonOf(Send(kSupervisor, file, kChunk, content.substr(kChunk))), "FILE_NOT_FOUND") << "his alone";
  EXPECT_TRUE(Office::MustRead(Send(kHousing, file, kChunk, content.substr(kChunk))).complete());
}

TEST_F(Files, WhatDoesNotFitItsAnnouncementIsRefused) {
  auto request = Announce(case_, "abc");
  request.set_sha256(store::Sha256("another"));
  const std::string file = Office::MustRead(office_.node().BeginUpload(kHousing, request)).file();
  EXPECT_EQ(ReasonOf(Send(kHousing, file, 0, "abc")), "FILE_DIGEST_WRONG");
  EXPECT_EQ(ReasonOf(Send(kHousing, file, 0, "abc")), "FILE_NOT_FOUND") << "it is gone";
  EXPECT_EQ(Office::MustRead(office_.node().BeginUpload(kHousing, request)).received(), 0);

  const auto refused = [&](auto change) {
    auto bad = Announce(case_, "abc");
    change(bad);
    return ReasonOf(office_.node().BeginUpload(kHousing, bad));
  };
  EXPECT_EQ(refused([](auto& r) { r.set_bytes(limits::kFileBytesMax + 1); }), "FILE_TOO_LARGE");
  EXPECT_EQ(refused([](auto& r) { r.set_bytes(0); }), "FILE_EMPTY");
  EXPECT_EQ(refused([](auto& r) { r.set_sha256("short"); }), "FILE_DIGEST_INVALID");
  EXPECT_EQ(refused([](auto& r) { r.set_title("../../etc/passwd"); }), "FILE_TITLE_INVALID");
  EXPECT_EQ(refused([](auto& r) { r.set_title("机密★10年.pdf"); }), "STATE_SECRET_MARK");
  EXPECT_EQ(refused([](auto& r) { r.set_title(std::string(201, 'x')); }), "FILE_TITLE_INVALID");
}

TEST_F(Files, OnlyWhoSeesTheCaseMaySendForIt) {
  EXPECT_EQ(ReasonOf(office_.node().BeginUpload(kWater, Announce(case_, "abc"))), "CASE_NOT_FOUND");
  EXPECT_EQ(ReasonOf(office_.node().BeginUpload(kWater, Announce("cases/none", "abc"))), "CASE_NOT_FOUND");
}

TEST_F(Files, TheSameBytesAreOneFileOfOnePersonInOneCaseAndOthersElsewhere) {
  const std::string file = Upload(kHousing, case_, "abc");
  EXPECT_EQ(Add(kHousing, file), "");
  EXPECT_EQ(Upload(kHousing, case_, "abc"), file);
  // Whether somebody else has that content cannot be found out by announcing it.
  const auto probe = Office::MustRead(office_.node().BeginUpload(kSupervisor, Announce(case_, "abc")));
  EXPECT_NE(probe.file(), file);
  EXPECT_EQ(probe.received(), 0);
  EXPECT_NE(Upload(kHousing, OpenCase(), "abc"), file);
}

TEST_F(Files, AnActionNamesCompleteFilesOfItsCaseOnly) {
  const std::string content = Content(2 * kChunk);
  const std::string half = Office::MustRead(office_.node().BeginUpload(kHousing, Announce(case_, content))).file();
  Office::MustRead(Send(kHousing, half, 0, content.substr(0, kChunk)));
  EXPECT_EQ(Add(kHousing, half), "FILE_INCOMPLETE");

  const std::string elsewhere = Upload(kHousing, OpenCase(), "abc");
  const std::string absent = "files/" + std::string(26, 'z');
  EXPECT_EQ(Add(kHousing, elsewhere), "FILE_NOT_FOUND");
  EXPECT_EQ(Add(kHousing, absent), "FILE_NOT_FOUND") << "another case's file and none at all answer alike";
  EXPECT_EQ(ReasonOf(Ask(kHousing, case_, elsewhere)), "FILE_NOT_FOUND");
  EXPECT_EQ(ReasonOf(Ask(kHousing, case_, absent)), "FILE_NOT_FOUND");
  EXPECT_EQ(ReasonOf(Ask(kWater, case_, absent)), "CASE_NOT_FOUND");
  EXPECT_EQ(Add(kHousing, "files/short"), "FILE_NOT_FOUND");
  const std::string own = Upload(kHousing, case_, "own");
  v1::ActOnCaseRequest untitled = office_.Action(case_, "add");
  Office::SetField(untitled.mutable_fields(), "evidence")->set_file(own);
  EXPECT_EQ(ReasonOf(office_.Call(kHousing, untitled)), "FIELD_VALUE_INVALID") << "without a title it reads as erased";
}

TEST_F(Files, AFileSentBeforeThereIsACaseBelongsToTheOneThatIsOpenedWithIt) {
  const std::string file = Upload(kSupervisor, "", "abc");
  EXPECT_EQ(Upload(kSupervisor, "", "abc"), file) << "it goes on with the one that waits";
  auto open = office_.Matter("papers", "units/zhujian", "新事项");
  Office::SetField(open.mutable_fields(), "evidence")->set_file(file + "#现场照片.jpg");
  auto other = open;
  other.set_idempotency_key(office_.FreshKey());
  EXPECT_EQ(ReasonOf(office_.Call(kReviewer, other)), "FILE_NOT_FOUND") << "it is the sender's";
  case_ = Office::Must<v1::OpenCaseResponse>(office_.Call(kSupervisor, open)).case_();
  EXPECT_EQ(Download(kHousing, file), "abc");
  EXPECT_EQ(ReasonOf(office_.Call(kSupervisor, other)), "FILE_NOT_FOUND") << "and now the first case's";
  office_.Restart();
  EXPECT_EQ(ReasonOf(office_.Call(kSupervisor, other)), "FILE_NOT_FOUND");
  EXPECT_NE(Upload(kSupervisor, "", "abc"), file);
}

TEST_F(Files, WhatStandsInACaseMayGoOnStandingThere) {
  const std::string first = Upload(kHousing, case_, "abc");
  EXPECT_EQ(Add(kHousing, first), "");
  office_.clock().Set(At("2026-09-20 09:00"));
  office_.Restart();
  const std::string second = Upload(kSupervisor, case_, "def");
  Office::Must<v1::ActOnCaseResponse>(office_.Call(kSupervisor, Put(case_, "add", "evidence", {first, second})));
  EXPECT_EQ(Download(kHousing, second), "def");
}

TEST_F(Files, AFileOfAFieldIsForThoseWhoSeeTheField) {
  const std::string file = Upload(kSupervisor, case_, "内部");
  EXPECT_EQ(Keep(file), "");
  EXPECT_EQ(Download(kSupervisor, file), "内部");
  EXPECT_EQ(Download(kReviewer, file), "内部") << "of the same unit";
  EXPECT_EQ(ReasonOf(Ask(kHousing, case_, file)), "FILE_NOT_FOUND");
  EXPECT_EQ(ReasonOf(Ask(kAuditor, case_, file)), "FILE_NOT_FOUND") << "the right to audit does not open such fields";
  EXPECT_EQ(Add(kHousing, file), "FILE_NOT_FOUND") << "nor can he bring it where he sees it, should he know its name";
  EXPECT_THAT(Readable(kHousing), Not(HasSubstr(file)));
  // When it leaves the field, its past is as hidden as before.
  EXPECT_EQ(Keep(Upload(kSupervisor, case_, "别的")), "");
  EXPECT_EQ(Download(kReviewer, file), "内部") << "history shows him its name";
  EXPECT_EQ(ReasonOf(Ask(kHousing, case_, file)), "FILE_NOT_FOUND");
}

TEST_F(Files, ADownloadGoesOnFromAnyByte) {
  const std::string content = Content(kChunk + 10);
  const std::string file = Upload(kHousing, case_, content);
  EXPECT_EQ(Add(kHousing, file), "");
  auto stream = Office::MustRead(Ask(kHousing, case_, file, kChunk - 1));
  v1::DownloadFileResponse message;
  std::string out;
  while (stream->Next(&message) == DownloadStream::Step::kMessage) {
    out += message.data();
    message.Clear();
  }
  EXPECT_EQ(out, content.substr(kChunk - 1));
  EXPECT_EQ(ReasonOf(Ask(kHousing, case_, file, kChunk + 11)), "OUT_OF_BOUNDS");
}

TEST_F(Files, OnlySoManyAreBeingSentAtOnce) {
  const std::string file = Upload(kHousing, case_, "abc");
  EXPECT_EQ(Add(kHousing, file), "");
  std::vector<std::unique_ptr<DownloadStream>> open;
  for (int i = 0; i < limits::kDownloadsMax; ++i) open.push_back(Office::MustRead(Ask(kHousing, case_, file)));
  const auto refused = Ask(kHousing, case_, file);
  ASSERT_TRUE(std::holds_alternative<absl::Status>(refused));
  EXPECT_THAT(std::string(std::get<absl::Status>(refused).message()), ::testing::StartsWith("TOO_MANY_DOWNLOADS:"));
  // When one of them has ended there is room again.
  open.pop_back();
  EXPECT_EQ(Download(kHousing, file), "abc");
}

TEST_F(Files, ErasedIsGoneAndWhateverReferredToItSaysSo) {
  const std::string file = Upload(kHousing, case_, "abc");
  EXPECT_EQ(Add(kHousing, file), "");
  const std::string before = office_.Events(kHousing, case_).back().position();
  EXPECT_EQ(ReasonOf(Erase(kSupervisor, file)), "RIGHT_REQUIRED");
  EXPECT_EQ(ReasonOf(Erase(kOperatorPerson, file, "")), "REASON_REQUIRED");
  EXPECT_EQ(ReasonOf(Erase(kOperatorPerson, "files/" + std::string(26, 'z'))), "FILE_NOT_FOUND");
  auto stream = Office::MustRead(Ask(kHousing, case_, file));
  v1::DownloadFileResponse described;
  ASSERT_EQ(stream->Next(&described), DownloadStream::Step::kMessage);

  Office::Must<v1::EraseFileResponse>(Erase(kOperatorPerson, file));

  EXPECT_EQ(stream->Next(&described), DownloadStream::Step::kEnd) << "also for who was reading it";
  EXPECT_EQ(ReasonOf(stream->status()), "FILE_ERASED");
  EXPECT_EQ(ReasonOf(Ask(kHousing, case_, file)), "FILE_ERASED");
  EXPECT_EQ(ReasonOf(Erase(kOperatorPerson, file)), "FILE_ERASED");
  EXPECT_EQ(ReasonOf(office_.node().BeginUpload(kHousing, Announce(case_, "abc"))), "FILE_ERASED");
  EXPECT_EQ(office_.vault().Get("file:" + file.substr(6)).status().code(), absl::StatusCode::kNotFound);
  for (const char* person : {kHousing, kSupervisor, kAuditor}) {
    EXPECT_THAT(Readable(person), Not(HasSubstr("现场照片"))) << person;
    EXPECT_THAT(Readable(person), HasSubstr("已擦除")) << person;
    EXPECT_THAT(Readable(person), HasSubstr("误传")) << person;
  }
  v1::GetCaseRequest then;
  then.set_case_(case_);
  then.mutable_as_of()->set_position(before);
  const std::string past = Office::MustRead(office_.node().GetCase(kHousing, then)).Utf8DebugString();
  EXPECT_THAT(past, Not(HasSubstr("现场照片"))) << "of the past too";
  EXPECT_THAT(past, HasSubstr("已擦除"));
}

TEST_F(Files, WhoDoesNotSeeTheFieldLearnsNothingOfTheErasing) {
  const std::string file = Upload(kSupervisor, case_, "内部");
  EXPECT_EQ(Keep(file), "");
  Office::Must<v1::EraseFileResponse>(Erase(kOperatorPerson, file, "涉及某人"));
  EXPECT_THAT(Readable(kReviewer), HasSubstr("涉及某人"));
  EXPECT_THAT(Readable(kHousing), Not(HasSubstr("涉及某人")));
  EXPECT_THAT(Readable(kHousing), Not(HasSubstr(file)));
}

TEST_F(Files, AnErasingIsAnsweredAgainUnderItsKey) {
  const std::string file = Upload(kHousing, case_, "abc");
  EXPECT_EQ(Add(kHousing, file), "");
  v1::EraseFileRequest request;
  request.set_case_(case_);
  request.set_file(file);
  request.set_reason("误传");
  request.set_idempotency_key("erase");
  const auto first = Office::Must<v1::EraseFileResponse>(office_.Call(kOperatorPerson, request));
  const auto again = Office::Must<v1::EraseFileResponse>(office_.Call(kOperatorPerson, request));
  EXPECT_EQ(first.SerializeAsString(), again.SerializeAsString());
}

TEST_F(Files, WhatNobodyUsesExpiresAndWhatIsUsedStays) {
  const std::string used = Upload(kHousing, case_, "abc");
  const std::string unused = Upload(kHousing, case_, "def");
  const std::string half = Office::MustRead(office_.node().BeginUpload(kHousing, Announce(case_, "ghi"))).file();
  EXPECT_EQ(Add(kHousing, used), "");
  office_.clock().Set(office_.clock().Now() + absl::FromChrono(limits::kUploadLife) + absl::Minutes(1));
  office_.Restart();
  EXPECT_EQ(Add(kHousing, unused), "FILE_NOT_FOUND");
  EXPECT_EQ(ReasonOf(Send(kHousing, half, 0, "ghi")), "FILE_NOT_FOUND");
  EXPECT_EQ(Download(kSupervisor, used), "abc");
  EXPECT_EQ(Upload(kHousing, case_, "def"), unused) << "it may be sent again";
  EXPECT_EQ(Add(kHousing, unused), "");
}

TEST_F(Files, OneWhoLeavesUploadsLyingIsStoppedAndOthersAreNot) {
  const auto begin = [&](const std::string& person, int n) {
    return office_.node().BeginUpload(person, Announce(case_, absl::StrCat("content ", n)));
  };
  for (int i = 0; i < limits::kUploadsPerPersonMax; ++i) Office::MustRead(begin(kHousing, i));
  EXPECT_EQ(CodeOf(begin(kHousing, 1000)), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(CodeOf(begin(kHousing, 3)), absl::StatusCode::kOk) << "one of his goes on";
  Office::MustRead(begin(kSupervisor, 1));
  v1::GetStatsRequest stats;
  EXPECT_EQ(Office::MustRead(office_.node().GetStats(kOperatorPerson, stats)).uploads_open(),
            limits::kUploadsPerPersonMax + 1);

  auto large = Announce(case_, "x");
  large.set_bytes(limits::kFileBytesMax);
  int64_t bytes = 0;
  while (bytes + limits::kFileBytesMax <= limits::kUploadBytesPerPersonMax - 100) {
    large.set_sha256(store::Sha256(absl::StrCat(bytes)));
    Office::MustRead(office_.node().BeginUpload(kReviewer, large));
    bytes += limits::kFileBytesMax;
  }
  large.set_sha256(store::Sha256("one too many"));
  EXPECT_EQ(CodeOf(office_.node().BeginUpload(kReviewer, large)), absl::StatusCode::kResourceExhausted);
}

TEST_F(Files, AReferenceToWhatIsKeptElsewhereStillStands) {
  EXPECT_EQ(ReasonOf(office_.Call(kHousing,
                                  [&] {
                                    v1::ActOnCaseRequest request = office_.Action(case_, "add");
                                    Office::SetField(request.mutable_fields(), "evidence")->set_file(kPhoto);
                                    return request;
                                  }())),
            "");
  EXPECT_EQ(ReasonOf(Ask(kHousing, case_, kPhoto)), "FILE_NOT_FOUND") << "its bytes are not here";
}

}  // namespace
}  // namespace duban::node
