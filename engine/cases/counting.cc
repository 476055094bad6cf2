#include "engine/cases/counting.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "absl/numeric/int128.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "engine/base/limits.h"

namespace duban::engine {
namespace {

using absl::int128;

constexpr int64_t kScale = 10'000;  // 10 ^ limits::kAnswerDecimalsMax.
constexpr int64_t kWhole = 10'000;  // Hundredths of a percent.

// A number as so many of its smallest places; nothing where it has more decimal places than answers may have.
std::optional<int64_t> Scaled(absl::string_view number) {
  const bool negative = absl::ConsumePrefix(&number, "-");
  absl::ConsumePrefix(&number, "+");
  const size_t point = std::min(number.find('.'), number.size());
  std::string digits(number.substr(0, point));
  absl::string_view fraction = number.substr(std::min(point + 1, number.size()));
  while (absl::ConsumeSuffix(&fraction, "0")) {
  }
  if (fraction.size() > limits::kAnswerDecimalsMax) return std::nullopt;
  absl::StrAppend(&digits, fraction, std::string(limits::kAnswerDecimalsMax - fraction.size(), '0'));
  int64_t scaled = 0;
  if (!absl::SimpleAtoi(digits, &scaled)) return std::nullopt;
  return negative ? -scaled : scaled;
}

std::string WithoutPadding(absl::string_view answer) {
  const int64_t scaled = Scaled(answer).value_or(0);
  const int64_t magnitude = scaled < 0 ? -scaled : scaled;
  std::string out = absl::StrFormat("%s%d.%04d", scaled < 0 ? "-" : "", magnitude / kScale, magnitude % kScale);
  while (out.back() == '0') out.pop_back();
  if (out.back() == '.') out.pop_back();
  return out;
}

// A fraction as a decimal number, rounded half away from zero. With the bounds of limits.h nothing here comes near the
// end of 128 bits (a numerator has at most 4e32).
std::string Rounded(int128 numerator, int128 denominator, int decimals) {
  int64_t scale = 1;
  for (int i = 0; i < decimals; ++i) scale *= 10;
  const bool negative = numerator < 0;
  if (negative) numerator = -numerator;
  const int128 rounded = (2 * numerator * scale + denominator) / (2 * denominator);
  const int64_t whole = static_cast<int64_t>(rounded / scale);
  const int64_t rest = static_cast<int64_t>(rounded % scale);
  std::string out = absl::StrCat(negative && rounded != 0 ? "-" : "", whole);
  if (decimals > 0) absl::StrAppendFormat(&out, ".%0*d", decimals, rest);
  return out;
}

// One group while it is counted.
struct Tally {
  const v1::ElectorGroup* group = nullptr;
  int64_t cast = 0;
  int128 sum = 0;  // Of all answers of its ballots, scaled.
  bool quorum = true;
  bool withheld = false;

  bool counts() const { return !group->electors().empty(); }
};

std::vector<Tally> TallyUp(const Collect& collect, const v1::CollectBegan& began, const v1::BallotBox& box) {
  std::vector<Tally> tallies;
  for (const v1::ElectorGroup& group : began.groups()) {
    Tally& tally = tallies.emplace_back();
    tally.group = &group;
    for (const v1::Ballot& ballot : box.ballots()) {
      if (ballot.group() != group.group()) continue;
      ++tally.cast;
      for (const v1::FieldValue& answer : ballot.answers()) tally.sum += Scaled(answer.values(0).number()).value_or(0);
    }
    const auto declared = std::find_if(collect.groups.begin(), collect.groups.end(),
                                       [&](const RaterGroup& one) { return one.name == group.group(); });
    if (!tally.counts()) continue;
    const bool share = declared == collect.groups.end() || declared->quorum_of == 0 ||
                       tally.cast * declared->quorum_of >= int64_t{group.electors_size()} * declared->quorum;
    tally.quorum = tally.cast > 0 && share;
  }
  return tallies;
}

// Withholds what is too small, and as many others as keep it from being subtracted out.
void Withhold(int smallest, std::vector<Tally>& tallies) {
  int64_t groups = 0, ballots = 0;
  const auto withhold = [&](Tally& tally) {
    tally.withheld = true;
    ++groups;
    ballots += tally.cast;
  };
  for (Tally& tally : tallies) {
    if (tally.counts() && tally.cast < smallest) withhold(tally);
  }
  while (groups > 0 && (groups < 2 || ballots < smallest)) {
    Tally* next = nullptr;
    for (Tally& tally : tallies) {
      if (tally.counts() && !tally.withheld && (next == nullptr || tally.cast <= next->cast)) next = &tally;
    }
    if (next == nullptr) return;
    withhold(*next);
  }
}

std::string Result(const Collect& collect, const std::vector<Tally>& tallies) {
  int128 numerator = 0, ballots = 1, weights = 0;
  for (const Tally& tally : tallies) {
    if (!tally.counts()) continue;
    numerator = numerator * tally.cast + tally.group->weight() * tally.sum * ballots;
    ballots *= tally.cast;
    weights += tally.group->weight();
  }
  return Rounded(numerator, weights * ballots * static_cast<int64_t>(collect.asks.size()) * kScale, collect.decimals);
}

}  // namespace

std::optional<std::string> AnswerInBox(absl::string_view number) {
  const std::optional<int64_t> scaled = Scaled(number);
  if (!scaled.has_value()) return std::nullopt;
  const int64_t magnitude = *scaled < 0 ? -*scaled : *scaled;
  return absl::StrFormat("%s%07d.%04d", *scaled < 0 ? "-" : "+", magnitude / kScale, magnitude % kScale);
}

v1::CollectClosed CountBallots(const Collect& collect, const v1::CollectBegan& began, const v1::BallotBox& box) {
  std::vector<Tally> tallies = TallyUp(collect, began, box);
  int64_t weights = 0;
  bool quorum = !collect.secret || box.ballots_size() >= collect.smallest_group;
  for (const Tally& tally : tallies) {
    quorum = quorum && tally.quorum;
    if (tally.counts()) weights += tally.group->weight();
  }
  quorum = quorum && weights > 0;
  if (quorum && collect.secret) Withhold(collect.smallest_group, tallies);
  v1::CollectClosed closed;
  closed.set_quorum(quorum);
  for (const Tally& tally : tallies) {
    v1::GroupResult& shown = *closed.add_groups();
    shown.set_group(tally.group->group());
    *shown.mutable_title() = tally.group->title();
    shown.set_electors(tally.group->electors_size());
    shown.set_cast(tally.cast);
    shown.set_quorum(tally.quorum);
    if (tally.counts() && weights > 0) shown.set_weight((tally.group->weight() * kWhole * 2 + weights) / (2 * weights));
    if (!quorum || !tally.counts()) continue;
    shown.set_withheld(tally.withheld);
    if (tally.withheld) continue;
    shown.set_mean(
        Rounded(tally.sum, int128{tally.cast} * static_cast<int64_t>(collect.asks.size()) * kScale, collect.decimals));
  }
  if (quorum) closed.set_result(Result(collect, tallies));
  if (collect.secret || !quorum) return closed;
  for (const v1::Ballot& ballot : box.ballots()) {
    v1::Ballot& shown = *closed.add_ballots() = ballot;
    for (v1::FieldValue& answer : *shown.mutable_answers()) {
      answer.mutable_values(0)->set_number(WithoutPadding(answer.values(0).number()));
    }
  }
  return closed;
}

}  // namespace duban::engine
