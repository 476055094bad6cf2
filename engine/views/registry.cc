// Which views there are.
#include "engine/views/view.h"

namespace duban::engine {

const std::vector<const View*>& Views() {
  static const std::vector<const View*> views = {&LedgerView(),  &AlertView(),     &WorklistView(), &TimelineView(),
                                                 &MetricsView(), &RegistersView(), &UnitsView(),    &DocumentsView()};
  return views;
}

const std::string& CaseOf(const v1::ViewRow& row) {
  static const std::string none;
  switch (row.row_case()) {
    case v1::ViewRow::kLedger:
      return row.ledger().case_();
    case v1::ViewRow::kAlert:
      return row.alert().case_();
    case v1::ViewRow::kItem:
      return row.item().case_();
    case v1::ViewRow::kEntry:
      return row.entry().case_();
    case v1::ViewRow::kRegister:
      return row.register_().case_();
    case v1::ViewRow::kCount:
    case v1::ViewRow::kUnit:
    case v1::ViewRow::kDocument:
    case v1::ViewRow::ROW_NOT_SET:
      return none;
  }
  return none;
}

}  // namespace duban::engine
