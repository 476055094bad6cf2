// Collecting (评议): several rate one, each once.
//
// Who may rate is fixed when the stage begins, by person: each in the first group that has him, the one who is rated in
// none. A ballot is handed in by the person himself, not by whoever stands in or types for him. What it says never
// stands in an event: it goes into the case's box, which is closed to everybody until the stage's timed move, or one of
// those who opened the case when all have voted, has it counted. Who has voted is known to those who opened the case,
// who urge the others, and to auditors.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "duban/state/v1/state.pb.h"
#include "duban/v1/case_service.pb.h"
#include "duban/v1/event.pb.h"
#include "engine/base/rejection.h"
#include "engine/base/time.h"
#include "engine/cases/audience.h"
#include "engine/cases/decide.h"
#include "engine/cases/draft.h"
#include "engine/cases/roles.h"
#include "engine/procedure/procedure.h"

namespace duban::engine {

// Where ballots lie sealed. The engine decides on what is in a box and sees no key.
class BallotBoxes {
 public:
  virtual ~BallotBoxes() = default;
  // What has been handed in so far; nothing where the box cannot be opened any more.
  virtual std::optional<v1::BallotBox> Open(const CaseState& state) = 0;
  // Seals what the box is to hold from the case's next event on, under a key of that event's own.
  virtual v1::Sealed Seal(const CaseState& state, const v1::BallotBox& box) = 0;
};

// Boxes in the open, for rehearsals and tests. Losing the keys leaves nothing to be opened.
class OpenBoxes : public BallotBoxes {
 public:
  std::optional<v1::BallotBox> Open(const CaseState& state) override;
  v1::Sealed Seal(const CaseState& state, const v1::BallotBox& box) override;
  void LoseKeys() { boxes_.clear(); }

 private:
  std::map<std::string, v1::BallotBox> boxes_;  // By key.
};

// Fixes who may rate; the result of an earlier time is cleared. Refused: a group of nobody where the procedure says so,
// too many, too few for secrecy, and one to rate who would see who has voted.
Verdict BeginCollecting(const Context& context, CaseDraft& draft, const Stage& stage, Instant at);

// How collecting ends now: what is counted, and the stage that follows.
struct Closing {
  v1::CollectClosed closed;
  std::string to;
};
Closing CountNow(const Context& context, const CaseDraft& draft, Instant at);
// Ends it so: counted, the result set, the next stage entered.
Verdict CloseCollecting(Draft& draft, CaseDraft& on, Closing closing, Instant at);

// Whether an action hands in a ballot, or has the ballots counted.
bool NamesCollecting(absl::string_view action);
// Takes such an action. REQUIRES: NamesCollecting; the case collects.
Verdict DecideCollecting(const Context& context, Draft& draft, CaseDraft& on, const Actor& actor,
                         const v1::ActOnCaseRequest& command);
// Those of them that the person could take now.
std::vector<v1::CaseAction> CollectingActionsOpenTo(const Context& context, const Procedure& procedure,
                                                    const CaseState& state, absl::string_view person);

// How many may rate.
int ElectorsIn(const v1::CollectBegan& began);
// Those who may rate and have not.
std::vector<std::string> NotVoted(const CaseState& state);
// Whether all have.
bool AllVoted(const CaseState& state);
// Who may know who has voted: those who opened the case, and auditors. Sorted.
Ids TellersOf(const Procedure& procedure, const CaseState& state);

// What a viewer is shown of it, and what he may not see taken out of an event.
v1::CaseCollecting PresentCollecting(const Procedure& procedure, const CaseState& state, const Ids& viewer);
void MaskCollecting(const Procedure& procedure, const CaseState& state, const Ids& viewer, v1::Event& event);
// Of the result nothing but how many took part for those who may not see its field.
void MaskCollected(const Procedure& procedure, const CaseState& state, const Ids& viewer, v1::CollectClosed& closed);

}  // namespace duban::engine
