#include "services/node/opening.h"

#include <utility>

#include "engine/base/check.h"
#include "services/node/deciding.h"

namespace duban::node {

engine::Outcome<Opening> DecideOpening(Batch& batch, Random& random, const std::string& actor, engine::Instant now,
                                       v1::OpenCaseRequest request, const engine::Opener& opener) {
  const engine::Outcome<engine::Instant> occurred = OccurredAt(request, batch.library(), actor, now);
  if (!occurred.ok()) return occurred.rejection();
  const std::string name = FreshName(random, "cases/");
  Opening opening{{}, std::make_unique<Sealing>(name, random)};
  if (const engine::Procedure* procedure = batch.library().procedures->Newest(request.procedure())) {
    engine::Verdict sealed = opening.sealing->Replace(*procedure, *request.mutable_fields());
    if (!sealed.ok()) return sealed.rejection();
  }
  const Deciding deciding(batch, random, {now, *occurred, actor, request.entered_for()}, name);
  engine::Outcome<engine::Decision> decision = engine::DecideOpen(deciding.context(), request, opener);
  if (!decision.ok()) return decision.rejection();
  DUBAN_CHECK(decision->cases.front().name == name, "the case that the command opens comes first");
  opening.decision = *std::move(decision);
  return opening;
}

}  // namespace duban::node
