// What a node and its server say of themselves: one event at a time, by a constant name, with plain facts.
//
// A fact is a number, a constant, the id of a request, or what the environment said of a failure. Never personal data,
// a field's value, a subject, a name of a person or a case, a token: tests/e2e/observe_test.cc looks for all of them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace duban::node {

enum class Level { kInfo, kWarning, kError };

struct Fact {
  const char* name;
  std::variant<bool, int64_t, double, std::string> value;
};

class Log {
 public:
  virtual ~Log() = default;
  // Any thread. Must not block for long and never fails: what cannot be written is lost.
  virtual void Write(Level level, const char* event, const std::vector<Fact>& facts) = 0;
};

// Says nothing.
std::shared_ptr<Log> Silence();

}  // namespace duban::node
