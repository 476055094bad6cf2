#include "services/node/burdens.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/limits.h"
#include "engine/cases/audience.h"
#include "engine/views/tables.h"
#include "services/node/plans.h"

namespace duban::node {
namespace {

using duban::state::v1::UnitAsked;
using engine::Day;
using engine::Table;
using engine::UnitAskedAt;

bool ParseRow(absl::string_view value, UnitAsked& row) {
  return row.ParseFromArray(value.data(), static_cast<int>(value.size()));
}

// What one person sees with; of him for whom another types, less his rights, which are not lent.
std::vector<engine::Ids> ViewersOf(const engine::Directory& directory, const std::string& actor,
                                   const std::string& entered_for) {
  std::vector<engine::Ids> viewers = {directory.ViewerIds(actor)};
  if (entered_for.empty()) return viewers;
  engine::Ids lent = directory.ViewerIds(entered_for);
  lent.erase(std::remove_if(lent.begin(), lent.end(), [](const auto& id) { return absl::StartsWith(id, "rights/"); }),
             lent.end());
  viewers.push_back(std::move(lent));
  return viewers;
}

}  // namespace

std::shared_ptr<const engine::PlansAhead> PlansAheadOf(Batch& batch, const engine::Plans& plans,
                                                       const engine::Procedures& procedures) {
  const Library& library = batch.library();
  return std::make_shared<engine::PlansAhead>(
      engine::PlanWorld{plans, procedures, *library.directory, *library.calendar, library.zone,
                        [&batch](const std::string& name) { return MembersOf(batch, name); }});
}

BatchBurdens::Asked& BatchBurdens::Ready() const {
  if (!asked_.has_value()) {
    const Library& library = batch_.library();
    asked_.emplace(
        Asked{{}, engine::PlannedBurdens(PlansAheadOf(batch_, *library.plans, *library.procedures)), *library.plans});
  }
  if (asked_->viewers.empty()) asked_->viewers = ViewersOf(*batch_.library().directory, actor_, entered_for_);
  return *asked_;
}

std::vector<engine::Asking> BatchBurdens::Of(absl::string_view unit, absl::string_view topic, Day first,
                                             Day last) const {
  const Asked& asked = Ready();
  std::vector<engine::Asking> out = asked.planned.Of(unit, topic, first, last);
  for (engine::Asking& one : out) {
    const std::string& post = asked.plans.find(one.by)->second.plan->by;
    if (!SeesPlan(*batch_.library().directory, actor_, post)) one.by = one.called = "";
  }
  const std::string run = absl::StrCat(engine::KeyText(unit), engine::KeyText(topic));
  // None lasts longer, so none that began earlier reaches into these days.
  const std::string from = absl::StrCat(run, engine::FormatDay(first - engine::limits::kBurdenDaysMax));
  batch_.Scan(Table::kUnitAsked, from, [&](absl::string_view key, absl::string_view value) {
    if (!absl::StartsWith(key, run)) return false;
    const UnitAskedAt at = engine::ParseUnitAskedKey(key);
    UnitAsked row;
    const std::optional<Day> begins = engine::ParseDay(at.first_day);
    if (!ParseRow(value, row) || !begins.has_value()) return true;
    if (*begins > last) return false;
    const Day ends = engine::ParseDay(row.last_day()).value_or(*begins);
    if (ends < first) return true;
    const engine::Ids audience(row.audience().begin(), row.audience().end());
    const bool seen = std::any_of(asked.viewers.begin(), asked.viewers.end(),
                                  [&](const engine::Ids& viewer) { return engine::Admits(audience, viewer); });
    out.push_back({seen ? at.case_name : "", seen ? row.number() : "", *begins, ends, row.at_most()});
    return true;
  });
  std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  return out;
}

void VisitAsked(Batch& batch, const std::string& unit, int year,
                absl::FunctionRef<void(const UnitAskedAt& at, const UnitAsked& asked)> visit) {
  const std::string run = engine::KeyText(unit);
  const std::string first = engine::FormatDay(Day(year, 1, 1)), last = engine::FormatDay(Day(year, 12, 31));
  std::string from = run;
  // From topic to topic, and in each from the year's first day to its last: other years are not read.
  while (!from.empty()) {
    std::string next;
    batch.Scan(Table::kUnitAsked, from, [&](absl::string_view key, absl::string_view value) {
      if (!absl::StartsWith(key, run)) return false;
      const UnitAskedAt at = engine::ParseUnitAskedKey(key);
      const std::string topic = run + engine::KeyText(at.topic);
      if (at.first_day < first) {
        next = topic + first;
        return false;
      }
      if (at.first_day > last) {
        next = run + at.topic + '\x01';
        return false;
      }
      UnitAsked row;
      if (ParseRow(value, row)) visit(at, row);
      return true;
    });
    from = std::move(next);
  }
}

}  // namespace duban::node
