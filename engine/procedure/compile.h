// From YAML text to compiled procedures, or to everything that is wrong with it.
//
// The language is described in docs/procedures.md. yaml-cpp is known to parse.cc alone.
#pragma once

#include <string>
#include <vector>

#include "duban/v1/value.pb.h"
#include "engine/procedure/metrics.h"
#include "engine/procedure/procedure.h"

namespace duban::engine {

// A file of a set that is checked and published together: one procedure, or shared definitions: codes, ladders, lights,
// registers and templates that procedures of the set name, metrics, scoreboards and reports.
struct SourceFile {
  std::string path;  // For messages.
  std::string text;
};

// Something wrong, or doubtful, at a place in a file. Lines and columns count from 1.
struct Finding {
  std::string path;
  int line = 0;
  int column = 0;
  std::string rule;  // A constant, e.g. "UNREACHABLE_STAGE".
  v1::Text message;
  bool warning = false;
};

struct Compiled {
  std::vector<Procedure> procedures;  // In file order; version 0. Empty where any finding is an error.
  std::vector<Metric> metrics;        // The same, by name.
  std::vector<Scoreboard> scoreboards;
  std::vector<Report> reports;
  std::vector<Finding> findings;  // By file, line, column.
  bool ok() const;                // No finding is an error.
};

// Compiles a set. `published` are the procedures that exist already, for names that the set does not define.
Compiled Compile(const std::vector<SourceFile>& files, const Procedures& published);

// The same for a set that is published already: what it says was checked then. Rules about meaning are not asked
// again, so that a checker that has become stricter never keeps an old log from opening.
Compiled CompilePublished(const std::vector<SourceFile>& files, const Procedures& published);

}  // namespace duban::engine
