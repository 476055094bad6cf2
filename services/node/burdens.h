// What is asked of units, as a batch finds it: by cases that stand (Table::kUnitAsked) and by plans ahead.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "engine/cases/burden.h"
#include "engine/plan/burden.h"
#include "engine/views/case_index.h"
#include "services/node/batch.h"

namespace duban::node {

// As somebody sees it: what he may not see counts, and is not named. Must not outlive the batch; one thread.
class BatchBurdens final : public engine::Burdens {
 public:
  // `actor`, and for whom he types (empty for none): what either sees is named.
  BatchBurdens(Batch& batch, std::string actor, std::string entered_for)
      : batch_(batch), actor_(std::move(actor)), entered_for_(std::move(entered_for)) {}
  // The same while plans are put: those `ahead` are to count, all but `except`.
  BatchBurdens(Batch& batch, std::string actor, const std::shared_ptr<const engine::PlansAhead>& ahead,
               const std::string& except)
      : batch_(batch), actor_(std::move(actor)) {
    asked_.emplace(Asked{{}, engine::PlannedBurdens(ahead, except), ahead->world().plans});
  }
  std::vector<engine::Asking> Of(absl::string_view unit, absl::string_view topic, engine::Day first,
                                 engine::Day last) const override;

 private:
  // What only those who ask anything of units need.
  struct Asked {
    std::vector<engine::Ids> viewers;
    engine::PlannedBurdens planned;
    const engine::Plans& plans;
  };
  Asked& Ready() const;

  Batch& batch_;
  const std::string actor_;
  const std::string entered_for_;
  mutable std::optional<Asked> asked_;
};

// Plans as they are counted ahead. Must not outlive the batch and what it refers to.
std::shared_ptr<const engine::PlansAhead> PlansAheadOf(Batch& batch, const engine::Plans& plans,
                                                       const engine::Procedures& procedures);

// What cases that stand ask of a unit in a year, by topics, then by days.
void VisitAsked(Batch& batch, const std::string& unit, int year,
                absl::FunctionRef<void(const engine::UnitAskedAt& at, const duban::state::v1::UnitAsked& asked)> visit);

}  // namespace duban::node
