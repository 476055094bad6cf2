#include "services/node/history.h"

#include "engine/cases/present.h"
#include "engine/cases/suggestions.h"
#include "engine/views/tables.h"
#include "services/node/downloads.h"
#include "services/node/jobs/job_reads.h"
#include "services/node/limits.h"
#include "services/node/refusals.h"

namespace duban::node {

using engine::Outcome;

namespace {

constexpr size_t kCasesRememberedMax = 1024;

// The other case that an event names; empty where it names none.
const std::string& OtherCase(const v1::Event& event) {
  if (event.has_part_linked()) return event.part_linked().parent();
  if (event.has_case_merged()) return event.case_merged().into();
  if (event.has_duplicate_taken()) return event.duplicate_taken().duplicate();
  if (event.has_action_taken()) return event.action_taken().through();
  return event.case_opened().parent();
}

}  // namespace

absl::StatusOr<CasePtr> History::SeenCase(const std::string& name) {
  const auto found = cases_.find(name);
  if (found != cases_.end()) return found->second;
  absl::StatusOr<bool> sees = reading_.SeesNow(name);
  if (!sees.ok()) return sees.status();
  CasePtr state;
  if (*sees) {
    absl::StatusOr<CasePtr> loaded = reading_.FindCase(name, reading_.head());
    if (!loaded.ok()) return loaded.status();
    state = *std::move(loaded);
  }
  if (cases_.size() >= kCasesRememberedMax) cases_.clear();
  return cases_[name] = std::move(state);
}

bool History::MayKnow(const std::string& stream, const v1::Event& event) const {
  const CaseState& state = *cases_.at(stream);
  const std::optional<engine::Ids> known =
      engine::KnownTo(reading_.ProcedureOf(state), state, *reading_.library().directory, event);
  return !known.has_value() || engine::Admits(*known, reading_.viewer());
}

absl::StatusOr<v1::Event> History::Masked(const std::string& stream, const v1::Event& event) {
  const CasePtr& state = cases_[stream];
  v1::Event out = engine::MaskEvent(reading_.ProcedureOf(*state), *state, reading_.viewer(), event);
  if (out.has_fields_set()) {
    absl::Status done = ForgetErased(reading_, *out.mutable_fields_set()->mutable_fields());
    if (!done.ok()) return done;
  }
  if (out.has_approval_requested()) {
    absl::Status done = ForgetErased(reading_, *out.mutable_approval_requested()->mutable_proposed());
    if (!done.ok()) return done;
  }
  if (out.has_action_taken()) {
    for (std::string& file : *out.mutable_action_taken()->mutable_files()) {
      if (absl::Status done = ForgetErased(reading_, file); !done.ok()) return done;
    }
  }
  const std::string& other = OtherCase(event);
  if (other.empty()) return out;
  absl::StatusOr<bool> sees_other = reading_.SeesNow(other);
  if (!sees_other.ok()) return sees_other.status();
  if (!*sees_other) return out;
  if (out.has_case_opened()) out.mutable_case_opened()->set_parent(other);
  if (out.has_action_taken()) out.mutable_action_taken()->set_through(other);
  if (out.has_part_linked()) out.mutable_part_linked()->set_parent(other);
  if (out.has_case_merged()) out.mutable_case_merged()->set_into(other);
  if (out.has_duplicate_taken()) *out.mutable_duplicate_taken() = event.duplicate_taken();
  return out;
}

absl::StatusOr<std::vector<v1::EventRecord>> History::Visible(const v1::Commit& commit, absl::string_view stream) {
  std::vector<v1::EventRecord> out;
  for (const v1::StreamPart& part : commit.parts()) {
    if (!stream.empty() && absl::string_view(part.stream()) != stream) continue;
    const engine::Ids audience(part.audience().begin(), part.audience().end());
    if (!audience.empty() && !engine::Admits(audience, reading_.viewer())) continue;
    const bool is_case = IsCase(part.stream());
    if (is_case) {
      absl::StatusOr<CasePtr> seen = SeenCase(part.stream());
      if (!seen.ok()) return seen.status();
      if (*seen == nullptr) continue;
    }
    uint64_t revision = part.first_revision();
    for (const v1::Event& event : part.events()) {
      if (is_case && !MayKnow(part.stream(), event)) {
        ++revision;
        continue;
      }
      v1::EventRecord& record = out.emplace_back();
      record.set_position(reading_.source().tokens.Position(commit.position()));
      if (audits_) record.set_log_position(commit.position());
      record.set_index(static_cast<uint32_t>(out.size() - 1));
      *record.mutable_recorded_at() = commit.recorded_at();
      if (commit.cause().has_occurred_at()) *record.mutable_occurred_at() = commit.cause().occurred_at();
      record.set_actor(commit.cause().actor());
      record.set_entered_for(commit.cause().entered_for());
      record.set_command(commit.cause().command());
      record.set_stream(part.stream());
      record.set_revision(revision++);
      if (is_case) {
        absl::StatusOr<v1::Event> masked = Masked(part.stream(), event);
        if (!masked.ok()) return masked.status();
        *record.mutable_event() = *std::move(masked);
      } else {
        *record.mutable_event() = event;
        if (event.has_job_advanced()) {
          const absl::Status hidden =
              HideRefusals(reading_, *record.mutable_event()->mutable_job_advanced()->mutable_refusals());
          if (!hidden.ok()) return hidden;
          // Where it goes on names the case it stopped at, and where that one stands in the log.
          if (!audits_) record.mutable_event()->mutable_job_advanced()->clear_cursor();
        }
      }
    }
  }
  return out;
}

absl::StatusOr<Outcome<std::string>> History::Stream(const std::string& named) {
  if (named.empty()) return Outcome<std::string>(std::string());
  absl::StatusOr<std::string> name = reading_.CaseNamed(named);
  if (!name.ok()) return name.status();
  if (IsCase(*name)) {
    absl::StatusOr<CasePtr> seen = SeenCase(*name);
    if (!seen.ok()) return seen.status();
    if (*seen == nullptr) return Outcome<std::string>(StreamNotFound(named));
    return Outcome<std::string>(*name);
  }
  // Other streams: it exists for him who may see its first events.
  bool seen = false;
  absl::Status trouble;
  const absl::Status visited = reading_.Visit(named, 0, [&](const v1::Commit& commit) {
    absl::StatusOr<std::vector<v1::EventRecord>> visible = Visible(commit, named);
    if (!visible.ok()) trouble = visible.status();
    seen = visible.ok() && !visible->empty();
    return false;
  });
  if (!visited.ok() || !trouble.ok()) return visited.ok() ? trouble : visited;
  if (!seen) return Outcome<std::string>(StreamNotFound(named));
  return Outcome<std::string>(named);
}

Reply<v1::ReadEventsResponse> ReadEvents(const Reading& reading, const v1::ReadEventsRequest& request) {
  const Outcome<int> size =
      PageSize(reading, request.page_size(), limits::kEventPageDefault, limits::kEventPageMax, Bound::kEventPage);
  if (!size.ok()) return size.rejection();
  History history(reading);
  absl::StatusOr<Outcome<std::string>> stream = history.Stream(request.stream());
  if (!stream.ok()) return stream.status();
  if (!stream->ok()) return stream->rejection();

  // A page token holds the commit to go on with, and how many of its events have been given.
  const std::string bound = PageBound(reading, request);
  store::Position from = 0;
  size_t given = 0;
  if (!request.page_token().empty()) {
    const std::optional<std::string> place = reading.source().tokens.ParsePage(bound, request.page_token());
    if (!place || place->size() != 16) return ForeignPageToken();
    from = engine::ParseKeyNumber(absl::string_view(*place).substr(0, 8));
    given = engine::ParseKeyNumber(absl::string_view(*place).substr(8));
  }
  v1::ReadEventsResponse out;
  absl::Status trouble;
  int looked = 0;
  const auto stop_at = [&](store::Position position, size_t index) {
    out.set_next_page_token(
        reading.source().tokens.Page(bound, engine::KeyNumber(position) + engine::KeyNumber(index)));
    return false;
  };
  const absl::Status visited = reading.Visit(**stream, from, [&](const v1::Commit& commit) {
    // A full page looks on for the next visible event: whether there is a next page tells nothing of hidden ones.
    if (looked++ >= limits::kScanBudget) {
      out.set_budget_reached(true);
      reading.source().vitals.Reached(Bound::kScan);
      return stop_at(commit.position(), 0);
    }
    absl::StatusOr<std::vector<v1::EventRecord>> visible = history.Visible(commit, **stream);
    if (!visible.ok()) {
      trouble = visible.status();
      return false;
    }
    for (size_t i = commit.position() == from ? given : 0; i < visible->size(); ++i) {
      if (out.events_size() == *size) return stop_at(commit.position(), i);
      *out.add_events() = std::move((*visible)[i]);
    }
    return true;
  });
  if (!visited.ok()) return visited;
  if (!trouble.ok()) return trouble;
  return out;
}

}  // namespace duban::node
