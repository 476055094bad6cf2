// Documents as data: the letters that a procedure issues about its cases, reports about a period, and the templates of
// both. A template has texts with named places and no expressions: what a letter says is fixed when it is issued.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "duban/v1/value.pb.h"

namespace duban::engine {

// A piece of a template.
struct TemplateBlock {
  enum class Kind {
    kParagraph,
    kHeading,
    kEach,      // Of a letter: a paragraph for each case.
    kTable,     // Of a letter: a table over the cases.
    kFigures,   // Of a report: metrics with both counts, compared.
    kUnits,     // Of a report: a metric by unit.
    kOverdue,   // Of a report: cases that are overdue.
    kRegister,  // Of a report: who stands in a register.
  };
  Kind kind = Kind::kParagraph;
  int level = 1;     // kHeading: 1 to 4.
  std::string text;  // With places; of tables and lists the caption.
  std::vector<std::string>
      names;  // kTable: columns; kFigures, kUnits: metrics; kOverdue: procedures, or all; kRegister: it.
  bool period_before = false;  // kFigures, kUnits: compared with the period before (环比) …
  bool year_before = false;    // … with the year before (同比).
  // Whether it speaks of cases one by one, or of a period.
  bool of_letters() const { return kind == Kind::kEach || kind == Kind::kTable; }
  bool of_reports() const { return kind >= Kind::kFigures; }
};

struct Template {
  std::string name;
  v1::Text title;
  std::string heading;  // The document's own title, with places.
  std::vector<TemplateBlock> blocks;
};

// Letters of a procedure: one for each unit that is its `per`, over many cases.
struct DocumentKind {
  std::string name;
  v1::Text title;
  std::string template_name;
  Template made_of;             // What that name stands for, once linked.
  std::string numbers;          // The pattern: {year}, {seq}, and the party `from`.
  std::string per;              // The party to which it is sent.
  std::string from;             // The party that issues it.
  std::vector<std::string> at;  // The stages in which cases are put into one.
  std::string receipt;          // The action that its receipt takes on each case; empty: none.
};

// A report about a period.
struct Report {
  std::string name;
  std::string numbers;  // The pattern: {year}, {seq}, {from}.
  Template made_of;
};

// A text as pieces: what stands between places, and the places' names.
struct TextPiece {
  std::string text;
  bool place = false;
};
// Nothing where the braces do not match.
std::vector<TextPiece> SplitPlaces(absl::string_view text);

// Places of every document: its number, the two units, the day, the year; how many cases a letter has; a report's
// period. Of a case beside its fields and parties: its number and its stage.
inline constexpr const char* kLetterPlaces[] = {"number", "from", "to", "date", "year", "count"};
inline constexpr const char* kCasePlaces[] = {"case", "stage"};
// Instead of procedures: all of them.
inline constexpr char kAllProcedures[] = "all";
inline constexpr const char* kReportPlaces[] = {"number", "from", "to", "date", "year", "period", "first", "last"};

}  // namespace duban::engine
