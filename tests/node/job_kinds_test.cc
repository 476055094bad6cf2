// The kinds of job that people start: handing over, migrating, opening for each unit, importing. Each is previewed by
// the code that does it, says whom it refuses and why, and ends the same wherever it is cut short.
#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>

#include <random>

#include "absl/strings/str_replace.h"
#include "services/node/limits.h"
#include "store/disk_files.h"
#include "store/file_store.h"
#include "tests/node/support/cut_store.h"
#include "tests/node/support/permits.h"

namespace duban::node {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

// Matters with personal data, whose numbers count the year.
constexpr char kComplaint[] = R"yaml(
procedure: complaint
title: {zh: 投诉}
may_open: [office]
numbers: 投诉〔{year}〕{seq}号
subject: matter
parties:
  office: {kind: unit, right: issue, title: {zh: 受理单位}}
  other:  {kind: unit, title: {zh: 承办单位}}
fields:
  matter: {title: {zh: 事项}, type: text, required: true}
  caller: {title: {zh: 来电人}, type: text, sealed: {sees: [office]}}
  photo:  {title: {zh: 照片}, type: file}
stages:
  working: {title: {zh: 办理}, within: 5 working days, actions: {done: {title: {zh: 办结}, by: other, to: closed}}}
  closed:  {title: {zh: 已办结}, end: done}
)yaml";

class Jobs : public PermitOffice {
 public:
  explicit Jobs(std::shared_ptr<store::Store> store = nullptr, size_t lot_items = 0)
      : PermitOffice({.own_thread = false, .start = "2026-09-01 09:00", .job_lot_items = lot_items}, std::move(store)) {
    Publish("complaint", kComplaint);
  }

  v1::StartJobRequest Start(const v1::JobTask& task, const std::string& key = "") {
    v1::StartJobRequest request;
    *request.mutable_task() = task;
    request.set_idempotency_key(key.empty() ? FreshKey() : key);
    return request;
  }
  Reply<Response> Try(const std::string& person, const v1::JobTask& task) { return Call(person, Start(task)); }
  v1::Job Run(const std::string& person, const v1::JobTask& task) {
    return Ended(Must<v1::StartJobResponse>(Try(person, task)).job());
  }
  v1::JobPreview Preview(const std::string& person, const v1::JobTask& task) {
    v1::StartJobRequest request = Start(task);
    request.set_validate_only(true);
    return MustRead(node().PreviewJob(person, request)).preview();
  }

  // A bureau's offices, each with a post.
  std::vector<std::string> Units(int count) {
    v1::ApplyDirectoryRequest request;
    request.set_idempotency_key(FreshKey());
    std::vector<std::string> names;
    for (int i = 0; i < count; ++i) {
      v1::Unit& unit = *request.add_units();
      unit.set_name(absl::StrCat("units/bumen", i));
      unit.set_title(absl::StrCat("第", i, "部门"));
      unit.set_code(absl::StrCat("部", i));
      names.push_back(unit.name());
    }
    Must<v1::ApplyDirectoryResponse>(Call(kOperatorPerson, request));
    return names;
  }

  std::string Upload(const std::string& person, const std::string& content) {
    v1::BeginUploadRequest begin;
    begin.set_title("台账.jsonl");
    begin.set_bytes(static_cast<int64_t>(content.size()));
    begin.set_sha256(store::Sha256(content));
    const std::string file = MustRead(node().BeginUpload(person, begin)).file();
    for (size_t at = 0; at < content.size(); at += store::kFileChunkBytes) {
      v1::UploadChunkRequest chunk;
      chunk.set_file(file);
      chunk.set_offset(static_cast<int64_t>(at));
      chunk.set_data(content.substr(at, store::kFileChunkBytes));
      MustRead(node().UploadChunk(person, chunk));
    }
    return file;
  }
  v1::OpenCaseRequest Complaint(const std::string& matter, const std::string& key, const std::string& caller = "") {
    v1::OpenCaseRequest open = Matter("complaint", "units/zhujian", matter);
    open.set_idempotency_key(key);
    if (!caller.empty()) SetField(open.mutable_fields(), "caller")->set_text(caller);
    return open;
  }
};

v1::JobTask HandOver(const std::string& from, const std::string& to) {
  v1::JobTask task;
  task.mutable_hand_over()->set_from(from);
  task.mutable_hand_over()->set_to(to);
  task.mutable_hand_over()->set_reason("机构合并");
  return task;
}

v1::JobTask Migration(uint32_t from, uint32_t to, const std::string& procedure = "permit") {
  v1::JobTask task;
  task.mutable_migration()->set_procedure(procedure);
  task.mutable_migration()->set_from_version(from);
  task.mutable_migration()->set_to_version(to);
  return task;
}

v1::JobTask ForEach(const std::vector<std::string>& units, const std::string& matter) {
  v1::JobTask task;
  v1::OpenForEach& each = *task.mutable_open_for_each();
  each.set_procedure("permit");
  each.set_party("other");
  for (const std::string& unit : units) each.add_units(unit);
  Office::SetField(each.mutable_fields(), "matter")->set_text(matter);
  return task;
}

v1::JobTask Import(const std::string& file, int64_t records) {
  v1::JobTask task;
  task.mutable_import()->set_file(file);
  task.mutable_import()->set_records(records);
  return task;
}

std::string Line(const v1::OpenCaseRequest& open, uint64_t line) {
  v1::ImportRecord record;
  record.set_line(line);
  *record.mutable_open() = open;
  std::string json;
  EXPECT_TRUE(google::protobuf::util::MessageToJsonString(record, &json).ok());
  return json + "\n";
}

std::vector<std::string> Reasons(const google::protobuf::RepeatedPtrField<v1::JobRefusal>& refusals) {
  std::vector<std::string> out;
  for (const v1::JobRefusal& refusal : refusals) out.push_back(absl::StrCat(refusal.item(), " ", refusal.reason()));
  return out;
}

// --- Cut short ----------------------------------------------------------------------------------------------------

// A job is started round after round, in an office whose power fails at a random write of each round (the start, one of
// three lots) and in one where it does not: the logs are the same in the end.
void CutTwoHundredTimes(const std::string& person, int cases, const std::function<v1::JobTask(Jobs&, int)>& next) {
  constexpr int kCuts = 200;
  constexpr size_t kLotItems = 2;
  Jobs whole(nullptr, kLotItems);
  auto store = std::make_shared<CutStore>();
  Jobs cut(store, kLotItems);
  for (Jobs* office : {&whole, &cut}) {
    for (int i = 0; i < cases; ++i) office->Permit(absl::StrCat("事项", i));
  }
  std::mt19937_64 random(20261125);
  for (int round = 0; round < kCuts; ++round) {
    const v1::StartJobRequest undisturbed = whole.Start(next(whole, round), absl::StrCat("round", round));
    const v1::Job done = whole.Ended(whole.Must<v1::StartJobResponse>(whole.Call(person, undisturbed)).job());
    ASSERT_EQ(done.state(), v1::JOB_STATE_DONE) << done.reason();
    const v1::StartJobRequest start = cut.Start(next(cut, round), absl::StrCat("round", round));
    store->CutAt(1 + static_cast<int>(random() % 4), random() % 2 == 0);
    Reply<Response> reply = cut.Call(person, start);
    while (!store->is_cut() && cut.node().Pump()) {
    }
    ASSERT_TRUE(store->is_cut());
    store->Mend();
    cut.Restart();
    // Who was not answered asks again under the same key.
    const auto again = cut.Must<v1::StartJobResponse>(cut.Call(person, start));
    const v1::Job ended = cut.Ended(again.job());
    ASSERT_EQ(ended.state(), v1::JOB_STATE_DONE) << ended.reason();
    ASSERT_EQ(ended.looked_at(), done.looked_at());
    ASSERT_EQ(ended.changed(), done.changed());
    ASSERT_EQ(store->head(), whole.store().head()) << "in round " << round;
  }
  EXPECT_TRUE(Told(*store) == Told(whole.store()));
  ExpectDerived(*store);
}

TEST(JobKinds, AHandOverCutShortAtTwoHundredRandomPointsEndsTheSame) {
  const char* const holders[] = {"units/zhujian", "units/shuiwu"};
  CutTwoHundredTimes(kOperatorPerson, 5,
                     [&](Jobs&, int round) { return HandOver(holders[round % 2], holders[(round + 1) % 2]); });
}

TEST(JobKinds, AMigrationCutShortAtTwoHundredRandomPointsEndsTheSame) {
  CutTwoHundredTimes(kOperatorPerson, 5, [&](Jobs& office, int round) {
    const std::string days = round % 2 == 0 ? "remind: [1 working day]" : "remind: [2 working days]";
    office.Publish(absl::StrCat("permit", round),
                   absl::StrReplaceAll(kPermit, {{"remind: [2 working days]", days},
                                                 {"{zh: 办件}", absl::StrCat("{zh: 办件", round, "}")}}));
    return Migration(static_cast<uint32_t>(round) + 1, static_cast<uint32_t>(round) + 2);
  });
}

TEST(JobKinds, OpeningForEachCutShortAtTwoHundredRandomPointsOpensForEachOnce) {
  std::vector<std::string> units;
  CutTwoHundredTimes(kSupervisor, 0, [&](Jobs& office, int round) {
    if (round == 0) units = office.Units(5);
    v1::JobTask task = ForEach(units, absl::StrCat("第", round, "次"));
    Office::SetField(task.mutable_open_for_each()->mutable_fields(), "due")->set_date("2026-12-01");
    v1::PartyBinding& office_party = *task.mutable_open_for_each()->add_parties();
    office_party.set_party("office");
    office_party.add_ids("units/ducha");
    return task;
  });
}

TEST(JobKinds, AnImportCutShortAtTwoHundredRandomPointsOpensEachMatterOnce) {
  CutTwoHundredTimes(kSupervisor, 0, [](Jobs& office, int round) {
    // A node that dies forgets that a job needs its file no more; in time it ages away.
    if (round % 8 == 7) {
      office.clock().Set(office.clock().Now() + absl::FromChrono(limits::kUploadLife) + absl::Minutes(1));
      office.Restart();
    }
    std::string content;
    for (int i = 0; i < 5; ++i) {
      v1::OpenCaseRequest open = office.Complaint(absl::StrCat("第", i, "件"), absl::StrCat("k", round, "/", i));
      content += Line(open, i + 1);
    }
    return Import(office.Upload(kSupervisor, content), 5);
  });
}

// --- Handing over -------------------------------------------------------------------------------------------------

TEST(JobKinds, WhatAUnitHadIsAnothersFromThenOnAndHistoryNamesTheEarlier) {
  Jobs office;
  const std::string first = office.Permit("甲"), second = office.Permit("乙", "units/shuiwu");
  office.Do(kSupervisor, first, "pause");
  // The preview says exactly what then happens.
  const v1::JobPreview preview = office.Preview(kOperatorPerson, HandOver("units/zhujian", "units/shuiwu"));
  EXPECT_EQ(preview.looked_at(), 2);
  ASSERT_THAT(preview.changes(), SizeIs(1));
  EXPECT_EQ(preview.changes(0).item(), first);
  EXPECT_EQ(preview.changes(0).change().zh(), "承办单位 → 水务局");
  const v1::Job job = office.Run(kOperatorPerson, HandOver("units/zhujian", "units/shuiwu"));
  EXPECT_EQ(job.state(), v1::JOB_STATE_DONE);
  EXPECT_EQ(job.looked_at(), 2);
  EXPECT_EQ(job.changed(), 1);
  EXPECT_EQ(job.title().zh(), "移交：住房和城乡建设局 → 水务局");
  v1::GetCaseRequest gone;
  gone.set_case_(first);
  EXPECT_EQ(ReasonOf(office.node().GetCase(kHousing, gone)), "CASE_NOT_FOUND");
  EXPECT_EQ(office.Ledger(kHousing).rows_size(), 0);
  EXPECT_EQ(office.Ledger(kWater).rows_size(), 2);
  EXPECT_EQ(office.Show(kWater, first).parties(1).members(0).id(), "units/shuiwu");
  // And he acts.
  office.Do(kSupervisor, first, "resume");
  office.Act(kWater, first, "finish");
  // History names who had it, and why it went on.
  std::vector<std::string> told;
  for (const v1::EventRecord& record : office.Events(kAuditor, first)) {
    const v1::Event& event = record.event();
    if (event.has_case_opened()) told.push_back(event.case_opened().parties(1).bound(0).title());
    if (event.has_party_rebound()) {
      told.push_back(absl::StrCat(event.party_rebound().bound(0).title(), " ", event.party_rebound().reason()));
    }
  }
  EXPECT_THAT(told, ElementsAre("住房和城乡建设局", "水务局 机构合并"));
  ExpectDerived(office.store());
  // Once is enough.
  EXPECT_EQ(office.Run(kOperatorPerson, HandOver("units/zhujian", "units/shuiwu")).changed(), 0);
}

TEST(JobKinds, WhoHandsOverHasTheRightAndSaysWhy) {
  Jobs office;
  EXPECT_EQ(ReasonOf(office.Try(kSupervisor, HandOver("units/zhujian", "units/shuiwu"))), "RIGHT_REQUIRED");
  v1::JobTask silent = HandOver("units/zhujian", "units/shuiwu");
  silent.mutable_hand_over()->clear_reason();
  EXPECT_EQ(ReasonOf(office.Try(kOperatorPerson, silent)), "REASON_REQUIRED");
  EXPECT_EQ(ReasonOf(office.Try(kOperatorPerson, HandOver("units/zhujian", "units/wu"))), "PARTY_ID_UNKNOWN");
  EXPECT_EQ(ReasonOf(office.Try(kOperatorPerson, HandOver("units/zhujian", "posts/shuiwu-chengban"))),
            "HAND_OVER_MISMATCH");
  EXPECT_EQ(ReasonOf(office.Try(kOperatorPerson, HandOver("units/zhujian", "units/zhujian"))), "HAND_OVER_MISMATCH");
}

// --- Migrating ----------------------------------------------------------------------------------------------------

TEST(JobKinds, OpenCasesGoOnUnderTheNewVersionAndTroubleIsToldBeforehand) {
  Jobs office;
  const std::string fits = office.Permit("甲"), paused = office.Permit("乙");
  office.Do(kSupervisor, paused, "pause");
  office.Publish("permit2", absl::StrReplaceAll(kPermit, {{"  paused:\n", "  resting:\n"},
                                                          {"to: paused", "to: resting"},
                                                          {"stops_in: [paused]", "stops_in: [resting]"}}));
  // Given a grant to look at everything, the rehearsal names which case would be in trouble.
  v1::ApplyDirectoryRequest grant;
  grant.set_idempotency_key(office.FreshKey());
  v1::Post& post = *grant.add_posts();
  post.set_name("posts/guicheng");
  post.set_title("规程管理员");
  post.set_unit("units/ducha");
  post.add_holders(kSupervisor);
  post.set_scope(v1::SCOPE_OWN);
  post.add_rights("administer");
  office.Must<v1::ApplyDirectoryResponse>(office.Call(kOperatorPerson, grant));
  const v1::JobPreview preview = office.Preview(kSupervisor, Migration(1, 2));
  EXPECT_EQ(preview.looked_at(), 2);
  EXPECT_EQ(preview.changed(), 1);
  EXPECT_THAT(Reasons(preview.refusals()), ElementsAre(paused + " MIGRATION_STAGE"));
  // With a mapping both go.
  v1::JobTask mapped = Migration(1, 2);
  (*mapped.mutable_migration()->mutable_stages())["paused"] = "resting";
  EXPECT_EQ(office.Preview(kSupervisor, mapped).refused(), 0);
  const v1::Job job = office.Run(kSupervisor, mapped);
  EXPECT_EQ(job.changed(), 2);
  EXPECT_EQ(office.Show(kSupervisor, paused).stage(), "resting");
  EXPECT_EQ(office.Show(kSupervisor, paused).procedure_version(), 2u);
  office.Do(kSupervisor, paused, "resume");
  EXPECT_EQ(office.Show(kSupervisor, paused).stage(), "working");
  EXPECT_NE(office.Due(paused), "");
  ExpectDerived(office.store());
}

TEST(JobKinds, AMigrationNamesVersionsAndStagesThatThereAre) {
  Jobs office;
  EXPECT_EQ(ReasonOf(office.Try(kSupervisor, Migration(1, 2))), "RIGHT_REQUIRED");
  EXPECT_EQ(ReasonOf(office.Try(kOperatorPerson, Migration(1, 2))), "PROCEDURE_NOT_FOUND");
  office.Publish("permit2", absl::StrReplaceAll(kPermit, {{"{zh: 办件}", "{zh: 办件二}"}}));
  v1::JobTask mapped = Migration(1, 2);
  (*mapped.mutable_migration()->mutable_stages())["paused"] = "resting";
  EXPECT_EQ(ReasonOf(office.Try(kOperatorPerson, mapped)), "MIGRATION_MAPPING");
}

// --- For each -----------------------------------------------------------------------------------------------------

TEST(JobKinds, ACaseForEachUnitAndThoseThatCannotBeAreNamed) {
  Jobs office;
  office.Publish("exam", absl::StrReplaceAll(
                             kPermit, {{"procedure: permit", "procedure: exam"},
                                       {"other:  {kind: unit, title: {zh: 承办单位}}",
                                        "other:  {kind: unit, title: {zh: 承办单位}, never: {unit_of: [office]}}"}}));
  v1::JobTask task = ForEach({"units/zhujian", "units/ducha", "units/shuiwu"}, "自查");
  task.mutable_open_for_each()->set_procedure("exam");
  const v1::JobPreview preview = office.Preview(kSupervisor, task);
  EXPECT_EQ(preview.looked_at(), 3);
  EXPECT_EQ(preview.changed(), 2);
  EXPECT_EQ(office.Ledger(kSupervisor).rows_size(), 0) << "looking opens nothing";
  const v1::Job job = office.Run(kSupervisor, task);
  EXPECT_EQ(job.looked_at(), 3);
  EXPECT_EQ(job.changed(), 2);
  ASSERT_THAT(job.refusals(), SizeIs(1));
  EXPECT_EQ(job.refusals(0).item(), "units/ducha");
  EXPECT_EQ(office.Ledger(kHousing).rows_size(), 1);
  std::vector<std::string> numbers;
  const v1::QueryLedgerResponse ledger = office.Ledger(kSupervisor);
  for (const v1::LedgerRow& row : ledger.rows()) numbers.push_back(row.number());
  EXPECT_THAT(numbers, testing::UnorderedElementsAre("办件〔2026〕住建1号", "办件〔2026〕水务1号"));
}

TEST(JobKinds, OpeningForEachTakesWhatOpeningOneTakes) {
  Jobs office;
  EXPECT_EQ(ReasonOf(office.Try(kHousing, ForEach({"units/zhujian"}, "自查"))), "RIGHT_REQUIRED");
  EXPECT_EQ(ReasonOf(office.Try(kSupervisor, ForEach({}, "自查"))), "JOB_UNITS");
  EXPECT_EQ(ReasonOf(office.Try(kSupervisor, ForEach({"units/zhujian", "units/zhujian"}, "自查"))), "JOB_UNITS");
  EXPECT_EQ(ReasonOf(office.Try(kSupervisor, ForEach({"units/wu"}, "自查"))), "PARTY_ID_UNKNOWN");
  v1::JobTask sealed = ForEach({"units/zhujian"}, "自查");
  sealed.mutable_open_for_each()->set_procedure("complaint");
  Office::SetField(sealed.mutable_open_for_each()->mutable_fields(), "caller")->set_text("某来电人");
  EXPECT_EQ(ReasonOf(office.Try(kSupervisor, sealed)), "JOB_FIELD_SEALED");
  v1::JobTask unknown = ForEach({"units/zhujian"}, "自查");
  unknown.mutable_open_for_each()->set_procedure("nothing");
  EXPECT_EQ(ReasonOf(office.Try(kSupervisor, unknown)), "PROCEDURE_NOT_FOUND");
}

// --- Importing ----------------------------------------------------------------------------------------------------

TEST(JobKinds, AFileOfMattersIsPlayedAndEachLineThatCannotBeIsNamed) {
  Jobs office;
  // Given that one of them was opened before, by hand, under the same key.
  const v1::OpenCaseRequest known = office.Complaint("乙", "key/乙");
  office.Must<v1::OpenCaseResponse>(office.Call(kSupervisor, known));
  v1::OpenCaseRequest reused = office.Complaint("另一件事", "key/甲");
  v1::OpenCaseRequest with_photo = office.Complaint("丁", "key/丁");
  Office::SetField(with_photo.mutable_fields(), "photo")->set_file("files/abc#照片.jpg");
  const std::string content = Line(office.Complaint("甲", "key/甲", "某来电人"), 2) + Line(known, 3) + "\n" +
                              Line(office.Complaint("丙", ""), 5) + "不是 JSON\n" + Line(with_photo, 7) +
                              Line(office.Complaint("戊", "key/戊"), 8) + Line(reused, 9);
  const std::string file = office.Upload(kSupervisor, content);
  const v1::JobPreview preview = office.Preview(kSupervisor, Import(file, 7));
  EXPECT_EQ(preview.looked_at(), 7);
  EXPECT_EQ(preview.changed(), 3) << "that two lines have one key shows when the first has been played";
  const v1::Job job = office.Run(kSupervisor, Import(file, 7));
  EXPECT_EQ(job.state(), v1::JOB_STATE_DONE) << job.reason();
  EXPECT_EQ(job.looked_at(), 7);
  EXPECT_EQ(job.changed(), 2);
  std::vector<std::string> reasons = Reasons(job.refusals());
  ASSERT_THAT(reasons, SizeIs(4));
  EXPECT_EQ(reasons[0], "line 5 KEY_REQUIRED");
  EXPECT_THAT(reasons[1], testing::MatchesRegex("byte [0-9]+ IMPORT_RECORD"));
  EXPECT_EQ(reasons[2], "line 7 IMPORT_WITH_FILE");
  EXPECT_EQ(reasons[3], "line 9 KEY_REUSED");
  EXPECT_EQ(office.Ledger(kSupervisor).rows_size(), 3);
  // Personal data went into the sealed part, readable for those who may.
  const v1::QueryLedgerResponse ledger = office.Ledger(kSupervisor);
  for (const v1::LedgerRow& row : ledger.rows()) {
    if (row.subject() != "甲") continue;
    const v1::Case shown = office.Show(kSupervisor, row.case_());
    EXPECT_EQ(shown.fields(1).shown(0), "某来电人");
    EXPECT_TRUE(office.Show(kHousing, row.case_()).fields(1).masked());
  }
  for (const v1::Commit& commit : LogOf(office.store())) {
    EXPECT_THAT(commit.SerializeAsString(), Not(HasSubstr("某来电人")));
  }
  // The file is needed no more. Sent again and played again, nothing is opened twice; by hand under its key, neither.
  EXPECT_EQ(ReasonOf(office.Try(kSupervisor, Import(file, 7))), "FILE_NOT_FOUND");
  EXPECT_EQ(office.Run(kSupervisor, Import(office.Upload(kSupervisor, content), 7)).changed(), 0);
  v1::OpenCaseRequest again = office.Complaint("戊", "key/戊");
  EXPECT_TRUE(office.Must<v1::OpenCaseResponse>(office.Call(kSupervisor, again)).repeated_call());
  ExpectDerived(office.store());
}

TEST(JobKinds, APreviewListsAsMuchAsAnAnswerHoldsAndCountsTheRest) {
  Jobs office;
  constexpr int kLines = 12'000;
  std::string content;
  for (int i = 0; i < kLines; ++i) content += "不是 JSON\n";
  const v1::JobPreview preview = office.Preview(kSupervisor, Import(office.Upload(kSupervisor, content), kLines));
  EXPECT_EQ(preview.refused(), kLines);
  EXPECT_GT(preview.refusals_size(), limits::kJobRefusalsKept);
  EXPECT_LT(preview.refusals_size(), kLines);
  size_t bytes = 0;
  for (const v1::JobRefusal& refusal : preview.refusals()) bytes += refusal.ByteSizeLong();
  EXPECT_LE(bytes, limits::kPreviewListBytesMax);
}

TEST(JobKinds, ALineWithTheMarkOfAStateSecretIsNotImported) {
  Jobs office;
  const std::string content =
      Line(office.Complaint("甲", "key/甲"), 1) + Line(office.Complaint("秘密★3年", "key/乙"), 2);
  const v1::Job job = office.Run(kSupervisor, Import(office.Upload(kSupervisor, content), 2));
  EXPECT_EQ(job.changed(), 1);
  EXPECT_THAT(Reasons(job.refusals()), testing::ElementsAre("line 2 STATE_SECRET_MARK"));
}

TEST(JobKinds, AnotherPersonsFileIsNobodysToImportAndALostOneFailsTheJob) {
  Jobs office;
  const std::string file = office.Upload(kSupervisor, Line(office.Complaint("甲", "key/甲"), 1));
  EXPECT_EQ(ReasonOf(office.Try(kReviewer, Import(file, 1))), "FILE_NOT_FOUND");
  EXPECT_EQ(ReasonOf(office.Try(kSupervisor, Import("files/nothing", 1))), "FILE_NOT_FOUND");
  // Given a job that has begun when its file ages away.
  std::string content;
  for (int i = 0; i < 70; ++i) content += Line(office.Complaint(absl::StrCat("第", i, "件"), absl::StrCat("k", i)), i);
  const std::string large = office.Upload(kSupervisor, content);
  const std::string job = office.Must<v1::StartJobResponse>(office.Try(kSupervisor, Import(large, 70))).job();
  ASSERT_EQ(office.Job(kSupervisor, job).looked_at(), 64);
  office.clock().Set(office.clock().Now() + absl::FromChrono(limits::kUploadLife) + absl::Minutes(1));
  office.Restart();
  // Then it says so and stops; what it has done stands.
  const v1::Job ended = office.Ended(job);
  EXPECT_EQ(ended.state(), v1::JOB_STATE_FAILED);
  EXPECT_THAT(ended.reason(), HasSubstr("重新上传"));
  EXPECT_EQ(ended.changed(), 64);
}

TEST(JobKinds, LinesMayCrossTheChunksOfAFileAndOneThatIsTooLongIsRefusedAlone) {
  Jobs office;
  std::string content;
  int lines = 0;
  while (content.size() < 2 * store::kFileChunkBytes + 100) {
    v1::OpenCaseRequest open = office.Complaint("甲", absl::StrCat("key/", lines));
    content += Line(open, lines + 1) + std::string(20'000, ' ') + "\n";
    ++lines;
  }
  content +=
      std::string(limits::kImportRecordBytesMax + 10, 'x') + "\n" + Line(office.Complaint("末", "key/last"), lines + 2);
  const v1::Job job = office.Run(kSupervisor, Import(office.Upload(kSupervisor, content), lines + 2));
  EXPECT_EQ(job.state(), v1::JOB_STATE_DONE) << job.reason();
  EXPECT_EQ(job.changed(), lines + 1);
  ASSERT_EQ(job.refused(), 1);
  EXPECT_EQ(job.refusals(0).reason(), "IMPORT_RECORD");
}

// What was said of such a line quoted it, characters cut in two: nobody could read the log any more, and personal data
// stood in it.
TEST(JobKinds, WhatIsSaidOfALineThatCannotBeReadQuotesNothingOfIt) {
  Jobs office;
  const std::string content = std::string("来电人某某反映排口溢流，一行读不懂的字\n") +
                              "{\"line\": 2, \"open\": {\"procedure\": \"\xc4\xe3\xba\xc3\"}}\n" +
                              "{\"line\": 3, \"open\": {\"procedure\": \"\\ud800\"}}\n" +
                              "{\"line\": 4, \"open\": {\"来电人某某\": 1}}\n";
  const v1::Job job = office.Run(kSupervisor, Import(office.Upload(kSupervisor, content), 4));
  EXPECT_EQ(job.state(), v1::JOB_STATE_DONE) << job.reason();
  EXPECT_EQ(job.refused(), 4);
  for (const v1::JobRefusal& refusal : job.refusals()) {
    EXPECT_THAT(refusal.message().zh() + refusal.message().en(), testing::Not(testing::HasSubstr("来电人")));
  }
  v1::Commit read;
  for (const v1::Commit& commit : LogOf(office.store())) {
    EXPECT_TRUE(read.ParseFromString(commit.SerializeAsString())) << commit.ShortDebugString();
  }
}

}  // namespace
}  // namespace duban::node
