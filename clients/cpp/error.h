// What a client gets when a call fails.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "duban/v1/value.pb.h"

namespace duban::client {

// A failed call. `reason` is for programs, `message` for people.
struct Error {
  absl::StatusCode code = absl::StatusCode::kOk;
  std::string reason;  // A constant such as "STALE_REVISION"; empty when the failure is not the server's own.
  v1::Text message;    // Always both languages.
  std::map<std::string, std::string> facts;                     // ErrorInfo's metadata.
  std::vector<std::pair<std::string, std::string>> violations;  // Field and what is wrong with it.
  std::string request_id;                                       // Under which the server's log knows the call.

  bool ok() const { return code == absl::StatusCode::kOk; }
};

// A value or an error.
template <typename T>
class Result {
 public:
  Result(T value) : held_(std::move(value)) {}      // NOLINT: meant to convert
  Result(Error error) : held_(std::move(error)) {}  // NOLINT: meant to convert

  bool ok() const { return held_.index() == 0; }
  const T& operator*() const { return std::get<0>(held_); }
  T& operator*() { return std::get<0>(held_); }
  const T* operator->() const { return &std::get<0>(held_); }
  T* operator->() { return &std::get<0>(held_); }
  const Error& error() const { return std::get<1>(held_); }

 private:
  std::variant<T, Error> held_;
};

}  // namespace duban::client
