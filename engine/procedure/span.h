// Lengths of time as a procedure's file writes them.
#pragma once

#include <optional>

#include "absl/strings/string_view.h"
#include "duban/v1/value.pb.h"
#include "engine/calendar/calendar.h"

namespace duban::engine {

// "10 working days", "30 days", "2 months", "36 hours"; "10个工作日", "30日", "30天", "2个月", "36小时". At most
// 36,500 of a unit.
std::optional<Span> ParseSpan(absl::string_view text);

// As people read it: 10个工作日, "10 working days".
v1::Text SpanText(const Span& span);

// Roughly how many hours it lasts: enough to order spans of different kinds, and nothing else.
int64_t RoughHours(const Span& span);

}  // namespace duban::engine
