#include "services/node/jobs/case_job.h"

#include <algorithm>
#include <set>
#include <utility>

#include "engine/base/limits.h"
#include "engine/views/case_index.h"
#include "engine/views/tables.h"
#include "services/node/deciding.h"
#include "services/node/limits.h"

namespace duban::node {
namespace {

// What one commit can take in of decisions that follow each other.
class Gathered {
 public:
  // False when it is full, or when a case would come twice: what is decided next must stand on what was decided first.
  bool Take(engine::Decision decision) {
    size_t events = 0, bytes = 0;
    bool again = false;
    for (const engine::CaseEvents& changed : decision.cases) {
      events += changed.events.size();
      for (const v1::Event& event : changed.events) bytes += event.ByteSizeLong();
      again = again || names_.count(changed.name) != 0;
    }
    const bool full =
        events_ + events > engine::limits::kEventsPerCommitMax || bytes_ + bytes > limits::kJobLotBytesMax;
    if (!all_.cases.empty() && (full || again)) return false;
    events_ += events;
    bytes_ += bytes;
    for (engine::CaseEvents& changed : decision.cases) {
      names_.insert(changed.name);
      all_.cases.push_back(std::move(changed));
    }
    return true;
  }
  const engine::Decision& all() const { return all_; }

 private:
  engine::Decision all_;
  std::set<std::string> names_;
  size_t events_ = 0;
  size_t bytes_ = 0;
};

}  // namespace

int64_t CaseJob::Total(Batch& batch, const v1::JobTask&) const {
  int64_t total = 0;
  batch.Scan(engine::Table::kOpenCase, "", [&](absl::string_view, absl::string_view) {
    ++total;
    return true;
  });
  return total;
}

Lot CaseJob::Next(const JobPlace& place) const {
  Lot lot;
  lot.cursor = place.cursor;
  lot.done = true;
  std::vector<std::string> keys;
  const std::string from = place.cursor.empty() ? "" : place.cursor + '\0';
  place.batch.Scan(engine::Table::kOpenCase, from, [&](absl::string_view key, absl::string_view) {
    if (engine::ParseKeyNumber(key.substr(0, 8)) >= place.began) return false;
    lot.done = keys.size() < place.items_max;
    if (lot.done) keys.emplace_back(key);
    return lot.done;
  });
  const Deciding deciding(place.batch, place.means.random, {place.now, place.now, "", ""});
  Gathered gathered;
  for (const std::string& key : keys) {
    const CasePtr state = place.batch.FindCase(engine::CaseOfOpenKey(key));
    if (state == nullptr) break;  // It cannot be read: the batch says why.
    JobItem item;
    item.name = state->name();
    engine::Outcome<engine::Decision> decision = Decide(deciding.context(), *state, place.task);
    if (!decision.ok()) {
      item.refusal = JobRefusalOf(item.name, decision.rejection());
    } else if (!decision->cases.empty()) {
      item.change.set_item(item.name);
      item.change.set_number(state->number());
      *item.change.mutable_change() = Words(*state, *decision, place.batch.library());
      if (!gathered.Take(*std::move(decision))) {
        lot.done = false;
        break;
      }
    }
    lot.cursor = key;
    lot.items.push_back(std::move(item));
  }
  const v1::Commit commit = CommitOf(gathered.all(), place.batch);
  lot.parts.assign(commit.parts().begin(), commit.parts().end());
  return lot;
}

}  // namespace duban::node
