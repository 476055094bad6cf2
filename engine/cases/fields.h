// Checking values against the fields that a procedure defines.
#pragma once

#include "absl/strings/string_view.h"
#include "duban/v1/value.pb.h"
#include "engine/base/rejection.h"
#include "engine/base/time.h"
#include "engine/directory/directory.h"
#include "engine/procedure/procedure.h"

namespace duban::engine {

// Checks the values given for one field: kind, count, bounds, code, existence of what is referred to. A sealed
// field's values must be sealed already. Facts name the field.
Verdict CheckValues(const Procedure& procedure, const Field& field, const v1::FieldValue& given,
                    const Directory& directory);

// Checks a plaintext before it is sealed: only text fields are sealed, so only its length counts.
Verdict CheckPlaintext(const Field& field, absl::string_view text);

// The file of a value "files/…#title", without its title; empty for a file that is kept elsewhere ("sha256:…"). A value
// without a title is what erasing leaves.
absl::string_view UploadedFile(absl::string_view value);

// A value as a procedure's file writes it (`sets: {truth: confirmed}`), in the field's kind.
Outcome<v1::Value> ParseWritten(const Field& field, absl::string_view written);

// "12.50": digits, at most one point, an optional sign, at most 18 digits in all.
bool IsDecimal(absl::string_view text);
// Compares two decimals: negative, zero, positive. REQUIRES: both IsDecimal.
int CompareDecimals(absl::string_view a, absl::string_view b);

}  // namespace duban::engine
