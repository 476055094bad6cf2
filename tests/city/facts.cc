#include "tests/city/facts.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace duban::city {
namespace {

uint64_t Hash(const std::string& a, const std::string& b) { return std::hash<std::string>()(absl::StrCat(a, "\n", b)); }

}  // namespace

const std::string& Case::Party(const std::string& party) const {
  static const std::string kNone;
  const auto found = parties.find(party);
  return found == parties.end() || found->second.empty() ? kNone : found->second[0];
}

std::string Case::Date(const std::string& field) const {
  const auto found = fields.find(field);
  return found == fields.end() || found->second.empty() ? "" : found->second[0].date();
}

void Facts::Take(const v1::EventRecord& record) {
  if (any_ && record.log_position() != position_) {
    if (record.log_position() != position_ + 1) {
      fail_(absl::StrCat("the log goes from ", position_, " to ", record.log_position()), record.stream());
    }
    EndCommit();
  }
  position_ = record.log_position();
  recorded_ = At(record.recorded_at());
  any_ = true;
  if (record.revision() != ++revisions_[record.stream()]) {
    fail_(absl::StrCat("revision ", record.revision(), " where ", revisions_[record.stream()], " is next"),
          record.stream());
  }
  const v1::Event& event = record.event();
  ++kinds_[event.GetDescriptor()->FindFieldByNumber(event.body_case())->name()];
  commit_[record.stream()].push_back(record.revision());
  if (absl::StartsWith(record.stream(), "cases/")) return TakeCase(record, cases_[record.stream()]);
  if (tree_.Take(event)) {
    // Who stands in for another sees more, or less; all else may be anybody's.
    if (event.has_delegation_put() || event.has_delegation_began() || event.has_delegation_ended()) {
      looks_again_.insert(tree_.StandIn(event));
    } else {
      for (const auto& [person, followed] : followed_) looks_again_.insert(person);
    }
  }
  TakeDocument(record);
  if (event.has_calendar_published()) days_.Put(event.calendar_published().year());
  TakePlan(record);
}

void Facts::TakePlan(const v1::EventRecord& record) {
  const v1::Event& event = record.event();
  if (event.has_plan_put()) {
    plan_sources_[event.plan_put().plan().name()] = event.plan_put().plan().source();
  } else if (event.has_plan_due()) {
    const v1::PlanDue& due = event.plan_due();
    CheckPlanDue(due);
    PlanCame& came = plans_came_[due.job().empty() ? absl::StrCat(due.plan(), " ", due.occurrence()) : due.job()];
    came.plan = due.plan();
    came.occurrence = due.occurrence();
    came.at = At(due.at());
    came.population = {due.population().begin(), due.population().end()};
  } else if (plans_came_.count(record.stream()) > 0) {
    if (event.has_job_advanced()) {
      by_plan_ = record.stream();
      plans_came_[by_plan_].refused += event.job_advanced().refusals_size();
    }
    if (event.has_job_ended()) plan_ended_ = record.stream();
  }
}

void Facts::EndCommit() {
  for (const std::string& name : std::exchange(ended_, {})) CheckEnd(cases_[name]);
  for (const v1::DocumentReceived& received : receipts_) CheckReceipt(received);
  receipts_.clear();
  for (const auto& [stream, revisions] : commit_) {
    const auto found = cases_.find(stream);
    if (found == cases_.end()) continue;
    const Case& c = found->second;
    if (!by_plan_.empty() && revisions.front() == 1) plans_came_[by_plan_].opened.push_back(stream);
    for (auto& [person, followed] : followed_) {
      if (!Sees(person, c)) continue;
      followed.rows.insert({Hash(stream, c.stage), Hash(stream, "")});
      for (uint64_t revision : revisions) followed.events.insert(Hash(stream, absl::StrCat(revision)));
    }
  }
  for (auto& [person, followed] : followed_) {
    if (looks_again_.count(person) == 0) continue;
    for (const auto& [name, c] : cases_) {
      if (Sees(person, c)) followed.rows.insert({Hash(name, c.stage), Hash(name, "")});
    }
  }
  commit_.clear();
  looks_again_.clear();
  by_plan_.clear();
  if (!plan_ended_.empty()) CheckPlanJob(plans_came_[std::exchange(plan_ended_, {})]);
}

const Case* Facts::FindCase(const std::string& name) const { return FindIn(cases_, name); }

bool Facts::MayHaveSeen(const std::string& person, const std::string& name, const std::string& stage) const {
  return followed_.at(person).rows.count(Hash(name, stage)) > 0;
}

bool Facts::MayHaveHeard(const std::string& person, const std::string& stream, uint64_t revision) const {
  return followed_.at(person).events.count(Hash(stream, absl::StrCat(revision))) > 0;
}

Names Facts::Listed(const std::string& reg) const {
  Names listed;
  for (const auto& [name, c] : cases_) {
    for (const auto& [entry, entered] : c.entries) {
      if (entered.register_() == reg) listed.insert(entered.subject());
    }
  }
  return listed;
}

uint64_t Facts::LastOfSeries(const std::string& series) const {
  const auto found = series_.find(series);
  return found == series_.end() ? 0 : found->second;
}

// --- Documents ------------------------------------------------------------------------------------------------------

void Facts::TakeDocument(const v1::EventRecord& record) {
  const v1::Event& event = record.event();
  if (event.has_document_issued()) {
    const v1::DocumentIssued& issued = event.document_issued();
    letters_[record.stream()].issued = issued;
    uint64_t& newest = series_[absl::StrCat("documents ", issued.series())];
    if (issued.sequence() != ++newest) {
      fail_(absl::StrCat("document ", issued.number(), " is ", issued.sequence(), " of its series, but ", newest,
                         " is next"),
            record.stream());
    }
  } else if (event.has_document_received()) {
    Letter& letter = letters_[record.stream()];
    if (letter.received) fail_("a document is taken in twice", record.stream());
    letter.received = true;
    if (!tree_.ReachesByItself(event.document_received().person(), letter.issued.to())) {
      fail_(event.document_received().person() + " takes in what was not sent to him", record.stream());
    }
    receipts_.push_back(event.document_received());
  }
}

}  // namespace duban::city
