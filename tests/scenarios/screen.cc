#include "tests/scenarios/screen.h"

#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace duban::scenarios {
namespace {

constexpr char kHeading[] = "—— ";
constexpr char kGone[] = "撤下  ";

// What a line of a wall is about: a line about the same takes its place. Alerts stand for themselves.
std::string Subject(const std::string& line) {
  const std::vector<std::string> parts = absl::StrSplit(line, "  ");
  if (parts[0] == "合计") return parts[0];
  if (parts[0] == "单位" && parts.size() > 1) return absl::StrCat(parts[0], "  ", parts[1]);
  return line;
}

}  // namespace

std::vector<std::string> Screen::Lines() const {
  std::vector<std::string> lines = absl::StrSplit(open_.output(), '\n');
  lines.pop_back();  // Not a whole one yet.
  return lines;
}

std::vector<std::string> Screen::NewLines() const {
  const std::vector<std::string> lines = Lines();
  return {lines.begin() + static_cast<std::ptrdiff_t>(read_), lines.end()};
}

std::set<std::string> Screen::Standing() const {
  std::map<std::string, std::string> standing;
  for (const std::string& line : Lines()) {
    absl::string_view gone = line;
    if (absl::StartsWith(line, kHeading)) continue;
    if (absl::ConsumePrefix(&gone, kGone)) {
      standing.erase(Subject(std::string(gone)));
    } else {
      standing[Subject(line)] = line;
    }
  }
  std::set<std::string> out;
  for (const auto& [subject, line] : standing) out.insert(line);
  return out;
}

}  // namespace duban::scenarios
