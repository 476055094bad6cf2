// The engine's context over a reading: for asking what could be decided now, without deciding it. Gives no names and no
// numbers. Keeps what the engine is shown alive; one thread.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/cases/decide.h"
#include "services/node/reading.h"

namespace duban::node {

class ReadingContext {
 public:
  explicit ReadingContext(const Reading& reading);
  ReadingContext(const ReadingContext&) = delete;

  const engine::Context& context() const { return context_; }

 private:
  const Reading& reading_;
  mutable std::vector<CasePtr> held_;
  const std::function<std::string()> no_name_;
  const std::function<uint64_t(absl::string_view)> no_number_;
  const std::function<const CaseState*(absl::string_view)> find_case_;
  const std::function<std::vector<std::string>(absl::string_view, absl::string_view)> entered_by_;
  const std::function<uint64_t(absl::string_view)> open_parts_;
  const std::function<std::vector<std::string>(absl::string_view)> parts_of_;
  const engine::Context context_;
};

}  // namespace duban::node
