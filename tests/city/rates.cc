#include "tests/city/rates.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "duban/v1/metric_service.pb.h"

namespace duban::city {
namespace {

// Rates by a choice field: by one value each, and by one that may hold several.
constexpr struct {
  const char* metric;
  const char* field;
} kBy[] = {{"check_passed", "category"}, {"confirmed", "heat"}, {"ended_on_time", "source"}};

std::string Fraction(const std::pair<int64_t, int64_t>& counts) {
  return absl::StrCat(counts.first, "/", counts.second);
}

}  // namespace

// An auditor, who sees all; the mayor, who sees as much without that right; a county's head and a bureau's, each with
// what is below; a contact; desks; a checker; clerks, who see their own; the competent body.
std::vector<std::string> Rates::Viewers() const {
  const std::string county = town_.counties()[0].substr(6), clerk = town_.departments()[1].substr(6);
  std::vector<std::string> out = {Town::kAuditor,
                                  "persons/shi-zhang",
                                  absl::StrCat("persons/", county, "-zhang"),
                                  "persons/b1-zhang",
                                  "persons/lianxi-1",
                                  "persons/rexian-2",
                                  "persons/xinfang-zhang",
                                  "persons/yanshou-2",
                                  absl::StrCat("persons/", clerk, "-ban"),
                                  absl::StrCat("persons/", county, "b1-ban"),
                                  "persons/jiwei-3"};
  return out;
}

void Rates::Check(const std::string& period, Day first, Day last) {
  for (const std::string& person : Viewers()) {
    for (const auto& [metric, counts] : facts_.Count(first, last, person)) CheckMetric(person, period, metric, counts);
    for (const auto& [metric, field] : kBy) {
      CheckBy(person, period, metric, field, facts_.CountBy(field, first, last, person));
    }
  }
}

void Rates::CheckMetric(const std::string& person, const std::string& period, const std::string& metric,
                        const std::pair<int64_t, int64_t>& expected) {
  v1::QueryMetricRequest request;
  request.set_metric(metric);
  request.set_period(period);
  ++calls_;
  const auto figure = Ask(town_.As(person), request, "a rate", fail_);
  if (!figure.ok()) return;
  ++compared_;
  something_ += expected.second > 0 ? 1 : 0;
  const std::pair<int64_t, int64_t> shown = {figure->rate().above(), figure->rate().below()};
  if (shown != expected) {
    fail_(absl::StrCat(metric, " ", period, " is ", Fraction(shown), " for ", person, ", who may count ",
                       Fraction(expected)));
  }
  if (figure->everything() != facts_.tree().Audits(person)) {
    fail_(absl::StrCat(metric, " ", period, " says to ", person, " that it is", figure->everything() ? "" : " not",
                       " of everything"));
  }
}

void Rates::CheckBy(const std::string& person, const std::string& period, const std::string& metric,
                    const std::string& field, const Counts& expected) {
  v1::QueryMetricRequest request;
  request.set_metric(metric);
  request.set_period(period);
  request.add_by(field);
  ++calls_;
  const auto figure = Ask(town_.As(person), request, "a rate by a field", fail_);
  if (!figure.ok()) return;
  std::map<std::string, std::string> shown, may;
  for (const v1::MetricGroup& group : figure->groups()) {
    shown[group.keys(0)] = Fraction({group.rate().above(), group.rate().below()});
  }
  const std::string prefix = metric + " ";
  for (const auto& [key, counts] : expected) {
    if (absl::StartsWith(key, prefix)) may[key.substr(prefix.size())] = Fraction(counts);
  }
  compared_ += static_cast<int64_t>(may.size());
  something_ += static_cast<int64_t>(may.size());
  for (const auto& [value, counts] : may) {
    if (shown[value] == counts) continue;
    fail_(absl::StrCat(metric, " ", period, " of ", field, " \"", value, "\" is ", shown[value], " for ", person,
                       ", who may count ", counts));
  }
  for (const auto& [value, counts] : shown) {
    if (may.count(value) > 0 || counts.empty()) continue;
    fail_(absl::StrCat(metric, " ", period, " shows ", person, " ", field, " \"", value, "\", ", counts));
  }
}

std::string Rates::Told() const { return absl::StrCat(compared_, " compared, ", something_, " of them of something"); }

}  // namespace duban::city
