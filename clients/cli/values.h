// Values of fields out of typed text: `--set due=2026-10-08`, a cell of a ledger.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "clients/cli/console.h"
#include "clients/cli/words.h"
#include "duban/v1/value.pb.h"

namespace duban::cli {

// A value, or what is wrong with the text.
struct ReadValue {
  std::optional<v1::Value> value;
  v1::Text fault;

  bool ok() const { return value.has_value(); }
};

// What a text is read with.
struct Reading {
  const ProcedureWords& words;
  const Names& names;
  absl::TimeZone zone;
  std::optional<absl::CivilDay> document = std::nullopt;  // The day of the paper, for deadlines without a year.
  // Sends a file and gives the value that refers to it; null: files stay where they are, and their digest is the value.
  std::function<ReadValue(const std::string& path)> attach = nullptr;
};

// Reads a text as a value of a type: text, choice, number, date, instant, unit, post, person, ref, file. Choices are
// known by id or title, references by id, name or alias; "约800" and "800余" are numbers that are approximate; a date
// may be the wording of a deadline (ReadDeadline), which is kept beside it; a file is its path, which is sent
// (Reading::attach), or a reference "files/…#title", "sha256:…" as it is. `codes` is the choice's code table.
ReadValue ReadAs(absl::string_view type, absl::string_view text, absl::string_view codes, const Reading& reading);

// The same by the field's own declaration; an unknown field is taken as text and left to the server.
ReadValue ReadForField(absl::string_view field, absl::string_view text, const Reading& reading);

// "f=v" or "f:type=v"; "f=" clears the field. A field goes by its name or its title. The same field twice adds a value.
bool ReadAssignments(const std::vector<std::string>& assignments, const Reading& reading,
                     std::vector<v1::FieldValue>* fields, v1::Text* fault);

// "owner=units/shuiwu" or "owner=市水务局"; the same party twice adds a member.
bool ReadBindings(const std::vector<std::string>& bindings, const Reading& reading,
                  std::vector<v1::PartyBinding>* parties, v1::Text* fault);

// One id for a text, or what is wrong.
ReadValue ReadReference(absl::string_view text, absl::string_view kind, const Names& names);

// Whether a text may be a name: names are ASCII, what people call things mostly is not.
bool IsAscii(absl::string_view text);
// The name in these titles that a text is, or is the title of; the text itself where there is none, or two.
std::string NameOf(const std::map<std::string, v1::Text>& titles, const std::string& text);
// The field of a procedure that is meant, in the same way.
std::string FieldNamed(const ProcedureWords& words, const std::string& text);

// "sha256:<hex>" of bytes.
std::string Digest(absl::string_view bytes);

// A whole file; nothing when it cannot be read.
std::optional<std::string> ReadFile(const std::string& path);
// The same of text; nothing after saying that it cannot be read, or on which line it is not UTF-8.
std::optional<std::string> ReadTextFile(const Console& console, const std::string& path);

// A text in both languages.
v1::Text Both(std::string zh, std::string en);

}  // namespace duban::cli
