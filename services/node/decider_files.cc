// What commands do with files: which may stand in a case, and forgetting one.
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/base/limits.h"
#include "engine/cases/audience.h"
#include "services/node/causes.h"
#include "services/node/decider.h"
#include "services/node/downloads.h"
#include "services/node/refusals.h"

namespace duban::node {

using engine::Kind;
using engine::Outcome;
using engine::Reject;

namespace {

using Fields = google::protobuf::RepeatedPtrField<v1::FieldValue>;

bool Holds(const google::protobuf::RepeatedPtrField<v1::Value>& values, const std::string& file) {
  for (const v1::Value& value : values) {
    if (FileOf(value) == file) return true;
  }
  return false;
}

// Whether the file stands in the case where one of these viewers sees it.
bool StandsSeen(const engine::Procedure& procedure, const CaseState& state, const engine::Ids& viewer,
                const std::string& file) {
  const auto seen = [&](const std::string& name) {
    const engine::Field* field = procedure.FindField(name);
    return field != nullptr && engine::Admits(engine::AudienceOfField(procedure, *field, state), viewer);
  };
  for (const auto& field : state.fields()) {
    if (Holds(field.values(), file) && seen(field.field())) return true;
  }
  for (const auto& request : state.requests()) {
    for (const v1::FieldValue& proposed : request.proposed()) {
      if (Holds(proposed.values(), file) && seen(proposed.field())) return true;
    }
  }
  return false;
}

}  // namespace

engine::Verdict Decider::CheckFiles(Batch& batch, const Asked& asked, const std::string& entered_for,
                                    const CaseState* state, const Fields& fields) {
  const Library& library = batch.library();
  for (const v1::FieldValue& field : fields) {
    for (const v1::Value& value : field.values()) {
      const std::string file = FileOf(value);
      if (file.empty()) continue;
      // What stands there already may go on standing there, for him who sees it.
      if (state != nullptr) {
        const engine::Procedure* procedure = library.procedures->Find(state->procedure(), state->procedure_version());
        const auto sees = [&](const std::string& person) {
          return StandsSeen(*procedure, *state, library.directory->ViewerIds(person), file);
        };
        if (sees(asked.actor) || (!entered_for.empty() && sees(entered_for))) continue;
      }
      engine::Verdict usable = uploads_.Check(file, state == nullptr ? "" : state->name(), asked.actor);
      if (!usable.ok()) return usable;
    }
  }
  return engine::Nothing{};
}

void Decider::ClaimFiles(const std::string& case_name, const Fields& fields) {
  for (const v1::FieldValue& field : fields) {
    for (const v1::Value& value : field.values()) {
      if (const std::string file = FileOf(value); !file.empty()) uploads_.Claim(file, case_name);
    }
  }
}

Reply<Response> Decider::EraseFile(Batch& batch, const Asked& asked, const v1::EraseFileRequest& request,
                                   const std::string& mac) {
  if (!batch.library().directory->HasRight(asked.actor, engine::kRightAdminister)) {
    return RightRequired(engine::kRightAdminister);
  }
  const Outcome<CasePtr> found = FindVisible(batch, asked, request.case_(), "", asked.now);
  if (!found.ok()) return found.rejection();
  if (request.reason().empty() || request.reason().size() > engine::limits::kTextBytesMax) {
    return Reject(Kind::kInvalid, "REASON_REQUIRED", "擦除文件须写明原因 reason（不超过文本上限）",
                  "erasing a file needs a reason, no longer than a text may be", {{"field", "reason"}});
  }
  const std::vector<std::string> cases =
      absl::StrSplit(batch.Row(engine::Table::kFile, request.file()).value_or(""), '\n', absl::SkipEmpty());
  bool of_it = false;
  for (const std::string& name : cases) of_it = of_it || name == (*found)->name();
  if (!of_it) return FileNotFound(request.file());
  if (batch.Row(engine::Table::kFileErased, request.file())) return FileErased(request.file());

  // Whatever case took it over says so too; the one that was named comes first.
  v1::Commit commit;
  const auto add = [&](const CaseState& state) {
    const engine::Procedure* procedure = batch.library().procedures->Find(state.procedure(), state.procedure_version());
    v1::StreamPart& part = *commit.add_parts();
    part.set_stream(state.name());
    part.set_first_revision(state.revision() + 1);
    for (const std::string& id : engine::AudienceOf(*procedure, state)) part.add_audience(id);
    v1::FileErased& erased = *part.add_events()->mutable_file_erased();
    erased.set_file(request.file());
    erased.set_person(asked.actor);
    *erased.mutable_at() = engine::ToProto(asked.now);
    // The reason was given for the case that was named: those who see another need not know of that one.
    if (state.name() == (*found)->name()) erased.set_reason(request.reason());
  };
  add(**found);
  for (const std::string& name : cases) {
    if (name == (*found)->name()) continue;
    if (const CasePtr other = batch.FindCase(name)) add(*other);
  }
  const Outcome<store::Position> position =
      Stage(batch, asked, std::move(commit), CauseOf("EraseFile", request, mac), "");
  if (!position.ok()) return position.rejection();
  v1::EraseFileResponse out;
  *out.mutable_erased_at() = engine::ToProto(asked.now);
  out.set_position(tokens_.Position(*position));
  return Response(std::move(out));
}

}  // namespace duban::node
