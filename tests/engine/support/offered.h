// What somebody is offered to do in a case.
#pragma once

#include <string>
#include <vector>

#include "engine/cases/decide.h"
#include "tests/engine/support/desk.h"

namespace duban::engine {

// The names of the actions that a person could take at that instant ("2026-09-01 09:00"), as they are listed. Cases
// beside this one are not looked at.
inline std::vector<std::string> Offered(Desk& desk, const std::string& nickname, const std::string& person,
                                        const std::string& at = "2026-09-01 09:00") {
  const auto fresh = [] { return std::string("cases/x"); };
  const auto next = [](absl::string_view) { return uint64_t{1}; };
  const auto find = [](absl::string_view) -> const CaseState* { return nullptr; };
  const auto listed = [](absl::string_view, absl::string_view) { return std::vector<std::string>(); };
  const auto open_parts = [](absl::string_view) { return uint64_t{0}; };
  const auto parts = [](absl::string_view) { return std::vector<std::string>(); };
  const Instant now = desk.Parse(at);
  const Context context{now,         now,   "",   "",   desk.directory(), desk.calendar(), desk.procedures(),
                        desk.zone(), fresh, next, find, listed,           open_parts,      parts};
  std::vector<std::string> names;
  for (const v1::CaseAction& action : ActionsOpenTo(context, desk.State(nickname), person)) {
    names.push_back(action.action());
  }
  return names;
}

}  // namespace duban::engine
