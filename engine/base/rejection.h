// Why a command was refused: data that the caller can act on.
//
// Three kinds of failure are never mixed. A rejection is the business saying no; trouble in the environment is
// absl::Status; a bug of our own stops the process (DUBAN_CHECK).
#pragma once

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "duban/v1/value.pb.h"

namespace duban::engine {

// How a client should take a rejection; the wire's code follows from it and from nothing else.
enum class Kind {
  kInvalid,     // The request is wrong as it stands (INVALID_ARGUMENT).
  kNotFound,    // What it names is not there, or not visible to the caller (NOT_FOUND).
  kForbidden,   // The caller may not (PERMISSION_DENIED).
  kConflict,    // It may be right after reading again (ABORTED).
  kState,       // Things must change first (FAILED_PRECONDITION).
  kExists,      // There is one already (ALREADY_EXISTS).
  kOutOfRange,  // Beyond what is covered, for example the calendar (OUT_OF_RANGE).
};

// One refusal.
struct Rejection {
  Kind kind = Kind::kInvalid;
  std::string reason;  // A constant, e.g. "STALE_REVISION"; all are listed in docs/errors.md.
  v1::Text message;    // What is wrong and what to do. Never holds sealed values.
  std::vector<std::pair<std::string, std::string>> facts;  // For programs.
};

// Shortest way to make one.
Rejection Reject(Kind kind, absl::string_view reason, std::string zh, std::string en,
                 std::vector<std::pair<std::string, std::string>> facts = {});

// A value or a refusal.
template <typename T>
class Outcome {
 public:
  Outcome(T value) : held_(std::move(value)) {}                  // NOLINT: meant to convert
  Outcome(Rejection rejection) : held_(std::move(rejection)) {}  // NOLINT: meant to convert

  bool ok() const { return held_.index() == 0; }
  const T& operator*() const { return std::get<0>(held_); }
  T& operator*() { return std::get<0>(held_); }
  const T* operator->() const { return &std::get<0>(held_); }
  T* operator->() { return &std::get<0>(held_); }
  const Rejection& rejection() const { return std::get<1>(held_); }

 private:
  std::variant<T, Rejection> held_;
};

// For checks that yield nothing.
struct Nothing {};
using Verdict = Outcome<Nothing>;

}  // namespace duban::engine
