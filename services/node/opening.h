// Opening a case as somebody asked for it: by a command, or by a record of a file that a job plays.
#pragma once

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "duban/v1/case_service.pb.h"
#include "engine/cases/decide.h"
#include "services/node/batch.h"
#include "services/node/random.h"
#include "services/node/refusals.h"
#include "services/node/sealing.h"

namespace duban::node {

// When the command happened, by what it says and who may say so. Entering for others or for earlier takes the right
// `enter` and a reason.
template <typename R>
engine::Outcome<engine::Instant> OccurredAt(const R& request, const Library& library, const std::string& actor,
                                            engine::Instant now) {
  if (!request.has_occurred_at() && request.entered_for().empty()) return now;
  if (!library.directory->HasRight(actor, engine::kRightEnter)) return RightRequired(engine::kRightEnter);
  if (request.reason().empty()) {
    return engine::Reject(engine::Kind::kInvalid, "REASON_REQUIRED", "补录或代录须写明原因 reason",
                          "entering for another, or what happened earlier, needs a reason", {{"field", "reason"}});
  }
  if (!request.entered_for().empty() && library.directory->FindPerson(request.entered_for()) == nullptr) {
    return engine::Reject(
        engine::Kind::kInvalid, "PERSON_NOT_FOUND", absl::StrCat("没有人员“", request.entered_for(), "”"),
        absl::StrCat("there is no person \"", request.entered_for(), "\""), {{"field", "entered_for"}});
  }
  if (!request.has_occurred_at()) return now;
  if (!engine::IsInstant(request.occurred_at())) return WrongInstant("occurred_at");
  const engine::Instant occurred = engine::FromProto(request.occurred_at());
  if (occurred > now) {
    return engine::Reject(engine::Kind::kInvalid, "OCCURRED_IN_FUTURE",
                          absl::StrCat("发生时间不能晚于现在（", library.zone.Format(now), "）"),
                          absl::StrCat("occurred_at lies after now (", library.zone.Format(now), ")"),
                          {{"field", "occurred_at"}, {"now", library.zone.Format(now)}});
  }
  return occurred;
}

struct Opening {
  engine::Decision decision;         // The new case comes first.
  std::unique_ptr<Sealing> sealing;  // Its plaintexts: Finish it once the decision is to be staged.
};

// Decides it, its personal data taken out first. Files that it names must have been checked. `opener`: as DecideOpen.
engine::Outcome<Opening> DecideOpening(Batch& batch, Random& random, const std::string& actor, engine::Instant now,
                                       v1::OpenCaseRequest request, const engine::Opener& opener = {});

}  // namespace duban::node
