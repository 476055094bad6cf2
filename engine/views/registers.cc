// Registers (负面清单 and the like): the entries that stand, newest first; who, why, until when.
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/views/tables.h"
#include "engine/views/view.h"

namespace duban::engine {
namespace {

using duban::state::v1::CaseState;

class Registers : public View {
 public:
  const Definition& definition() const override {
    static const Definition is = [] {
      Definition d;
      d.number = v1::VIEW_REGISTERS;
      d.name = "registers";
      d.version = 1;
      d.labels = {"register", "subject"};
      d.indexed = {"subject", "register"};
      d.counted = {"register"};
      return d;
    }();
    return is;
  }

  void Apply(const Change& change, ViewRows& rows) const override {
    if (change.after == nullptr) return;
    const CaseState& state = *change.after;
    if (state.entries().empty() && (change.before == nullptr || change.before->entries().empty())) return;
    std::vector<Row> entries;
    for (const auto& entry : state.entries()) {
      Row row;
      row.key = absl::StrCat(state.name(), "/registers/", entry.register_(), "/", entry.entry(), "/", entry.subject());
      row.place = absl::StrCat(KeyLatest(FromProto(entry.from())), KeyNewest(state.opened_position()));
      row.audience = AudienceOf(*change.procedure, state);
      v1::RegisterEntry& shown = *row.row.mutable_register_();
      shown.set_register_(entry.register_());
      shown.set_subject(entry.subject());
      shown.set_subject_title(entry.subject_title());
      *shown.mutable_reason() = entry.reason();
      *shown.mutable_from() = entry.from();
      if (entry.has_until()) *shown.mutable_until() = entry.until();
      shown.set_case_(state.name());
      shown.set_number(state.number());
      entries.push_back(std::move(row));
    }
    rows.Replace(state.name(), std::move(entries));
  }

  std::vector<Label> LabelsOf(const v1::ViewRow& row) const override {
    return {{"register", row.register_().register_()}, {"subject", row.register_().subject()}};
  }
};

}  // namespace

const View& RegistersView() {
  static const Registers view;
  return view;
}

}  // namespace duban::engine
