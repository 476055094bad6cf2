// The cases of a plan that came due, one for each unit of the population that was written down then.
#include "absl/strings/str_cat.h"
#include "services/node/jobs/open_units.h"

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

  Lot Next(const JobPlace& place) const override {
    const v1::PlanRun& run = place.task.plan_run();
    const Library& library = place.batch.library();
    const auto standing = library.plans->find(run.plan());
    const engine::Procedure* procedure =
        standing == library.plans->end() ? nullptr : library.procedures->Newest(standing->second.plan->procedure);
    if (procedure == nullptr) {
      Lot lot;
      lot.failed = "计划所开启的规程不在了 the procedure that the plan opens is gone";
      return lot;
    }
    return OpenForUnits(place, run.population(), [&](const std::string& unit) {
      return engine::RequestFor(*standing->second.plan, *procedure, unit);
    });
  }
};

}  // namespace

const JobKind& PlanRunKind() {
  static const PlanRun kind;
  return kind;
}

}  // namespace duban::node
