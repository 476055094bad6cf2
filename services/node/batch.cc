#include "services/node/batch.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "duban/state/v1/rows.pb.h"
#include "engine/base/check.h"
#include "engine/calendar/coverage.h"
#include "engine/cases/decide.h"
#include "engine/cases/evolve.h"
#include "engine/directory/delegation.h"
#include "engine/views/case_index.h"
#include "engine/views/row_keeper.h"
#include "engine/views/tables.h"
#include "services/node/documents.h"
#include "services/node/draws.h"
#include "services/node/jobs/job_rows.h"
#include "services/node/limits.h"
#include "store/record.h"

namespace duban::node {

using engine::Table;
using store::TimerChange;

std::string DedupKey(absl::string_view actor, absl::string_view idempotency_key) {
  return absl::StrCat(engine::KeyText(actor), idempotency_key);
}

std::string TimerName(const CaseState& state) {
  return absl::StrCat(engine::KeyNumber(state.opened_position()), state.name());
}

std::string TimerName(const engine::Standing& delegation) {
  return absl::StrCat(engine::KeyNumber(0), delegation.delegation.name());
}

std::string PlanTimer(absl::string_view plan) { return absl::StrCat(engine::KeyNumber(0), plan); }

std::string CalendarTimer() { return absl::StrCat(engine::KeyNumber(0), "calendar"); }

std::string StreamOfTimer(absl::string_view timer) { return std::string(timer.substr(8)); }

int64_t TimerMs(engine::Instant due) {
  return due == absl::InfiniteFuture() ? TimerChange::kNone : absl::ToUnixMillis(due);
}

Batch::Batch(Ground ground, CaseCache* cache)
    : ground_(std::move(ground)),
      cache_(cache),
      library_(ground_.library),
      recorded_(ground_.recorded),
      followed_(ground_.head) {}

std::optional<std::string> Batch::Get(Table table, absl::string_view key) {
  const auto found = rows_.find({static_cast<uint8_t>(table), std::string(key)});
  if (found != rows_.end()) return found->second;
  if (ground_.rows == nullptr) return std::nullopt;
  absl::StatusOr<std::string> value = ground_.rows->Get(static_cast<uint8_t>(table), key);
  if (value.ok()) return *std::move(value);
  if (!absl::IsNotFound(value.status())) status_.Update(value.status());
  return std::nullopt;
}

void Batch::NoteSuperseded(Table table, absl::string_view key, bool deleted) {
  if (table != Table::kViewRow && table != Table::kViewKept && !(table == Table::kViewIndex && deleted)) return;
  if (!replaced_.emplace(table, std::string(key)).second) return;
  const Superseded& last =
      superseded_.emplace_back(Superseded{followed_ - 1, table, std::string(key), Get(table, key).value_or("")});
  superseded_bytes_ += last.key.size() + last.value.size();
  bytes_ += last.key.size() + last.value.size();
}

std::vector<Superseded> Batch::TakeSuperseded() {
  bytes_ -= std::exchange(superseded_bytes_, 0);
  return std::exchange(superseded_, {});
}

void Batch::Hold(Table table, absl::string_view key, std::optional<std::string> value) {
  const auto [row, fresh] = rows_.try_emplace({static_cast<uint8_t>(table), std::string(key)});
  if (fresh) bytes_ += key.size();
  if (row->second.has_value()) bytes_ -= row->second->size();
  if (value.has_value()) bytes_ += value->size();
  row->second = std::move(value);
}

void Batch::Put(Table table, absl::string_view key, std::string value) {
  if (gathering_) NoteSuperseded(table, key, /*deleted=*/false);
  Hold(table, key, std::move(value));
}

void Batch::Delete(Table table, absl::string_view key) {
  if (gathering_) NoteSuperseded(table, key, /*deleted=*/true);
  Hold(table, key, std::nullopt);
}

void Batch::Scan(Table table, absl::string_view from,
                 absl::FunctionRef<bool(absl::string_view key, absl::string_view value)> visit) {
  const uint8_t number = static_cast<uint8_t>(table);
  auto ours = rows_.lower_bound({number, std::string(from)});
  bool goes_on = true;
  const auto ours_before = [&](const std::string* key) {
    for (; goes_on && ours != rows_.end() && ours->first.first == number; ++ours) {
      if (key != nullptr && ours->first.second >= *key) return;
      if (ours->second.has_value()) goes_on = visit(ours->first.second, *ours->second);
    }
  };
  if (ground_.rows != nullptr) {
    status_.Update(ground_.rows->Scan(number, "", from, [&](absl::string_view key, absl::string_view value) {
      const std::string theirs(key);
      ours_before(&theirs);
      const bool replaced = ours != rows_.end() && ours->first == std::make_pair(number, theirs);
      if (goes_on && !replaced) goes_on = visit(key, value);
      return goes_on;
    }));
  }
  ours_before(nullptr);
}

CasePtr Batch::FindCase(const std::string& name) {
  const auto found = cases_.find(name);
  if (found != cases_.end()) return found->second;
  CasePtr state = cache_->Find(name);
  if (state == nullptr) {
    absl::StatusOr<CasePtr> loaded =
        LoadCase(*ground_.log, Get(Table::kCaseSnapshot, name).value_or(""), name, ground_.head);
    if (!loaded.ok()) {
      status_.Update(loaded.status());
      return nullptr;
    }
    state = *std::move(loaded);
  }
  cases_[name] = state;
  return state;
}

absl::StatusOr<v1::Commit> Batch::CommitAt(store::Position position) const {
  if (position >= ground_.head && position < head()) return staged_[position - ground_.head];
  return ReadCommit(*ground_.log, position);
}

absl::StatusOr<std::string> Batch::SealedPartAt(absl::string_view stream, uint64_t revision) const {
  std::string record;
  for (size_t i = 0; i < staged_.size() && i < appended_.size(); ++i) {
    for (const v1::StreamPart& part : staged_[i].parts()) {
      const bool holds = part.stream() == stream && part.first_revision() <= revision &&
                         revision < part.first_revision() + static_cast<uint64_t>(part.events_size());
      if (holds) record = appended_[i].record;
    }
  }
  if (record.empty()) {
    std::optional<store::Position> position;
    const absl::Status read = ground_.log->ReadStream(stream, revision, [&](uint64_t, store::Position at) {
      position = at;
      return false;
    });
    if (!read.ok()) return read;
    if (!position.has_value()) return absl::NotFoundError("no such event");
    absl::StatusOr<std::string> stored = ground_.log->ReadOne(*position);
    if (!stored.ok()) return stored.status();
    record = *std::move(stored);
  }
  const absl::StatusOr<store::RecordParts> parts = store::ParseRecord(record);
  if (!parts.ok()) return parts.status();
  return std::string(parts->sealed_part);
}

engine::Outcome<store::Position> Batch::Stage(v1::Commit commit, absl::string_view sealed_part) {
  const store::Position position = head();
  DUBAN_CHECK(!commit.parts().empty(), "a commit has events");
  commit.set_position(position);
  const engine::Instant recorded = std::max(recorded_, engine::FromProto(commit.recorded_at()));
  *commit.mutable_recorded_at() = engine::ToProto(recorded);
  store::CommitBytes bytes;
  bytes.record = store::EncodeRecord(commit.SerializeAsString(), sealed_part);
  if (bytes.record.size() > store::kRecordBytesMax) {
    return engine::Reject(
        engine::Kind::kInvalid, "COMMIT_TOO_LARGE", "这一命令产生的内容过大，请分成几次提交。",
        "What this command would write is too large. Split it.",
        {{"bytes", absl::StrCat(bytes.record.size())}, {"bytes_max", absl::StrCat(store::kRecordBytesMax)}});
  }
  for (const v1::StreamPart& part : commit.parts()) {
    bytes.streams.push_back({part.stream(), part.first_revision(), static_cast<uint64_t>(part.events_size())});
  }
  bytes_ += bytes.record.size();
  Follow(commit);
  appended_.push_back(std::move(bytes));
  staged_.push_back(std::move(commit));
  return position;
}

void Batch::Follow(const v1::Commit& commit) {
  DUBAN_CHECK(commit.position() == followed_, "commits are followed in the log's order");
  ++followed_;
  replaced_.clear();
  recorded_ = std::max(recorded_, engine::FromProto(commit.recorded_at()));
  absl::StatusOr<LibraryPtr> library = LibraryAfter(library_, commit);
  if (!library.ok()) {
    status_.Update(library.status());
    return;
  }
  const LibraryPtr before = std::exchange(library_, *std::move(library));
  if (before->directory != library_->directory) FollowDelegations(*before->directory, commit);
  FollowCoverage(*before, *library_);
  FollowPlans(*before, *library_);
  FollowKey(commit);
  PutLibraryRows(commit, *this);
  jobs_added_ += FollowJobs(commit, *this);
  FollowDraws(commit, *this);
  FollowDocuments(commit, *this);
  if (commit.position() == 0) {
    Put(Table::kRowsFormat, kRowsFormatKey, engine::KeyNumber(kRowsFormat));
    for (const engine::View* view : ground_.views->kept) {
      store::RowChange mark = ServingMark(*view);
      Put(Table::kViewBuild, mark.key, std::move(mark.value));
    }
  }
  for (const v1::StreamPart& part : commit.parts()) {
    if (IsCase(part.stream())) {
      FollowCase(commit, part);
    } else {
      FollowViews({part, engine::FromProto(commit.recorded_at()), *library_->directory, library_->zone});
    }
  }
  FollowChanged(commit.position());
}

void Batch::FollowViews(const engine::Change& change) {
  const uint64_t version = change.after == nullptr ? change.part.first_revision() : change.after->revision();
  for (const engine::View* view : ground_.views->kept) {
    engine::RowKeeper keeper(*view, *this, version);
    view->Apply(change, keeper);
    duban::state::v1::ChangedView changed = keeper.TakeChanged();
    if (!keeps_changed_ || (changed.keys().empty() && changed.cells().empty())) continue;
    const engine::Definition& is = view->definition();
    changed.set_view(static_cast<uint32_t>(is.number));
    changed.set_version(is.version);
    changed_views_.insert(is.number);
    *commit_changed_.add_views() = std::move(changed);
  }
}

void Batch::FollowChanged(store::Position position) {
  if (!keeps_changed_) return;
  if (!commit_changed_.views().empty()) {
    if (commit_changed_.ByteSizeLong() > limits::kChangedBytesMax) {
      ++changed_left_out_;
      commit_changed_.Clear();
      commit_changed_.add_views()->set_view(v1::VIEW_UNSPECIFIED);  // Left out.
    }
    Put(Table::kChanged, engine::KeyNumber(position), commit_changed_.SerializeAsString());
    commit_changed_.Clear();
  }
  if (position >= limits::kChangedKept) Delete(Table::kChanged, engine::KeyNumber(position - limits::kChangedKept));
}

void Batch::FollowCoverage(const Library& before, const Library& after) {
  if (before.calendar_revision == after.calendar_revision) return;
  const auto due = [](const Library& library) {
    const auto& warned = library.coverage_warned;
    const auto next = engine::NextCoverageWarning(*library.calendar, warned ? &*warned : nullptr, library.zone);
    return next ? TimerMs(*next) : TimerChange::kNone;
  };
  if (due(before) != due(after)) Arm(CalendarTimer(), due(before), due(after));
}

// A plan is due on a day that a calendar may move, or that the directory gives: what is armed is looked at again
// whenever one of these changes. Where the calendar does not reach, the nominal day stands: firing then says what is
// missing.
void Batch::FollowPlans(const Library& before, const Library& after) {
  if (before.plans == after.plans && before.calendar == after.calendar && before.agendas == after.agendas) return;
  const auto due = [](const Library& library, const std::string& name) {
    const std::optional<Coming> coming = ComingOf(library, name);
    return coming.has_value() ? TimerMs(coming->due) : TimerChange::kNone;
  };
  for (const auto& [name, plan] : *after.plans) {
    const int64_t was = due(before, name), now = due(after, name);
    if (was != now) Arm(PlanTimer(name), was, now);
  }
}

void Batch::FollowKey(const v1::Commit& commit) {
  if (commit.cause().idempotency_key().empty()) return;
  duban::state::v1::DedupEntry entry;
  entry.set_position(commit.position());
  entry.set_request_mac(commit.cause().request_mac());
  entry.set_recorded_ms(absl::ToUnixMillis(engine::FromProto(commit.recorded_at())));
  Put(Table::kDedup, DedupKey(commit.cause().actor(), commit.cause().idempotency_key()), entry.SerializeAsString());
}

void Batch::FollowCase(const v1::Commit& commit, const v1::StreamPart& part) {
  const CasePtr before = FindCase(part.stream());
  if (!status_.ok()) return;
  auto after = before ? std::make_shared<CaseState>(*before) : std::make_shared<CaseState>();
  engine::EvolvePart(*after, commit, part);
  const engine::Procedure* procedure = library_->procedures->Find(after->procedure(), after->procedure_version());
  DUBAN_CHECK(procedure != nullptr, "a case's procedure has been published");

  const engine::Change change{part,
                              engine::FromProto(commit.recorded_at()),
                              *library_->directory,
                              library_->zone,
                              procedure,
                              before.get(),
                              after.get()};
  if (before != nullptr && before->collecting().has_box()) {
    const std::string& key = before->collecting().box().key_id();
    if (after->collecting().box().key_id() != key) spent_keys_.push_back(key);
  }
  engine::IndexCase(change, *this);
  FollowViews(change);
  Arm(TimerName(*after), before ? TimerMs(engine::NextDue(*before)) : TimerChange::kNone,
      TimerMs(engine::NextDue(*after)));
  cases_[part.stream()] = std::move(after);
  changed_cases_.insert(part.stream());
}

void Batch::FollowDelegations(const engine::Directory& before, const v1::Commit& commit) {
  for (const v1::StreamPart& part : commit.parts()) {
    const engine::Standing* now = library_->directory->FindDelegation(part.stream());
    if (now == nullptr) continue;
    const engine::Standing* was = before.FindDelegation(part.stream());
    Arm(TimerName(*now), was == nullptr ? TimerChange::kNone : TimerMs(engine::NextDue(*was)),
        TimerMs(engine::NextDue(*now)));
  }
}

void Batch::Arm(const std::string& name, int64_t was, int64_t now) {
  auto [timer, first_touch] = timers_.try_emplace(name);
  if (first_touch) timer->second.was = was;
  timer->second.now = now;
  touched_timers_.insert(name);
}

store::Append Batch::TakeAppend() {
  store::Append append;
  append.expected_head = ground_.head;
  append.commits = std::move(appended_);
  appended_.clear();
  return append;
}

store::Apply Batch::TakeApply() {
  store::Apply apply;
  apply.position = followed_;
  for (const auto& [key, value] : rows_) {
    apply.rows.push_back({key.first, key.second, value.value_or(""), !value.has_value()});
  }
  for (const auto& [name, timer] : timers_) {
    if (timer.was != timer.now) apply.timers.push_back({name, timer.was, timer.now});
  }
  return apply;
}

void Batch::Remember() {
  for (const std::string& name : changed_cases_) cache_->Put(cases_[name]);
}

absl::Status FollowCommits(const store::Store& log, store::Position end, size_t bytes_max, Batch& batch) {
  const size_t before = batch.bytes();
  const auto full = [&] { return batch.bytes() > before && batch.bytes() - before >= bytes_max; };
  absl::Status trouble;
  const absl::Status read = log.Read(batch.head(), [&](store::Position position, absl::string_view record) {
    if (position >= end) return false;
    absl::StatusOr<v1::Commit> commit = ParseCommit(record);
    trouble = commit.status();
    if (!trouble.ok()) return false;
    batch.Follow(*commit);
    trouble = batch.status();
    return trouble.ok() && batch.head() < end && !full();
  });
  if (!trouble.ok()) return trouble;
  if (!read.ok()) return read;
  if (batch.head() < end && !full()) return absl::DataLossError("the log ends before its head");
  return absl::OkStatus();
}

int64_t Batch::timers_added() const {
  int64_t added = 0;
  for (const auto& [name, timer] : timers_) {
    added += (timer.now != TimerChange::kNone ? 1 : 0) - (timer.was != TimerChange::kNone ? 1 : 0);
  }
  return added;
}

std::vector<store::Timer> Batch::MovedTimers() const {
  std::vector<store::Timer> armed;
  for (const auto& [name, timer] : timers_) {
    if (timer.now != TimerChange::kNone && timer.now != timer.was) armed.push_back({timer.now, name});
  }
  return armed;
}

std::optional<int64_t> Batch::TimerOf(const std::string& name) const {
  const auto found = timers_.find(name);
  if (found == timers_.end()) return std::nullopt;
  return found->second.now;
}

}  // namespace duban::node
