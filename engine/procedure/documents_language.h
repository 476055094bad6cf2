// Templates, letters and reports in a file: read, and refused where they cannot be meant.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "engine/procedure/check.h"
#include "engine/procedure/documents.h"
#include "engine/procedure/findings.h"
#include "engine/procedure/metrics.h"
#include "engine/procedure/node.h"

namespace duban::engine::language {

std::map<std::string, Template> ReadTemplates(const Node& node, Findings& findings);
std::map<std::string, Report> ReadReports(const Node& node, Findings& findings);
std::vector<DocumentKind> ReadDocuments(const Node& node, Findings& findings);

// Letters of a procedure, their templates linked. A template may stand in another file: then the place is the
// letter's that names it, and the message says so.
void CheckDocuments(const Checked& c);

// A template of letters. What is wrong is told with the path inside the template. `procedure`: whose cases stand in
// such letters; null: nobody knows, and what is filled in from cases is not looked at.
void CheckTemplate(
    const Template& made_of, const Procedure* procedure,
    absl::FunctionRef<void(absl::string_view rule, const Path& inside, std::string zh, std::string en)> report);
// What a template fills in from cases: the path inside it, and the word.
std::vector<std::pair<Path, std::string>> CasePlacesOf(const Template& made_of);

// Reports of one file. `metrics` and `registers` are those of the whole set, `procedures` also published ones.
void CheckReports(const std::map<std::string, Report>& reports, const Node& root,
                  const std::vector<const Procedure*>& procedures, const std::map<std::string, Metric>& metrics,
                  const std::map<std::string, Register>& registers, Findings& findings);

// The letter's part of a number's pattern: what may stand in braces beside {year} and {seq}.
void CheckNumberPattern(const std::string& pattern, const std::vector<std::string>& allowed, Place at,
                        Findings& findings);

}  // namespace duban::engine::language
