// What is found wrong in one file, gathered while it is read and checked.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "engine/procedure/compile.h"
#include "engine/procedure/node.h"

namespace duban::engine::language {

class Findings {
 public:
  // Nobody reads more of one file; the rest is counted, and the last one kept says that there is more.
  static constexpr size_t kMax = 200;

  explicit Findings(std::string path) : path_(std::move(path)) {}

  void Error(absl::string_view rule, Place at, std::string zh, std::string en) {
    ++errors_;
    Add(rule, at, std::move(zh), std::move(en), false);
  }
  void Warn(absl::string_view rule, Place at, std::string zh, std::string en) {
    Add(rule, at, std::move(zh), std::move(en), true);
  }

  // Takes back an error of all(), by its index, that a later one says better.
  void Withdraw(size_t index) {
    if (index >= all_.size()) return;
    all_.erase(all_.begin() + static_cast<std::ptrdiff_t>(index));
    --errors_;
  }

  int errors() const { return errors_; }
  std::vector<Finding>& all() { return all_; }

 private:
  void Add(absl::string_view rule, Place at, std::string zh, std::string en, bool warning) {
    if (all_.size() > kMax) return;
    if (all_.size() == kMax) {
      rule = "TOO_MANY";
      zh = "问题太多，其余从略；请先改正以上各处。";
      en = "Too much is wrong; the rest is left out. Correct the above first.";
    }
    Finding finding;
    finding.path = path_;
    finding.line = at.line;
    finding.column = at.column;
    finding.rule = std::string(rule);
    finding.message.set_zh(std::move(zh));
    finding.message.set_en(std::move(en));
    finding.warning = warning;
    all_.push_back(std::move(finding));
  }

  std::string path_;
  std::vector<Finding> all_;
  int errors_ = 0;
};

}  // namespace duban::engine::language
