#include "services/node/jobs/open_units.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/views/tables.h"
#include "services/node/deciding.h"
#include "services/node/opening.h"

namespace duban::node {

Lot OpenForEachOf(const JobPlace& place, const google::protobuf::RepeatedPtrField<std::string>& list,
                  absl::FunctionRef<ToOpen(const std::string& one)> wanted) {
  const auto count = static_cast<uint64_t>(list.size());
  uint64_t at = place.cursor.empty() ? 0 : engine::ParseKeyNumber(place.cursor);
  Lot lot;
  while (at < count && lot.items.size() < place.items_max && lot.parts.empty()) {
    JobItem item;
    item.name = list[static_cast<int>(at++)];
    ToOpen open = wanted(item.name);
    const engine::Outcome<Opening> opening =
        DecideOpening(place.batch, place.means.random, place.person, place.now, std::move(open.request), open.opener);
    if (!opening.ok()) {
      item.refusal = JobRefusalOf(item.name, opening.rejection());
    } else {
      item.change.set_item(item.name);
      const std::string title = place.batch.library().directory->TitleOf(item.name);
      item.change.mutable_change()->set_zh(absl::StrCat("立项：", title.empty() ? item.name : title));
      item.change.mutable_change()->set_en(absl::StrCat("opens a case: ", item.name));
      const v1::Commit commit = CommitOf(opening->decision, place.batch);
      lot.parts.assign(commit.parts().begin(), commit.parts().end());
    }
    lot.items.push_back(std::move(item));
  }
  lot.cursor = engine::KeyNumber(at);
  lot.done = at >= count;
  return lot;
}

}  // namespace duban::node
