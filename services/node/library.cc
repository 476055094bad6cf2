#include "services/node/library.h"

#include <algorithm>
#include <map>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/views/tables.h"

namespace duban::node {
namespace {

using engine::Table;

constexpr char kCoverageKey[] = "coverage";

std::string CalendarKey(int year) { return engine::KeyNumber(static_cast<uint64_t>(year)); }

// The file that a published procedure was, and the shared ones beside it.
std::vector<engine::SourceFile> SourcesOf(const std::vector<v1::ProcedurePublished>& together) {
  std::vector<engine::SourceFile> files;
  std::vector<std::string> shared;
  for (const v1::ProcedurePublished& published : together) {
    // Shared definitions alone have no procedure.
    if (!published.procedure().empty()) {
      files.push_back({absl::StrCat(published.procedure(), ".yaml"), published.source()});
    }
    for (const std::string& text : published.shared()) {
      if (std::find(shared.begin(), shared.end(), text) == shared.end()) shared.push_back(text);
    }
  }
  for (size_t i = 0; i < shared.size(); ++i) files.push_back({absl::StrCat("shared-", i + 1, ".yaml"), shared[i]});
  return files;
}

// Which table and key an event is kept under; nothing for events of cases and for TimeAdvanced.
struct Place {
  Table table;
  std::string key;
};

std::optional<Place> PlaceOf(const v1::Event& event) {
  switch (event.body_case()) {
    case v1::Event::kWorkspaceCreated:
      return Place{Table::kWorkspace, kWorkspaceKey};
    case v1::Event::kProcedurePublished:
      return Place{Table::kProcedure,
                   ProcedureKey(event.procedure_published().procedure(), event.procedure_published().version())};
    case v1::Event::kCalendarPublished:
      return Place{Table::kCalendar, CalendarKey(event.calendar_published().year().year())};
    case v1::Event::kCoverageWarned:
      return Place{Table::kCalendar, kCoverageKey};
    case v1::Event::kUnitPut:
      return Place{Table::kDirectory, event.unit_put().unit().name()};
    case v1::Event::kPostPut:
      return Place{Table::kDirectory, event.post_put().post().name()};
    case v1::Event::kPersonPut:
      return Place{Table::kDirectory, event.person_put().person().name()};
    case v1::Event::kRelationPut:
      return Place{Table::kDirectory, event.relation_put().relation().name()};
    case v1::Event::kDelegationPut:
      return Place{Table::kDirectory, event.delegation_put().delegation().name()};
    case v1::Event::kDelegationBegan:
      return Place{Table::kDirectory, event.delegation_began().delegation()};
    case v1::Event::kDelegationEnded:
      return Place{Table::kDirectory, event.delegation_ended().delegation()};
    case v1::Event::kPlanPut:
      return Place{Table::kDirectory, event.plan_put().plan().name()};
    case v1::Event::kPlanDue:
      return Place{Table::kDirectory, event.plan_due().plan()};
    case v1::Event::kTimeAdvanced:
    case v1::Event::kCollectBegan:
    case v1::Event::kBallotCast:
    case v1::Event::kCollectClosed:
    case v1::Event::kPartLinked:
    case v1::Event::kCaseMerged:
    case v1::Event::kDuplicateTaken:
    case v1::Event::kTransferOffered:
    case v1::Event::kTransferAnswered:
    case v1::Event::kDrawFrozen:
    case v1::Event::kDrawSeeded:
    case v1::Event::kDrawMade:
    case v1::Event::kDocumentIssued:
    case v1::Event::kDocumentReceived:
    case v1::Event::kDocumentFiled:
    case v1::Event::kSuggestionDecided:
    case v1::Event::kPartyRebound:
    case v1::Event::kMoveRescheduled:
    case v1::Event::kCaseMigrated:
    case v1::Event::kRegisterEntered:
    case v1::Event::kRegisterLeft:
    case v1::Event::kFileErased:
    case v1::Event::kJobStarted:
    case v1::Event::kJobAdvanced:
    case v1::Event::kJobEnded:
    case v1::Event::kCaseOpened:
    case v1::Event::kFieldsSet:
    case v1::Event::kStageEntered:
    case v1::Event::kActionTaken:
    case v1::Event::kApprovalRequested:
    case v1::Event::kApprovalDecided:
    case v1::Event::kClockStarted:
    case v1::Event::kClockPaused:
    case v1::Event::kClockResumed:
    case v1::Event::kClockMoved:
    case v1::Event::kClockStopped:
    case v1::Event::kRungFired:
    case v1::Event::kRungSuppressed:
    case v1::Event::kRungWithdrawn:
    case v1::Event::kCaseEnded:
    case v1::Event::kCaseReopened:
    case v1::Event::BODY_NOT_SET:
      return std::nullopt;
  }
  return std::nullopt;
}

// A delegation's row keeps what was put, and beside it how that stands.
void KeepDelegation(const v1::Event& event, const LibraryEntry& before, LibraryEntry& entry) {
  entry.set_over(before.over() || event.has_delegation_ended() || event.delegation_put().delegation().ended());
  entry.set_holds(!entry.over() && (before.holds() || event.has_delegation_began()));
  if (!event.has_delegation_put()) *entry.mutable_event() = before.event();
}

// How a delegation stands, as the events that brought it there.
std::vector<v1::Event> StandingOf(const LibraryEntry& entry) {
  std::vector<v1::Event> out;
  const std::string& name = entry.event().delegation_put().delegation().name();
  if (entry.holds()) out.emplace_back().mutable_delegation_began()->set_delegation(name);
  if (entry.over()) out.emplace_back().mutable_delegation_ended()->set_delegation(name);
  return out;
}

// A plan's row keeps what was put, and beside it when it came due last; a new version begins anew.
void KeepPlan(const v1::Event& event, const LibraryEntry& before, LibraryEntry& entry) {
  entry.set_plan_last(event.has_plan_due() ? event.plan_due().occurrence() : before.plan_last());
  if (event.has_plan_due()) *entry.mutable_event() = before.event();
}

// Beside a plan's row: each version, for the jobs that it began; and of each term and vacancy when it came due last.
std::optional<std::string> FurtherPlanKey(const v1::Event& event) {
  if (event.has_plan_put()) {
    const v1::Plan& plan = event.plan_put().plan();
    return absl::StrCat("plan-versions/", plan.name(), "/", plan.version());
  }
  const v1::PlanDue& due = event.plan_due();
  const std::optional<engine::Occasion> occasion = engine::ParseOccasion(due.occurrence());
  if (!occasion) return std::nullopt;
  return absl::StrCat("plan-occasions/", due.plan(), "/", engine::FormatDay(occasion->day), " ", occasion->post);
}

// A library being changed: each part is copied once, when it first changes.
class Revision {
 public:
  explicit Revision(LibraryPtr from) : from_(std::move(from)) {}

  // `revision` is the event's in its stream.
  void Evolve(const v1::Event& event, uint64_t revision) {
    if (event.has_calendar_published() || event.has_coverage_warned()) Next().calendar_revision = revision;
    if (event.has_coverage_warned()) {
      Next().coverage_warned = event.coverage_warned();
    } else if (event.has_workspace_created()) {
      Next().workspace = event.workspace_created();
      Next().zone = engine::Zone(event.workspace_created().zone_offset_s());
    } else if (event.has_unit_put() || event.has_post_put() || event.has_person_put() || event.has_relation_put() ||
               event.has_delegation_put() || event.has_delegation_began() || event.has_delegation_ended()) {
      if (!directory_) Next().directory = directory_ = std::make_shared<engine::Directory>(*from_->directory);
      directory_->Evolve(event);
      posts_changed_ |= event.has_post_put() || event.has_unit_put();
    } else if (event.has_calendar_published()) {
      if (!calendar_) Next().calendar = calendar_ = std::make_shared<engine::Calendar>(*from_->calendar);
      calendar_->Put(event.calendar_published().year(), event.calendar_published().version());
    } else if (event.has_plan_put() || event.has_plan_due()) {
      if (!plans_) Next().plans = plans_ = std::make_shared<engine::Plans>(*from_->plans);
      engine::EvolvePlans(*plans_, event);
    } else if (event.has_procedure_published()) {
      together_.push_back(event.procedure_published());
      if (event.procedure_published().procedure().empty()) {
        Next().definitions = event.procedure_published().version();
      }
    }
  }

  // Compiles what one commit published: files that name each other are one set.
  absl::Status EndOfCommit() {
    if (together_.empty()) return absl::OkStatus();
    if (!procedures_) Next().procedures = procedures_ = std::make_shared<engine::Procedures>(*from_->procedures);
    engine::Compiled compiled = engine::CompilePublished(SourcesOf(together_), *procedures_);
    for (const engine::Finding& finding : compiled.findings) {
      if (finding.warning) continue;
      return absl::FailedPreconditionError(absl::StrCat(
          "a published procedure does not compile any more: ", finding.path, ":", finding.line, ": ", finding.rule));
    }
    for (const v1::ProcedurePublished& published : together_) {
      for (engine::Procedure& procedure : compiled.procedures) {
        if (procedure.name != published.procedure()) continue;
        auto versioned = std::make_shared<engine::Procedure>(procedure);
        versioned->version = published.version();
        procedures_->Put(std::move(versioned));
      }
    }
    together_.clear();
    if (compiled.metrics.empty() && compiled.scoreboards.empty() && compiled.reports.empty()) return absl::OkStatus();
    if (!figures_) Next().figures = figures_ = std::make_shared<engine::Figures>(*from_->figures);
    for (engine::Metric& metric : compiled.metrics) figures_->Put(std::move(metric));
    for (engine::Scoreboard& board : compiled.scoreboards) figures_->Put(std::move(board));
    for (engine::Report& report : compiled.reports) figures_->Put(std::move(report));
    return absl::OkStatus();
  }

  LibraryPtr Finish() {
    if (posts_changed_ || calendar_ || plans_) FollowAgendas();
    return next_ ? LibraryPtr(next_) : from_;
  }

 private:
  void FollowAgendas() {
    Library& next = Next();
    auto agendas = std::make_shared<Agendas>();
    for (const auto& [name, standing] : *next.plans) {
      if (!standing.plan->of_posts()) continue;
      const auto was = from_->plans->find(name);
      const bool same =
          !posts_changed_ && !calendar_ && was != from_->plans->end() && was->second.plan == standing.plan;
      (*agendas)[name] = same ? from_->agendas->find(name)->second
                              : std::make_shared<const std::vector<engine::Occasion>>(
                                    engine::OccasionsOf(standing, *next.directory, *next.calendar, next.zone));
    }
    if (!agendas->empty() || !from_->agendas->empty()) next.agendas = std::move(agendas);
  }

  Library& Next() {
    if (!next_) next_ = std::make_shared<Library>(*from_);
    return *next_;
  }

  const LibraryPtr from_;
  std::shared_ptr<Library> next_;
  std::shared_ptr<engine::Directory> directory_;
  bool posts_changed_ = false;
  std::shared_ptr<engine::Calendar> calendar_;
  std::shared_ptr<engine::Procedures> procedures_;
  std::shared_ptr<engine::Plans> plans_;
  std::shared_ptr<engine::Figures> figures_;
  std::vector<v1::ProcedurePublished> together_;
};

// Entries of one table in the order in which they were recorded, so that folding them folds history.
absl::StatusOr<std::vector<LibraryEntry>> Entries(const store::Snapshot& rows, Table table) {
  std::vector<LibraryEntry> out;
  bool readable = true;
  const absl::Status scanned =
      rows.Scan(static_cast<uint8_t>(table), "", "", [&](absl::string_view, absl::string_view value) {
        LibraryEntry entry;
        readable = entry.ParseFromArray(value.data(), static_cast<int>(value.size()));
        out.push_back(std::move(entry));
        return readable;
      });
  if (!scanned.ok()) return scanned;
  if (!readable) return absl::DataLossError("a row of the library cannot be read");
  std::stable_sort(out.begin(), out.end(), [](const LibraryEntry& a, const LibraryEntry& b) {
    return std::make_pair(a.position(), a.revision()) < std::make_pair(b.position(), b.revision());
  });
  return out;
}

}  // namespace

std::string ProcedureKey(absl::string_view procedure, uint32_t version) {
  return engine::KeyText(procedure) + engine::KeyNumber(version);
}

std::optional<Coming> ComingOf(const Library& library, const std::string& plan) {
  const auto found = library.plans->find(plan);
  if (found == library.plans->end()) return std::nullopt;
  const engine::StandingPlan& standing = found->second;
  if (!standing.plan->of_posts()) {
    const std::optional<engine::Day> next = standing.Next(library.zone);
    if (!next.has_value()) return std::nullopt;
    return Coming{engine::DueOrNominal(*standing.plan, *next, *library.calendar, library.zone), *next, {}};
  }
  const auto agenda = library.agendas->find(plan);
  if (agenda == library.agendas->end()) return std::nullopt;
  for (const engine::Occasion& occasion : *agenda->second) {
    if (!standing.Reached(occasion)) return Coming{occasion.due, occasion.nominal, occasion};
  }
  return std::nullopt;
}

LibraryPtr EmptyLibrary() {
  auto library = std::make_shared<Library>();
  library->directory = std::make_shared<engine::Directory>();
  library->calendar = std::make_shared<engine::Calendar>();
  library->procedures = std::make_shared<engine::Procedures>();
  library->plans = std::make_shared<engine::Plans>();
  library->agendas = std::make_shared<Agendas>();
  library->figures = std::make_shared<engine::Figures>();
  return library;
}

absl::StatusOr<LibraryPtr> LibraryAfter(LibraryPtr library, const v1::Commit& commit) {
  Revision revision(std::move(library));
  for (const v1::StreamPart& part : commit.parts()) {
    uint64_t number = part.first_revision();
    for (const v1::Event& event : part.events()) revision.Evolve(event, number++);
  }
  if (absl::Status status = revision.EndOfCommit(); !status.ok()) return status;
  return revision.Finish();
}

void PutLibraryRows(const v1::Commit& commit, engine::Rows& rows) {
  for (const v1::StreamPart& part : commit.parts()) {
    uint64_t revision = part.first_revision();
    for (const v1::Event& event : part.events()) {
      LibraryEntry entry;
      entry.set_revision(revision++);
      entry.set_position(commit.position());
      *entry.mutable_recorded_at() = commit.recorded_at();
      if (event.has_time_advanced()) {
        // The workspace's row keeps its facts; only the stream's revision goes on.
        LibraryEntry facts;
        facts.ParseFromString(rows.Get(Table::kWorkspace, kWorkspaceKey).value_or(""));
        facts.set_revision(entry.revision());
        rows.Put(Table::kWorkspace, kWorkspaceKey, facts.SerializeAsString());
      } else if (const std::optional<Place> place = PlaceOf(event)) {
        *entry.mutable_event() = event;
        if (absl::StartsWith(place->key, "delegations/")) {
          LibraryEntry before;
          before.ParseFromString(rows.Get(place->table, place->key).value_or(""));
          KeepDelegation(event, before, entry);
        } else if (absl::StartsWith(place->key, "plans/")) {
          LibraryEntry before;
          before.ParseFromString(rows.Get(place->table, place->key).value_or(""));
          KeepPlan(event, before, entry);
          if (const std::optional<std::string> further = FurtherPlanKey(event)) {
            LibraryEntry beside = entry;
            *beside.mutable_event() = event;
            if (event.has_plan_due()) beside.mutable_event()->mutable_plan_due()->clear_population();
            beside.clear_plan_last();
            rows.Put(place->table, *further, beside.SerializeAsString());
          }
        }
        rows.Put(place->table, place->key, entry.SerializeAsString());
      }
    }
  }
}

absl::StatusOr<LibraryPtr> LoadLibrary(const store::Snapshot& rows) {
  Revision revision(EmptyLibrary());
  for (Table table : {Table::kWorkspace, Table::kDirectory, Table::kCalendar, Table::kProcedure}) {
    absl::StatusOr<std::vector<LibraryEntry>> entries = Entries(rows, table);
    if (!entries.ok()) return entries.status();
    uint64_t position = 0;
    for (const LibraryEntry& entry : *entries) {
      if (entry.position() != position) {
        if (absl::Status status = revision.EndOfCommit(); !status.ok()) return status;
        position = entry.position();
      }
      revision.Evolve(entry.event(), entry.revision());
      for (const v1::Event& event : StandingOf(entry)) revision.Evolve(event, entry.revision());
      if (entry.plan_last().empty()) continue;
      v1::Event due;
      due.mutable_plan_due()->set_plan(entry.event().plan_put().plan().name());
      due.mutable_plan_due()->set_occurrence(entry.plan_last());
      revision.Evolve(due, entry.revision());
    }
    if (absl::Status status = revision.EndOfCommit(); !status.ok()) return status;
  }
  return revision.Finish();
}

}  // namespace duban::node
