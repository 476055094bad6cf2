#include "services/node/reading.h"

#include <algorithm>

#include "duban/state/v1/rows.pb.h"
#include "engine/base/check.h"
#include "engine/views/tables.h"
#include "services/node/refusals.h"

namespace duban::node {

using engine::Table;

Reading::Reading(const Source& source, Published at, std::string person, absl::Time clock_now)
    : source_(source),
      at_(std::move(at)),
      person_(std::move(person)),
      viewer_(at_.library->directory->ViewerIds(person_)),
      own_(at_.library->directory->OwnIds(person_)),
      now_(at_.library->workspace.virtual_clock() ? at_.recorded : std::max(at_.recorded, engine::ToTick(clock_now))),
      fired_to_(std::min(now_, at_.first_due)) {}

bool Reading::HasRight(absl::string_view right) const { return library().directory->HasRight(person_, right); }

absl::StatusOr<std::optional<std::string>> Reading::Row(Table table, absl::string_view key) const {
  absl::StatusOr<std::string> row = rows().Get(static_cast<uint8_t>(table), key);
  if (row.ok()) return std::optional<std::string>(*std::move(row));
  if (absl::IsNotFound(row.status())) return std::optional<std::string>();
  return row.status();
}

absl::StatusOr<std::string> Reading::CaseNamed(absl::string_view named) const {
  if (IsCase(named)) return std::string(named);
  absl::StatusOr<std::optional<std::string>> row = Row(Table::kCaseNumber, named);
  if (!row.ok()) return row.status();
  return row->value_or("");
}

absl::StatusOr<CasePtr> Reading::FindCase(const std::string& name, store::Position before) const {
  absl::StatusOr<std::optional<std::string>> row = Row(Table::kCaseSnapshot, name);
  if (!row.ok()) return row.status();
  return LoadCase(source_.log, row->value_or(""), name, std::min(before, head()));
}

const engine::Procedure& Reading::ProcedureOf(const CaseState& state) const {
  const engine::Procedure* procedure = library().procedures->Find(state.procedure(), state.procedure_version());
  DUBAN_CHECK(procedure != nullptr, "a case's procedure has been published");
  return *procedure;
}

absl::StatusOr<bool> Reading::SeesNow(const std::string& case_name) const {
  const engine::View* ledger = views().Serving(v1::VIEW_LEDGER);
  if (ledger == nullptr)
    return absl::FailedPreconditionError("VIEW_BUILDING: the ledger is being built; try again later");
  absl::StatusOr<std::optional<std::string>> row =
      Row(Table::kViewRow, engine::ViewPrefix(ledger->definition()) + case_name);
  if (!row.ok()) return row.status();
  if (!row->has_value()) return false;
  duban::state::v1::ViewEntry entry;
  if (!entry.ParseFromString(**row)) return absl::DataLossError("a row of the ledger cannot be read");
  return engine::Admits({entry.audience().begin(), entry.audience().end()}, viewer_);
}

absl::StatusOr<store::Position> Reading::CountRecordedBefore(engine::Instant end) const {
  store::Position low = 0, high = head();
  while (low < high) {
    const store::Position middle = low + (high - low) / 2;
    absl::StatusOr<v1::Commit> commit = ReadCommit(source_.log, middle);
    if (!commit.ok()) return commit.status();
    if (engine::FromProto(commit->recorded_at()) < end) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

absl::StatusOr<engine::Outcome<Past>> Reading::PastAt(const v1::AsOf& as_of) const {
  engine::Instant end;
  switch (as_of.when_case()) {
    case v1::AsOf::kPosition: {
      const std::optional<uint64_t> position = source_.tokens.ParsePosition(as_of.position());
      if (!position || *position >= head()) return engine::Outcome<Past>(UnknownPosition());
      return engine::Outcome<Past>(Past{*position + 1, std::nullopt});
    }
    case v1::AsOf::kDate: {
      const std::optional<engine::Day> day = engine::ParseDay(as_of.date());
      if (!day) return engine::Outcome<Past>(WrongDate("as_of.date", as_of.date()));
      end = library().zone.StartOf(*day + 1);
      break;
    }
    case v1::AsOf::kInstant:
      if (!engine::IsInstant(as_of.instant())) return engine::Outcome<Past>(WrongInstant("as_of.instant"));
      end = engine::FromProto(as_of.instant()) + engine::kTick;
      break;
    case v1::AsOf::WHEN_NOT_SET:
      return engine::Outcome<Past>(Past{head(), std::nullopt});
  }
  absl::StatusOr<store::Position> count = CountRecordedBefore(end);
  if (!count.ok()) return count.status();
  return engine::Outcome<Past>(Past{*count, std::min(end - engine::kTick, now_)});
}

absl::Status Reading::Visit(absl::string_view stream, store::Position from,
                            absl::FunctionRef<bool(const v1::Commit& commit)> visit) const {
  absl::Status trouble;
  const auto show = [&](absl::string_view record) {
    absl::StatusOr<v1::Commit> commit = ParseCommit(record);
    if (!commit.ok()) trouble = commit.status();
    return commit.ok() && visit(*commit);
  };
  absl::Status read;
  if (stream.empty()) {
    read = source_.log.Read(
        from, [&](store::Position position, absl::string_view record) { return position < head() && show(record); });
  } else {
    read = source_.log.ReadStream(stream, 1, [&](uint64_t, store::Position position) {
      if (position < from) return true;
      if (position >= head()) return false;
      absl::StatusOr<std::string> record = source_.log.ReadOne(position);
      if (!record.ok()) trouble = record.status();
      return record.ok() && show(*record);
    });
  }
  return trouble.ok() ? read : trouble;
}

engine::Outcome<int> PageSize(const Reading& reading, int asked, int by_default, int most, Bound bound) {
  if (asked < 0) return WrongNumber("page_size", asked, 0, most);
  if (asked > most) reading.source().vitals.Reached(bound);
  return asked == 0 ? by_default : std::min(asked, most);
}

}  // namespace duban::node
