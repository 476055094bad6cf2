// A snapshot is written only when the revision passes a multiple of kSnapshotEvery: the row that an act does not write
// is the cheapest, and folding fifteen events costs less than writing a state at every act.
#include "engine/views/case_index.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "duban/state/v1/rows.pb.h"
#include "engine/base/check.h"
#include "engine/base/limits.h"
#include "engine/cases/audience.h"
#include "engine/cases/burden.h"
#include "engine/cases/fields.h"
#include "engine/views/part_index.h"
#include "engine/views/tables.h"

namespace duban::engine {
namespace {

constexpr char kBoxInUse = '+';  // The last of the boxes that follow is the case's.
constexpr char kBoxSpent = '-';

void RefersTo(absl::string_view value, const std::string& case_name, Rows& rows) {
  const std::string line = absl::StrCat(case_name, "\n");
  const std::string file(UploadedFile(value));
  if (file.empty()) return;
  const std::string known = rows.Get(Table::kFile, file).value_or("");
  if (!absl::StrContains(known, line)) rows.Put(Table::kFile, file, known + line);
}

void RefersTo(const google::protobuf::RepeatedPtrField<v1::FieldValue>& fields, const std::string& case_name,
              Rows& rows) {
  for (const v1::FieldValue& field : fields) {
    for (const v1::Value& value : field.values()) RefersTo(value.file(), case_name, rows);
  }
}

void IndexFiles(const Change& change, Rows& rows) {
  for (const v1::Event& event : change.part.events()) {
    RefersTo(event.fields_set().fields(), change.after->name(), rows);
    RefersTo(event.approval_requested().proposed(), change.after->name(), rows);
    for (const std::string& file : event.action_taken().files()) RefersTo(file, change.after->name(), rows);
    if (event.has_file_erased()) rows.Put(Table::kFileErased, event.file_erased().file(), "");
  }
}

bool IsOpen(const duban::state::v1::CaseState* state) {
  return state != nullptr && state->end_kind() == v1::END_KIND_UNSPECIFIED;
}

// The rows that guards ask: views may be under way, these are there with the commit.
void IndexEntries(const Change& change, Rows& rows) {
  std::map<std::string, std::pair<bool, bool>> stands;  // Before, after.
  if (change.before != nullptr) {
    for (const auto& entry : change.before->entries()) {
      stands[RegisteredKey(entry.register_(), entry.subject())].first = true;
    }
  }
  for (const auto& entry : change.after->entries()) {
    stands[RegisteredKey(entry.register_(), entry.subject())].second = true;
  }
  for (const auto& [key, stood] : stands) {
    if (stood.first == stood.second) continue;
    std::vector<std::string> cases = CasesIn(rows.Get(Table::kRegistered, key).value_or(""));
    const auto place = std::lower_bound(cases.begin(), cases.end(), change.after->name());
    if (stood.second) {
      cases.insert(place, change.after->name());
    } else {
      cases.erase(place);
    }
    if (cases.empty()) {
      rows.Delete(Table::kRegistered, key);
    } else {
      rows.Put(Table::kRegistered, key, absl::StrJoin(cases, "\n"));
    }
  }
}

// What the case asks of units, and who sees it: that changes with its stage.
void IndexAsked(const Change& change, Rows& rows) {
  if (!change.after->has_burden()) return;
  const bool stood = change.before != nullptr && AsksUnits(*change.before);
  const bool stands = AsksUnits(*change.after);
  if (!stood && !stands) return;
  const Ids audience = AudienceOf(*change.procedure, *change.after);
  const bool same = stood && stands && change.before->procedure_version() == change.after->procedure_version() &&
                    AudienceOf(*change.procedure, *change.before) == audience;
  if (same) return;
  const v1::UnitsAsked& asked = change.after->burden();
  duban::state::v1::UnitAsked row;
  row.set_last_day(asked.last_day());
  row.set_at_most(asked.at_most());
  row.set_number(change.after->number());
  for (const std::string& id : audience) row.add_audience(id);
  for (const std::string& unit : asked.units()) {
    const std::string key = UnitAskedKey(unit, asked.topic(), asked.first_day(), change.after->name());
    if (stands) {
      rows.Put(Table::kUnitAsked, key, row.SerializeAsString());
    } else {
      rows.Delete(Table::kUnitAsked, key);
    }
  }
}

// The boxes that a case seals while it collects: each replaces the one before, and none is needed after the close. What
// a crash left of their keys is found by this.
void IndexBoxes(const Change& change, Rows& rows) {
  const bool collected = change.before != nullptr && change.before->has_collecting();
  if (!collected && !change.after->has_collecting()) return;
  const std::string& name = change.after->name();
  std::string row = collected ? rows.Get(Table::kBallotBox, name).value_or("") : "";
  if (!row.empty()) row.erase(0, 1);
  uint64_t revision = change.part.first_revision();
  for (const v1::Event& event : change.part.events()) {
    if (event.has_ballot_cast()) row += KeyNumber(revision);
    ++revision;
  }
  row.insert(row.begin(), change.after->has_collecting() ? kBoxInUse : kBoxSpent);
  rows.Put(Table::kBallotBox, name, std::move(row));
}

}  // namespace

std::string OpenCaseKey(const duban::state::v1::CaseState& state) {
  return KeyNumber(state.opened_position()) + state.name();
}

std::string CaseOfOpenKey(absl::string_view key) { return std::string(key.substr(8)); }

std::string RegisteredKey(absl::string_view register_name, absl::string_view subject) {
  return absl::StrCat(KeyText(register_name), subject);
}

std::string UnitAskedKey(absl::string_view unit, absl::string_view topic, absl::string_view first_day,
                         absl::string_view case_name) {
  return absl::StrCat(KeyText(unit), KeyText(topic), first_day, case_name);
}

UnitAskedAt ParseUnitAskedKey(absl::string_view key) {
  constexpr size_t kDayBytes = 10;
  const std::vector<absl::string_view> parts = absl::StrSplit(key, absl::MaxSplits('\0', 2));
  DUBAN_CHECK(parts.size() == 3 && parts[2].size() > kDayBytes, "a key is read as it was written");
  return {std::string(parts[0]), std::string(parts[1]), std::string(parts[2].substr(0, kDayBytes)),
          std::string(parts[2].substr(kDayBytes))};
}

std::vector<std::string> CasesIn(absl::string_view row) {
  if (row.empty()) return {};
  return absl::StrSplit(row, '\n');
}

std::vector<uint64_t> SpentBoxes(absl::string_view row) {
  std::vector<uint64_t> spent;
  if (row.empty()) return spent;
  const bool in_use = row.front() == kBoxInUse;
  for (row.remove_prefix(1); row.size() >= 8; row.remove_prefix(8)) spent.push_back(ParseKeyNumber(row.substr(0, 8)));
  if (in_use && !spent.empty()) spent.pop_back();
  return spent;
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
  IndexAsked(change, rows);
  IndexBoxes(change, rows);
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
