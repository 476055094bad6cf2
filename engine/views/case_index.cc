// A snapshot is written only when the revision passes a multiple of kSnapshotEvery: the row that an act does not write
// is the cheapest, and folding fifteen events costs less than writing a state at every act.
#include "engine/views/case_index.h"

#include <cstdint>
#include <map>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/limits.h"
#include "engine/cases/fields.h"
#include "engine/views/part_index.h"
#include "engine/views/tables.h"

namespace duban::engine {
namespace {

void RefersTo(const google::protobuf::RepeatedPtrField<v1::FieldValue>& fields, const std::string& case_name,
              Rows& rows) {
  const std::string line = absl::StrCat(case_name, "\n");
  for (const v1::FieldValue& field : fields) {
    for (const v1::Value& value : field.values()) {
      const std::string file(UploadedFile(value.file()));
      if (file.empty()) continue;
      const std::string known = rows.Get(Table::kFile, file).value_or("");
      if (!absl::StrContains(known, line)) rows.Put(Table::kFile, file, known + line);
    }
  }
}

void IndexFiles(const Change& change, Rows& rows) {
  for (const v1::Event& event : change.part.events()) {
    RefersTo(event.fields_set().fields(), change.after->name(), rows);
    RefersTo(event.approval_requested().proposed(), change.after->name(), rows);
    if (event.has_file_erased()) rows.Put(Table::kFileErased, event.file_erased().file(), "");
  }
}

bool IsOpen(const duban::state::v1::CaseState* state) {
  return state != nullptr && state->end_kind() == v1::END_KIND_UNSPECIFIED;
}

// The rows that guards ask: views may be under way, these are there with the commit.
void IndexEntries(const Change& change, Rows& rows) {
  std::map<std::string, int64_t> difference;
  const auto count = [&](const duban::state::v1::CaseState* state, int64_t by) {
    if (state == nullptr) return;
    for (const auto& entry : state->entries()) difference[RegisteredKey(entry.register_(), entry.subject())] += by;
  };
  count(change.before, -1);
  count(change.after, 1);
  for (const auto& [key, by] : difference) {
    if (by == 0) continue;
    const std::optional<std::string> row = rows.Get(Table::kRegistered, key);
    const uint64_t standing = (row ? ParseKeyNumber(*row) : 0) + static_cast<uint64_t>(by);
    if (standing == 0) {
      rows.Delete(Table::kRegistered, key);
    } else {
      rows.Put(Table::kRegistered, key, KeyNumber(standing));
    }
  }
}

}  // namespace

std::string OpenCaseKey(const duban::state::v1::CaseState& state) {
  return KeyNumber(state.opened_position()) + state.name();
}

std::string CaseOfOpenKey(absl::string_view key) { return std::string(key.substr(8)); }

std::string RegisteredKey(absl::string_view register_name, absl::string_view subject) {
  return absl::StrCat(KeyText(register_name), subject);
}

void IndexCase(const Change& change, Rows& rows) {
  IndexFiles(change, rows);
  const uint64_t before = change.before == nullptr ? 0 : change.before->revision();
  if (before / limits::kSnapshotEvery != change.after->revision() / limits::kSnapshotEvery) {
    rows.Put(Table::kCaseSnapshot, change.after->name(), change.after->SerializeAsString());
  }
  if (IsOpen(change.before) != IsOpen(change.after)) {
    const std::string key = OpenCaseKey(*change.after);
    if (IsOpen(change.after)) {
      rows.Put(Table::kOpenCase, key, "");
    } else {
      rows.Delete(Table::kOpenCase, key);
    }
  }
  IndexEntries(change, rows);
  IndexParts(change, rows);
  if (change.before != nullptr) return;
  for (const v1::Event& event : change.part.events()) {
    if (!event.has_case_opened()) continue;
    const v1::CaseOpened& opened = event.case_opened();
    if (!opened.number().empty()) rows.Put(Table::kCaseNumber, opened.number(), change.after->name());
    if (!opened.series().empty()) rows.Put(Table::kSeries, opened.series(), KeyNumber(opened.sequence()));
  }
}

}  // namespace duban::engine
