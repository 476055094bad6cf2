// Work of an office at random, on a seed.
#pragma once

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "tests/node/support/office.h"

namespace duban::node {

// Orders, actions and the clock, at random: what the cases themselves say may be done, by whoever may do it.
inline void WorkAtRandom(Office& office, uint64_t seed, int steps) {
  std::mt19937_64 random(seed);
  const auto pick = [&](size_t n) { return static_cast<size_t>(random() % n); };
  const std::vector<std::string> persons = {kSupervisor, kReviewer, kHousing, kWater};
  std::vector<std::string> cases;
  const v1::QueryLedgerResponse there = office.Ledger(kAuditor);
  for (const v1::LedgerRow& row : there.rows()) cases.push_back(row.case_());
  absl::Time now = engine::FromProto(Office::MustRead(office.node().GetWorkspace(kAuditor, {})).now());
  for (int step = 0; step < steps; ++step) {
    const size_t kind = pick(10);
    if (cases.empty() || kind == 0) {
      v1::OpenCaseRequest order = office.Order(pick(2) ? "units/zhujian" : "units/shuiwu", absl::StrCat("问题", step),
                                               pick(3) ? absl::StrCat("2026-10-", 10 + pick(20)) : "");
      if (pick(2)) Office::SetField(order.mutable_fields(), "informant")->set_text("反映人");
      cases.push_back(Office::Must<v1::OpenCaseResponse>(office.Call(kSupervisor, order)).case_());
    } else if (kind == 1 && now < At("2026-11-10 00:00")) {
      now += absl::Hours(1 + static_cast<int64_t>(pick(60)));
      office.Advance(now);
      // Look-backs that opened by themselves are worked on too.
      const v1::QueryLedgerResponse ledger = office.Ledger(kAuditor);
      for (const v1::LedgerRow& row : ledger.rows()) {
        if (std::find(cases.begin(), cases.end(), row.case_()) == cases.end()) cases.push_back(row.case_());
      }
    } else {
      const std::string& actor = persons[pick(persons.size())];
      const std::string& name = cases[pick(cases.size())];
      v1::GetCaseRequest get;
      get.set_case_(name);
      const Reply<v1::GetCaseResponse> seen = office.node().GetCase(actor, get);
      if (!std::holds_alternative<v1::GetCaseResponse>(seen)) continue;
      const v1::Case& shown = std::get<v1::GetCaseResponse>(seen).case_();
      if (shown.actions().empty()) continue;
      const v1::CaseAction& action = shown.actions(static_cast<int>(pick(static_cast<size_t>(shown.actions_size()))));
      v1::ActOnCaseRequest act = office.Action(name, action.action());
      for (const std::string& need : action.needs()) {
        if (need == "reason") {
          act.set_reason("随机");
        } else if (need == "note") {
          act.set_note("随机");
        } else if (need == "evidence") {
          Office::SetField(act.mutable_fields(), need)->set_file(kPhoto);
        } else if (need == "due" || need == "new_due") {
          Office::SetField(act.mutable_fields(), need)->set_date(absl::StrCat("2026-11-", 10 + pick(20)));
        } else {
          Office::SetField(act.mutable_fields(), need)->set_text("随机");
        }
      }
      office.Call(actor, act);  // Some are refused (never by the same person, …): as it should be.
    }
  }
}

}  // namespace duban::node
