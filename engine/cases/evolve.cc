#include "engine/cases/evolve.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/time.h"
#include "engine/cases/fields.h"

namespace duban::engine {
namespace {

using duban::state::v1::CaseState;
using duban::state::v1::ClockState;

ClockState* MutableClock(CaseState& state, const std::string& name) {
  for (ClockState& clock : *state.mutable_clocks()) {
    if (clock.clock() == name) return &clock;
  }
  return nullptr;
}

// Remembers that a person took an action in this round; `times` is 0 while it has not taken effect.
void Remember(CaseState& state, const std::string& action, const std::string& person, uint32_t times) {
  if (person.empty()) return;
  for (auto& act : *state.mutable_acts()) {
    if (act.action() == action && act.person() == person && act.round() == state.round()) {
      act.set_count(act.count() + times);
      return;
    }
  }
  auto* act = state.add_acts();
  act->set_action(action);
  act->set_person(person);
  act->set_round(state.round());
  act->set_count(times);
}

// The same of all who had a hand in it: who did it, who typed it for him, whose duty it was.
template <typename Said>
void RememberAll(CaseState& state, const std::string& action, const Said& said, uint32_t times) {
  Remember(state, action, said.person(), times);
  Remember(state, action, said.entered_by(), 0);
  Remember(state, action, said.on_behalf_of(), 0);
}

void DropPending(ClockState& clock, const std::string& rung) {
  auto& pending = *clock.mutable_pending();
  for (int i = 0; i < pending.size(); ++i) {
    if (pending[i].rung() == rung) {
      pending.DeleteSubrange(i, 1);
      return;
    }
  }
}

void Fold(CaseState& state, const v1::CaseOpened& e) {
  state.set_procedure(e.procedure());
  state.set_procedure_version(e.procedure_version());
  state.set_number(e.number());
  *state.mutable_parties() = e.parties();
  *state.mutable_opened_at() = e.opened_at();
  state.set_parent(e.parent());
  state.set_link(e.link());
  state.set_weight(e.weight());
  state.set_assigned_by_superior(e.assigned_by_superior());
  state.set_secrecy(e.secrecy());
  if (e.has_burden()) *state.mutable_burden() = e.burden();
  state.set_round(1);
}

void Fold(CaseState& state, const v1::FieldsSet& e) {
  auto& fields = *state.mutable_fields();
  for (const v1::FieldValue& given : e.fields()) {
    int at = 0;
    while (at < fields.size() && fields[at].field() != given.field()) ++at;
    if (given.values().empty()) {
      if (at < fields.size()) fields.DeleteSubrange(at, 1);
      continue;
    }
    auto* field = at < fields.size() ? &fields[at] : state.add_fields();
    field->set_field(given.field());
    *field->mutable_values() = given.values();
    field->set_revision(state.revision());
  }
}

// Suggestions of a clock, or of one of its rungs, that nobody has decided fall away.
void DropSuggestions(CaseState& state, const std::string& clock, const std::string& rung) {
  auto& waiting = *state.mutable_suggestions();
  for (int i = waiting.size() - 1; i >= 0; --i) {
    if (waiting[i].clock() == clock && (rung.empty() || waiting[i].rung() == rung)) waiting.DeleteSubrange(i, 1);
  }
}

void Fold(CaseState& state, const v1::StageEntered& e) {
  state.set_previous_stage(state.stage());
  state.set_stage(e.stage());
  *state.mutable_stage_since() = e.at();
  state.clear_moves_at();
  if (e.has_moves_at()) *state.mutable_moves_at() = e.moves_at();
  state.set_moves_to(e.moves_to());
  state.clear_move_held();
  state.clear_collecting();  // Left before the close: what was handed in counts for nothing.
}

// While an objection stands the stage's timed move waits; what came due meanwhile is due when the last is settled.
void FoldObjection(CaseState& state, const v1::ActionTaken& e) {
  if (e.objection() == v1::OBJECTION_RAISED) state.set_objections(state.objections() + 1);
  if (e.objection() != v1::OBJECTION_SETTLED || state.objections() == 0) return;
  state.clear_objections();
  if (!state.has_moves_at() || FromProto(state.moves_at()) >= FromProto(e.at())) return;
  *state.mutable_moves_at() = e.at();
  state.set_move_held(true);
}

void Fold(CaseState& state, const v1::CollectBegan& e) { *state.mutable_collecting()->mutable_began() = e; }

void Fold(CaseState& state, const v1::BallotCast& e) {
  auto& collecting = *state.mutable_collecting();
  auto& cast = *collecting.mutable_cast();
  const auto place = std::lower_bound(cast.begin(), cast.end(), e.person()) - cast.begin();
  *cast.Add() = e.person();
  std::rotate(cast.pointer_begin() + place, cast.pointer_end() - 1, cast.pointer_end());
  *collecting.mutable_box() = e.box();
  collecting.set_box_revision(state.revision());
}

void Fold(CaseState& state, const v1::CollectClosed& e) {
  state.clear_collecting();
  *state.mutable_collected() = e;
}

void Fold(CaseState& state, const v1::ActionTaken& e) {
  RememberAll(state, e.action(), e, 1);
  if (e.verifies() != v1::VERIFICATION_UNSPECIFIED) state.set_verification(e.verifies());
  if (e.finds() != v1::TRUTH_UNSPECIFIED) state.set_truth(e.finds());
  if (e.secrecy() != v1::SECRECY_UNSPECIFIED) state.set_secrecy(e.secrecy());
  for (const std::string& file : e.files()) {
    v1::Attachment& attachment = *state.add_attachments();
    attachment.set_file(file);
    attachment.set_person(e.person());
    *attachment.mutable_at() = e.at();
  }
  FoldObjection(state, e);
}

void Fold(CaseState& state, const v1::ApprovalRequested& e) {
  RememberAll(state, e.action(), e, 0);
  auto* request = state.add_requests();
  request->set_action(e.action());
  request->set_person(e.person());
  request->set_entered_by(e.entered_by());
  *request->mutable_at() = e.at();
  *request->mutable_proposed() = e.proposed();
  request->set_reason(e.reason());
  request->set_after_due(e.after_due());
  request->set_party(e.party());
  request->set_on_behalf_of(e.on_behalf_of());
}

void Fold(CaseState& state, const v1::ApprovalDecided& e) {
  const std::string decided = (e.approved() ? "approve_" : "refuse_") + e.action();
  RememberAll(state, decided, e, 1);
  auto& requests = *state.mutable_requests();
  for (int i = 0; i < requests.size(); ++i) {
    if (requests[i].action() == e.action()) {
      requests.DeleteSubrange(i, 1);
      return;
    }
  }
}

void Fold(CaseState& state, const v1::ClockStarted& e) {
  ClockState* clock = MutableClock(state, e.clock());
  if (clock == nullptr) clock = state.add_clocks();
  DropSuggestions(state, e.clock(), "");
  clock->Clear();
  clock->set_clock(e.clock());
  clock->set_run(ClockState::RUN_RUNNING);
  *clock->mutable_from() = e.from();
  *clock->mutable_due() = e.due();
  clock->set_day_kind(e.day_kind());
  clock->set_budget(e.budget());
  clock->set_calendar_version(e.calendar_version());
  *clock->mutable_pending() = e.rungs();
  *clock->mutable_light() = e.light();
  *clock->mutable_calm() = e.light();
  *clock->mutable_charged_to() = e.charged_to();
  *clock->mutable_title() = e.title();
  *clock->mutable_uncovered() = e.uncovered();
  state.set_had_clock(true);
}

void Fold(CaseState& state, const v1::ClockPaused& e) {
  ClockState* clock = MutableClock(state, e.clock());
  if (clock == nullptr) return;
  clock->set_run(ClockState::RUN_PAUSED);
  clock->set_remaining(e.remaining());
  clock->clear_due();
  clock->clear_pending();
}

void Fold(CaseState& state, const v1::ClockResumed& e) {
  ClockState* clock = MutableClock(state, e.clock());
  if (clock == nullptr) return;
  clock->set_run(ClockState::RUN_RUNNING);
  // Without a due instant it had been suspended: from now on its days are counted from here.
  if (clock->day_kind() == v1::DAY_KIND_WORKING && !clock->has_due()) {
    *clock->mutable_resumed_at() = e.at();
    clock->set_resumed_with(clock->remaining());
    clock->clear_due_given();
  }
  *clock->mutable_due() = e.due();
  *clock->mutable_pending() = e.rungs();
  *clock->mutable_uncovered() = e.uncovered();
  clock->set_calendar_version(e.calendar_version());
  clock->clear_remaining();
  clock->clear_stopped_at();
}

void Fold(CaseState& state, const v1::ClockMoved& e) {
  ClockState* clock = MutableClock(state, e.clock());
  if (clock == nullptr) return;
  const bool same_due = clock->has_due() && FromProto(clock->due()) == FromProto(e.due());
  *clock->mutable_due() = e.due();
  *clock->mutable_pending() = e.rungs();
  *clock->mutable_uncovered() = e.uncovered();
  clock->set_calendar_version(e.calendar_version());
  if (e.stays_late()) clock->set_stays_late(true);
  if (e.action() == kMovedByCalendar) {
    // The same deadline, counted again: what has fired stands, unless a RungWithdrawn before says otherwise.
    *clock->mutable_light() = e.light();
    return;
  }
  if (same_due) return;
  if (clock->day_kind() == v1::DAY_KIND_WORKING) clock->set_due_given(true);
  // A new deadline: its rungs are to fire again, and what the old one raised stands no longer.
  clock->clear_fired();
  DropSuggestions(state, e.clock(), "");
  clock->clear_suppressed();
  clock->set_late(clock->stays_late());
  *clock->mutable_light() = e.light();
}

void Fold(CaseState& state, const v1::ClockStopped& e) {
  ClockState* clock = MutableClock(state, e.clock());
  if (clock == nullptr) return;
  clock->set_run(ClockState::RUN_STOPPED);
  *clock->mutable_stopped_at() = e.at();
  clock->set_late(e.late());
  clock->set_fell_away(e.fell_away());
  clock->clear_pending();
  clock->clear_uncovered();
  if (e.late() && !e.fell_away()) state.set_late(true);
  if (e.fell_away()) DropSuggestions(state, e.clock(), "");
}

void Fold(CaseState& state, const v1::RungFired& e) {
  ClockState* clock = MutableClock(state, e.clock());
  if (clock == nullptr) return;
  DropPending(*clock, e.rung().rung());
  auto* fired = clock->add_fired();
  fired->set_rung(e.rung().rung());
  fired->set_kind(e.rung().kind());
  *fired->mutable_at() = e.rung().at();
  fired->set_raises(e.rung().raises());
  *fired->mutable_title() = e.rung().title();
  *fired->mutable_tell() = e.rung().tell();
  *fired->mutable_instead() = e.rung().instead();
  if (e.rung().kind() == v1::RUNG_KIND_OVERDUE) clock->set_late(true);
  if (!e.rung().light().colour().empty()) *clock->mutable_light() = e.rung().light();
  if (e.rung().suggests().empty()) return;
  auto* waiting = state.add_suggestions();
  waiting->set_clock(e.clock());
  waiting->set_rung(e.rung().rung());
  waiting->set_suggests(e.rung().suggests());
  *waiting->mutable_title() = e.rung().title();
  *waiting->mutable_ask() = e.rung().ask();
  *waiting->mutable_at() = e.rung().at();
  waiting->set_round(state.round());
}

void Fold(CaseState& state, const v1::RungSuppressed& e) {
  ClockState* clock = MutableClock(state, e.clock());
  if (clock == nullptr) return;
  DropPending(*clock, e.rung());
  clock->add_suppressed(e.rung());
}

void Fold(CaseState& state, const v1::RungWithdrawn& e) {
  ClockState* clock = MutableClock(state, e.clock());
  if (clock == nullptr) return;
  auto& fired = *clock->mutable_fired();
  for (int i = fired.size() - 1; i >= 0; --i) {
    if (fired[i].rung() != e.rung()) continue;
    if (fired[i].kind() == v1::RUNG_KIND_OVERDUE) clock->set_late(clock->stays_late());
    fired.DeleteSubrange(i, 1);
  }
  if (!e.light().colour().empty()) *clock->mutable_light() = e.light();
  DropSuggestions(state, e.clock(), e.rung());
}

void Fold(CaseState& state, const v1::CaseEnded& e) {
  state.set_end_kind(e.kind());
  *state.mutable_ended_at() = e.at();
  state.set_late(e.late());
  state.clear_moves_at();
  state.clear_moves_to();
  state.clear_objections();
  state.clear_move_held();
  state.clear_requests();
  state.clear_suggestions();
  state.clear_offer();
  state.clear_collecting();
}

void Fold(CaseState& state, const v1::CaseReopened& e) {
  state.set_round(e.round());
  state.set_end_kind(v1::END_KIND_UNSPECIFIED);
  state.clear_ended_at();
  state.clear_clocks();
  state.clear_requests();
  state.clear_suggestions();
  state.set_late(false);
  state.set_had_clock(false);
  if (e.rebounded()) state.set_verification(v1::VERIFICATION_REBOUNDED);
}

void Fold(CaseState& state, const v1::SuggestionDecided& e) {
  const std::string decided = (e.approved() ? "approve_" : "refuse_") + e.suggests();
  RememberAll(state, decided, e, 1);
  DropSuggestions(state, e.clock(), e.rung());
}

void Fold(CaseState& state, const v1::TransferOffered& e) { *state.mutable_offer() = e; }

void Fold(CaseState& state, const v1::TransferAnswered&) { state.clear_offer(); }

void Fold(CaseState& state, const v1::DocumentFiled& e) { *state.add_documents() = e; }

// A pending rung is replaced as it stands; of one that has fired, whom it tells and whom its suggestion asks.
void Fold(CaseState& state, const v1::ReboundClock& e) {
  ClockState* clock = MutableClock(state, e.clock());
  if (clock == nullptr) return;
  *clock->mutable_charged_to() = e.charged_to();
  for (const v1::Rung& rung : e.rungs()) {
    for (v1::Rung& pending : *clock->mutable_pending()) {
      if (pending.rung() == rung.rung()) pending = rung;
    }
    for (auto& fired : *clock->mutable_fired()) {
      if (fired.rung() == rung.rung()) *fired.mutable_tell() = rung.tell();
    }
    for (auto& waiting : *state.mutable_suggestions()) {
      if (waiting.clock() == e.clock() && waiting.rung() == rung.rung()) *waiting.mutable_ask() = rung.ask();
    }
  }
}

void Fold(CaseState& state, const v1::PartLinked& e) {
  auto& of = *state.add_part_of();
  of.set_parent(e.parent());
  of.set_weight(e.weight());
}

void Fold(CaseState& state, const v1::CaseMerged& e) { state.set_merged_into(e.into()); }

void Fold(CaseState& state, const v1::DuplicateTaken& e) {
  state.add_duplicates(e.duplicate());
  state.set_counted(std::max<int64_t>(1, state.counted()) + std::max<int64_t>(1, e.counted()));
}

void Fold(CaseState& state, const v1::PartyRebound& e) {
  for (v1::BoundParty& party : *state.mutable_parties()) {
    if (party.party() == e.party()) *party.mutable_bound() = e.bound();
  }
  for (const v1::ReboundClock& rebound : e.clocks()) Fold(state, rebound);
}

void Fold(CaseState& state, const v1::MoveRescheduled& e) { *state.mutable_moves_at() = e.moves_at(); }

void Fold(CaseState& state, const v1::CaseMigrated& e) {
  state.set_procedure_version(e.to_version());
  state.set_stage(e.stage());
  state.set_previous_stage(e.previous_stage());
  state.clear_moves_at();
  if (e.has_moves_at()) *state.mutable_moves_at() = e.moves_at();
  state.set_moves_to(e.moves_to());
  state.clear_move_held();
}

void Fold(CaseState& state, const v1::RegisterEntered& e) {
  auto* entry = state.add_entries();
  entry->set_register_(e.register_());
  entry->set_entry(e.entry());
  entry->set_subject(e.subject());
  entry->set_subject_title(e.subject_title());
  *entry->mutable_reason() = e.reason();
  *entry->mutable_from() = e.from();
  if (e.has_until()) *entry->mutable_until() = e.until();
}

void Fold(CaseState& state, const v1::RegisterLeft& e) {
  auto& entries = *state.mutable_entries();
  for (int i = entries.size() - 1; i >= 0; --i) {
    if (entries[i].register_() == e.register_() && entries[i].entry() == e.entry()) entries.DeleteSubrange(i, 1);
  }
}

// Its name stays and its title goes: by that everybody who shows the value knows.
void Fold(CaseState& state, const v1::FileErased& e) {
  const auto forget = [&](auto& all) {
    for (auto& held : all) {
      if (UploadedFile(held.file()) == e.file()) held.set_file(e.file());
    }
  };
  for (auto& field : *state.mutable_fields()) forget(*field.mutable_values());
  for (auto& request : *state.mutable_requests()) {
    for (v1::FieldValue& proposed : *request.mutable_proposed()) forget(*proposed.mutable_values());
  }
  forget(*state.mutable_attachments());
}

// Whether an event counts for `expected_revision`: what only time did must never make a person's command stale.
bool Settles(const v1::Event& event) {
  switch (event.body_case()) {
    case v1::Event::kRungFired:
    case v1::Event::kRungSuppressed:
    case v1::Event::kRungWithdrawn:
    case v1::Event::kMoveRescheduled:
    case v1::Event::kRegisterEntered:
    case v1::Event::kRegisterLeft:
    // Not everybody knows of it, and what others do does not depend on it.
    case v1::Event::kSuggestionDecided:
    case v1::Event::kDocumentFiled:
    case v1::Event::kBallotCast:
      return false;
    case v1::Event::kClockMoved:
      return !event.clock_moved().action().empty() && event.clock_moved().action() != kMovedByCalendar;
    case v1::Event::kPartLinked:
    case v1::Event::kCaseMerged:
    case v1::Event::kDuplicateTaken:
    case v1::Event::kTransferOffered:
    case v1::Event::kTransferAnswered:
    case v1::Event::kCollectBegan:
    case v1::Event::kCollectClosed:
    case v1::Event::kPlanPut:
    case v1::Event::kPlanDue:
    case v1::Event::kDrawFrozen:
    case v1::Event::kDrawSeeded:
    case v1::Event::kDrawMade:
    case v1::Event::kDocumentIssued:
    case v1::Event::kDocumentReceived:
    case v1::Event::kPartyRebound:
    case v1::Event::kCaseMigrated:
    case v1::Event::kFileErased:
    case v1::Event::kDelegationPut:
    case v1::Event::kDelegationBegan:
    case v1::Event::kDelegationEnded:
    case v1::Event::kCoverageWarned:
    case v1::Event::kJobStarted:
    case v1::Event::kJobAdvanced:
    case v1::Event::kJobEnded:
    case v1::Event::kCaseOpened:
    case v1::Event::kFieldsSet:
    case v1::Event::kStageEntered:
    case v1::Event::kActionTaken:
    case v1::Event::kApprovalRequested:
    case v1::Event::kApprovalDecided:
    case v1::Event::kClockStarted:
    case v1::Event::kClockPaused:
    case v1::Event::kClockResumed:
    case v1::Event::kClockStopped:
    case v1::Event::kCaseEnded:
    case v1::Event::kCaseReopened:
    case v1::Event::kWorkspaceCreated:
    case v1::Event::kTimeAdvanced:
    case v1::Event::kProcedurePublished:
    case v1::Event::kCalendarPublished:
    case v1::Event::kUnitPut:
    case v1::Event::kPostPut:
    case v1::Event::kPersonPut:
    case v1::Event::kRelationPut:
    case v1::Event::BODY_NOT_SET:
      return true;
  }
  return true;
}

}  // namespace

void Evolve(CaseState& state, const v1::Event& event) {
  state.set_revision(state.revision() + 1);
  if (Settles(event)) state.set_settled_revision(state.revision());
  switch (event.body_case()) {
    case v1::Event::kCaseOpened:
      return Fold(state, event.case_opened());
    case v1::Event::kFieldsSet:
      return Fold(state, event.fields_set());
    case v1::Event::kStageEntered:
      return Fold(state, event.stage_entered());
    case v1::Event::kActionTaken:
      return Fold(state, event.action_taken());
    case v1::Event::kApprovalRequested:
      return Fold(state, event.approval_requested());
    case v1::Event::kApprovalDecided:
      return Fold(state, event.approval_decided());
    case v1::Event::kClockStarted:
      return Fold(state, event.clock_started());
    case v1::Event::kClockPaused:
      return Fold(state, event.clock_paused());
    case v1::Event::kClockResumed:
      return Fold(state, event.clock_resumed());
    case v1::Event::kClockMoved:
      return Fold(state, event.clock_moved());
    case v1::Event::kClockStopped:
      return Fold(state, event.clock_stopped());
    case v1::Event::kRungFired:
      return Fold(state, event.rung_fired());
    case v1::Event::kRungSuppressed:
      return Fold(state, event.rung_suppressed());
    case v1::Event::kRungWithdrawn:
      return Fold(state, event.rung_withdrawn());
    case v1::Event::kCaseEnded:
      return Fold(state, event.case_ended());
    case v1::Event::kCaseReopened:
      return Fold(state, event.case_reopened());
    case v1::Event::kSuggestionDecided:
      return Fold(state, event.suggestion_decided());
    case v1::Event::kPartyRebound:
      return Fold(state, event.party_rebound());
    case v1::Event::kMoveRescheduled:
      return Fold(state, event.move_rescheduled());
    case v1::Event::kCaseMigrated:
      return Fold(state, event.case_migrated());
    case v1::Event::kRegisterEntered:
      return Fold(state, event.register_entered());
    case v1::Event::kRegisterLeft:
      return Fold(state, event.register_left());
    case v1::Event::kFileErased:
      return Fold(state, event.file_erased());
    case v1::Event::kPartLinked:
      return Fold(state, event.part_linked());
    case v1::Event::kCaseMerged:
      return Fold(state, event.case_merged());
    case v1::Event::kDuplicateTaken:
      return Fold(state, event.duplicate_taken());
    case v1::Event::kTransferOffered:
      return Fold(state, event.transfer_offered());
    case v1::Event::kTransferAnswered:
      return Fold(state, event.transfer_answered());
    case v1::Event::kDocumentFiled:
      return Fold(state, event.document_filed());
    case v1::Event::kCollectBegan:
      return Fold(state, event.collect_began());
    case v1::Event::kBallotCast:
      return Fold(state, event.ballot_cast());
    case v1::Event::kCollectClosed:
      return Fold(state, event.collect_closed());
    // Events of other streams change no case.
    case v1::Event::kPlanPut:
    case v1::Event::kPlanDue:
    case v1::Event::kDrawFrozen:
    case v1::Event::kDrawSeeded:
    case v1::Event::kDrawMade:
    case v1::Event::kDocumentIssued:
    case v1::Event::kDocumentReceived:
    case v1::Event::kWorkspaceCreated:
    case v1::Event::kTimeAdvanced:
    case v1::Event::kProcedurePublished:
    case v1::Event::kCalendarPublished:
    case v1::Event::kUnitPut:
    case v1::Event::kPostPut:
    case v1::Event::kPersonPut:
    case v1::Event::kRelationPut:
    case v1::Event::kDelegationPut:
    case v1::Event::kDelegationBegan:
    case v1::Event::kDelegationEnded:
    case v1::Event::kCoverageWarned:
    case v1::Event::kJobStarted:
    case v1::Event::kJobAdvanced:
    case v1::Event::kJobEnded:
    case v1::Event::BODY_NOT_SET:
      return;
  }
}

void EvolvePart(CaseState& state, const v1::Commit& commit, const v1::StreamPart& part) {
  DUBAN_CHECK(part.first_revision() == state.revision() + 1, "a case's events are folded in order, without a gap");
  if (state.revision() == 0) {
    state.set_name(part.stream());
    state.set_opened_position(commit.position());
  }
  for (const v1::Event& event : part.events()) Evolve(state, event);
  state.set_position(commit.position());
}

}  // namespace duban::engine
