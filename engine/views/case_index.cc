// A snapshot is written only when the revision passes a multiple of kSnapshotEvery: the row that an act does not write
// is the cheapest, and folding fifteen events costs less than writing a state at every act.
#include "engine/views/case_index.h"

#include "engine/base/limits.h"
#include "engine/views/tables.h"

namespace duban::engine {

void IndexCase(const Change& change, Rows& rows) {
  const uint64_t before = change.before == nullptr ? 0 : change.before->revision();
  if (before / limits::kSnapshotEvery != change.after->revision() / limits::kSnapshotEvery) {
    rows.Put(Table::kCaseSnapshot, change.after->name(), change.after->SerializeAsString());
  }
  if (change.before != nullptr) return;
  for (const v1::Event& event : change.part.events()) {
    if (!event.has_case_opened()) continue;
    const v1::CaseOpened& opened = event.case_opened();
    if (!opened.number().empty()) rows.Put(Table::kCaseNumber, opened.number(), change.after->name());
    if (!opened.series().empty()) rows.Put(Table::kSeries, opened.series(), KeyNumber(opened.sequence()));
  }
}

}  // namespace duban::engine
