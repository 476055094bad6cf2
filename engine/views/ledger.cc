// The ledger (台账): one row per case, an index per id that sees it, and counts per audience, so that a viewer's total
// is a sum over the audiences that admit him and tells nothing of the rest.
#include <algorithm>
#include <iterator>

#include "absl/strings/str_join.h"
#include "duban/state/v1/rows.pb.h"
#include "engine/base/check.h"
#include "engine/cases/evolve.h"
#include "engine/cases/present.h"
#include "engine/views/tables.h"
#include "engine/views/view.h"

namespace duban::engine {
namespace {

using duban::state::v1::CaseState;
using duban::state::v1::LedgerEntry;

LedgerEntry Entry(const CaseChange& change) {
  const CaseState& state = change.after;
  const Procedure& procedure = change.procedure;
  LedgerEntry entry;
  entry.set_opened_position(state.opened_position());
  for (std::string& id : AudienceOf(procedure, state)) entry.add_audience(std::move(id));
  v1::LedgerRow& row = *entry.mutable_row();
  row.set_case_(state.name());
  row.set_number(state.number());
  row.set_procedure(state.procedure());
  row.set_subject(SubjectOf(procedure, state));
  row.set_stage(state.stage());
  if (const Stage* stage = procedure.FindStage(state.stage())) *row.mutable_stage_title() = stage->title;
  row.set_timeliness(TimelinessOf(state));
  row.set_verification(state.verification());
  row.set_truth(state.truth());
  *row.mutable_light() = LightOf(state);
  if (const auto* due = DueOf(state)) *row.mutable_due() = *due;
  *row.mutable_opened_at() = state.opened_at();
  if (state.has_ended_at()) *row.mutable_ended_at() = state.ended_at();
  row.set_end_kind(state.end_kind());
  row.set_round(state.round());
  row.set_revision(state.revision());
  for (const v1::BoundParty& bound : state.parties()) {
    auto& party = *row.add_parties();
    party.set_party(bound.party());
    for (const v1::BoundId& id : bound.bound()) {
      party.add_ids(id.id());
      party.add_titles(id.title());
    }
  }
  for (const std::string& name : procedure.columns) {
    const Field* field = procedure.FindField(name);
    const auto* held = FindFieldState(state, name);
    if (field == nullptr || held == nullptr || field->sealed || !field->sees.empty()) continue;
    auto& column = *row.add_columns();
    column.set_field(name);
    *column.mutable_title() = field->title;
    // References are shown by id: a row must not depend on the directory of the day it was written.
    for (const v1::Value& value : held->values()) column.add_shown(Shown(procedure, *field, value, Directory()));
  }
  return entry;
}

LedgerCell Cell(const LedgerEntry& entry) {
  LedgerCell cell;
  cell.audience = absl::StrJoin(entry.audience(), "\x1f");
  cell.procedure = entry.row().procedure();
  cell.stage = entry.row().stage();
  cell.light = entry.row().light().colour();
  cell.timeliness = entry.row().timeliness();
  cell.open = entry.row().end_kind() == v1::END_KIND_UNSPECIFIED;
  return cell;
}

void Count(Rows& rows, const std::string& key, int64_t difference) {
  const std::optional<std::string> held = rows.Get(Table::kLedgerCount, key);
  const int64_t count = (held.has_value() ? static_cast<int64_t>(ParseKeyNumber(*held)) : 0) + difference;
  DUBAN_CHECK(count >= 0, "a counting cell never falls below zero");
  if (count == 0) {
    rows.Delete(Table::kLedgerCount, key);
  } else {
    rows.Put(Table::kLedgerCount, key, KeyNumber(static_cast<uint64_t>(count)));
  }
}

class Ledger : public View {
 public:
  absl::string_view name() const override { return "ledger"; }
  uint32_t version() const override { return 1; }

  void Apply(const CaseChange& change, Rows& rows) const override {
    const std::string& name = change.after.name();
    const LedgerEntry entry = Entry(change);
    LedgerEntry old;
    const std::optional<std::string> held = rows.Get(Table::kLedger, name);
    if (held.has_value()) DUBAN_CHECK(old.ParseFromString(*held), "a row of the ledger can be read back");

    for (const std::string& id : old.audience()) {
      if (std::binary_search(entry.audience().begin(), entry.audience().end(), id)) continue;
      rows.Delete(Table::kLedgerIndex, LedgerIndexKey(id, entry.opened_position(), name));
    }
    for (const std::string& id : entry.audience()) {
      if (std::binary_search(old.audience().begin(), old.audience().end(), id)) continue;
      rows.Put(Table::kLedgerIndex, LedgerIndexKey(id, entry.opened_position(), name), "");
    }
    const std::string cell = LedgerCellKey(Cell(entry));
    const std::string old_cell = held.has_value() ? LedgerCellKey(Cell(old)) : "";
    if (cell != old_cell) {
      if (held.has_value()) Count(rows, old_cell, -1);
      Count(rows, cell, 1);
    }
    rows.Put(Table::kLedger, name, entry.SerializeAsString());
  }
};

}  // namespace

const View& LedgerView() {
  static const Ledger view;
  return view;
}

}  // namespace duban::engine
