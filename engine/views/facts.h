// How the counting view tells occurrences apart: what the values of its cells mean. What figures read.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "duban/state/v1/state.pb.h"
#include "duban/v1/value.pb.h"
#include "engine/procedure/procedure.h"

namespace duban::engine {

// The places of a cell's values. The month comes first, so that a period is one run of each audience's cells.
namespace fact {
enum Place : size_t {
  kMonth,      // "2026-03", in which it happened.
  kMeasure,    // "opened", "ended" …; of a stock "took", "left", "behind", "caught_up"; "merged": all of a duplicate.
  kProcedure,  //
  kUnit,       // The unit that answered for the case then; empty where none did.
  kAgain,      // "again" for all but the first of several units: left out of what is counted over units.
  kHow,        // Ended: on_time, late, or none without a deadline. Reports: on_time, late, missing.
  kVerification,  // Ended, checked: as it was then; else as it is now.
  kTruth,         // The same.
  kWhat,          // Ended: how. Overdue, reports: the clock.
  kGone,          // "cancelled 2026-10": the case was called off in that month; empty: it was not.
  kFields,        // The figured fields as they are now (FieldsFact).
  kDay,           // "2026-03-14". Kept beside the case only: not part of what is summed.
  kPlaces,
};
}  // namespace fact

// Of a field with more values than this it is only known that there are several.
inline constexpr size_t kFiguredValuesMax = 8;
inline constexpr char kSeveral[] = "*";

// The values of the figured fields of a case, as one text.
std::string FieldsFact(const Procedure& procedure, const duban::state::v1::CaseState& state);
// The values of one field in such a text; none where it is not stated.
std::vector<std::string> ValuesInFact(absl::string_view fields, absl::string_view field);

// The enum's word in lower case, without its prefix; empty for UNSPECIFIED.
std::string VerificationWord(v1::Verification verification);
std::string TruthWord(v1::Truth truth);
std::string EndWord(v1::EndKind kind);

}  // namespace duban::engine
