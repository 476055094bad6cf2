// Refusals that more than one place gives, so that they read the same everywhere. docs/errors.md lists all.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "engine/base/rejection.h"

namespace duban::node {

// The same whether there is no such case or the viewer may not see it.
engine::Rejection CaseNotFound(absl::string_view named);
engine::Rejection StreamNotFound(absl::string_view named);
engine::Rejection JobNotFound(absl::string_view named);
engine::Rejection RightRequired(absl::string_view right);
engine::Rejection ForeignPageToken();
engine::Rejection UnknownPosition();
engine::Rejection HistoryForked();
engine::Rejection WrongDate(absl::string_view field, absl::string_view given);
engine::Rejection WrongInstant(absl::string_view field);
engine::Rejection WrongNumber(absl::string_view field, int64_t given, int64_t least, int64_t most);

engine::Rejection KeyReused();

}  // namespace duban::node
