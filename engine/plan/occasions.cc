// When plans come due for posts: terms that end, vacancies that last.
#include <algorithm>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/plan/plan.h"
#include "engine/procedure/span.h"

namespace duban::engine {
namespace {

// Registers name units by what cases have done: a plan for posts does not ask them.
std::vector<std::string> Nobody(const std::string&) { return {}; }

bool IsConcerned(const Plan& plan, const v1::Post& post) {
  if (!plan.term_end.empty()) return !post.holders().empty() && !post.term_end().empty();
  return post.holders().empty() && !post.vacant_since().empty();
}

// The marks of one term or vacancy, in the order in which they come.
std::vector<Occasion> MarksOf(const Plan& plan, const v1::Post& post, const Calendar& calendar, const Zone& zone) {
  const bool term = !plan.term_end.empty();
  const std::optional<Day> day = ParseDay(term ? post.term_end() : post.vacant_since());
  std::vector<Occasion> marks;
  if (!day) return marks;
  for (const Span& span : term ? plan.term_end : plan.vacant) {
    const Outcome<Instant> at = calendar.Shift(zone.StartOf(*day), span, term ? -1 : 1, zone);
    if (at.ok()) marks.push_back({*at, zone.DayOf(*at), post.name(), *day, span});
  }
  std::sort(marks.begin(), marks.end(), [](const Occasion& a, const Occasion& b) { return a.nominal < b.nominal; });
  return marks;
}

}  // namespace

std::vector<const v1::Post*> PostsOf(const Plan& plan, const Directory& directory) {
  const std::vector<std::string> units = PopulationOf(plan, directory, Nobody);
  std::vector<const v1::Post*> posts;
  for (const auto& [name, post] : directory.posts()) {
    if (IsConcerned(plan, post) && std::binary_search(units.begin(), units.end(), post.unit())) posts.push_back(&post);
  }
  return posts;
}

std::string Occasion::Name() const { return absl::StrCat(FormatDay(day), " ", post, " ", SpanText(mark).en()); }

std::optional<Occasion> ParseOccasion(absl::string_view occurrence) {
  const size_t first = occurrence.find(' ');
  const size_t second = first == absl::string_view::npos ? first : occurrence.find(' ', first + 1);
  if (second == absl::string_view::npos) return std::nullopt;
  const std::optional<Day> day = ParseDay(occurrence.substr(0, first));
  const std::optional<Span> mark = ParseSpan(occurrence.substr(second + 1));
  if (!day || !mark) return std::nullopt;
  Occasion out;
  out.day = *day;
  out.post = std::string(occurrence.substr(first + 1, second - first - 1));
  out.mark = *mark;
  return out;
}

v1::Text OccasionText(const Plan& plan, const Directory& directory, const Occasion& occasion) {
  const v1::Post* post = directory.FindPost(occasion.post);
  const std::string title = directory.TitleOf(occasion.post), day = FormatDay(occasion.day);
  std::string unit = post == nullptr ? "" : directory.TitleOf(post->unit());
  if (absl::StartsWith(title, unit)) unit.clear();  // 市水务局局长.
  const v1::Text mark = SpanText(occasion.mark);
  const bool term = !plan.term_end.empty();
  v1::Text out;
  out.set_zh(absl::StrCat(unit, title,
                          term ? absl::StrCat("，任期 ", day, " 届满，届满前", mark.zh())
                               : absl::StrCat("，", day, " 起出缺，满", mark.zh())));
  out.set_en(absl::StrCat(unit, unit.empty() ? "" : " ", title,
                          term ? absl::StrCat(", whose term ends on ", day, ": ", mark.en(), " before")
                               : absl::StrCat(", vacant since ", day, ": for ", mark.en())));
  return out;
}

bool StandingPlan::Reached(const Occasion& occasion) const {
  if (reached == nullptr) return false;
  const auto last = reached->find(absl::StrCat(FormatDay(occasion.day), " ", occasion.post));
  return last != reached->end() && occasion.nominal <= last->second;
}

std::vector<Occasion> OccasionsOf(const StandingPlan& standing, const Directory& directory, const Calendar& calendar,
                                  const Zone& zone) {
  std::vector<Occasion> out;
  const Plan& plan = *standing.plan;
  if (standing.put.stopped() || !plan.of_posts()) return out;
  for (const v1::Post* post : PostsOf(plan, directory)) {
    const Instant known = std::max(standing.put_at, directory.ToldAt(post->name()).value_or(absl::InfinitePast()));
    const Day since = zone.DayOf(known);
    std::vector<Occasion> marks = MarksOf(plan, *post, calendar, zone);
    const auto ahead =
        std::find_if(marks.begin(), marks.end(), [&](const Occasion& mark) { return mark.nominal >= since; });
    const bool over = !marks.empty() && !plan.term_end.empty() && marks.front().day < since;
    if (over) continue;
    for (auto mark = ahead == marks.begin() ? ahead : ahead - 1; mark != marks.end(); ++mark) {
      if (standing.Reached(*mark)) continue;
      mark->due = mark < ahead ? known : DueOrNominal(plan, mark->nominal, calendar, zone);
      out.push_back(std::move(*mark));
    }
  }
  std::sort(out.begin(), out.end(), [](const Occasion& a, const Occasion& b) {
    return std::tie(a.due, a.post, a.nominal) < std::tie(b.due, b.post, b.nominal);
  });
  return out;
}

}  // namespace duban::engine
