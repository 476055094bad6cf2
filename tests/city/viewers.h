// What people of different rights see all year: lists and alerts that are asked for, views that are watched, events
// that are heard, compared with what the facts say that they may see.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/city/facts.h"
#include "tests/city/fail.h"
#include "tests/city/letters.h"
#include "tests/city/town.h"
#include "tests/city/watchers.h"

namespace duban::city {

class Viewers {
 public:
  Viewers(Town& town, Facts& facts, Letters& letters, Fail fail)
      : town_(town), facts_(facts), letters_(letters), fail_(std::move(fail)) {}

  // They sit down. `many`: of the busiest only open cases are watched.
  void Watch(bool many);
  // Looks at everything. The facts are up to date. `whole`: long ledgers row by row too.
  void LookAround(bool whole);
  // One of them, by chance, looks at what he is alerted of, and on Fridays the inspectors' contact does.
  void Glance(Day day, uint64_t roll);

  const std::vector<std::unique_ptr<Watcher>>& watchers() const { return watchers_; }
  // Alerts that were compared, by kind.
  const std::map<std::string, int64_t>& alerts() const { return alerts_; }

 private:
  std::vector<v1::LedgerRow> Ledger(const std::string& person, bool open_only, int64_t* total);
  void CheckViewer(const std::string& person, bool whole);
  void CheckAlerts(const std::string& person);
  void CheckWatcher(Watcher& watcher);

  Town& town_;
  Facts& facts_;
  Letters& letters_;
  const Fail fail_;
  std::vector<std::unique_ptr<Watcher>> watchers_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::vector<std::string> viewers_;
  std::map<std::string, int64_t> alerts_;
};

}  // namespace duban::city
