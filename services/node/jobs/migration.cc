// Open cases go on under another version of their procedure (engine/cases/decide_migration.cc).
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/node/jobs/case_job.h"
#include "services/node/refusals.h"

namespace duban::node {
namespace {

engine::Rejection NoSuchVersion(const v1::Migration& migration, uint32_t version) {
  return engine::Reject(
      engine::Kind::kNotFound, "PROCEDURE_NOT_FOUND",
      absl::StrCat("没有规程“", migration.procedure(), "”第 ", version, " 版"),
      absl::StrCat("there is no version ", version, " of the procedure \"", migration.procedure(), "\""),
      {{"procedure", migration.procedure()}, {"version", absl::StrCat(version)}});
}

class Migration final : public CaseJob {
 public:
  const char* command() const override { return "Migration"; }

  v1::Text Title(const v1::JobTask& task, const Library& library) const override {
    const v1::Migration& to = task.migration();
    const engine::Procedure* procedure = library.procedures->Find(to.procedure(), to.to_version());
    const v1::Text called = procedure == nullptr ? v1::Text() : procedure->title;
    v1::Text title;
    title.set_zh(
        absl::StrCat("规程迁移：", called.zh(), " 第 ", to.from_version(), " 版 → 第 ", to.to_version(), " 版"));
    title.set_en(absl::StrCat("migration: ", to.procedure(), " ", to.from_version(), " → ", to.to_version()));
    return title;
  }

  engine::Verdict MayStart(Batch& batch, const JobMeans&, const std::string& person,
                           const v1::JobTask& task) const override {
    if (!batch.library().directory->HasRight(person, engine::kRightAdminister)) {
      return RightRequired(engine::kRightAdminister);
    }
    const v1::Migration& asked = task.migration();
    const engine::Procedures& procedures = *batch.library().procedures;
    const engine::Procedure* from = procedures.Find(asked.procedure(), asked.from_version());
    const engine::Procedure* to = procedures.Find(asked.procedure(), asked.to_version());
    if (from == nullptr) return NoSuchVersion(asked, asked.from_version());
    if (to == nullptr || to == from) return NoSuchVersion(asked, asked.to_version());
    for (const auto& [old_name, new_name] : asked.stages()) {
      if (from->FindStage(old_name) != nullptr && to->FindStage(new_name) != nullptr) continue;
      return engine::Reject(
          engine::Kind::kInvalid, "MIGRATION_MAPPING",
          absl::StrCat("环节对应“", old_name, "=", new_name, "”不对：前者须是旧版的环节，后者须是新版的"),
          absl::StrCat("the mapping \"", old_name, "=", new_name,
                       "\" is wrong: a stage of the old version, then one of the new"),
          {{"from", old_name}, {"to", new_name}});
    }
    return engine::Nothing{};
  }

 protected:
  engine::Outcome<engine::Decision> Decide(const engine::Context& context, const CaseState& state,
                                           const v1::JobTask& task) const override {
    return engine::DecideMigration(context, state, task.migration());
  }

  v1::Text Words(const CaseState& before, const engine::Decision& decision, const Library& library) const override {
    std::vector<std::string> zh, en;
    for (const v1::Event& event : decision.cases.front().events) {
      if (event.has_case_migrated() && event.case_migrated().stage() != before.stage()) {
        zh.push_back(absl::StrCat("环节：", event.case_migrated().stage_title().zh()));
        en.push_back(absl::StrCat("stage: ", event.case_migrated().stage()));
      } else if (event.has_clock_stopped()) {
        zh.push_back(absl::StrCat("不再计时：", event.clock_stopped().clock()));
        en.push_back(absl::StrCat("clock stops: ", event.clock_stopped().clock()));
      } else if (event.has_clock_started()) {
        const std::string due = engine::FormatDay(library.zone.DayOf(engine::FromProto(event.clock_started().due())));
        zh.push_back(absl::StrCat("开始计时：", event.clock_started().title().zh(), "，期限 ", due));
        en.push_back(absl::StrCat("clock starts: ", event.clock_started().clock(), ", due ", due));
      } else if (event.has_clock_moved()) {
        zh.push_back(absl::StrCat("提醒与督办节点重新排定：", event.clock_moved().clock()));
        en.push_back(absl::StrCat("planned again: ", event.clock_moved().clock()));
      }
    }
    v1::Text words;
    words.set_zh(zh.empty() ? "除版本外不变" : absl::StrJoin(zh, "；"));
    words.set_en(en.empty() ? "nothing but the version" : absl::StrJoin(en, "; "));
    return words;
  }
};

}  // namespace

const JobKind& MigrationKind() {
  static const Migration kind;
  return kind;
}

}  // namespace duban::node
