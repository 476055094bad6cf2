// The ledger (台账): one row per case, newest first. What the parts of a case come to stands in its row.
#include <string>
#include <utility>

#include "engine/cases/evolve.h"
#include "engine/cases/present.h"
#include "engine/views/tables.h"
#include "engine/views/view.h"
#include "engine/views/words.h"

namespace duban::engine {
namespace {

using duban::state::v1::CaseState;

v1::LedgerRow LedgerRowOf(const Procedure& procedure, const CaseState& state) {
  v1::LedgerRow row;
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
  row.set_secrecy(state.secrecy());
  if (const auto* due = DueOf(state)) *row.mutable_due() = *due;
  *row.mutable_opened_at() = state.opened_at();
  if (state.has_ended_at()) *row.mutable_ended_at() = state.ended_at();
  row.set_end_kind(state.end_kind());
  row.set_round(state.round());
  // What a person or a move of the stage did last: suggestions that not everybody may know of do not count.
  row.set_revision(state.settled_revision());
  if (state.counted() > 1) row.set_counted(state.counted());
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
  return row;
}

class Ledger : public View {
 public:
  const Definition& definition() const override {
    static const Definition is = [] {
      Definition d;
      d.number = v1::VIEW_LEDGER;
      d.name = "ledger";
      d.version = 2;  // 1 counted every event in a row's revision, hidden ones too.
      d.one_row_each = true;
      d.labels = {"party", "light", "stage", "state", "procedure", "timeliness"};
      d.indexed = {"party", "light", "stage", "state"};
      d.counted = {"procedure", "stage", "light", "timeliness", "state"};
      return d;
    }();
    return is;
  }

  void Apply(const Change& change, ViewRows& rows) const override {
    if (change.after == nullptr) return;
    const CaseState& state = *change.after;
    Row row;
    row.key = state.name();
    row.place = KeyNewest(state.opened_position());
    row.audience = AudienceOf(*change.procedure, state);
    *row.row.mutable_ledger() = LedgerRowOf(*change.procedure, state);
    std::vector<Row> one;
    one.push_back(std::move(row));
    rows.Replace(state.name(), std::move(one));
    for (const auto& [whole, sum] : rows.RollUp(state)) {
      rows.Amend(whole, [&sum = sum](v1::ViewRow& above) {
        v1::LedgerRow& ledger = *above.mutable_ledger();
        if (sum.total() > 0) {
          *ledger.mutable_parts() = sum;
        } else {
          ledger.clear_parts();
        }
      });
    }
  }

  void Keep(const v1::ViewRow& before, v1::ViewRow& row) const override {
    if (before.ledger().has_parts()) *row.mutable_ledger()->mutable_parts() = before.ledger().parts();
  }

  std::vector<Label> LabelsOf(const v1::ViewRow& row) const override {
    const v1::LedgerRow& of = row.ledger();
    const bool open = of.end_kind() == v1::END_KIND_UNSPECIFIED;
    std::vector<Label> labels = {{"procedure", of.procedure()},
                                 {"stage", of.stage()},
                                 {"timeliness", TimelinessWord(of.timeliness())},
                                 {"state", open ? "open" : "ended"}};
    if (!of.light().colour().empty()) labels.push_back({"light", of.light().colour()});
    for (const auto& party : of.parties()) {
      for (const std::string& id : party.ids()) labels.push_back({"party", id});
    }
    return labels;
  }
};

}  // namespace

const View& LedgerView() {
  static const Ledger view;
  return view;
}

}  // namespace duban::engine
