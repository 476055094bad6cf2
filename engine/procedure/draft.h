// A file as read: what it defines, and the names it leaves to others of its set.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/procedure/documents.h"
#include "engine/procedure/findings.h"
#include "engine/procedure/metrics.h"
#include "engine/procedure/node.h"
#include "engine/procedure/procedure.h"

namespace duban::engine::language {

// Definitions by name, which procedures of a set share.
struct Shared {
  std::map<std::string, CodeTable> codes;
  std::map<std::string, std::vector<LadderRung>> ladders;
  std::map<std::string, std::vector<LightRule>> lights;
  std::map<std::string, Register> registers;
  std::map<std::string, Metric> metrics;
  std::map<std::string, Scoreboard> scoreboards;
  std::map<std::string, Template> templates;
  std::map<std::string, Report> reports;
};

// What a plan for cases opens, and of which procedure the cases are.
struct Planned {
  std::string opens, of;
};

// Reading a file gives one; linking fills in what it names.
struct Draft {
  explicit Draft(std::string path) : findings(std::move(path)) {}

  Node root;
  Findings findings;
  bool is_procedure = false;
  Planned planned;  // Of a plan: what it says besides is read elsewhere (engine/plan).
  Procedure procedure;
  std::map<std::string, std::string> ladder_of;  // clock -> ladder, where named.
  std::string lights_named;
  Shared shared;
};

// What each part of the file says. Names are taken as written; that they exist is checked later (check.h).
void ReadFile(Draft& draft);
std::vector<Party> ReadParties(const Node& node, Findings& findings);
std::vector<Field> ReadFields(const Node& node, Findings& findings);
std::map<std::string, CodeTable> ReadCodes(const Node& node, Findings& findings);
// Stages, and the clocks that their `within` means.
std::vector<Stage> ReadStages(const Node& node, std::vector<Clock>& clocks, Findings& findings);
void ReadClocks(const Node& node, Draft& draft);
std::map<std::string, Register> ReadRegisters(const Node& node, Findings& findings);
std::map<std::string, std::vector<LadderRung>> ReadLadders(const Node& node, Findings& findings);
std::vector<LightRule> ReadLights(const Node& node, Findings& findings);
std::vector<Role> ReadRoles(const Node& node, Findings& findings);
// The same, with "party.superior" beside "party.head".
std::vector<Role> ReadAsked(const Node& node, Findings& findings);
Opens ReadOpens(const Node& node, Findings& findings);
Collect ReadCollect(const Node& node, Findings& findings);
// What cases ask of units. A plan says neither whom (its party) nor from which field the topic is.
Burden ReadBurden(const Node& node, bool of_plan, Findings& findings);
// How long an entry of a register stands: more than nothing.
Span ReadKeeps(const Node& node, Findings& findings);
// How a role is written in a file.
std::string Written(const Role& role);
Cap ReadCap(const Node& node, Findings& findings);

}  // namespace duban::engine::language
