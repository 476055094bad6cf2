// Each unit in figures: what it answers for and how that stands.
#include <utility>

#include "engine/cases/present.h"
#include "engine/views/view.h"
#include "engine/views/words.h"

namespace duban::engine {
namespace {

using duban::state::v1::CaseState;

// What a case counts for with those who answer for it.
std::vector<std::string> Measures(const CaseState& state) {
  std::vector<std::string> measures;
  switch (TimelinessOf(state)) {
    case v1::TIMELINESS_OVERDUE:
      measures.push_back("overdue");
      break;
    case v1::TIMELINESS_DUE_SOON:
      measures.push_back("due_soon");
      break;
    case v1::TIMELINESS_ENDED_ON_TIME:
      if (state.end_kind() == v1::END_KIND_DONE) measures.push_back("ended_on_time");
      break;
    case v1::TIMELINESS_ENDED_LATE:
      if (state.end_kind() == v1::END_KIND_DONE) measures.push_back("ended_late");
      break;
    case v1::TIMELINESS_UNSPECIFIED:
    case v1::TIMELINESS_ON_TIME:
    case v1::TIMELINESS_NO_DEADLINE:
    default:
      break;
  }
  if (state.end_kind() == v1::END_KIND_UNSPECIFIED) measures.push_back("open");
  if (state.verification() == v1::VERIFICATION_REBOUNDED) measures.push_back("rebounded");
  return measures;
}

class Units : public View {
 public:
  const Definition& definition() const override {
    static const Definition is = [] {
      Definition d;
      d.number = v1::VIEW_UNITS;
      d.name = "units";
      d.version = 2;  // 1 had whoever checks or decides answer for a case too.
      d.labels = {"unit"};
      d.cells = {"unit", "measure"};
      d.group = 1;
      return d;
    }();
    return is;
  }

  void Apply(const Change& change, ViewRows& rows) const override {
    if (change.after == nullptr) return;
    const CaseState& state = *change.after;
    const std::vector<std::string> measures = Measures(state);
    std::vector<Cell> cells;
    for (const std::string& unit : AnsweringUnits(*change.procedure, state)) {
      for (const std::string& measure : measures) cells.push_back({unit, measure});
    }
    for (const auto& entry : state.entries()) cells.push_back({entry.subject(), "registered"});
    rows.Count(state.name(), AudienceOf(*change.procedure, state), std::move(cells));
  }

  void Add(const Cell& cell, int64_t count, v1::ViewRow& row) const override {
    v1::UnitProfile& unit = *row.mutable_unit();
    unit.set_unit(cell[0]);
    const std::string& measure = cell[1];
    if (measure == "open") unit.set_open(unit.open() + count);
    if (measure == "overdue") unit.set_overdue(unit.overdue() + count);
    if (measure == "due_soon") unit.set_due_soon(unit.due_soon() + count);
    if (measure == "ended_on_time") unit.set_ended_on_time(unit.ended_on_time() + count);
    if (measure == "ended_late") unit.set_ended_late(unit.ended_late() + count);
    if (measure == "rebounded") unit.set_rebounded(unit.rebounded() + count);
    if (measure == "registered") unit.set_registered(unit.registered() + count);
  }
};

}  // namespace

const View& UnitsView() {
  static const Units view;
  return view;
}

}  // namespace duban::engine
