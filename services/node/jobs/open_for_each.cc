// A case for each of a list of units that somebody names.
#include <set>

#include "absl/strings/str_cat.h"
#include "services/node/deciding.h"
#include "services/node/jobs/open_units.h"
#include "services/node/limits.h"
#include "services/node/refusals.h"

namespace duban::node {
namespace {

using engine::Kind;
using engine::Reject;

v1::OpenCaseRequest RequestFor(const v1::OpenForEach& task, const std::string& unit) {
  v1::OpenCaseRequest request;
  request.set_procedure(task.procedure());
  *request.mutable_parties() = task.parties();
  v1::PartyBinding& binding = *request.add_parties();
  binding.set_party(task.party());
  binding.add_ids(unit);
  *request.mutable_fields() = task.fields();
  request.set_part_of(task.parent());
  request.set_override_reason(task.override_reason());
  return request;
}

engine::Verdict CheckUnits(const Library& library, const v1::OpenForEach& task) {
  std::set<std::string> seen;
  if (task.units().empty() || static_cast<size_t>(task.units_size()) > limits::kJobUnitsMax) {
    return Reject(Kind::kInvalid, "JOB_UNITS", absl::StrCat("请列出 1 至 ", limits::kJobUnitsMax, " 个单位"),
                  absl::StrCat("name 1 to ", limits::kJobUnitsMax, " units"),
                  {{"units", absl::StrCat(task.units_size())}});
  }
  for (const std::string& unit : task.units()) {
    if (library.directory->FindUnit(unit) == nullptr) {
      return Reject(Kind::kInvalid, "PARTY_ID_UNKNOWN", absl::StrCat("单位“", unit, "”在机构目录中找不到"),
                    absl::StrCat("the unit \"", unit, "\" is not in the directory"), {{"id", unit}});
    }
    if (!seen.insert(unit).second) {
      return Reject(Kind::kInvalid, "JOB_UNITS", absl::StrCat("单位“", unit, "”列了两次"),
                    absl::StrCat("the unit \"", unit, "\" is named twice"), {{"units", unit}});
    }
  }
  return engine::Nothing{};
}

class OpenForEach final : public JobKind {
 public:
  const char* command() const override { return "OpenForEach"; }

  v1::Text Title(const v1::JobTask& task, const Library& library) const override {
    const v1::OpenForEach& each = task.open_for_each();
    const engine::Procedure* procedure = library.procedures->Newest(each.procedure());
    const v1::Text called = procedure == nullptr ? v1::Text() : procedure->title;
    v1::Text title;
    title.set_zh(absl::StrCat("逐单位立项：", called.zh(), "，", each.units_size(), " 个单位"));
    title.set_en(absl::StrCat("a case for each of ", each.units_size(), " units: ", each.procedure()));
    return title;
  }

  engine::Verdict MayStart(Batch& batch, const JobMeans&, const std::string& person,
                           const v1::JobTask& task) const override {
    const v1::OpenForEach& each = task.open_for_each();
    const engine::Procedure* procedure = batch.library().procedures->Newest(each.procedure());
    if (procedure == nullptr) {
      return Reject(Kind::kNotFound, "PROCEDURE_NOT_FOUND", absl::StrCat("没有规程“", each.procedure(), "”"),
                    absl::StrCat("there is no procedure \"", each.procedure(), "\""),
                    {{"procedure", each.procedure()}});
    }
    const bool part = each.link() == v1::LINK_KIND_PART;
    if (part == each.parent().empty() || (!part && each.link() != v1::LINK_KIND_UNSPECIFIED)) {
      return Reject(
          Kind::kInvalid, "JOB_LINK", "逐单位立项只能作为另一事项的组成部分：parent 与 LINK_KIND_PART 须同时给出",
          "cases opened for each unit can be parts of another case only: give parent and LINK_KIND_PART together",
          {{"field", "task.open_for_each.parent"}});
    }
    if (engine::Verdict units = CheckUnits(batch.library(), each); !units.ok()) return units;
    // The task is written into the log as it stands.
    for (const v1::FieldValue& given : each.fields()) {
      const engine::Field* field = procedure->FindField(given.field());
      if (field == nullptr || !field->sealed) continue;
      return Reject(
          Kind::kInvalid, "JOB_FIELD_SEALED",
          absl::StrCat("密封字段“", given.field(), "”不能写在作业里，请立项后逐件填写"),
          absl::StrCat("the sealed field \"", given.field(), "\" cannot stand in a job; fill it in case by case"),
          {{"field", absl::StrCat("fields.", given.field())}});
    }
    // What opening one takes: everything but what is wrong with that unit alone.
    const std::shared_ptr<Random> names = SeededRandom(0);
    const Deciding deciding(batch, *names, {batch.recorded(), batch.recorded(), person, ""});
    const auto opened = engine::DecideOpen(deciding.context(), RequestFor(each, each.units(0)));
    const bool unit_alone =
        opened.ok() || opened.rejection().reason == "PARTY_NOT_ALLOWED" || opened.rejection().kind == Kind::kState;
    return unit_alone ? engine::Verdict(engine::Nothing{}) : opened.rejection();
  }

  bool counts_cases() const override { return false; }

  int64_t Total(Batch&, const v1::JobTask& task) const override { return task.open_for_each().units_size(); }

  Lot Next(const JobPlace& place) const override {
    const v1::OpenForEach& each = place.task.open_for_each();
    return OpenForEachOf(place, each.units(), [&](const std::string& unit) {
      engine::Opener opener;
      opener.read_by_others = true;
      return ToOpen{RequestFor(each, unit), opener};
    });
  }
};

}  // namespace

const JobKind& OpenForEachKind() {
  static const OpenForEach kind;
  return kind;
}

}  // namespace duban::node
