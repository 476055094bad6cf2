// What a plan that came due opens.
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/cases/evolve.h"
#include "engine/cases/fields.h"
#include "engine/plan/plan.h"
#include "engine/procedure/span.h"

namespace duban::engine {
namespace {

void Bind(v1::OpenCaseRequest& request, const std::string& party, const std::string& id) {
  v1::PartyBinding& binding = *request.add_parties();
  binding.set_party(party);
  binding.add_ids(id);
}

// A field's value as written; what cannot be one is left out, and opening says what is missing.
void SetWritten(const Procedure& procedure, const std::string& name, const std::string& written,
                v1::OpenCaseRequest& request) {
  const Field* field = procedure.FindField(name);
  if (field == nullptr || written.empty()) return;
  const Outcome<v1::Value> value = ParseWritten(*field, written);
  if (!value.ok()) return;
  v1::FieldValue& given = *request.add_fields();
  given.set_field(name);
  *given.add_values() = *value;
}

// What is the same in every case.
v1::OpenCaseRequest Common(const Plan& plan, const Procedure& procedure) {
  v1::OpenCaseRequest request;
  request.set_procedure(plan.procedure);
  for (const auto& [party, id] : plan.bind) {
    if (absl::StrContains(id, '/')) Bind(request, party, id);
  }
  for (const auto& [name, written] : plan.set) SetWritten(procedure, name, written, request);
  return request;
}

std::string FactOf(const std::string& fact, const Directory& directory, const v1::Post* post,
                   const Occasion& occasion) {
  if (fact == "post") return directory.TitleOf(occasion.post);
  if (fact == "term_end" || fact == "vacant_since") return FormatDay(occasion.day);
  if (fact == "how_long") return SpanText(occasion.mark).zh();
  if (post == nullptr) return "";
  if (fact == "unit") return directory.TitleOf(post->unit());
  return absl::StrJoin(post->holders(), "、", [&](std::string* out, const std::string& holder) {
    absl::StrAppend(out, directory.TitleOf(holder));
  });
}

}  // namespace

v1::OpenCaseRequest RequestFor(const Plan& plan, const Procedure& procedure, const std::string& unit) {
  v1::OpenCaseRequest request = Common(plan, procedure);
  if (!unit.empty()) Bind(request, plan.party, unit);
  return request;
}

v1::OpenCaseRequest RequestFor(const Plan& plan, const Procedure& procedure, const Directory& directory,
                               const Occasion& occasion) {
  v1::OpenCaseRequest request = Common(plan, procedure);
  const v1::Post* post = directory.FindPost(occasion.post);
  const Party* party = procedure.FindParty(plan.party);
  const bool itself = party != nullptr && party->kind == PartyKind::kPost;
  Bind(request, plan.party, itself || post == nullptr ? occasion.post : post->unit());
  for (const auto& [field, fact] : plan.copy) {
    SetWritten(procedure, field, FactOf(fact, directory, post, occasion), request);
  }
  return request;
}

v1::OpenCaseRequest RequestFor(const Plan& plan, const Procedure& procedure, const Procedure& of,
                               const duban::state::v1::CaseState& state) {
  v1::OpenCaseRequest request = Common(plan, procedure);
  for (const auto& [party, theirs] : plan.bind) {
    const v1::BoundParty* bound = absl::StrContains(theirs, '/') ? nullptr : FindBound(state, theirs);
    if (bound == nullptr) continue;
    v1::PartyBinding& binding = *request.add_parties();
    binding.set_party(party);
    for (const v1::BoundId& member : bound->bound()) binding.add_ids(member.id());
  }
  for (const auto& [field, theirs] : plan.copy) {
    const Field* from = of.FindField(theirs);
    const auto* held = FindFieldState(state, theirs);
    // What not everybody may see there is not carried to where others see it.
    if (from == nullptr || from->sealed || !from->sees.empty() || held == nullptr) continue;
    v1::FieldValue& given = *request.add_fields();
    given.set_field(field);
    *given.mutable_values() = held->values();
  }
  return request;
}

}  // namespace duban::engine
