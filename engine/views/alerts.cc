// Alerts: every rung that fired and still stands, newest first. A rung stands while its clock runs in the same round;
// those told by it see it, as far as they see the case; with a post, the contacts of its unit; in place of somebody who
// is missing, those told instead, as far as his unit sees the case. A calendar that runs out is an alert too.
#include <algorithm>
#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "engine/base/limits.h"
#include "engine/cases/present.h"
#include "engine/cases/suggestions.h"
#include "engine/views/tables.h"
#include "engine/views/view.h"

namespace duban::engine {
namespace {

using duban::state::v1::CaseState;
using duban::state::v1::ClockState;
using duban::state::v1::FiredRung;
using Standing = std::map<std::string, std::pair<const ClockState*, const FiredRung*>>;  // alert name ->

std::string AlertName(const CaseState& state, const ClockState& clock, const FiredRung& rung) {
  return absl::StrCat(state.name(), "/alerts/", clock.clock(), ".", rung.rung());
}

Standing StandingIn(const CaseState& state) {
  Standing standing;
  for (const ClockState& clock : state.clocks()) {
    if (clock.run() != ClockState::RUN_RUNNING) continue;
    for (const FiredRung& rung : clock.fired()) {
      if (rung.kind() == v1::RUNG_KIND_LIGHT) continue;
      standing[AlertName(state, clock, rung)] = {&clock, &rung};
    }
  }
  return standing;
}

std::string KindOfAlert(const FiredRung& rung) {
  if (!rung.raises().empty()) return rung.raises();
  return rung.kind() == v1::RUNG_KIND_REMINDER ? "reminder" : "overdue";
}

class Alerts : public View {
 public:
  const Definition& definition() const override {
    static const Definition is = [] {
      Definition d;
      d.number = v1::VIEW_ALERTS;
      d.name = "alerts";
      d.version = 3;
      d.labels = {"kind", "charged_to"};
      d.indexed = {"charged_to", "kind"};
      d.counted = {"kind"};
      return d;
    }();
    return is;
  }

  void Apply(const Change& change, ViewRows& rows) const override {
    if (change.after != nullptr) {
      OfCase(change, rows);
    } else if (change.part.stream() == "calendar") {
      OfCalendar(change, rows);
    }
  }

  std::vector<Label> LabelsOf(const v1::ViewRow& row) const override {
    std::vector<Label> labels = {{"kind", row.alert().kind()}};
    for (const std::string& id : row.alert().charged_to()) labels.push_back({"charged_to", id});
    return labels;
  }

 private:
  static void OfCase(const Change& change, ViewRows& rows) {
    const Standing after = StandingIn(*change.after);
    if (after.empty() && (change.before == nullptr || StandingIn(*change.before).empty())) return;
    std::vector<Row> standing;
    for (const auto& [name, alert] : after) standing.push_back(RowOf(change, name, *alert.first, *alert.second));
    rows.Replace(change.after->name(), std::move(standing));
  }

  static Row RowOf(const Change& change, const std::string& name, const ClockState& clock, const FiredRung& rung) {
    const CaseState& state = *change.after;
    Row row;
    row.key = name;
    // Of one instant, the case that was opened last first.
    row.place = absl::StrCat(KeyLatest(FromProto(rung.at())), KeyNewest(state.opened_position()));
    v1::Alert& alert = *row.row.mutable_alert();
    alert.set_name(name);
    alert.set_case_(state.name());
    alert.set_number(state.number());
    alert.set_subject(SubjectOf(*change.procedure, state));
    alert.set_clock(clock.clock());
    alert.set_rung(rung.rung());
    alert.set_kind(KindOfAlert(rung));
    *alert.mutable_title() = rung.title();
    *alert.mutable_at() = rung.at();
    *alert.mutable_due() = clock.due();
    *alert.mutable_charged_to() = clock.charged_to();
    // Told, and able to see the case now; auditors see every alert.
    const Ids audience = AudienceOf(*change.procedure, state);
    row.audience = {std::string("rights/") + kRightAudit};
    Ids besides;
    for (const std::string& id : rung.tell()) {
      if (!Includes(audience, id, change.directory)) continue;
      row.audience.push_back(id);
      // A contact sees what the unit sees, and is told what its posts are told.
      const v1::Post* post = change.directory.FindPost(id);
      // But what is only suggested is known to those asked and told alone.
      if (MaySuggest(*change.procedure, clock.clock(), rung.rung())) continue;
      if (post != nullptr && std::binary_search(audience.begin(), audience.end(), post->unit())) {
        besides.push_back(ContactsOf(post->unit()));
      }
    }
    for (const v1::ToldInstead& instead : rung.instead()) {
      // They see what his unit sees, not what a post sees by itself.
      const v1::Post* post = change.directory.FindPost(instead.vacant());
      const std::string& unit = post == nullptr ? instead.vacant() : post->unit();
      if (!std::binary_search(audience.begin(), audience.end(), unit)) continue;
      besides.insert(besides.end(), instead.told().begin(), instead.told().end());
    }
    // Those addressed have the first place where an audience is full.
    const size_t room = limits::kAudienceMax - std::min(limits::kAudienceMax, row.audience.size());
    row.audience.insert(row.audience.end(), besides.begin(),
                        besides.begin() + static_cast<std::ptrdiff_t>(std::min(room, besides.size())));
    std::sort(row.audience.begin(), row.audience.end());
    row.audience.erase(std::unique(row.audience.begin(), row.audience.end()), row.audience.end());
    return row;
  }

  // Stands until the year after the last one covered is published.
  static void OfCalendar(const Change& change, ViewRows& rows) {
    const auto owner = [](int year) { return absl::StrCat("calendar/", year); };
    for (const v1::Event& event : change.part.events()) {
      if (event.has_calendar_published()) rows.Replace(owner(event.calendar_published().year().year() - 1), {});
      if (!event.has_coverage_warned()) continue;
      const v1::CoverageWarned& warned = event.coverage_warned();
      const std::optional<Day> last = ParseDay(warned.last_day());
      if (!last.has_value()) continue;
      const std::string year = owner(static_cast<int>(last->year()));
      Row row;
      row.key = absl::StrCat(year, "/alerts/coverage");
      row.place = absl::StrCat(KeyLatest(FromProto(warned.at())), KeyNewest(0));
      row.audience = {std::string("rights/") + kRightAdminister, std::string("rights/") + kRightOperate};
      v1::Alert& alert = *row.row.mutable_alert();
      alert.set_name(row.key);
      alert.set_kind("coverage");
      alert.mutable_title()->set_zh(absl::StrCat("工作日历只到 ", warned.last_day(), "，请发布下一年"));
      alert.mutable_title()->set_en(
          absl::StrCat("the working-day calendar ends on ", warned.last_day(), "; publish the next year"));
      *alert.mutable_at() = warned.at();
      std::vector<Row> one;
      one.push_back(std::move(row));
      rows.Replace(year, std::move(one));
    }
  }
};

}  // namespace

const View& AlertView() {
  static const Alerts view;
  return view;
}

}  // namespace duban::engine
