// What a scenario plays in: a real server on a virtual clock, the command line as each person would use it, a client
// for looking, and the words of procedures and directory, so that a scenario speaks of 签收 and 市水务局, never of ids.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "clients/cli/words.h"
#include "tests/e2e/support/server_process.h"

namespace duban::scenarios {

// What goes wrong in a scenario: ends it.
struct Wrong {
  std::string what;
};

class World {
 public:
  // `start`: "2026-09-01 09:00" in the zone +08:00.
  explicit World(const std::string& start);

  // Paths are relative to the project.
  void PublishCalendar(const std::string& path);
  void ApplyDirectory(const std::string& path);
  // Procedures by title, out of procedures/ and tests/scenarios/data/, with all shared definitions of procedures/.
  void PublishProcedures(const std::vector<std::string>& titles);
  void AdvanceTo(const std::string& local_time);

  // Runs `duban` signed in as a person (by title or id).
  e2e::Ran Duban(const std::string& person, const std::vector<std::string>& arguments);
  // How that is run.
  std::vector<std::string> Command(const std::string& person, const std::vector<std::string>& arguments);
  // The server goes away, and comes back on the same data and port.
  void StopServer();
  void StartServer();
  // The same, to succeed; what it printed.
  std::string MustDuban(const std::string& person, const std::vector<std::string>& arguments);
  // A client of that person.
  client::Client& As(const std::string& person);

  // A procedure's words, by title or name.
  const cli::ProcedureWords& Words(const std::string& procedure) const;
  const cli::Names& names() const { return names_; }
  // Those who hold posts of a unit that hold no right and head nothing: who answers for it day by day. The first one's
  // person; Wrong when there is none.
  std::string ClerkOf(const std::string& unit) const;

  // A file of that name in the scenario's own folder, which is gone when it ends.
  std::string OwnFile(const std::string& name) const;

  // Cases that the scenario has given a name: 甲.
  void Name(const std::string& alias, const std::string& case_name) { cases_[alias] = case_name; }
  // The case of that alias; a number stands for itself.
  std::string Case(const std::string& alias) const;

 private:
  std::string PersonNamed(const std::string& title) const;
  std::string TokenFile(const std::string& person);

  e2e::ServerProcess server_;
  cli::Names names_;
  std::map<std::string, std::string> clerks_;         // unit -> person
  std::map<std::string, cli::ProcedureWords> words_;  // By name; of every file, published or not.
  std::map<std::string, std::string> files_;          // name -> path
  std::vector<std::string> shared_;
  std::map<std::string, std::unique_ptr<client::Client>> clients_;
  std::map<std::string, std::string> token_files_;
  std::map<std::string, std::string> cases_;
};

// A call that must succeed.
template <typename T>
T Must(client::Result<T> result) {
  if (!result.ok()) throw Wrong{result.error().reason + " " + result.error().message.zh()};
  return *std::move(result);
}

// The name that goes by a title in a map of names to titles; "" when none does.
template <typename Words>
std::string NameOf(const std::map<std::string, Words>& words, const std::string& title) {
  for (const auto& [name, said] : words) {
    if constexpr (requires { said.title; }) {
      if (said.title.zh() == title || name == title) return name;
    } else {
      if (said.zh() == title || name == title) return name;
    }
  }
  return "";
}

}  // namespace duban::scenarios
