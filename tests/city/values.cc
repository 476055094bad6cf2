#include "tests/city/values.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace duban::city {
namespace {

constexpr char kPhoto[] = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08#现场照片.jpg";

// As matters_openings.cc and backlog.cc write them: "来电人 m12".
constexpr const char* kPersons[] = {"来电人 ", "信访人 ", "反映人 "};

}  // namespace

bool TellsPersonalData(const std::string& bytes) {
  return std::any_of(std::begin(kPersons), std::end(kPersons),
                     [&](const char* word) { return absl::StrContains(bytes, word); });
}

v1::FieldValue TextField(const std::string& field, const std::string& text) {
  v1::FieldValue out;
  out.set_field(field);
  out.add_values()->set_text(text);
  return out;
}
v1::FieldValue DateField(const std::string& field, const std::string& date) {
  v1::FieldValue out;
  out.set_field(field);
  out.add_values()->set_date(date);
  return out;
}
v1::FieldValue ChoiceField(const std::string& field, const std::string& choice) {
  v1::FieldValue out;
  out.set_field(field);
  out.add_values()->set_choice(choice);
  return out;
}
v1::FieldValue NumberField(const std::string& field, int64_t number) {
  v1::FieldValue out;
  out.set_field(field);
  out.add_values()->set_number(absl::StrCat(number));
  return out;
}

v1::FieldValue FileField(const std::string& field) {
  v1::FieldValue out;
  out.set_field(field);
  out.add_values()->set_file(kPhoto);
  return out;
}

void Bind(v1::OpenCaseRequest& open, const std::string& party, const std::vector<std::string>& ids) {
  v1::PartyBinding& binding = *open.add_parties();
  binding.set_party(party);
  for (const std::string& id : ids) binding.add_ids(id);
}

}  // namespace duban::city
