// What a kind of job has to say; everything else (cursor, commits, crashes, cancelling, who may see it) is the same for
// all. docs/jobs.md walks through it.
//
// To add a kind: a task in proto/duban/v1/job.proto, a file here, a line in registry.cc. A kind that looks at open
// cases is a CaseJob (case_job.h) and says only what it decides for one case; the decision itself belongs to
// engine/cases.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "duban/v1/job_service.pb.h"
#include "engine/base/rejection.h"
#include "engine/base/time.h"
#include "services/node/batch.h"
#include "services/node/jobs/record_lines.h"
#include "services/node/random.h"
#include "services/node/tokens.h"
#include "services/node/uploads.h"
#include "store/key_vault.h"

namespace duban::node {

// One thing that a job looked at.
struct JobItem {
  std::string name;      // The case, unit or record.
  v1::JobChange change;  // What changes; without an item where nothing does.
  std::optional<v1::JobRefusal> refusal;

  bool changed() const { return !change.item().empty(); }
};

// What jobs need beside the batch. All outlives the call.
struct JobMeans {
  Random& random;
  const Tokens& tokens;
  Uploads& uploads;
  RecordLines& lines;
  Vitals& vitals;
  store::KeyVault* vault;  // Null in a preview, which makes nothing durable.
};

// A bounded part of a job's work, decided and not written yet: it becomes one commit.
struct Lot {
  std::vector<JobItem> items;         // In the order in which they were looked at.
  std::vector<v1::StreamPart> parts;  // What changes; each stream at most once.
  std::string sealed_part;            // As Batch::Stage takes it.
  v1::Cause cause;                    // What the command that it stands for would say of itself; mostly empty.
  std::string cursor;                 // Where the next lot begins.
  bool done = false;                  // There is no next one.
  std::string failed;                 // Why the job cannot go on, for people; empty: it can.
};

// Where a job stands when its next lot is decided.
struct JobPlace {
  Batch& batch;  // Read; nothing is staged by deciding. In a preview it is never written.
  const JobMeans& means;
  engine::Instant now;
  const v1::JobTask& task;
  const std::string& person;  // Who started it.
  store::Position began;      // Items that came with this commit or later are none of its business.
  const std::string& cursor;  // Empty at the beginning.
  size_t items_max;           // At least 1.
};

class JobKind {
 public:
  virtual ~JobKind() = default;

  // The command's name in the commits of such a job: "CalendarChange".
  virtual const char* command() const = 0;
  // What people read. Everybody who may see the job reads it: it names no case.
  virtual v1::Text Title(const v1::JobTask& task, const Library& library) const = 0;
  // Whether that person may start it; refuses a task that is wrong as it stands.
  virtual engine::Verdict MayStart(Batch& batch, const JobMeans& means, const std::string& person,
                                   const v1::JobTask& task) const = 0;
  // True when what it counts are matters of others: the numbers are then for the rights `operate` and `audit` alone.
  virtual bool counts_cases() const = 0;
  // The post in whose name it works: whoever serves there sees it as who started it does, now and when the post has
  // another holder. Empty: none.
  virtual std::string Post(const v1::JobTask& task, const Library& library) const { return ""; }
  // How many items there are, as far as it is known.
  virtual int64_t Total(Batch& batch, const v1::JobTask& task) const = 0;
  // The next lot. Called again for the same place, it decides the same. Trouble in reading stays in the batch's status.
  virtual Lot Next(const JobPlace& place) const = 0;
  // The job is about to end, however: what it kept for itself is needed no more.
  virtual void End(const JobMeans& means, const v1::JobTask& task) const {}
};

// The kind of a task; null when this program does not know it.
const JobKind* KindOf(const v1::JobTask& task);

// The same for somebody who wants to start it: refused where there is none, or where he may not.
engine::Outcome<const JobKind*> OfferedKind(Batch& batch, const JobMeans& means, const std::string& person,
                                            const v1::JobTask& task);

const JobKind& CalendarChangeKind();
const JobKind& HandOverKind();
const JobKind& MigrationKind();
const JobKind& OpenForEachKind();
const JobKind& ImportKind();
const JobKind& PlanRunKind();

// A refusal of one item, as a job keeps it.
v1::JobRefusal JobRefusalOf(const std::string& item, const engine::Rejection& rejection);

}  // namespace duban::node
