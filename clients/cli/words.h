// The words of a procedure and of the directory: what kind a field is of, what things are called.
//
// The server gives a procedure's source only; a light scan of it is enough for typing values and for showing history.
// Nothing is checked here: the server decides.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "duban/v1/directory.pb.h"
#include "duban/v1/value.pb.h"

namespace duban::cli {

// A field as its procedure declares it.
struct FieldWords {
  std::string type;  // "text", "choice", "number", "date", "instant", "unit", "post", "person", "file".
  bool many = false;
  std::string codes;  // Choice: its code table.
  v1::Text title;
};

// A procedure's words.
struct ProcedureWords {
  std::string name;
  v1::Text title;
  std::map<std::string, FieldWords> fields;
  std::map<std::string, v1::Text> stages;
  // Of all stages, the extensions of clocks, and what decides on what is asked for or suggested.
  std::map<std::string, v1::Text> actions;
  std::map<std::string, v1::Text> clocks;
  std::set<std::string> on_the_way;  // Of these, recurring reports and milestones.
  std::map<std::string, v1::Text> parties;
  std::map<std::string, std::string> party_kinds;  // "unit", "post", "person".
  std::string
      answers;  // The party that answers for a case: whose lateness counts, else the first unit that opens none.
  std::map<std::string, std::map<std::string, v1::Text>> codes;
  std::map<std::string, v1::Text> raises;     // What ladders raise ("urge") or suggest ("talk") by its title.
  std::map<std::string, v1::Text> registers;  // "negative_list" by its title.
  std::map<std::string, v1::Text> documents;  // "order" by its title.
};

// Scans a procedure's file and the shared files published with it. A file that cannot be read gives fewer words.
ProcedureWords ScanProcedure(const std::string& source, const std::vector<std::string>& shared);

// Units, posts and persons by id, full name, short name and alias.
class Names {
 public:
  void Add(const v1::Unit& unit);
  void Add(const v1::Post& post);
  void Add(const v1::Person& person);

  // What an id is called; the id itself when unknown.
  std::string Title(absl::string_view id) const;
  // The ids of that kind ("unit", "post", "person"; empty: any) that go by this text; an id stands for itself where it
  // is known. More than one: the text is ambiguous.
  std::vector<std::string> Find(absl::string_view text, absl::string_view kind) const;

 private:
  void Note(const std::string& text, const std::string& id);

  std::map<std::string, std::string> titles_;
  std::map<std::string, std::vector<std::string>> ids_;
};

}  // namespace duban::cli
