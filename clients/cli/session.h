// One run of the command line: the connection, the console, and what the workspace says of itself.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "clients/cli/console.h"
#include "clients/cli/words.h"
#include "clients/cpp/client.h"
#include "duban/v1/case_service.pb.h"

namespace duban::cli {

// The options that every command takes.
struct Global {
  std::string server = "127.0.0.1:18733";
  std::string token;
  std::string token_file;
  bool json = false;
  std::string lang = "zh";
};

class Session {
 public:
  explicit Session(const Global& global);

  const Console& console() const { return console_; }
  client::Client& client() { return *client_; }
  // The same, for a call that may take so long.
  std::unique_ptr<client::Client> PatientClient(std::chrono::milliseconds call_time) const;
  bool json() const { return console_.json(); }

  // Calls; a failed call is printed, and `code` is what the command should return.
  template <typename Request>
  auto Call(Request request, int* code) -> std::unique_ptr<typename client::Method<Request>::Response> {
    using Response = typename client::Method<Request>::Response;
    auto answer = client_->Call(std::move(request));
    if (answer.ok()) return std::make_unique<Response>(std::move(*answer));
    *code = Fail(answer.error());
    return nullptr;
  }

  // Prints a failed call: Chinese, English, the reason, the facts. Returns the exit code for it.
  int Fail(const client::Error& error) const;
  // False when the token file cannot be read or, where one is needed, there is no token at all; says so.
  bool Ready(int* code, bool needed = true) const;
  bool signed_in() const { return !token_.empty(); }

  // The workspace's zone; +08:00 while the server does not say. Asked once.
  absl::TimeZone zone();
  // A stored instant as people read it; "" when absent.
  std::string Show(bool present, const google::protobuf::Timestamp& t);
  // A day, an instant or a position out of typed text; false after saying that it is none of them.
  bool ReadAsOf(const std::string& text, v1::AsOf* as_of);
  // "2026-03-01 09:30", or a day: its beginning, or its last moment; false after saying that it is neither.
  bool ReadWhen(const std::string& text, google::protobuf::Timestamp* t, bool end_of_day = false);
  // A person by id or title; false after saying that there is none, or more than one.
  bool ReadPerson(const std::string& text, std::string* person);
  // The directory, fetched once. Empty when it cannot be read.
  const Names& names();
  // A procedure's words, fetched once each; version 0 is the newest. Empty when it cannot be read.
  const ProcedureWords& words(const std::string& procedure, uint32_t version = 0);
  // Names by their titles: of a procedure, of a register, of a field in whichever procedure. What is no title, or that
  // of two, stands for itself. The server is asked only about a text that cannot be a name.
  std::string ProcedureNamed(const std::string& text);
  std::string RegisterNamed(const std::string& text);
  std::string FieldNamedAnywhere(const std::string& text);

 private:
  // The procedures that are published, by title; fetched once. Empty when they cannot be read.
  const std::map<std::string, v1::Text>& procedures();

  Console console_;
  std::string server_;
  std::string token_;
  bool token_file_named_;
  v1::Text token_fault_;
  std::unique_ptr<client::Client> client_;
  std::unique_ptr<absl::TimeZone> zone_;
  std::unique_ptr<Names> names_;
  std::map<std::pair<std::string, uint32_t>, ProcedureWords> words_;
  std::unique_ptr<std::map<std::string, v1::Text>> procedures_;
};

}  // namespace duban::cli
