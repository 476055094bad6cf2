// The cases of a plan that came due, one for each unit of the population that was written down then. The cursor is the
// next unit's place in it.
#include "absl/strings/str_cat.h"
#include "engine/views/tables.h"
#include "services/node/deciding.h"
#include "services/node/jobs/job_kind.h"
#include "services/node/opening.h"

namespace duban::node {
namespace {

class PlanRun final : public JobKind {
 public:
  const char* command() const override { return "PlanRun"; }

  v1::Text Title(const v1::JobTask& task, const Library& library) const override {
    const auto plan = library.plans->find(task.plan_run().plan());
    const v1::Text called = plan == library.plans->end() ? v1::Text() : plan->second.plan->title;
    v1::Text title;
    title.set_zh(absl::StrCat("计划到期：", called.zh(), "（", task.plan_run().occurrence(), "），",
                              task.plan_run().population_size(), " 个单位"));
    title.set_en(absl::StrCat("plan due: ", task.plan_run().plan(), " (", task.plan_run().occurrence(), "), ",
                              task.plan_run().population_size(), " units"));
    return title;
  }

  engine::Verdict MayStart(Batch&, const JobMeans&, const std::string&, const v1::JobTask&) const override {
    return engine::Reject(engine::Kind::kInvalid, "JOB_STARTS_BY_ITSELF", "计划的立项到期自动开始，不能单独发起",
                          "the cases of a plan are opened when it comes due; this cannot be started by hand");
  }

  bool counts_cases() const override { return false; }

  int64_t Total(Batch&, const v1::JobTask& task) const override { return task.plan_run().population_size(); }

  // At most one case to a lot, so that a number given is a number used.
  Lot Next(const JobPlace& place) const override {
    const v1::PlanRun& run = place.task.plan_run();
    const auto count = static_cast<uint64_t>(run.population_size());
    uint64_t at = place.cursor.empty() ? 0 : engine::ParseKeyNumber(place.cursor);
    const Library& library = place.batch.library();
    const auto standing = library.plans->find(run.plan());
    const engine::Procedure* procedure =
        standing == library.plans->end() ? nullptr : library.procedures->Newest(standing->second.plan->procedure);
    Lot lot;
    if (procedure == nullptr) {
      lot.failed = "计划所开启的规程不在了 the procedure that the plan opens is gone";
      return lot;
    }
    while (at < count && lot.items.size() < place.items_max && lot.parts.empty()) {
      JobItem item;
      item.name = run.population(static_cast<int>(at++));
      engine::Outcome<Opening> opening =
          DecideOpening(place.batch, place.means.random, place.person, place.now,
                        engine::RequestFor(*standing->second.plan, *procedure, item.name));
      if (!opening.ok()) {
        item.refusal = JobRefusalOf(item.name, opening.rejection());
      } else {
        item.change.set_item(item.name);
        item.change.mutable_change()->set_zh(absl::StrCat("立项：", library.directory->TitleOf(item.name)));
        item.change.mutable_change()->set_en(absl::StrCat("opens a case: ", item.name));
        const v1::Commit commit = CommitOf(opening->decision, place.batch);
        lot.parts.assign(commit.parts().begin(), commit.parts().end());
      }
      lot.items.push_back(std::move(item));
    }
    lot.cursor = engine::KeyNumber(at);
    lot.done = at >= count;
    return lot;
  }
};

}  // namespace

const JobKind& PlanRunKind() {
  static const PlanRun kind;
  return kind;
}

}  // namespace duban::node
