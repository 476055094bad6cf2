// A job that looks at every case that was open when it began, in the order in which they were opened, and decides for
// each by itself.
#pragma once

#include "engine/cases/decide.h"
#include "services/node/jobs/job_kind.h"

namespace duban::node {

class CaseJob : public JobKind {
 public:
  bool counts_cases() const final { return true; }
  // All open cases.
  int64_t Total(Batch& batch, const v1::JobTask& task) const override;
  Lot Next(const JobPlace& place) const final;

 protected:
  // What happens to one case; nothing, or a refusal that is noted while the job goes on.
  virtual engine::Outcome<engine::Decision> Decide(const engine::Context& context, const CaseState& state,
                                                   const v1::JobTask& task) const = 0;
  // A change in words, for those who may see the case.
  virtual v1::Text Words(const CaseState& before, const engine::Decision& decision, const Library& library) const = 0;
};

}  // namespace duban::node
