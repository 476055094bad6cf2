#include "services/node/case_reads.h"

#include <algorithm>

#include "duban/state/v1/rows.pb.h"
#include "engine/cases/decide.h"
#include "engine/cases/present.h"
#include "engine/views/part_index.h"
#include "engine/views/tables.h"
#include "services/node/downloads.h"
#include "services/node/limits.h"
#include "services/node/reading_context.h"
#include "services/node/refusals.h"
#include "services/node/sealing.h"

namespace duban::node {

using engine::Outcome;

namespace {

bool Sees(const Reading& reading, const CaseState& state) {
  return engine::SeesCase(reading.ProcedureOf(state), state, reading.viewer());
}

absl::StatusOr<std::vector<std::string>> PartsOf(const Reading& reading, absl::string_view name) {
  absl::StatusOr<std::optional<std::string>> row = reading.Row(engine::Table::kParts, name);
  if (!row.ok()) return row.status();
  return engine::PartsIn(row->value_or(""));
}

// The case's row in the ledger; empty where there is none.
absl::StatusOr<v1::LedgerRow> LedgerRowOf(const Reading& reading, const std::string& name) {
  const engine::View* ledger = reading.views().Serving(v1::VIEW_LEDGER);
  if (ledger == nullptr) return v1::LedgerRow();
  absl::StatusOr<std::optional<std::string>> row =
      reading.Row(engine::Table::kViewRow, engine::ViewPrefix(ledger->definition()) + name);
  if (!row.ok()) return row.status();
  duban::state::v1::ViewEntry entry;
  if (!entry.ParseFromString(row->value_or(""))) return absl::DataLossError("a row of the ledger cannot be read");
  return entry.row().ledger();
}

// What its parts come to, and those of them that the viewer may see.
absl::Status FillParts(const Reading& reading, v1::Case& out) {
  const absl::StatusOr<std::vector<std::string>> parts = PartsOf(reading, out.name());
  if (!parts.ok()) return parts.status();
  if (parts->empty()) return absl::OkStatus();
  const absl::StatusOr<v1::LedgerRow> whole = LedgerRowOf(reading, out.name());
  if (!whole.ok()) return whole.status();
  if (whole->has_parts()) *out.mutable_parts() = whole->parts();
  for (const std::string& part : *parts) {
    if (out.part_rows_size() >= limits::kPartsShown) break;
    const absl::StatusOr<bool> sees = reading.SeesNow(part);
    if (!sees.ok()) return sees.status();
    if (!*sees) continue;
    absl::StatusOr<v1::LedgerRow> row = LedgerRowOf(reading, part);
    if (!row.ok()) return row.status();
    *out.add_part_rows() = *std::move(row);
  }
  return absl::OkStatus();
}

// What the viewer may do now.
void FillActions(const Reading& reading, const CaseState& state, v1::Case& out) {
  const ReadingContext context(reading);
  for (v1::CaseAction& action : engine::ActionsOpenTo(context.context(), state, reading.person())) {
    *out.add_actions() = std::move(action);
  }
}

// Of the past too: less what has been erased since.
absl::Status ShowErased(const Reading& reading, v1::CaseField& field) {
  const v1::CaseField before = field;
  if (absl::Status done = ForgetErased(reading, *field.mutable_values()); !done.ok()) return done;
  for (int i = 0; i < field.values_size() && i < field.shown_size(); ++i) {
    if (field.values(i).file() != before.values(i).file()) field.set_shown(i, engine::kErasedShown);
  }
  return absl::OkStatus();
}

engine::Rejection NotThen(const std::string& named) {
  return engine::Reject(engine::Kind::kNotFound, "CASE_NOT_FOUND_THEN",
                        "在那个时间没有您可以查看的该事项：可能尚未开始，或当时不对您公开",
                        "at that time there was no such case that you could see: it had not begun, or was not open to "
                        "you",
                        {{"case", named}});
}

}  // namespace

absl::StatusOr<v1::Case> Present(const Reading& reading, const CaseState& state) {
  const Unsealing unsealing(reading.source().log, reading.source().vault);
  v1::Case out = engine::PresentCase(reading.ProcedureOf(state), state, reading.viewer(), reading.own(),
                                     *reading.library().directory,
                                     [&](const duban::state::v1::FieldState& field, const v1::Sealed& sealed) {
                                       return unsealing.Open(state.name(), field.revision(), sealed);
                                     });
  for (v1::CaseField& field : *out.mutable_fields()) {
    if (absl::Status done = ShowErased(reading, field); !done.ok()) return done;
  }
  for (v1::Attachment& attachment : *out.mutable_attachments()) {
    if (absl::Status done = ForgetErased(reading, *attachment.mutable_file()); !done.ok()) return done;
  }
  for (v1::CaseRequest& waiting : *out.mutable_requests()) {
    if (absl::Status done = ForgetErased(reading, *waiting.mutable_proposed()); !done.ok()) return done;
  }
  // Which other cases it is bound to is for those who see them.
  absl::Status looked;
  const auto seen = [&](const std::string& name) {
    if (name.empty() || !looked.ok()) return false;
    const absl::StatusOr<bool> sees = reading.SeesNow(name);
    looked = sees.status();
    return sees.ok() && *sees;
  };
  if (seen(state.parent())) {
    out.set_parent(state.parent());
    out.set_link(state.link());
  }
  if (seen(state.merged_into())) out.set_merged_into(state.merged_into());
  for (const std::string& duplicate : state.duplicates()) {
    if (seen(duplicate)) out.add_duplicates(duplicate);
  }
  if (!looked.ok()) return looked;
  out.set_counted(std::max<int64_t>(1, state.counted()));
  return out;
}

Reply<v1::GetCaseResponse> GetCase(const Reading& reading, const v1::GetCaseRequest& request) {
  const absl::StatusOr<std::string> name = reading.CaseNamed(request.case_());
  if (!name.ok()) return name.status();
  if (name->empty()) return CaseNotFound(request.case_());
  absl::StatusOr<CasePtr> now = reading.FindCase(*name, reading.head());
  if (!now.ok()) return now.status();
  if (*now == nullptr || !Sees(reading, **now)) return CaseNotFound(request.case_());

  v1::GetCaseResponse out;
  Stamp(reading, out);
  CasePtr state = *now;
  const bool past = request.has_as_of() && request.as_of().when_case() != v1::AsOf::WHEN_NOT_SET;
  if (past) {
    absl::StatusOr<Outcome<Past>> asked = reading.PastAt(request.as_of());
    if (!asked.ok()) return asked.status();
    if (!asked->ok()) return asked->rejection();
    absl::StatusOr<CasePtr> then = reading.FindCase(*name, (*asked)->commits);
    if (!then.ok()) return then.status();
    if (*then == nullptr || !Sees(reading, **then)) return NotThen(request.case_());
    state = *then;
    // By this case's own commits and timers alone: when others were recorded is nobody's to know who does not see them.
    absl::StatusOr<v1::Commit> newest = ReadCommit(reading.source().log, state->position());
    if (!newest.ok()) return newest.status();
    const engine::Instant moment = (*asked)->moment.value_or(engine::FromProto(newest->recorded_at()));
    *out.mutable_timers_fired_to() = engine::ToProto(std::min(moment, engine::NextDue(*state)));
    out.set_position(reading.source().tokens.Position(state->position()));
  }
  absl::StatusOr<v1::Case> shown = Present(reading, *state);
  if (!shown.ok()) return shown.status();
  *out.mutable_case_() = *std::move(shown);
  if (past) return out;
  FillActions(reading, *state, *out.mutable_case_());
  if (absl::Status filled = FillParts(reading, *out.mutable_case_()); !filled.ok()) return filled;
  return out;
}

}  // namespace duban::node
