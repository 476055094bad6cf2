// Parts of requests.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "duban/v1/case_service.pb.h"

namespace duban::city {

// Personal data of this city, wherever it stands, begins with one of a few words.
bool TellsPersonalData(const std::string& bytes);

v1::FieldValue TextField(const std::string& field, const std::string& text);
v1::FieldValue DateField(const std::string& field, const std::string& date);
v1::FieldValue ChoiceField(const std::string& field, const std::string& choice);
v1::FieldValue NumberField(const std::string& field, int64_t number);
// A photograph that is elsewhere.
v1::FieldValue FileField(const std::string& field);
void Bind(v1::OpenCaseRequest& open, const std::string& party, const std::vector<std::string>& ids);

}  // namespace duban::city
