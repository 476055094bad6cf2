#include "engine/procedure/metrics.h"

#include <algorithm>
#include <utility>

#include "absl/algorithm/container.h"

namespace duban::engine {
namespace {

bool SameText(const v1::Text& a, const v1::Text& b) { return a.zh() == b.zh() && a.en() == b.en(); }

bool Same(const Metric& a, const Metric& b) {
  return SameText(a.title, b.title) && a.procedures == b.procedures && a.above == b.above && a.below == b.below &&
         a.less_is_better == b.less_is_better;
}

bool Same(const Scoreboard& a, const Scoreboard& b) {
  return SameText(a.title, b.title) && a.terms == b.terms && a.stars == b.stars && a.at_least == b.at_least;
}

template <typename T>
void PutNext(std::vector<T>& versions, T next) {
  if (!versions.empty() && Same(versions.back(), next)) return;
  next.version = static_cast<uint32_t>(versions.size()) + 1;
  versions.push_back(std::move(next));
}

template <typename T>
const T* FindIn(const std::map<std::string, std::vector<T>, std::less<>>& all, absl::string_view name,
                uint32_t version) {
  const auto found = all.find(std::string(name));
  if (found == all.end() || version > found->second.size()) return nullptr;
  return version == 0 ? &found->second.back() : &found->second[version - 1];
}

template <typename T>
std::vector<const T*> NewestOf(const std::map<std::string, std::vector<T>, std::less<>>& all) {
  std::vector<const T*> out;
  for (const auto& [name, versions] : all) out.push_back(&versions.back());
  return out;
}

template <typename T>
bool HasAll(const std::vector<T>& all, const std::vector<T>& wanted) {
  return std::all_of(wanted.begin(), wanted.end(), [&](const T& one) { return absl::c_linear_search(all, one); });
}

}  // namespace

const char* WordOf(Counted counted) {
  switch (counted) {
    case Counted::kOpened:
      return "opened";
    case Counted::kEnded:
      return "ended";
    case Counted::kReopened:
      return "reopened";
    case Counted::kRebounded:
      return "rebounded";
    case Counted::kOverdue:
      return "overdue";
    case Counted::kExtended:
      return "extended";
    case Counted::kChecked:
      return "checked";
    case Counted::kSuggested:
      return "suggested";
    case Counted::kReports:
      return "reports";
    case Counted::kOpenAtEnd:
      return "open_at_end";
    case Counted::kOverdueAtEnd:
      return "overdue_at_end";
  }
  return "";
}

const std::vector<Counted>& AllCounted() {
  static const auto& all =
      *new std::vector<Counted>{Counted::kOpened,  Counted::kEnded,     Counted::kReopened,    Counted::kRebounded,
                                Counted::kOverdue, Counted::kExtended,  Counted::kChecked,     Counted::kSuggested,
                                Counted::kReports, Counted::kOpenAtEnd, Counted::kOverdueAtEnd};
  return all;
}

std::vector<const Field*> FiguredFields(const Procedure& procedure) {
  std::vector<const Field*> out;
  for (const Field& field : procedure.fields) {
    const bool open = !field.sealed && field.sees.empty();
    if (field.type == FieldType::kChoice && open && out.size() < kFiguredFieldsMax) out.push_back(&field);
  }
  return out;
}

bool Metric::is_share() const {
  // Who is overdue at the end is open at the end.
  const bool within =
      above.counts == below.counts || (above.counts == Counted::kOverdueAtEnd && below.counts == Counted::kOpenAtEnd);
  return within && HasAll(above.also, below.also) && HasAll(above.tests, below.tests);
}

void Figures::Put(Metric metric) {
  std::vector<Metric>& versions = metrics_[metric.name];
  PutNext(versions, std::move(metric));
}

void Figures::Put(Scoreboard board) {
  for (ScoreTerm& term : board.terms) {
    if (const Metric* metric = FindMetric(term.metric)) term.version = metric->version;
  }
  std::vector<Scoreboard>& versions = scoreboards_[board.name];
  PutNext(versions, std::move(board));
}

void Figures::Put(Report report) {
  const std::string name = report.name;
  reports_.insert_or_assign(name, std::move(report));
}

const Report* Figures::FindReport(absl::string_view name) const {
  const auto found = reports_.find(name);
  return found == reports_.end() ? nullptr : &found->second;
}

std::vector<const Report*> Figures::reports() const {
  std::vector<const Report*> out;
  for (const auto& [name, report] : reports_) out.push_back(&report);
  return out;
}

const Metric* Figures::FindMetric(absl::string_view name, uint32_t version) const {
  return FindIn(metrics_, name, version);
}

const Scoreboard* Figures::FindScoreboard(absl::string_view name, uint32_t version) const {
  return FindIn(scoreboards_, name, version);
}

std::vector<const Metric*> Figures::metrics() const { return NewestOf(metrics_); }

std::vector<const Scoreboard*> Figures::scoreboards() const { return NewestOf(scoreboards_); }

}  // namespace duban::engine
