// The cases of a plan that came due, one for each unit, post or case of the population that was written down then.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "engine/draw/draw.h"
#include "engine/plan/burden.h"
#include "services/node/jobs/open_units.h"
#include "services/node/limits.h"

namespace duban::node {
namespace {

class PlanRun final : public JobKind {
 public:
  const char* command() const override { return "PlanRun"; }

  v1::Text Title(const v1::JobTask& task, const Library& library) const override {
    const v1::PlanRun& run = task.plan_run();
    const auto standing = library.plans->find(run.plan());
    const engine::Plan none;
    const engine::Plan& plan = standing == library.plans->end() ? none : standing->second.Version(run.version());
    const bool cases = plan.cases.has_value();
    // Everybody who may see the job reads it: it names no case, and no post.
    const std::string when(run.occurrence().substr(0, run.occurrence().find(' ')));
    v1::Text title;
    title.set_zh(absl::StrCat("计划到期：", plan.title.zh(), "（", when, "），", run.population_size(),
                              cases             ? " 件事项"
                              : plan.of_posts() ? " 个岗位"
                                                : " 个单位"));
    title.set_en(absl::StrCat("plan due: ", run.plan(), " (", when, "), ", run.population_size(),
                              cases             ? " cases"
                              : plan.of_posts() ? " posts"
                                                : " units"));
    return title;
  }

  engine::Verdict MayStart(Batch&, const JobMeans&, const std::string&, const v1::JobTask&) const override {
    return engine::Reject(engine::Kind::kInvalid, "JOB_STARTS_BY_ITSELF", "计划的立项到期自动开始，不能单独发起",
                          "the cases of a plan are opened when it comes due; this cannot be started by hand");
  }

  bool counts_cases() const override { return false; }

  std::string Post(const v1::JobTask& task, const Library& library) const override {
    const v1::PlanRun& run = task.plan_run();
    const auto standing = library.plans->find(run.plan());
    return standing == library.plans->end() ? "" : standing->second.Version(run.version()).by;
  }

  int64_t Total(Batch&, const v1::JobTask& task) const override { return task.plan_run().population_size(); }

  // As the plan was when it came due, whatever it has become since.
  Lot Next(const JobPlace& place) const override {
    const v1::PlanRun& run = place.task.plan_run();
    const Library& library = place.batch.library();
    const auto standing = library.plans->find(run.plan());
    if (standing == library.plans->end()) return Failed("计划不在了 the plan is gone");
    const engine::Plan& plan = standing->second.Version(run.version());
    const engine::Procedure* procedure = library.procedures->Newest(plan.procedure);
    if (procedure == nullptr) return Failed("计划所开启的规程不在了 the procedure that the plan opens is gone");
    if (run.population().empty()) {
      return Failed(absl::StrCat("范围内的事项超过 ", engine::kCandidatesMax, " 件，或须查看的超过 ",
                                 limits::kPlanRowsMax,
                                 " 件，没有立项；请缩小计划的范围 more cases than a plan may take in; narrow it"));
    }
    const std::optional<engine::Occasion> occasion = engine::ParseOccasion(run.occurrence());
    // What it asks of its units was weighed when it was put; of others it is only known now whom they ask.
    engine::Opener opener;
    opener.burden = plan.burden;
    opener.weighed = engine::BurdenAhead(plan, *library.procedures).has_value();
    opener.read_by_others = true;
    // All that were drawn take part in one case, where the procedure has them drawn.
    google::protobuf::RepeatedPtrField<std::string> once;
    once.Add()->assign(plan.title.zh());
    const bool together = IsBound(run, plan.party);
    return OpenForEachOf(place, together ? once : run.population(), [&](const std::string& one) -> ToOpen {
      ToOpen open{RequestOf(place, plan, *procedure, occasion, together ? "" : one), opener};
      *open.request.mutable_parties() = WithDrawn(open.request.parties(), run);
      open.request.set_override_reason(plan.override_reason);
      if (plan.cases) open.opener.follows = one;
      return open;
    });
  }

 private:
  static bool IsBound(const v1::PlanRun& run, const std::string& party) {
    return std::any_of(run.parties().begin(), run.parties().end(),
                       [&](const v1::PartyBinding& binding) { return binding.party() == party; });
  }

  static google::protobuf::RepeatedPtrField<v1::PartyBinding> WithDrawn(
      google::protobuf::RepeatedPtrField<v1::PartyBinding> parties, const v1::PlanRun& run) {
    parties.MergeFrom(run.parties());
    return parties;
  }

  static v1::OpenCaseRequest RequestOf(const JobPlace& place, const engine::Plan& plan,
                                       const engine::Procedure& procedure,
                                       const std::optional<engine::Occasion>& occasion, const std::string& one) {
    const Library& library = place.batch.library();
    if (occasion) return engine::RequestFor(plan, procedure, *library.directory, *occasion);
    if (!plan.cases) return engine::RequestFor(plan, procedure, one);
    const CasePtr of = place.batch.FindCase(one);
    if (of == nullptr) return {};  // Trouble in reading: the batch will not be written.
    return engine::RequestFor(plan, procedure, *library.procedures->Find(of->procedure(), of->procedure_version()),
                              *of);
  }

  static Lot Failed(std::string why) {
    Lot lot;
    lot.failed = std::move(why);
    return lot;
  }
};

}  // namespace

const JobKind& PlanRunKind() {
  static const PlanRun kind;
  return kind;
}

}  // namespace duban::node
