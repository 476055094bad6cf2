#include "tests/city/backlog.h"

#include <google/protobuf/util/json_util.h>

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "clients/cpp/files.h"
#include "tests/city/values.h"

namespace duban::city {
namespace {

constexpr int kOneIn = 12;      // Of so many matters of the year one is older.
constexpr int kSmallest = 7;    // Lines of a ledger: as many as it needs for all faults.
constexpr int kSame = 3;        // Sources of one problem.
constexpr int kSameEvery = 20;  // Of so many orders the first ones are one problem.
const char* const kSources[] = {"petition", "hotline", "media"};
constexpr char kReused[] = "KEY_REUSED";
constexpr char kOrderKey[] = "旧账", kPetitionKey[] = "旧信";

}  // namespace

// Two thirds are orders of the inspectors, the rest petitions. Each ledger has each fault once.
Backlog::Backlog(Town& town, const Facts& facts, uint64_t seed, int matters, Fail fail)
    : town_(town), facts_(facts), seed_(seed), fail_(std::move(fail)) {
  const int petitions = std::max(kSmallest, matters / kOneIn / 3),
            orders = std::max(kSmallest, matters / kOneIn * 2 / 3);
  sheets_ = {{"persons/ducha-tongji", "2018年未销号问题台账", "", {}}, {"persons/xinfang-4", "2018年信访台账", "", {}}};
  for (Sheet& sheet : sheets_) {
    const bool order = &sheet == &sheets_[0];
    for (int i = 0; i < (order ? orders : petitions); ++i) {
      const std::string key = absl::StrFormat("%s%04d", order ? kOrderKey : kPetitionKey, i);
      v1::OpenCaseRequest open = order ? Order(i) : Petition(i);
      absl::Time since = absl::InfiniteFuture();
      if (Roll("since " + key) % 3 != 0) {
        since = TimeOn(Day(2018, 10, 8) + Between(Roll("day " + key), 0, 80), 10);
        *open.mutable_occurred_at() = Stamp(since);
        open.set_reason("台账导入");
      }
      if (order && i % kSameEvery < kSame) {
        if (i % kSameEvery == 0) same_.emplace_back();
        same_.back().push_back(key);
      }
      Add(sheet, open, key, since);
      if (i == 4) Add(sheet, open, key, since, "", /*known=*/true);
      if (i == 5) {
        open.set_reason("同一编号，另一写法");
        Add(sheet, open, key, since, kReused);
      }
      if (i == 6) {
        v1::OpenCaseRequest nobody = open;
        for (v1::PartyBinding& party : *nobody.mutable_parties()) {
          if (party.party() == (order ? "owner" : "handler")) party.set_ids(0, "units/zhihuibu");
        }
        Add(sheet, nobody, key + "-某指挥部", since, "PARTY_ID_UNKNOWN");
        v1::OpenCaseRequest with_file = open;
        v1::FieldValue& file = *with_file.add_fields();
        file.set_field(order ? "evidence" : "answer");
        file.add_values()->set_file("files/abc#照片.jpg");
        Add(sheet, with_file, key + "-附件", since, "IMPORT_WITH_FILE");
        sheet.lines.push_back({"", "一行读不懂的字", "IMPORT_RECORD", false, absl::InfiniteFuture()});
      }
    }
  }
}

v1::OpenCaseRequest Backlog::Order(int i) const {
  const std::string key = absl::StrFormat("%s%04d", kOrderKey, i);
  // The sources of one problem name one owner.
  const int of = i % kSameEvery < kSame ? i - i % kSameEvery : i;
  const auto& all = town_.departments();
  v1::OpenCaseRequest open;
  open.set_procedure("rectification");
  Bind(open, "issuer", {"units/ducha"});
  Bind(open, "owner", {all[Roll(absl::StrCat("owner ", of)) % all.size()]});
  Bind(open, "reviewer", {absl::StrCat("posts/yanshou-", Between(Roll("reviewer " + key), 1, town_.Issuers()))});
  *open.add_fields() = TextField("problem", absl::StrCat("历史遗留问题 ", of));
  *open.add_fields() = TextField("item", key);
  *open.add_fields() = ChoiceField("source", kSources[i % kSameEvery % kSame]);
  if (Roll("informant " + key) % 3 == 0) *open.add_fields() = TextField("informant", "反映人 " + key);
  // Some were due before they were brought in.
  if (Roll("dated " + key) % 10 < 8) {
    *open.add_fields() = DateField("due", Text(Day(2018, 12, 20) + Between(Roll("due " + key), 0, 90)));
  }
  return open;
}

v1::OpenCaseRequest Backlog::Petition(int i) const {
  const std::string key = absl::StrFormat("%s%04d", kPetitionKey, i);
  const auto& all = town_.departments();
  v1::OpenCaseRequest open;
  open.set_procedure("petition");
  Bind(open, "office", {"units/xinfang"});
  Bind(open, "handler", {all[Roll("handler " + key) % all.size()]});
  *open.add_fields() = TextField("matter", key);
  *open.add_fields() = ChoiceField("matter_kind", "complaint");
  *open.add_fields() = TextField("petitioner", "信访人 " + key);
  return open;
}

void Backlog::Add(Sheet& sheet, v1::OpenCaseRequest open, const std::string& key, absl::Time since,
                  const std::string& reason, bool known) {
  open.set_idempotency_key(absl::StrCat(sheet.title, "/", key));
  v1::ImportRecord record;
  record.set_line(sheet.lines.size() + 2);  // As in a file with a header.
  *record.mutable_open() = std::move(open);
  Line line{key, "", reason, known, since};
  if (!google::protobuf::util::MessageToJsonString(record, &line.text).ok()) fail_("no JSON of " + key);
  sheet.lines.push_back(std::move(line));
}

std::string Backlog::KeyOf(const Case& c) {
  const auto field = c.fields.find(c.procedure == "petition" ? "matter" : "item");
  if (field == c.fields.end() || field->second.empty()) return "";
  const std::string& text = field->second[0].text();
  return absl::StartsWith(text, kOrderKey) || absl::StartsWith(text, kPetitionKey) ? text : "";
}

google::protobuf::RepeatedPtrField<v1::FieldValue> Backlog::PersonOf(const Case& c) {
  google::protobuf::RepeatedPtrField<v1::FieldValue> out;
  const bool order = c.procedure == "rectification";
  const std::string field = order ? "informant" : "petitioner";
  if (c.fields.count(field) > 0) *out.Add() = TextField(field, (order ? "反映人 " : "信访人 ") + KeyOf(c));
  return out;
}

std::map<std::string, std::vector<const Case*>> Backlog::ByKey() const {
  std::map<std::string, std::vector<const Case*>> out;
  for (const auto& [name, c] : facts_.cases()) {
    if (const std::string key = KeyOf(c); !key.empty()) out[key].push_back(&c);
  }
  return out;
}

void Backlog::Import() {
  for (Sheet& sheet : sheets_) {
    std::string text;
    for (const Line& line : sheet.lines) absl::StrAppend(&text, line.text, "\n");
    client::Client& client = town_.As(sheet.person);
    const auto file = client::UploadText(client, text, sheet.title);
    if (!file.ok()) {
      fail_(absl::StrCat(sheet.title, " is not taken: ", file.error().reason));
      continue;
    }
    v1::StartJobRequest request;
    request.mutable_task()->mutable_import()->set_file(file->substr(0, file->find('#')));
    request.mutable_task()->mutable_import()->set_records(static_cast<int64_t>(sheet.lines.size()));
    request.set_validate_only(true);
    const auto preview = Ask(client, request, "an import's preview", fail_);
    request.set_validate_only(false);
    const auto job = Ask(client, request, "an import", fail_);
    calls_ += 3;
    if (!preview.ok() || !job.ok()) continue;
    sheet.job = job->job();
    // That two lines have one key shows when the first has been played.
    const int64_t changed = there_ ? 0 : std::count_if(sheet.lines.begin(), sheet.lines.end(), [](const Line& line) {
      return line.reason.empty() || line.reason == kReused;
    });
    CheckCounts(sheet, "the preview of ", /*played=*/there_, preview->preview().refusals(),
                preview->preview().looked_at(), preview->preview().refused());
    if (preview->preview().changed() != changed) {
      fail_(absl::StrCat("the preview of ", sheet.title, " would open ", preview->preview().changed(), ", not ",
                         changed));
    }
  }
}

void Backlog::CheckCounts(const Sheet& sheet, const std::string& how, bool played,
                          const google::protobuf::RepeatedPtrField<v1::JobRefusal>& refusals, int64_t looked_at,
                          int64_t refused) {
  std::map<std::string, std::string> expected, said;
  uint64_t bytes = 0;
  for (size_t i = 0; i < sheet.lines.size(); ++i) {
    const Line& line = sheet.lines[i];
    if (!line.reason.empty() && (played || line.reason != kReused)) {
      expected[line.key.empty() ? absl::StrCat("byte ", bytes) : absl::StrCat("line ", i + 2)] = line.reason;
    }
    bytes += line.text.size() + 1;
  }
  for (const v1::JobRefusal& refusal : refusals) said[refusal.item()] = refusal.reason();
  if (looked_at != static_cast<int64_t>(sheet.lines.size()) || refused != static_cast<int64_t>(expected.size())) {
    fail_(absl::StrCat(how, sheet.title, " looks at ", looked_at, " and refuses ", refused, ", not ",
                       sheet.lines.size(), " and ", expected.size()));
  }
  for (const auto& [item, reason] : expected) {
    if (said[item] != reason)
      fail_(absl::StrCat(how, sheet.title, " refuses ", item, " for ", said[item], ", not ", reason));
  }
  if (said.size() != expected.size()) fail_(how + sheet.title + " refuses what is right");
}

void Backlog::Check(bool again) {
  const auto by_key = ByKey();
  size_t lines = 0;
  for (const Sheet& sheet : sheets_) {
    v1::GetJobRequest request;
    request.set_job(sheet.job);
    const auto job = Ask(town_.As(sheet.person), request, "an import's job", fail_);
    ++calls_;
    if (!job.ok()) continue;
    int64_t changed = 0;
    for (const Line& line : sheet.lines) {
      if (!line.reason.empty() || line.known) continue;
      ++lines;
      changed += again ? 0 : 1;
      const auto found = by_key.find(line.key);
      if (found == by_key.end() || found->second.size() != 1) {
        fail_(
            absl::StrCat(line.key, " was brought in as ", found == by_key.end() ? 0 : found->second.size(), " cases"));
      }
    }
    if (job->job().state() != v1::JOB_STATE_DONE) fail_(sheet.title + "'s job has not come to its end");
    // Numbers of other people's matters are not for everybody.
    const bool counts = facts_.tree().Audits(sheet.person);
    if (counts && job->job().changed() != changed) {
      fail_(absl::StrCat(sheet.title, " opened ", job->job().changed(), ", not ", changed));
    }
    CheckCounts(sheet, "the job of ", /*played=*/true, job->job().refusals(), job->job().looked_at(),
                job->job().refused());
  }
  if (by_key.size() != lines) fail_(absl::StrCat(by_key.size(), " old matters were brought in, not ", lines));
  there_ = true;
}

void Backlog::Merge() {
  auto by_key = ByKey();
  for (const std::vector<std::string>& keys : same_) {
    for (size_t i = 1; i < keys.size(); ++i) {
      if (by_key[keys[0]].empty() || by_key[keys[i]].empty()) continue;
      v1::ActOnCaseRequest request;
      request.set_case_(by_key[keys[i]][0]->name);
      request.set_action("merge");
      request.set_target(by_key[keys[0]][0]->name);
      request.set_reason("同一问题，来源不同");
      Ask(town_.As("persons/ducha-1"), request, "a merge", fail_);
      ++calls_;
    }
  }
}

void Backlog::CheckInTheEnd() {
  auto by_key = ByKey();
  for (const Sheet& sheet : sheets_) {
    for (const Line& line : sheet.lines) {
      if (!line.reason.empty() || line.known) continue;
      if (by_key[line.key].size() != 1) {
        fail_(absl::StrCat(line.key, " is ", by_key[line.key].size(), " cases"));
        continue;
      }
      const Case& c = *by_key[line.key][0];
      if (line.since != absl::InfiniteFuture() ? c.opened_at != line.since : DayOf(c.opened_at) != DayOfImport()) {
        fail_(absl::StrCat(line.key, " began at ", Text(c.opened_at)), c.name);
      }
    }
  }
  for (const std::vector<std::string>& keys : same_) {
    for (size_t i = 1; i < keys.size(); ++i) {
      if (!by_key[keys[i]].empty() && by_key[keys[i]][0]->merged_into != by_key[keys[0]][0]->name) {
        fail_(keys[i] + " is counted beside " + keys[0], by_key[keys[i]][0]->name);
      }
    }
  }
}

std::string Backlog::Told() const {
  size_t lines = 0;
  for (const Sheet& sheet : sheets_) lines += sheet.lines.size();
  return absl::StrCat(lines, " lines of older ledgers, ", same_.size(), " told from ", kSame, " sources");
}

}  // namespace duban::city
