// Where what is wrong is told, and calls that have to be answered.
#pragma once

#include <functional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "clients/cpp/client.h"

namespace duban::city {

// Takes what is wrong, and the case ("cases/…") that it is about, where it is about one.
class Fail {
 public:
  template <typename Tell>
  Fail(Tell tell) : tell_(std::move(tell)) {}
  void operator()(const std::string& what, const std::string& stream = "") const { tell_(what, stream); }

 private:
  std::function<void(const std::string& what, const std::string& stream)> tell_;
};

// What is refused is told: "what: reason".
template <typename Request>
auto Ask(client::Client& client, Request request, const char* what, const Fail& fail) {
  auto answer = client.Call(std::move(request));
  if (!answer.ok()) fail(absl::StrCat(what, ": ", answer.error().reason, " ", answer.error().message.en()));
  return answer;
}

}  // namespace duban::city
