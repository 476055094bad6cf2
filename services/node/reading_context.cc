#include "services/node/reading_context.h"

#include "engine/views/case_index.h"
#include "engine/views/part_index.h"
#include "engine/views/tables.h"

namespace duban::node {

ReadingContext::ReadingContext(const Reading& reading)
    : reading_(reading),
      no_name_([] { return std::string(); }),
      no_number_([](absl::string_view) { return uint64_t{0}; }),
      find_case_([this](absl::string_view name) -> const CaseState* {
        absl::StatusOr<CasePtr> found = reading_.FindCase(std::string(name), reading_.head());
        if (!found.ok()) return nullptr;
        held_.push_back(*std::move(found));
        return held_.back().get();
      }),
      entered_by_([this](absl::string_view name, absl::string_view subject) {
        const auto row = reading_.Row(engine::Table::kRegistered, engine::RegisteredKey(name, subject));
        return row.ok() && row->has_value() ? engine::CasesIn(**row) : std::vector<std::string>();
      }),
      open_parts_([this](absl::string_view name) {
        const auto row = reading_.Row(engine::Table::kOpenParts, name);
        return row.ok() && row->has_value() ? engine::ParseKeyNumber(**row) : uint64_t{0};
      }),
      parts_of_([this](absl::string_view name) {
        const auto row = reading_.Row(engine::Table::kParts, name);
        return row.ok() ? engine::PartsIn(row->value_or("")) : std::vector<std::string>();
      }),
      context_{reading.now(),
               reading.now(),
               reading.person(),
               "",
               *reading.library().directory,
               *reading.library().calendar,
               *reading.library().procedures,
               reading.library().zone,
               no_name_,
               no_number_,
               find_case_,
               entered_by_,
               open_parts_,
               parts_of_} {}

}  // namespace duban::node
