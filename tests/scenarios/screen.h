// A terminal that stays open beside what happens: `duban wall`, or another command that goes on. What it prints is read
// as people would: the lines it adds, and what they come to.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tests/e2e/support/background.h"

namespace duban::scenarios {

class Screen {
 public:
  // Runs the command and leaves it open.
  explicit Screen(std::vector<std::string> command) : command_(std::move(command)), open_(command_) {}

  // Whole lines printed so far.
  std::vector<std::string> Lines() const;
  // Of these, those after what was read.
  std::vector<std::string> NewLines() const;
  // The first so many of the new ones have been read.
  void Read(size_t count) { read_ += count; }

  // Of a wall: the lines that stand, without those taken down or written anew.
  std::set<std::string> Standing() const;
  // The same command again, opened now.
  std::unique_ptr<Screen> Again() const { return std::make_unique<Screen>(command_); }

 private:
  const std::vector<std::string> command_;
  e2e::Background open_;
  size_t read_ = 0;
};

}  // namespace duban::scenarios
