// What the files that read the command line (main*.cc) share.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>

#include "clients/cli/session.h"

namespace duban::cli {

// What was chosen; run once the command line has been read.
using Chosen = std::function<int(Session&)>;

// Options live as long as the parser.
template <typename Options>
std::shared_ptr<Options> Held() {
  return std::make_shared<Options>();
}

inline CLI::App* Command(CLI::App& parent, const std::string& name, const std::string& what,
                         const std::string& examples = "") {
  CLI::App* command = parent.add_subcommand(name, what);
  if (!examples.empty()) command->footer("例 Examples:\n" + examples);
  return command;
}

inline void AddAsOf(CLI::App* command, std::string* as_of) {
  command->add_option("--as-of", *as_of,
                      "当时的样子：日期（到当日结束）、时刻或先前答复中的位置\n"
                      "as it stood then: a day (its end), an instant, or a position from an earlier answer");
}

// main_figures.cc. `offline` is set where what was chosen needs no server.
void AddFigures(CLI::App& app, Chosen* chosen, bool* offline);

// main_work.cc: what is done to many at once, or by the calendar.
void AddJobs(CLI::App& app, Chosen* chosen);
void AddPlans(CLI::App& app, Chosen* chosen);
void AddDraws(CLI::App& app, Chosen* chosen, bool* offline);

// main_documents.cc
void AddDocuments(CLI::App& app, Chosen* chosen);

}  // namespace duban::cli
