#include "services/node/merged_scan.h"

#include "absl/strings/str_cat.h"
#include "engine/views/rows.h"
#include "engine/views/tables.h"

namespace duban::node {
namespace {

constexpr size_t kHeldMax = 32;

}  // namespace

std::string PlaceText(const IndexEntry& entry) {
  return absl::StrCat(engine::KeyNumber(entry.id.size()), entry.id, entry.place);
}

bool ParsePlace(const std::string& text, std::string* place, std::string* id) {
  if (text.size() < 8) return false;
  const size_t n = engine::ParseKeyNumber(absl::string_view(text).substr(0, 8));
  if (n > text.size() - 8) return false;
  *id = text.substr(8, n);
  *place = text.substr(8 + n);
  return true;
}

MergedScan::MergedScan(std::vector<IndexSource> sources, std::string run, const engine::Ids& ids,
                       const std::string& after_place, const std::string& after_id)
    : sources_(std::move(sources)), run_(std::move(run)) {
  for (const IndexSource& source : sources_) {
    for (const std::string& id : ids) {
      Run run;
      run.source = &source;
      run.id = id;
      run.prefix = absl::StrCat(run_, engine::KeyText(id));
      run.from = absl::StrCat(run.prefix, after_place);
      // An id up to the last one has given its entry at that place; the following ones have not.
      if (!after_place.empty() && id <= after_id) run.from.push_back('\0');
      runs_.push_back(std::move(run));
    }
  }
}

absl::Status MergedScan::Fill(Run& run) {
  const std::string& prefix = run.prefix;
  const absl::Status scanned = run.source->rows->Scan(
      static_cast<uint8_t>(run.source->table), prefix, run.from, [&](absl::string_view key, absl::string_view value) {
        run.held.push_back(
            {std::string(key.substr(prefix.size())), run.id, std::string(value.substr(run.source->skip))});
        return run.held.size() < kHeldMax;
      });
  if (!scanned.ok()) return scanned;
  run.ended = run.held.size() < kHeldMax;
  if (!run.ended) run.from = absl::StrCat(prefix, run.held.back().place, absl::string_view("\0", 1));
  return absl::OkStatus();
}

absl::StatusOr<bool> MergedScan::Next(IndexEntry* entry) {
  Run* first = nullptr;
  for (Run& run : runs_) {
    if (run.held.empty() && !run.ended) {
      if (absl::Status filled = Fill(run); !filled.ok()) return filled;
    }
    if (run.held.empty()) continue;
    if (first == nullptr || run.held.front() < first->held.front()) first = &run;
  }
  if (first == nullptr) return false;
  *entry = std::move(first->held.front());
  first->held.pop_front();
  return true;
}

}  // namespace duban::node
