// The matters of an uploaded file, a case each. The cursor is the next line's place in the file and stands in the
// commit that opens the case; that commit says of itself what OpenCase would, so that a matter that was opened by
// either way under the same key is not opened again.
#include <google/protobuf/util/json_util.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "engine/views/tables.h"
#include "services/node/causes.h"
#include "services/node/decider.h"
#include "services/node/deciding.h"
#include "services/node/downloads.h"
#include "services/node/earlier.h"
#include "services/node/jobs/job_kind.h"
#include "services/node/limits.h"
#include "services/node/marks.h"
#include "services/node/opening.h"
#include "services/node/refusals.h"

namespace duban::node {
namespace {

using engine::Kind;
using engine::Outcome;
using engine::Reject;

Outcome<v1::ImportRecord> RecordOf(const RecordLines::Line& line) {
  if (!line.whole) {
    return Reject(Kind::kInvalid, "IMPORT_RECORD",
                  absl::StrCat("这一条记录超过 ", limits::kImportRecordBytesMax, " 字节"),
                  absl::StrCat("the record is longer than ", limits::kImportRecordBytesMax, " bytes"));
  }
  v1::ImportRecord record;
  if (google::protobuf::util::JsonStringToMessage(line.text, &record).ok() && record.has_open()) return record;
  // The parser's own words would quote the line: personal data, and characters cut in two.
  return Reject(Kind::kInvalid, "IMPORT_RECORD",
                "这一条记录读不懂，应为一行 UTF-8 的 JSON：{\"line\": 行号, \"open\": {…}}",
                "the record cannot be read; a line of JSON in UTF-8 is expected, {\"line\": …, \"open\": {…}}");
}

engine::Verdict CheckRecord(const v1::OpenCaseRequest& open) {
  if (engine::Verdict key = CheckKey(open.idempotency_key()); !key.ok()) return key;
  for (const v1::FieldValue& field : open.fields()) {
    for (const v1::Value& value : field.values()) {
      if (FileOf(value).empty()) continue;
      return Reject(Kind::kInvalid, "IMPORT_WITH_FILE",
                    absl::StrCat("导入的记录不能带附件（", field.field(), "），请立项后再附"),
                    absl::StrCat("a record cannot bring a file (", field.field(), "); attach it once the case is open"),
                    {{"field", absl::StrCat("fields.", field.field())}});
    }
  }
  return engine::Nothing{};
}

constexpr char kCommand[] = "Import";

class Import final : public JobKind {
 public:
  const char* command() const override { return kCommand; }

  v1::Text Title(const v1::JobTask& task, const Library&) const override {
    v1::Text title;
    title.set_zh(absl::StrCat("导入台账，", task.import().records(), " 条"));
    title.set_en(absl::StrCat("ledger imported, ", task.import().records(), " records"));
    return title;
  }

  engine::Verdict MayStart(Batch&, const JobMeans& means, const std::string& person,
                           const v1::JobTask& task) const override {
    return means.uploads.Check(task.import().file(), "", person);
  }

  bool counts_cases() const override { return false; }

  int64_t Total(Batch&, const v1::JobTask& task) const override { return task.import().records(); }

  Lot Next(const JobPlace& place) const override {
    Lot lot;
    lot.cursor = place.cursor;
    const std::string& file = place.task.import().file();
    // Each look at it keeps it from being dropped as forgotten.
    if (engine::Verdict there = place.means.uploads.Check(file, "", place.person); !there.ok()) {
      lot.failed = absl::StrCat(there.rejection().message.zh(), " ", there.rejection().message.en());
      return lot;
    }
    uint64_t at = place.cursor.empty() ? 0 : engine::ParseKeyNumber(place.cursor);
    // At most one case to a lot, so that a number given is a number used.
    while (lot.items.size() < place.items_max && lot.parts.empty()) {
      absl::StatusOr<std::optional<RecordLines::Line>> line = place.means.lines.At(file, at);
      if (!line.ok()) {
        lot.failed = absl::StrCat("读不了上传的文件 the uploaded file cannot be read: ", line.status().ToString());
        return lot;
      }
      lot.done = !line->has_value();
      if (lot.done) break;
      const uint64_t from = at;
      at = (*line)->next;
      lot.cursor = engine::KeyNumber(at);
      if (!absl::StripAsciiWhitespace((*line)->text).empty()) lot.items.push_back(Play(place, **line, from, lot));
    }
    return lot;
  }

  void End(const JobMeans& means, const v1::JobTask& task) const override {
    means.uploads.Release(task.import().file());
  }

 private:
  // What one record comes to; an opened case is put into the lot.
  static JobItem Play(const JobPlace& place, const RecordLines::Line& line, uint64_t from, Lot& lot) {
    JobItem item;
    const Outcome<v1::ImportRecord> record = RecordOf(line);
    item.name = record.ok() && record->line() > 0 ? absl::StrCat("line ", record->line()) : absl::StrCat("byte ", from);
    const auto refused = [&](const engine::Rejection& rejection) {
      item.refusal = JobRefusalOf(item.name, rejection);
      return item;
    };
    if (!record.ok()) return refused(record.rejection());
    const v1::OpenCaseRequest& open = record->open();
    if (engine::Verdict right = CheckRecord(open); !right.ok()) return refused(right.rejection());
    const std::string bytes = RequestBytes(open);
    if (engine::Verdict marks = CheckMarks(bytes, open); !marks.ok()) return refused(marks.rejection());
    const std::string mac = place.means.tokens.RequestMac(bytes);
    Reply<std::optional<store::Position>> earlier =
        EarlierUnder(place.batch, place.person, open.idempotency_key(), mac, place.now, place.means.vitals);
    if (auto* rejection = std::get_if<engine::Rejection>(&earlier)) return refused(*rejection);
    if (auto* trouble = std::get_if<absl::Status>(&earlier)) {
      lot.failed = absl::StrCat("读不了已有的记录 what was opened before cannot be read: ", trouble->ToString());
      return item;
    }
    if (std::get<std::optional<store::Position>>(earlier).has_value()) return item;
    engine::Opener opener;
    opener.read_by_others = true;
    Outcome<Opening> opening = DecideOpening(place.batch, place.means.random, place.person, place.now, open, opener);
    if (!opening.ok()) return refused(opening.rejection());
    if (place.means.vault != nullptr) {
      absl::StatusOr<std::string> sealed = opening->sealing->Finish(*place.means.vault);
      if (!sealed.ok()) {
        lot.failed = absl::StrCat("密钥库不能写入 the key vault cannot be written: ", sealed.status().ToString());
        return item;
      }
      lot.sealed_part = *std::move(sealed);
    }
    const engine::CaseState& opened = opening->decision.cases.front().after;
    item.change.set_item(item.name);
    item.change.mutable_change()->set_zh(absl::StrCat("立项 ", opened.number()));
    item.change.mutable_change()->set_en(absl::StrCat("opens ", opened.number()));
    const v1::Commit commit = CommitOf(opening->decision, place.batch);
    lot.parts.assign(commit.parts().begin(), commit.parts().end());
    lot.cause = CauseOfEntry(kCommand, open, mac);
    return item;
  }
};

}  // namespace

const JobKind& ImportKind() {
  static const Import kind;
  return kind;
}

}  // namespace duban::node
