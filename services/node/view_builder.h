// Builds new versions of views while the node serves.
//
// First the rows of versions that have ended are deleted (services/node/view_sweep.h). Then the views that wait are
// followed through the log from its beginning, those that have come furthest first, a bounded slice at a time with a
// pause after each: rows and how far they reach go into one write beside, so that a power cut costs at most the last
// slices, and a restart goes on from the mark. What is left once a slice has reached the log's end is followed by the
// sequencer itself between two batches, together with the marks: the new version is kept up from there on, the old one
// ends. Then what the old one left is deleted, and so on until nothing is left to do.
//
// Trouble (a record that cannot be read, a failed write) leaves what serves as it is: it is told by trouble(), and
// after limits::kBuildRetry the builder goes on from what is written.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "duban/v1/view.pb.h"
#include "services/node/sequencer.h"
#include "services/node/view_pass.h"
#include "services/node/view_sweep.h"
#include "services/node/watch_hub.h"
#include "store/store.h"

namespace duban::node {

class ViewBuilder {
 public:
  // All must outlive it. `slice_commits`: limits::kBuildSliceCommits, less in tests.
  ViewBuilder(store::Store& store, const WatchHub& hub, Sequencer& sequencer, Vitals& vitals, size_t slice_commits);
  ~ViewBuilder() { Stop(); }

  // With a thread of its own, which ends when nothing is left to do; or without, and then every step is a call of Pump.
  void Start(bool own_thread);
  // A step, on the caller's thread. False when there was nothing to do, or trouble.
  bool Pump();
  // Ends the thread within a slice. Before the sequencer is stopped.
  void Stop();

  // How many commits the version of a view that is being built has followed.
  store::Position Built(v1::View view) const;
  // Why nothing goes on; empty when it does.
  std::string trouble() const;

 private:
  enum class Step {
    kOnward,   // There is more to do after a pause.
    kHanding,  // The sequencer has the rest; its answer is awaited.
    kDone,     // Nothing is left to do.
    kTrouble,  // Again after a while.
  };

  void Run();
  Step Next();
  absl::StatusOr<Step> Work();
  // Chooses what to build. False when there is nothing.
  absl::StatusOr<bool> Begin();
  absl::StatusOr<Step> Slice();
  void HandOver();
  // On the sequencer's thread.
  absl::StatusOr<Sequencer::TakenOver> Finish(const Published& now);
  void HandedOver(const absl::Status& status);

  store::Store& store_;
  const WatchHub& hub_;
  Sequencer& sequencer_;
  Vitals& vitals_;
  const size_t slice_commits_;

  // The builder's thread, and while it hands over the sequencer's.
  ViewSweep sweep_;
  bool swept_ = false;
  std::unique_ptr<ViewPass> pass_;

  mutable std::mutex mu_;
  std::condition_variable awake_;
  // Guarded by mu_.
  bool stopping_ = false;
  bool handing_ = false;  // Since HandOver, until HandedOver.
  std::map<v1::View, store::Position> built_;
  std::string trouble_;

  std::thread thread_;
};

}  // namespace duban::node
