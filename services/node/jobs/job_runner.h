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

namespace duban::node {

class JobRunner {
 public:
  explicit JobRunner(Random& random) : random_(random) {}

  // How many jobs run.
  static int64_t Running(Batch& batch);

  // Stages the next lot of the job whose turn it is: one commit, recorded at `now`. Nothing when none runs. Trouble in
  // reading stays in the batch's status.
  void Work(Batch& batch, engine::Instant now);

 private:
  Random& random_;
  std::string last_;  // Place of the job that worked last.
};

}  // namespace duban::node
