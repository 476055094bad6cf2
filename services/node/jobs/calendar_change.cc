// A changed calendar: running deadlines and timed moves are counted again (engine/cases/decide_recount.cc).
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/cases/evolve.h"
#include "services/node/jobs/case_job.h"

namespace duban::node {
namespace {

class CalendarChange final : public CaseJob {
 public:
  const char* command() const override { return "CalendarChange"; }

  v1::Text Title(const v1::JobTask& task, const Library&) const override {
    const uint32_t version = task.calendar_change().calendar_version();
    v1::Text title;
    title.set_zh(absl::StrCat("按工作日历第 ", version, " 版重算期限"));
    title.set_en(absl::StrCat("deadlines counted again under version ", version, " of the calendar"));
    return title;
  }

  engine::Verdict MayStart(Batch&, const JobMeans&, const std::string&, const v1::JobTask&) const override {
    return engine::Reject(
        engine::Kind::kInvalid, "JOB_STARTS_BY_ITSELF", "重算期限不能单独发起：发布有变动的年度日历时自动开始",
        "deadlines are counted again when a changed year is published; this cannot be started by hand");
  }

 protected:
  engine::Outcome<engine::Decision> Decide(const engine::Context& context, const CaseState& state,
                                           const v1::JobTask&) const override {
    return engine::DecideRecount(context, state);
  }

  v1::Text Words(const CaseState& before, const engine::Decision& decision, const Library& library) const override {
    std::vector<std::string> zh, en;
    const auto moved = [&](const std::string& what_zh, const std::string& what_en, engine::Instant from,
                           engine::Instant to) {
      const std::string days = absl::StrCat(" ", engine::FormatDay(library.zone.DayOf(from)), " → ",
                                            engine::FormatDay(library.zone.DayOf(to)));
      zh.push_back(what_zh + days);
      en.push_back(what_en + days);
    };
    for (const v1::Event& event : decision.cases.front().events) {
      if (event.has_move_rescheduled()) {
        moved("自动转段", "moves on by itself", engine::FromProto(before.moves_at()),
              engine::FromProto(event.move_rescheduled().moves_at()));
      }
      if (!event.has_clock_moved()) continue;
      const auto& clock = *engine::FindClockState(before, event.clock_moved().clock());
      const engine::Instant from = engine::FromProto(clock.due()), to = engine::FromProto(event.clock_moved().due());
      if (from != to) {
        moved(clock.title().zh(), clock.title().en(), from, to);
      } else {
        zh.push_back(absl::StrCat(clock.title().zh(), "：期限不变，提醒与督办节点重新排定"));
        en.push_back(absl::StrCat(clock.title().en(), ": due as before, reminders and rungs planned again"));
      }
    }
    v1::Text words;
    words.set_zh(absl::StrJoin(zh, "；"));
    words.set_en(absl::StrJoin(en, "; "));
    return words;
  }
};

}  // namespace

const JobKind& CalendarChangeKind() {
  static const CalendarChange kind;
  return kind;
}

}  // namespace duban::node
