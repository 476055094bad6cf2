// Actions that every procedure has without declaring them. What a procedure itself declares goes first, so that one
// published before an action was built in keeps its meaning; new ones may not take these names (check_fields.cc).
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "duban/v1/value.pb.h"
#include "engine/procedure/procedure.h"

namespace duban::engine {

inline constexpr char kComment[] = "comment";
inline constexpr char kAttach[] = "attach";  // Leaves files with the case, beside its fields.
inline constexpr char kUrge[] = "urge";
inline constexpr char kLink[] = "link";           // Becomes a part of a further whole.
inline constexpr char kMerge[] = "merge";         // Is the same matter as another (重复件).
inline constexpr char kVoid[] = "void";           // Called off by two people.
inline constexpr char kTransfer[] = "transfer";   // Offered to another office (移送) …
inline constexpr char kTakeOver[] = "take_over";  // … which takes it …
inline constexpr char kSendBack[] = "send_back";  // … or does not.
inline constexpr char kClaim[] = "claim";         // The first of several candidates takes it (认领).
// Records of those to whom another case gives the right (督查组); with it they may urge, too.
inline constexpr char kOnSite[] = "on_site";          // They went there (现场督办).
inline constexpr char kHearReport[] = "hear_report";  // They heard a report (听取汇报).

inline constexpr char kMarkSecrecy[] = "mark_secrecy";  // It has another grade of secrecy from now on (调整密级).

inline constexpr char kVote[] = "vote";                         // Hands in a ballot (评议投票).
inline constexpr char kCloseCollecting[] = "close_collecting";  // Counts before the close, when all have voted.

// What a built-in action is called; empty for every other name.
v1::Text BuiltInTitle(absl::string_view action);

// What any action is called: an extension, one of some stage, or a built-in one; empty for every other name.
v1::Text ActionTitle(const Procedure& procedure, absl::string_view action);

// The parties that may open such cases, as roles: they take and decide what is built in.
std::vector<Role> OpenersOf(const Procedure& procedure);

}  // namespace duban::engine
