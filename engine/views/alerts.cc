// Alerts: every rung that fired and still stands. A rung stands while its clock runs in the same round; those told by
// it see it, as far as they see the case.
#include <algorithm>
#include <iterator>
#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "duban/state/v1/rows.pb.h"
#include "engine/base/check.h"
#include "engine/cases/present.h"
#include "engine/views/tables.h"
#include "engine/views/view.h"

namespace duban::engine {
namespace {

using duban::state::v1::AlertEntry;
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
  absl::string_view name() const override { return "alerts"; }
  uint32_t version() const override { return 1; }

  void Apply(const CaseChange& change, Rows& rows) const override {
    const Standing after = StandingIn(change.after);
    const Standing before = change.before == nullptr ? Standing() : StandingIn(*change.before);
    if (after.empty() && before.empty()) return;
    for (const auto& [name, alert] : before) {
      if (after.count(name) == 0) Remove(name, rows);
    }
    for (const auto& [name, alert] : after) Put(change, name, *alert.first, *alert.second, rows);
  }

 private:
  static void Remove(const std::string& name, Rows& rows) {
    const std::optional<std::string> held = rows.Get(Table::kAlert, name);
    if (!held.has_value()) return;
    AlertEntry entry;
    DUBAN_CHECK(entry.ParseFromString(*held), "an alert can be read back");
    for (const std::string& id : entry.audience()) {
      rows.Delete(Table::kAlertIndex, AlertIndexKey(id, FromProto(entry.alert().at()), entry.opened_position(), name));
    }
    rows.Delete(Table::kAlert, name);
  }

  static void Put(const CaseChange& change, const std::string& name, const ClockState& clock, const FiredRung& rung,
                  Rows& rows) {
    AlertEntry entry;
    entry.set_opened_position(change.after.opened_position());
    v1::Alert& alert = *entry.mutable_alert();
    alert.set_name(name);
    alert.set_case_(change.after.name());
    alert.set_number(change.after.number());
    alert.set_subject(SubjectOf(change.procedure, change.after));
    alert.set_clock(clock.clock());
    alert.set_rung(rung.rung());
    alert.set_kind(KindOfAlert(rung));
    *alert.mutable_title() = rung.title();
    *alert.mutable_at() = rung.at();
    *alert.mutable_due() = clock.due();
    *alert.mutable_charged_to() = clock.charged_to();
    // Told, and able to see the case now; auditors see every alert.
    const Ids audience = AudienceOf(change.procedure, change.after);
    Ids told = {std::string("rights/") + kRightAudit};
    std::copy_if(rung.tell().begin(), rung.tell().end(), std::back_inserter(told),
                 [&](const std::string& id) { return Includes(audience, id, change.directory); });
    std::sort(told.begin(), told.end());
    told.erase(std::unique(told.begin(), told.end()), told.end());
    for (std::string& id : told) entry.add_audience(std::move(id));
    const std::string value = entry.SerializeAsString();
    const std::optional<std::string> held = rows.Get(Table::kAlert, name);
    if (held == value) return;
    if (held.has_value()) Remove(name, rows);
    rows.Put(Table::kAlert, name, value);
    for (const std::string& id : entry.audience()) {
      rows.Put(Table::kAlertIndex, AlertIndexKey(id, FromProto(rung.at()), entry.opened_position(), name), "");
    }
  }
};

}  // namespace

const View& AlertView() {
  static const Alerts view;
  return view;
}

}  // namespace duban::engine
