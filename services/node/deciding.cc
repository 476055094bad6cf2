#include "services/node/deciding.h"

#include "absl/strings/str_cat.h"
#include "engine/views/case_index.h"
#include "engine/views/part_index.h"
#include "engine/views/tables.h"

namespace duban::node {

Deciding::Deciding(Batch& batch, Random& random, const Circumstances& circumstances, std::string first_case,
                   engine::BallotBoxes* boxes)
    : batch_(batch),
      random_(random),
      first_case_(std::move(first_case)),
      draws_(batch, circumstances.actor, circumstances.entered_for),
      burdens_(batch, circumstances.actor, circumstances.entered_for),
      fresh_case_([this] {
        std::string name = std::move(first_case_);
        first_case_.clear();
        return name.empty() ? FreshName(random_, "cases/") : name;
      }),
      next_in_series_([this](absl::string_view series) {
        auto given = numbers_.find(series);
        if (given == numbers_.end()) {
          const std::optional<std::string> last = batch_.Row(engine::Table::kSeries, series);
          given = numbers_.emplace(std::string(series), last ? engine::ParseKeyNumber(*last) : 0).first;
        }
        return ++given->second;
      }),
      find_case_([this](absl::string_view name) {
        held_.push_back(batch_.FindCase(std::string(name)));
        return held_.back().get();
      }),
      entered_by_([this](absl::string_view name, absl::string_view subject) {
        const std::string key = engine::RegisteredKey(name, subject);
        return engine::CasesIn(batch_.Row(engine::Table::kRegistered, key).value_or(""));
      }),
      open_parts_([this](absl::string_view name) {
        const std::optional<std::string> row = batch_.Row(engine::Table::kOpenParts, name);
        return row.has_value() ? engine::ParseKeyNumber(*row) : 0;
      }),
      parts_of_([this](absl::string_view name) {
        return engine::PartsIn(batch_.Row(engine::Table::kParts, name).value_or(""));
      }),
      context_{circumstances.now,
               circumstances.occurred,
               circumstances.actor,
               circumstances.entered_for,
               *batch.library().directory,
               *batch.library().calendar,
               *batch.library().procedures,
               batch.library().zone,
               fresh_case_,
               next_in_series_,
               find_case_,
               entered_by_,
               open_parts_,
               parts_of_,
               boxes,
               &draws_,
               &burdens_} {}

v1::Commit CommitOf(const engine::Decision& decision, Batch& batch) {
  v1::Commit commit;
  for (const engine::CaseEvents& changed : decision.cases) {
    const CasePtr before = batch.FindCase(changed.name);
    v1::StreamPart& part = *commit.add_parts();
    part.set_stream(changed.name);
    part.set_first_revision((before ? before->revision() : 0) + 1);
    for (const std::string& id : changed.audience) part.add_audience(id);
    for (const v1::Event& event : changed.events) *part.add_events() = event;
  }
  return commit;
}

}  // namespace duban::node
