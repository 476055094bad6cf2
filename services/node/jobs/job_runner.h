// Drives the jobs that run: one bounded lot at a time, between the batches of commands, each in turn.
//
// What a job knows of itself stands in the log (JobAdvanced), in the same commit as what the lot did. So a node that
// opens on whatever a crash has left goes on at the committed cursor and does nothing twice, and a job that is
// cancelled stops between two commits. The sequencer's thread only.
#pragma once

#include <string>

#include "services/node/batch.h"
#include "services/node/jobs/job_kind.h"
#include "services/node/jobs/job_rows.h"
#include "services/node/random.h"
#include "services/node/vitals.h"

namespace duban::node {

class JobRunner {
 public:
  // All outlive it. `items_max`: of a commit, at least 1.
  JobRunner(Random& random, const Tokens& tokens, Uploads& uploads, const store::FileStore& files,
            store::KeyVault& vault, Vitals& vitals, size_t items_max)
      : lines_(files), means_{random, tokens, uploads, lines_, vitals, &vault}, items_max_(items_max) {}

  const JobMeans& means() const { return means_; }

  // How many jobs run.
  static int64_t Running(Batch& batch);

  // Stages the next lots of the job whose turn it is, a commit each, recorded at `now`: together about as much as one
  // may hold. Nothing when none runs. Trouble in reading stays in the batch's status.
  void Work(Batch& batch, engine::Instant now);

 private:
  // Stages the next lot of a job. How many items it looked at; 0 when another must not follow at once.
  size_t WorkOn(Batch& batch, const std::string& name, engine::Instant now);

  RecordLines lines_;
  const JobMeans means_;
  const size_t items_max_;
  std::string last_;  // Place of the job that worked last.
};

}  // namespace duban::node
