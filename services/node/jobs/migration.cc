// Open cases go on under another version of their procedure (engine/cases/decide_migration.cc).
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/cases/evolve.h"
#include "engine/procedure/titles.h"
#include "services/node/jobs/case_job.h"
#include "services/node/refusals.h"

namespace duban::node {
namespace {

using duban::state::v1::ClockState;

engine::Rejection NoSuchVersion(const v1::Migration& migration, uint32_t version) {
  return engine::Reject(
      engine::Kind::kNotFound, "PROCEDURE_NOT_FOUND",
      absl::StrCat("没有规程“", migration.procedure(), "”第 ", version, " 版"),
      absl::StrCat("there is no version ", version, " of the procedure \"", migration.procedure(), "\""),
      {{"procedure", migration.procedure()}, {"version", absl::StrCat(version)}});
}

// What becomes of a case, in words: what happens at once comes first.
class Changes {
 public:
  Changes(const CaseState& before, const CaseState& after, const std::vector<v1::Event>& events, const Library& library)
      : before_(before),
        after_(after),
        from_(*library.procedures->Find(before.procedure(), before.procedure_version())),
        to_(*library.procedures->Find(after.procedure(), after.procedure_version())),
        zone_(library.zone) {
    for (const v1::Event& event : events) {
      if (event.has_case_migrated()) at_ = engine::FromProto(event.case_migrated().at());
      if (event.has_clock_moved()) moved_.insert(event.clock_moved().clock());
    }
  }

  v1::Text Words() {
    if (after_.stage() != before_.stage()) {
      Say(absl::StrCat("环节：", engine::StageTitle(to_, after_.stage()).zh()),
          absl::StrCat("stage: ", after_.stage()));
    }
    SayMove();
    for (const ClockState& was : before_.clocks()) {
      if (Alive(&was)) SayGoesOn(was, engine::FindClockState(after_, was.clock()));
    }
    for (const ClockState& is : after_.clocks()) {
      if (Alive(&is) && !Alive(engine::FindClockState(before_, is.clock()))) SayBegins(is);
    }
    v1::Text words;
    words.set_zh(zh_.empty() ? "除版本外不变" : absl::StrJoin(zh_, "；"));
    words.set_en(en_.empty() ? "nothing but the version" : absl::StrJoin(en_, "; "));
    return words;
  }

 private:
  static bool Alive(const ClockState* clock) {
    return clock != nullptr && (clock->run() == ClockState::RUN_RUNNING || clock->run() == ClockState::RUN_PAUSED);
  }

  void Say(std::string zh, std::string en) {
    zh_.push_back(std::move(zh));
    en_.push_back(std::move(en));
  }
  void SayFirst(std::string zh, std::string en) {
    zh_.insert(zh_.begin(), std::move(zh));
    en_.insert(en_.begin(), std::move(en));
  }
  // The day, where the instant is its end or its beginning.
  std::string Shown(const google::protobuf::Timestamp& instant) const {
    const engine::Instant t = engine::FromProto(instant);
    const engine::Day day = zone_.DayOf(t);
    return t == zone_.EndOf(day) || t == zone_.StartOf(day) ? engine::FormatDay(day) : zone_.Format(t);
  }

  void SayMove() {
    const std::string was_zh = absl::StrCat("“", engine::StageTitle(from_, before_.moves_to()).zh(), "”");
    const std::string is_zh = absl::StrCat("“", engine::StageTitle(to_, after_.moves_to()).zh(), "”");
    const std::string was_at = before_.has_moves_at() ? Shown(before_.moves_at()) : "";
    if (!after_.has_moves_at()) {
      if (!before_.has_moves_at()) return;
      return Say(absl::StrCat("不再自动转入", was_zh, "（原定 ", was_at, "）"),
                 absl::StrCat("no longer moves on to ", before_.moves_to(), " by itself (was ", was_at, ")"));
    }
    if (engine::FromProto(after_.moves_at()) <= at_) {
      return SayFirst(
          absl::StrCat("将立即转入", is_zh, "（", was_at.empty() ? "原来不自动流转" : "原定 ", was_at, "）"),
          absl::StrCat("MOVES ON AT ONCE to ", after_.moves_to(), " (was ",
                       was_at.empty() ? "not to move by itself" : was_at, ")"));
    }
    const std::string is_at = Shown(after_.moves_at());
    if (!before_.has_moves_at()) {
      return Say(absl::StrCat("将于 ", is_at, " 自动转入", is_zh, "（原来不自动流转）"),
                 absl::StrCat("moves on to ", after_.moves_to(), " by itself on ", is_at, " (did not before)"));
    }
    if (is_at != was_at || is_zh != was_zh) {
      const std::string to_zh = is_zh == was_zh ? is_zh : absl::StrCat(was_zh, " → ", is_zh);
      Say(absl::StrCat("自动转入", to_zh, "：", was_at, " → ", is_at),
          absl::StrCat("moves on by itself: ", before_.moves_to(), " ", was_at, " → ", after_.moves_to(), " ", is_at));
    }
  }

  void SayGoesOn(const ClockState& was, const ClockState* is) {
    const std::string &zh = was.title().zh(), &en = was.clock();
    if (!Alive(is)) {
      const bool met = is != nullptr && !is->fell_away();
      const char* late_zh = met && is->late() ? "（逾期）" : "";
      return Say(absl::StrCat(met ? "计时结束：" : "不再计时：", zh, late_zh),
                 absl::StrCat("clock ", met ? "ends" : "stops", ": ", en, met && is->late() ? " (late)" : ""));
    }
    if (is->run() != was.run()) {
      if (is->run() == ClockState::RUN_PAUSED) {
        return Say(absl::StrCat("暂停计时：", zh, "（原期限 ", Shown(was.due()), "）"),
                   absl::StrCat("clock is suspended: ", en, " (was due ", Shown(was.due()), ")"));
      }
      return Say(absl::StrCat("恢复计时：", zh, "，期限 ", Shown(is->due())),
                 absl::StrCat("clock goes on: ", en, ", due ", Shown(is->due())));
    }
    if (is->has_due() && was.has_due() && Shown(is->due()) != Shown(was.due())) {
      return Say(absl::StrCat(zh, "：期限 ", Shown(was.due()), " → ", Shown(is->due())),
                 absl::StrCat(en, ": due ", Shown(was.due()), " → ", Shown(is->due())));
    }
    if (moved_.count(was.clock()) == 0) return;
    Say(absl::StrCat(zh, "：期限不变，提醒与督办节点重新排定"),
        absl::StrCat(en, ": due as before, reminders and rungs planned again"));
  }

  void SayBegins(const ClockState& is) {
    const std::string &zh = is.title().zh(), &en = is.clock();
    if (is.run() == ClockState::RUN_PAUSED) {
      return Say(absl::StrCat("开始计时：", zh, "（暂停中）"), absl::StrCat("clock starts: ", en, " (suspended)"));
    }
    const std::string due = Shown(is.due());
    const engine::Clock* clock = to_.FindClock(is.clock());
    if (engine::FromProto(is.due()) < at_ && clock != nullptr && !clock->on_the_way()) {
      return SayFirst(absl::StrCat("将立即逾期：", zh, "，期限 ", due),
                      absl::StrCat("OVERDUE AT ONCE: ", en, ", due ", due));
    }
    Say(absl::StrCat("开始计时：", zh, "，期限 ", due), absl::StrCat("clock starts: ", en, ", due ", due));
  }

  const CaseState& before_;
  const CaseState& after_;
  const engine::Procedure& from_;
  const engine::Procedure& to_;
  const engine::Zone& zone_;
  engine::Instant at_;
  std::set<std::string> moved_;  // Clocks that were planned again.
  std::vector<std::string> zh_;
  std::vector<std::string> en_;
};

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
    const engine::CaseEvents& changed = decision.cases.front();
    return Changes(before, changed.after, changed.events, library).Words();
  }
};

}  // namespace

const JobKind& MigrationKind() {
  static const Migration kind;
  return kind;
}

}  // namespace duban::node
