#include "services/node/jobs/job_preview.h"

#include <limits>
#include <utility>

#include "services/node/calendar_years.h"
#include "services/node/limits.h"

namespace duban::node {

namespace {

// One of the two lists of a preview: the first, as far as an answer holds them.
class Listed {
 public:
  template <typename Item>
  void Add(Item item, google::protobuf::RepeatedPtrField<Item>& list) {
    bytes_ += item.ByteSizeLong();
    if (bytes_ <= limits::kPreviewListBytesMax) *list.Add() = std::move(item);
  }

 private:
  size_t bytes_ = 0;
};

// What the task would do if `library` held and the reading's viewer started it.
Reply<v1::JobPreview> Preview(const Reading& reading, LibraryPtr library, const JobKind& kind, const v1::JobTask& task,
                              const JobMeans& means) {
  v1::JobPreview out;
  Listed changes, refusals;
  CaseCache cache(limits::kJobLotItemsMax);
  std::string cursor;
  for (bool done = false; !done;) {
    // A batch remembers all that it has read: a fresh one for each lot.
    Ground ground = reading.ground();
    ground.library = library;
    Batch batch(std::move(ground), &cache);
    Lot lot = kind.Next({batch, means, reading.now(), task, reading.person(),
                         std::numeric_limits<store::Position>::max(), cursor, limits::kJobLotItemsMax});
    if (!batch.status().ok()) return batch.status();
    for (JobItem& item : lot.items) {
      if (IsCase(item.name)) {
        absl::StatusOr<bool> sees = reading.SeesNow(item.name);
        if (!sees.ok()) return sees.status();
        if (!*sees) continue;
      }
      out.set_looked_at(out.looked_at() + 1);
      if (item.changed()) {
        out.set_changed(out.changed() + 1);
        changes.Add(std::move(item.change), *out.mutable_changes());
      }
      if (item.refusal.has_value()) {
        out.set_refused(out.refused() + 1);
        refusals.Add(*std::move(item.refusal), *out.mutable_refusals());
      }
    }
    cursor = std::move(lot.cursor);
    done = lot.done || !lot.failed.empty();
  }
  return out;
}

}  // namespace

Reply<v1::StartJobResponse> PreviewJob(const Reading& reading, const v1::StartJobRequest& request,
                                       const JobMeans& means) {
  CaseCache cache(1);
  Batch batch(reading.ground(), &cache);
  const engine::Outcome<const JobKind*> kind = OfferedKind(batch, means, reading.person(), request.task());
  if (!batch.status().ok()) return batch.status();
  if (!kind.ok()) return kind.rejection();
  Reply<v1::JobPreview> preview = Preview(reading, reading.shared_library(), **kind, request.task(), means);
  if (auto* rejection = std::get_if<engine::Rejection>(&preview)) return *rejection;
  if (auto* trouble = std::get_if<absl::Status>(&preview)) return *trouble;
  v1::StartJobResponse out;
  *out.mutable_preview() = std::get<v1::JobPreview>(std::move(preview));
  return out;
}

Reply<v1::PublishCalendarResponse> PreviewCalendar(const Reading& reading, const v1::PublishCalendarRequest& request,
                                                   const JobMeans& means) {
  const engine::Outcome<v1::StreamPart> part = PartOfYears(reading.library(), reading.person(), request);
  if (!part.ok()) return part.rejection();
  v1::PublishCalendarResponse out;
  out.set_version(CalendarVersionAfter(reading.library(), *part));
  out.set_changed(part->events_size());
  if (part->events().empty()) return out;
  v1::Commit commit;
  *commit.add_parts() = *part;
  absl::StatusOr<LibraryPtr> library = LibraryAfter(reading.shared_library(), commit);
  if (!library.ok()) return library.status();
  Reply<v1::JobPreview> preview = Preview(reading, *library, CalendarChangeKind(), CalendarTask(out.version()), means);
  if (auto* rejection = std::get_if<engine::Rejection>(&preview)) return *rejection;
  if (auto* trouble = std::get_if<absl::Status>(&preview)) return *trouble;
  *out.mutable_preview() = std::get<v1::JobPreview>(std::move(preview));
  return out;
}

}  // namespace duban::node
