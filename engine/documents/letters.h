// Letters about cases (交办函 and the like): which cases may stand in one, what it says, what its receipt does.
//
// What a letter says is fixed when it is issued; no template, field or name that changes later changes it. One letter
// goes to each unit; numbers are gapless within a series.
#pragma once

#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "duban/v1/event.pb.h"
#include "engine/base/rejection.h"
#include "engine/cases/decide.h"
#include "engine/cases/roles.h"
#include "engine/procedure/documents.h"

namespace duban::engine {

// A procedure's letter by the name that commands use, "<procedure>/<document>".
struct LetterKind {
  const Procedure* procedure = nullptr;  // Its newest version.
  const DocumentKind* kind = nullptr;
};
// Null in both when there is none.
LetterKind FindLetterKind(const Procedures& procedures, absl::string_view name);

// Under which name a series of documents counts, apart from those of cases.
std::string SeriesKey(absl::string_view series);

// Whether a case may stand in such a letter: it is of that procedure, in one of the letter's stages, and has stood in
// none since it came there; and whether the actor may issue it: who acts for the party that does. DOCUMENT_… and as
// FindCapacity.
Outcome<Capacity> MayStandIn(const Context& context, const LetterKind& letter, const CaseState& state);

struct Letters {
  std::vector<v1::DocumentIssued> letters;  // In the order of their numbers.
  Decision filed;                           // In each case that it stands in a letter.
};

// One letter for each pair of units that issues and gets one, by ids; in it the cases in the order in which they were
// opened. REQUIRES: each case may stand in one, and is given once. A rejection where one of the bounds is passed.
Outcome<Letters> DecideLetters(const Context& context, absl::FunctionRef<std::string()> fresh_document,
                               const LetterKind& letter, std::vector<const CaseState*> cases);

struct Receipt {
  v1::DocumentReceived received;
  Decision taken;  // The receipt's action on each case for which it counts.
};

// A case of a letter as the receiver finds it; without a state where he finds none, and then why.
struct LetterCase {
  v1::DocumentCase named;
  const CaseState* state = nullptr;
  std::string reason;
};

// Takes a document in. `action` is what is taken on each case; empty: nothing. A case on which it cannot be taken is
// left, and named with the reason. A rejection where the actor serves in no post of the unit to which it was sent, and
// stands in for nobody who does (NOT_ADDRESSEE), or where it happened before it was issued.
Outcome<Receipt> DecideReceipt(const Context& context, const v1::DocumentIssued& issued, const std::string& action,
                               const std::string& reason, const std::vector<LetterCase>& cases);

}  // namespace duban::engine
