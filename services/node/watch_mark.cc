#include "services/node/watch_mark.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <array>

#include "absl/strings/str_cat.h"
#include "engine/views/tables.h"
#include "services/node/crypto.h"

namespace duban::node {
namespace {

// The form of a token: its kind and its version.
constexpr char kEventForm = 'E';
constexpr char kViewForm = 'V';

template <size_t n>
std::string Pack(char form, const std::array<uint64_t, n>& numbers) {
  std::string out(1, form);
  for (uint64_t number : numbers) absl::StrAppend(&out, engine::KeyNumber(number));
  return out;
}

template <size_t n>
std::optional<std::array<uint64_t, n>> Unpack(char form, const std::optional<std::string>& state) {
  if (!state.has_value() || state->size() != 1 + 8 * n || state->front() != form) return std::nullopt;
  std::array<uint64_t, n> numbers;
  for (size_t i = 0; i < n; ++i) numbers[i] = engine::ParseKeyNumber(absl::string_view(*state).substr(1 + 8 * i, 8));
  return numbers;
}

// The same bytes for the same conditions: a map has no order of its own.
std::string Bytes(const v1::ViewFilter& filter) {
  std::string out;
  google::protobuf::io::StringOutputStream stream(&out);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  filter.SerializeToCodedStream(&coded);
  coded.Trim();
  return out;
}

std::string Joined(const engine::Ids& ids) {
  std::string out;
  for (const std::string& id : ids) absl::StrAppend(&out, engine::KeyText(id));
  return out;
}

}  // namespace

std::string TokenOf(const Tokens& tokens, absl::string_view person, const EventMark& mark) {
  return tokens.Mark(person, Pack<2>(kEventForm, {mark.position, mark.check}));
}

std::string TokenOf(const Tokens& tokens, absl::string_view person, const ViewMark& mark) {
  return tokens.Mark(person, Pack<9>(kViewForm, {mark.view, mark.version, mark.ledger_version, mark.filter, mark.scope,
                                                 mark.position, mark.check, mark.count, mark.digest}));
}

std::optional<EventMark> ParseEventMark(const Tokens& tokens, absl::string_view person, absl::string_view token) {
  const auto n = Unpack<2>(kEventForm, tokens.ParseMark(person, token));
  if (!n.has_value()) return std::nullopt;
  return EventMark{(*n)[0], (*n)[1]};
}

std::optional<ViewMark> ParseViewMark(const Tokens& tokens, absl::string_view person, absl::string_view token) {
  const auto n = Unpack<9>(kViewForm, tokens.ParseMark(person, token));
  if (!n.has_value()) return std::nullopt;
  return ViewMark{(*n)[0], (*n)[1], (*n)[2], (*n)[3], (*n)[4], (*n)[5], (*n)[6], (*n)[7], (*n)[8]};
}

absl::StatusOr<uint64_t> CheckAt(const store::Store& log, store::Position position) {
  absl::StatusOr<std::string> record = log.ReadOne(position);
  if (!record.ok()) return record.status();
  return Digest64(*record);
}

ViewMark MarkOf(const Reading& reading, const ViewQuery& query) {
  const engine::View* ledger = reading.views().Serving(v1::VIEW_LEDGER);
  ViewMark mark;
  mark.view = static_cast<uint64_t>(query.definition().number);
  mark.version = query.definition().version;
  mark.ledger_version = ledger == nullptr ? 0 : ledger->definition().version;
  mark.filter = Digest64(Bytes(query.filter()));
  mark.scope = Digest64(absl::StrCat(Joined(reading.viewer()), engine::KeyText(""), Joined(reading.own())));
  return mark;
}

uint64_t RowDigest(absl::string_view key, uint64_t version) {
  return Digest64(absl::StrCat(engine::KeyText(key), engine::KeyNumber(version)));
}

}  // namespace duban::node
