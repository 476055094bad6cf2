// A log that remembers what it was told.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/node/log.h"

namespace duban::node {

class HeardLog : public Log {
 public:
  void Write(Level level, const char* event, const std::vector<Fact>& facts) override {
    std::string line = absl::StrCat(level == Level::kInfo      ? "info "
                                    : level == Level::kWarning ? "warning "
                                                               : "error ",
                                    event);
    for (const Fact& fact : facts) {
      absl::StrAppend(&line, " ", fact.name, "=");
      if (const auto* text = std::get_if<std::string>(&fact.value)) absl::StrAppend(&line, *text);
      if (const auto* number = std::get_if<int64_t>(&fact.value)) absl::StrAppend(&line, *number);
      if (const auto* number = std::get_if<double>(&fact.value)) absl::StrAppend(&line, *number);
    }
    std::lock_guard<std::mutex> lock(mu_);
    lines_.push_back(std::move(line));
  }

  // "warning timers_held jump_hours=…", those of one event.
  std::vector<std::string> Of(const std::string& event) const {
    std::lock_guard<std::mutex> lock(mu_);
    std::vector<std::string> out;
    for (const std::string& line : lines_) {
      if (absl::StrCat(line, " ").find(absl::StrCat(" ", event, " ")) != std::string::npos) out.push_back(line);
    }
    return out;
  }

 private:
  mutable std::mutex mu_;
  std::vector<std::string> lines_;
};

}  // namespace duban::node
