// Light schemes: each rule can show its colour, and the colours are no slips of the pen.
#include <algorithm>
#include <iterator>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "engine/procedure/check.h"
#include "engine/procedure/reader.h"
#include "engine/procedure/span.h"

namespace duban::engine::language {
namespace {

// In which order rules of one kind of clock stand; negative: for what is on the way.
int RankOf(const LightRule& rule) {
  switch (rule.when) {
    case LightRule::When::kAlways:
      return 0;
    case LightRule::When::kLeft:
    case LightRule::When::kLeftPercent:
      return 1;
    case LightRule::When::kOverdue:
      return 2;
    case LightRule::When::kOverdueBy:
      return 3;
    case LightRule::When::kMilestoneMissed:
      return -1;
    case LightRule::When::kReportsMissed:
      return -2;
  }
  return 0;
}

bool IsLater(const LightRule& rule, const LightRule& before) {
  if (RankOf(rule) <= 0 && RankOf(rule) >= -1) return false;  // Written twice.
  if (RankOf(rule) != RankOf(before)) return RankOf(rule) > RankOf(before);
  if (rule.when != before.when) return true;
  switch (rule.when) {
    case LightRule::When::kLeftPercent:
      return rule.percent < before.percent;
    case LightRule::When::kLeft:
      return RoughHours(rule.span) < RoughHours(before.span);
    case LightRule::When::kOverdueBy:
      return RoughHours(rule.span) > RoughHours(before.span);
    case LightRule::When::kReportsMissed:
      return rule.times > before.times;
    default:
      return false;
  }
}

// Colours for which people read another word. Any other is shown as it is written.
constexpr struct {
  const char* word;
  const char* zh;
} kColours[] = {{"green", "绿"}, {"blue", "蓝"}, {"yellow", "黄"}, {"orange", "橙"}, {"red", "红"}, {"purple", "紫"}};

// Refuses what can only be meant for one of these: a slip, capitals, its Chinese name.
void CheckColour(const std::string& written, Place at, Findings& findings) {
  const std::string lower = absl::AsciiStrToLower(written);
  const auto* meant = std::find_if(std::begin(kColours), std::end(kColours), [&](const auto& colour) {
    if (written == colour.word) return false;
    const bool chinese =
        written == colour.zh || written == absl::StrCat(colour.zh, "色") || written == absl::StrCat(colour.zh, "灯");
    return chinese || lower == colour.word || IsSlip(lower, colour.word);
  });
  const bool known =
      std::any_of(std::begin(kColours), std::end(kColours), [&](const auto& colour) { return written == colour.word; });
  if (known || meant == std::end(kColours)) return;
  findings.Error("UNDECLARED_COLOUR", at,
                 absl::StrCat("灯色“", written, "”应写“", meant->word, "”，界面上显示“", meant->zh, "”。"),
                 absl::StrCat("The colour \"", written, "\" is written \"", meant->word, "\"."));
}

}  // namespace

// The last rule that holds gives the colour: so each must be worse, and later, than the one before of its kind: those
// of the matter's clocks, of milestones, of reports.
void CheckScheme(const std::vector<LightRule>& scheme, const Node& root, const Path& path, Findings& findings) {
  for (size_t i = 0; i < scheme.size(); ++i) {
    const LightRule& rule = scheme[i];
    Path place = path;
    place.push_back(absl::StrCat("#", i));
    const Place at = Locate(root, place);
    place.emplace_back("colour");
    CheckColour(rule.light.colour(), Locate(root, place), findings);
    const auto kind = [](const LightRule& one) { return std::min(RankOf(one), 0); };
    const LightRule* before = nullptr;
    for (size_t j = 0; j < i; ++j) {
      if (kind(scheme[j]) == kind(rule)) before = &scheme[j];
    }
    if (before == nullptr || (IsLater(rule, *before) && rule.light.severity() >= before->light.severity())) continue;
    findings.Error(
        "LIGHT_NEVER_SHOWS", at,
        absl::StrCat(
            "灯色“", rule.light.colour(),
            "”的规则须比前一条更晚、更重（先无条件，再剩余由多到少，再逾期，再逾期由少到多；未报次数由少到多）："
            "后成立的一条决定灯色。"),
        absl::StrCat("The rule for \"", rule.light.colour(),
                     "\" has to be later and worse than the one before (always; left, falling; overdue; overdue_by, "
                     "rising; reports_missed, rising): the last that holds gives the colour."));
  }
}

}  // namespace duban::engine::language
