#include "engine/cases/present.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/time.h"
#include "engine/cases/collecting.h"
#include "engine/cases/evolve.h"
#include "engine/cases/fields.h"
#include "engine/cases/secrecy.h"
#include "engine/cases/suggestions.h"

namespace duban::engine {
namespace {

using duban::state::v1::CaseState;
using duban::state::v1::ClockState;
using duban::state::v1::FieldState;

// What stands for a value that the viewer may not see.
v1::Value Masked() {
  v1::Value value;
  value.mutable_sealed();
  return value;
}

v1::CaseClock::State StateOf(const ClockState& clock) {
  switch (clock.run()) {
    case ClockState::RUN_RUNNING:
      return v1::CaseClock::STATE_RUNNING;
    case ClockState::RUN_PAUSED:
      return v1::CaseClock::STATE_PAUSED;
    default:
      return v1::CaseClock::STATE_STOPPED;
  }
}

// The rungs that have fired, as far as the viewer may know of what they suggest.
void PresentFired(const Procedure& procedure, const CaseState& state, const ClockState& clock, const Ids& viewer,
                  const Directory& directory, v1::CaseClock& out) {
  for (const auto& fired : clock.fired()) {
    const bool secret = MaySuggest(procedure, clock.clock(), fired.rung());
    if (secret && !Admits(SeersOf(procedure, state, directory, clock.clock(), fired.rung()), viewer)) continue;
    out.add_fired(fired.rung());
  }
}

v1::CaseClock PresentClock(const ClockState& clock) {
  v1::CaseClock out;
  out.set_clock(clock.clock());
  *out.mutable_title() = clock.title();
  out.set_state(StateOf(clock));
  *out.mutable_from() = clock.from();
  if (clock.has_due()) *out.mutable_due() = clock.due();
  out.set_day_kind(clock.day_kind());
  out.set_remaining(clock.remaining());
  out.set_late(clock.late());
  *out.mutable_light() = clock.light();
  if (clock.has_stopped_at()) *out.mutable_stopped_at() = clock.stopped_at();
  return out;
}

v1::CaseField PresentField(const Procedure& procedure, const Field& field, const CaseState& state,
                           const FieldState& held, const Ids& viewer, const Ids& own, const Directory& directory,
                           Unseal unseal) {
  v1::CaseField out;
  out.set_field(field.name);
  *out.mutable_title() = field.title;
  // What is for everybody is for whoever looks at the case, guests included.
  if (!field.sees.empty() && !Admits(AudienceOfField(procedure, field, state), field.sealed ? own : viewer)) {
    out.set_masked(true);
    *out.add_values() = Masked();
    return out;
  }
  for (const v1::Value& value : held.values()) {
    if (!value.has_sealed()) {
      *out.add_values() = value;
      out.add_shown(Shown(procedure, field, value, directory));
      continue;
    }
    const std::optional<std::string> plain = unseal(held, value.sealed());
    if (plain.has_value()) {
      out.add_values()->set_text(*plain);
      out.add_shown(*plain);
    } else {
      *out.add_values() = Masked();
      out.add_shown(kErasedShown);
    }
  }
  return out;
}

// Masks the fields of a list that the viewer may not see.
void MaskFields(const Procedure& procedure, const CaseState& state, const Ids& viewer,
                google::protobuf::RepeatedPtrField<v1::FieldValue>& fields) {
  for (v1::FieldValue& given : fields) {
    const Field* field = procedure.FindField(given.field());
    const bool seen = field != nullptr && !field->sealed &&
                      (field->sees.empty() || Admits(AudienceOfField(procedure, *field, state), viewer));
    if (seen) continue;
    given.clear_values();
    *given.add_values() = Masked();
  }
}

// Whether a viewer may know that a file was erased: it stands in a field that he sees, or there is none that he does
// not.
bool SeesFile(const Procedure& procedure, const CaseState& state, const Ids& viewer, const std::string& file) {
  bool sees_all = true;
  for (const v1::Attachment& attachment : state.attachments()) {
    if (UploadedFile(attachment.file()) == file) return true;
  }
  for (const Field& field : procedure.fields) {
    if (field.type != FieldType::kFile) continue;
    if (!Admits(AudienceOfField(procedure, field, state), viewer)) {
      sees_all = false;
      continue;
    }
    const FieldState* held = FindFieldState(state, field.name);
    if (held == nullptr) continue;
    for (const v1::Value& value : held->values()) {
      if (UploadedFile(value.file()) == file) return true;
    }
  }
  return sees_all;
}

}  // namespace

v1::Timeliness TimelinessOf(const CaseState& state) {
  if (state.end_kind() != v1::END_KIND_UNSPECIFIED) {
    if (!state.had_clock()) return v1::TIMELINESS_NO_DEADLINE;
    return state.late() ? v1::TIMELINESS_ENDED_LATE : v1::TIMELINESS_ENDED_ON_TIME;
  }
  v1::Timeliness worst = v1::TIMELINESS_NO_DEADLINE;
  for (const ClockState& clock : state.clocks()) {
    if (clock.run() != ClockState::RUN_RUNNING) continue;
    v1::Timeliness one = v1::TIMELINESS_ON_TIME;
    // An extension granted too late leaves the case late at its end, but it is not overdue while the new deadline runs.
    for (const auto& fired : clock.fired()) {
      if (fired.kind() == v1::RUNG_KIND_OVERDUE) one = v1::TIMELINESS_OVERDUE;
      if (fired.kind() == v1::RUNG_KIND_REMINDER) one = std::max(one, v1::TIMELINESS_DUE_SOON);
    }
    if (worst == v1::TIMELINESS_NO_DEADLINE || one > worst) worst = one;
  }
  return worst;
}

v1::Light LightOf(const CaseState& state) {
  v1::Light worst;
  worst.set_severity(-1);
  for (const ClockState& clock : state.clocks()) {
    if (clock.run() == ClockState::RUN_RUNNING && clock.light().severity() > worst.severity()) worst = clock.light();
  }
  return worst.severity() < 0 ? v1::Light() : worst;
}

const google::protobuf::Timestamp* DueOf(const CaseState& state) {
  const google::protobuf::Timestamp* earliest = nullptr;
  for (const ClockState& clock : state.clocks()) {
    if (clock.run() != ClockState::RUN_RUNNING) continue;
    if (earliest == nullptr || FromProto(clock.due()) < FromProto(*earliest)) earliest = &clock.due();
  }
  return earliest;
}

std::string SubjectOf(const Procedure& procedure, const CaseState& state) {
  const Field* field = procedure.FindField(procedure.subject);
  const FieldState* held = FindFieldState(state, procedure.subject);
  if (field == nullptr || held == nullptr || field->sealed || !field->sees.empty()) return "";
  return held->values(0).text();
}

namespace {

// "2024-12-31（2024年12月底）": beside what a value means, how the source said it.
std::string BesideSource(std::string shown, const v1::Value& value) {
  return value.written().empty() ? shown : absl::StrCat(shown, "（", value.written(), "）");
}

std::string ShownBare(const Procedure& procedure, const Field& field, const v1::Value& value,
                      const Directory& directory) {
  const std::string about = value.approximate() && value.written().empty() ? "约" : "";
  switch (value.kind_case()) {
    case v1::Value::kText:
      return value.text();
    case v1::Value::kChoice: {
      const Code* code = procedure.FindCode(field.codes, value.choice());
      return code != nullptr ? code->title.zh() : value.choice();
    }
    case v1::Value::kNumber:
      return about + value.number();
    case v1::Value::kDate:
      return about + value.date();
    case v1::Value::kInstant:
      // Clients write instants in their workspace's zone; here it stands as the wire has it.
      return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", FromProto(value.instant()), absl::UTCTimeZone());
    case v1::Value::kReference: {
      const std::string title = directory.TitleOf(value.reference());
      return title.empty() ? value.reference() : title;
    }
    case v1::Value::kStanding:
      return "长期";
    case v1::Value::kFile: {
      const size_t mark = value.file().find('#');
      if (mark == std::string::npos && !UploadedFile(value.file()).empty()) return kErasedShown;
      return mark == std::string::npos ? value.file() : value.file().substr(mark + 1);
    }
    case v1::Value::kSealed:
    case v1::Value::KIND_NOT_SET:
      return "";
  }
  return "";
}

}  // namespace

std::string Shown(const Procedure& procedure, const Field& field, const v1::Value& value, const Directory& directory) {
  return BesideSource(ShownBare(procedure, field, value, directory), value);
}

v1::Case PresentCase(const Procedure& procedure, const CaseState& state, const Ids& viewer, const Ids& own,
                     const Directory& directory, Unseal unseal) {
  v1::Case out;
  out.set_name(state.name());
  out.set_number(state.number());
  out.set_procedure(state.procedure());
  out.set_procedure_version(state.procedure_version());
  *out.mutable_procedure_title() = procedure.title;
  out.set_subject(SubjectOf(procedure, state));
  out.set_stage(state.stage());
  if (const Stage* stage = procedure.FindStage(state.stage())) *out.mutable_stage_title() = stage->title;
  *out.mutable_stage_since() = state.stage_since();
  out.set_objections(state.objections());
  if (state.has_moves_at() && state.objections() == 0) *out.mutable_moves_at() = state.moves_at();
  out.set_timeliness(TimelinessOf(state));
  out.set_verification(state.verification());
  out.set_truth(state.truth());
  *out.mutable_light() = LightOf(state);
  out.set_secrecy(Graded(state.secrecy()));
  out.set_round(state.round());
  *out.mutable_opened_at() = state.opened_at();
  if (state.has_ended_at()) *out.mutable_ended_at() = state.ended_at();
  out.set_end_kind(state.end_kind());
  for (const Party& party : procedure.parties) {
    const v1::BoundParty* bound = FindBound(state, party.name);
    if (bound == nullptr) continue;
    v1::CaseParty& shown = *out.add_parties();
    shown.set_party(party.name);
    *shown.mutable_title() = party.title;
    shown.set_draw(bound->draw());
    for (const v1::BoundId& id : bound->bound()) {
      shown.add_members()->set_id(id.id());
      shown.mutable_members()->rbegin()->set_title(id.title());
    }
  }
  for (const Field& field : procedure.fields) {
    const FieldState* held = FindFieldState(state, field.name);
    if (held == nullptr) continue;
    *out.add_fields() = PresentField(procedure, field, state, *held, viewer, own, directory, unseal);
  }
  for (const ClockState& clock : state.clocks()) {
    v1::CaseClock& shown = *out.add_clocks();
    shown = PresentClock(clock);
    PresentFired(procedure, state, clock, viewer, directory, shown);
  }
  for (const auto& suggestion : state.suggestions()) {
    const Ids seers = SeersOf(procedure, state, directory, suggestion.clock(), suggestion.rung());
    if (!Admits(seers, viewer)) continue;
    v1::CaseSuggestion& shown = *out.add_suggestions();
    shown.set_suggests(suggestion.suggests());
    *shown.mutable_title() = suggestion.title();
    shown.set_clock(suggestion.clock());
    shown.set_rung(suggestion.rung());
    *shown.mutable_at() = suggestion.at();
    *shown.mutable_ask() = suggestion.ask();
  }
  for (const auto& request : state.requests()) {
    v1::CaseRequest& shown = *out.add_requests();
    shown.set_action(request.action());
    shown.set_person(request.person());
    shown.set_on_behalf_of(request.on_behalf_of());
    *shown.mutable_at() = request.at();
    *shown.mutable_proposed() = request.proposed();
    MaskFields(procedure, state, viewer, *shown.mutable_proposed());
    shown.set_reason(request.reason());
  }
  if (state.has_offer()) *out.mutable_offer() = state.offer();
  for (const v1::DocumentFiled& filed : state.documents()) {
    if (Admits(AudienceOfDocument(filed.from(), filed.to()), viewer)) *out.add_documents() = filed;
  }
  *out.mutable_attachments() = state.attachments();
  out.set_revision(state.revision());
  if (state.has_collecting()) {
    *out.mutable_collecting() = PresentCollecting(procedure, state, viewer);
    // How many have voted so far is for those who urge the others.
    if (!Admits(TellersOf(procedure, state), viewer)) out.set_revision(state.settled_revision());
  }
  if (state.has_collected()) {
    *out.mutable_collected() = state.collected();
    MaskCollected(procedure, state, viewer, *out.mutable_collected());
  }
  return out;
}

v1::Event MaskEvent(const Procedure& procedure, const CaseState& state, const Ids& viewer, const v1::Event& event) {
  v1::Event out = event;
  if (out.has_fields_set()) MaskFields(procedure, state, viewer, *out.mutable_fields_set()->mutable_fields());
  if (out.has_approval_requested()) {
    MaskFields(procedure, state, viewer, *out.mutable_approval_requested()->mutable_proposed());
  }
  if (out.has_file_erased() && !SeesFile(procedure, state, viewer, out.file_erased().file())) {
    out.mutable_file_erased()->clear_file();
    out.mutable_file_erased()->clear_reason();
  }
  MaskCollecting(procedure, state, viewer, out);
  // Whether the viewer may know which other case it is bound to is decided where both are at hand.
  if (out.has_case_opened()) out.mutable_case_opened()->clear_parent();
  if (out.has_action_taken()) out.mutable_action_taken()->clear_through();
  if (out.has_part_linked()) out.mutable_part_linked()->clear_parent();
  if (out.has_case_merged()) out.mutable_case_merged()->clear_into();
  if (out.has_duplicate_taken()) {
    out.mutable_duplicate_taken()->clear_duplicate();
    out.mutable_duplicate_taken()->clear_number();
  }
  return out;
}

}  // namespace duban::engine
