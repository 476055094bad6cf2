// Clocks, reminders, ladders and extensions.
#include <algorithm>
#include <map>
#include <optional>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/procedure/check.h"
#include "engine/procedure/span.h"

namespace duban::engine::language {
namespace {

bool SameKind(const Span& a, const Span& b) { return a.kind == b.kind && a.months == b.months; }

// Whether `a` is surely as long as `b` or longer: exact within a kind; never claimed between kinds.
bool AsLong(const Span& a, const Span& b) { return SameKind(a, b) && a.count >= b.count; }

Path ClockPath(const Clock& clock, absl::string_view key) {
  if (clock.stage_only) {
    const std::string stage_key = key == "remind" ? "within_remind" : "within";
    return {"stages", clock.from.front(), stage_key};
  }
  if (!clock.milestone_of.empty()) {
    return {"clocks", clock.milestone_of, "milestones", clock.name.substr(clock.milestone_of.size() + 1),
            std::string(key)};
  }
  return {"clocks", clock.name, std::string(key)};
}

void CheckCourse(const Checked& c, const Clock& clock) {
  if (clock.stage_only || !clock.milestone_of.empty()) return;
  const Course course = CourseOf(c.procedure, clock);
  if (course.passed.empty()) {
    c.Error("CLOCK_NEVER_RUNS", {"clocks", clock.name},
            absl::StrCat("时钟“", clock.name, "”一开始就停止，从不运行；请检查 from 与 until。"),
            absl::StrCat("Clock \"", clock.name, "\" stops where it starts; check \"from\" and \"until\"."));
    return;
  }
  // Come to while it stands it would begin there, come to while it runs it would end: which, nobody could tell by
  // looking.
  for (const std::string& stage : clock.until) {
    if (!absl::c_linear_search(clock.from, stage) || c.procedure.FindStage(stage) == nullptr) continue;
    c.Error("CLOCK_NEVER_RUNS", {"clocks", clock.name, "until", stage},
            absl::StrCat("时钟“", clock.name, "”在环节“", stage, "”既起算又停止；请从 from 或 until 中去掉它。"),
            absl::StrCat("Clock \"", clock.name, "\" both starts and stops in stage \"", stage,
                         "\"; take it out of \"from\" or of \"until\"."));
  }
  if (course.stops.empty()) {
    c.Error("CLOCK_NEVER_STOPS", {"clocks", clock.name, "until"},
            absl::StrCat("从时钟“", clock.name, "”的起点走不到 until 所列的任何一处，它永远停不下来。"),
            absl::StrCat("From where clock \"", clock.name, "\" starts, none of its \"until\" can be reached."));
  }
  for (const std::string& stage : clock.stops_in) {
    if (course.Passes(stage)) continue;
    c.Error("CLOCK_STOPS_NOWHERE", {"clocks", clock.name, "stops_in", stage},
            absl::StrCat("时钟“", clock.name, "”不经过环节“", stage, "”，无从在此停表。"),
            absl::StrCat("Clock \"", clock.name, "\" never runs into stage \"", stage,
                         "\", so it cannot be suspended there."));
  }
}

void CheckLength(const Checked& c, const Clock& clock) {
  if (clock.budget.has_value() && clock.budget->count == 0) {
    c.Error("WRONG_VALUE", ClockPath(clock, "budget"), "时限须大于零。", "A deadline is longer than nothing.");
  }
  if (clock.due_field.empty()) return;
  const Field* field = c.procedure.FindField(clock.due_field);
  const bool dated = field->type == FieldType::kDate || field->type == FieldType::kInstant;
  if (dated && !field->many && !field->sealed && field->sees.empty()) return;
  const bool secret = field->sealed || !field->sees.empty();
  c.Error(secret ? "SEALED_FIELD_USED" : "CLOCK_DUE_FIELD", ClockPath(clock, "due"),
          secret ? absl::StrCat("字段“", field->name, "”并非人人可见，不能作期限。")
                 : absl::StrCat("期限字段“", field->name, "”须是单个日期（date）或时刻（instant）。"),
          secret ? absl::StrCat("Field \"", field->name, "\" is not for everybody; a deadline would give it away.")
                 : absl::StrCat("A deadline's field is one date or one instant; \"", field->name, "\" is not."));
}

// How long a clock runs at most, where timed moves alone see to that: nothing where somebody, an objection, or coming
// back may keep it running. Never too short: each of several moves begins its days on the day after the one before.
std::optional<Span> RunsAtMost(const Checked& c, const Clock& clock) {
  const Procedure& p = c.procedure;
  if (!clock.budget.has_value() || clock.on_the_way() || !clock.stops_in.empty()) return std::nullopt;
  std::optional<Span> most;
  for (const std::string& name : CourseOf(p, clock).passed) {
    const Stage& stage = *p.FindStage(name);
    if (!stage.after.has_value() || MayStandIn(p, name)) return std::nullopt;
    std::vector<std::string> next;
    for (const Way& way : WaysOut(p, stage)) next.push_back(way.to);
    // A `within` begins anew with its stage, but not where the stage leads into itself.
    const bool returns = clock.stage_only ? std::find(next.begin(), next.end(), name) != next.end()
                                          : ReachedFrom(p, next).count(name) != 0;
    if (returns) return std::nullopt;
    Span span = stage.after->after;
    if (stage.counts_first && !span.months && span.kind != v1::DAY_KIND_HOURS) --span.count;
    if (!most.has_value()) {
      most = span;
    } else if (!SameKind(*most, span) || span.months) {
      return std::nullopt;
    } else {
      most->count += span.count + 1;
    }
  }
  return most;
}

// What lies behind the last moment at which the clock may still run: exact within a kind, never claimed between kinds.
class Reach {
 public:
  Reach(const Checked& c, const Clock& clock) : clock_(clock), most_(RunsAtMost(c, clock)) {
    if (most_.has_value() && !SameKind(*most_, *clock.budget)) most_.reset();
  }

  // So long after the due instant.
  bool IsBeyond(const Span& span) const {
    if (!most_.has_value() || (span.count != 0 && !SameKind(span, *most_))) return false;
    const bool day_less = clock_.counts_first && !most_->months && most_->kind != v1::DAY_KIND_HOURS;
    return clock_.budget->count + span.count - (day_less ? 1 : 0) > most_->count;
  }
  v1::Text Most() const { return SpanText(*most_); }

 private:
  const Clock& clock_;
  std::optional<Span> most_;
};

// A deadline that the case has always left behind before it passes; then none of its reminders and rungs means
// anything.
void CheckReached(const Checked& c, const Clock& clock) {
  const Reach reach(c, clock);
  if (reach.IsBeyond(Span{})) {
    c.Error("DEADLINE_NEVER_PASSES", ClockPath(clock, "budget"),
            absl::StrCat("到时流转（after）至多 ", reach.Most().zh(), " 就离开，这个 ", SpanText(*clock.budget).zh(),
                         " 的时限永远不会逾期；请改短，或删去。"),
            absl::StrCat("Timed moves (after) leave within ", reach.Most().en(), ", so this deadline of ",
                         SpanText(*clock.budget).en(), " can never pass; shorten or remove it."));
    return;
  }
  for (size_t i = 0; i < clock.ladder.size(); ++i) {
    const Span& at = clock.ladder[i].at;
    if (!reach.IsBeyond(at)) continue;
    c.Error("RUNG_NEVER_FIRES", {"clocks", clock.name, "ladder", absl::StrCat("#", i), "at"},
            absl::StrCat("时钟“", clock.name, "”至多走 ", reach.Most().zh(), "（到时流转 after），梯级第 ", i + 1,
                         " 级（逾期 ", SpanText(at).zh(), "）永远到不了；请改短，或删去。"),
            absl::StrCat("Clock \"", clock.name, "\" runs for ", reach.Most().en(), " at most (timed moves), so rung ",
                         i + 1, " (", SpanText(at).en(), " overdue) is never reached; shorten or remove it."));
    return;  // Those behind it lie still further.
  }
}

void CheckReminders(const Checked& c, const Clock& clock) {
  for (size_t i = 0; i < clock.remind.size(); ++i) {
    const Span& span = clock.remind[i];
    Path path = ClockPath(clock, "remind");
    path.push_back(absl::StrCat("#", i));
    const v1::Text text = SpanText(span);
    if (span.count == 0 || (clock.budget.has_value() && AsLong(span, *clock.budget))) {
      c.Error("REMINDER_NEVER_FIRES", path, absl::StrCat("提前 ", text.zh(), " 提醒永远不会发生：须大于零且短于时限。"),
              absl::StrCat("A reminder ", text.en(), " before can never fire; it has to be longer than nothing and ",
                           "shorter than the deadline."));
    }
    if (std::find(clock.remind.begin(), clock.remind.begin() + i, span) != clock.remind.begin() + i) {
      c.Error("DUPLICATE_NAME", path, absl::StrCat("提醒 ", text.zh(), " 重复，请删去一个。"),
              absl::StrCat("The reminder ", text.en(), " is written twice; remove one."));
    }
  }
}

// Somebody must be able to report: an action that gives all its fields, in a stage in which it runs.
void CheckNeeds(const Checked& c, const Clock& clock) {
  if (!clock.on_the_way() || clock.needs.empty()) return;
  const Course course = CourseOf(c.procedure, clock);
  const auto gives = [](const Action& action, const std::string& need) {
    const auto in = [&](const std::vector<std::string>& list) { return absl::c_linear_search(list, need); };
    return in(action.needs) || in(action.takes);
  };
  for (const Stage& stage : c.procedure.stages) {
    if (!course.Passes(stage.name)) continue;
    for (const Action& action : stage.actions) {
      if (std::all_of(clock.needs.begin(), clock.needs.end(),
                      [&](const std::string& need) { return gives(action, need); })) {
        return;
      }
    }
  }
  c.Error("NOBODY_REPORTS", ClockPath(clock, "needs"),
          absl::StrCat("“", clock.title.zh(), "”经过的环节里，没有一个操作能一次填写 needs 所列的全部字段。"),
          absl::StrCat("In the stages of \"", clock.title.en().empty() ? clock.title.zh() : clock.title.en(),
                       "\" no action gives all the fields of its \"needs\"."));
}

void CheckExtension(const Checked& c, const Clock& clock) {
  if (!clock.extend.has_value()) return;
  const Extension& extend = *clock.extend;
  const Path path = {"clocks", clock.name, "extend"};
  if (extend.by_at_most.has_value()) {
    if (extend.by_at_most->count == 0) {
      c.Error("WRONG_VALUE", {"clocks", clock.name, "extend", "by_at_most"}, "一次可延多久须大于零。",
              "What one extension may take is longer than nothing.");
    } else if (extend.at_most.count == 0) {
      c.Error(
          "EXTENSION_WITHOUT_CAP", {"clocks", clock.name, "extend", "by_at_most"},
          "只限一次延多久，不限延几次，等于不限；请加上 at_most，如 1 per round。",
          "How far one extension reaches bounds nothing while their number has no bound; add at_most, such as 1 per "
          "round.");
    }
  }
  const auto needs = [&](const std::string& name) { return absl::c_linear_search(extend.needs, name); };
  if (!clock.due_field.empty()) {
    const Field* due = c.procedure.FindField(clock.due_field);  // What is no date is said to be none elsewhere.
    if (needs(clock.due_field) || (due->type != FieldType::kDate && due->type != FieldType::kInstant)) return;
    c.Error("EXTENSION_WITHOUT_DUE", path, absl::StrCat("延期须在 needs 中写上新的期限字段“", clock.due_field, "”。"),
            absl::StrCat("An extension asks for the new date: put \"", clock.due_field, "\" into its \"needs\"."));
    return;
  }
  const auto dated = [&](const Field& field) {
    return !field.sealed && (field.type == FieldType::kDate || field.type == FieldType::kInstant) && needs(field.name);
  };
  if (std::count_if(c.procedure.fields.begin(), c.procedure.fields.end(), dated) == 1) return;
  c.Error("EXTENSION_WITHOUT_DUE", {"clocks", clock.name, "extend", "needs"},
          "延期须在 needs 中写上恰好一个日期或时刻字段，作为新的期限。",
          "An extension asks for the new due day: put exactly one date or instant field into its \"needs\".");
}

bool Gives(const Extension& extend, const std::string& field) { return absl::c_linear_search(extend.needs, field); }

// One date, two rules: the extension of one clock would move the other too, past its own cap and its own approver.
void CheckMovedOnce(const Checked& c, const Clock& clock) {
  if (!clock.extend.has_value()) return;
  const Course course = CourseOf(c.procedure, clock);
  for (const Clock& before : c.procedure.clocks) {
    if (&before == &clock) return;  // Told once, at the later of the two.
    if (!before.extend.has_value()) continue;
    const bool of_this = !before.due_field.empty() && Gives(*clock.extend, before.due_field);
    const bool of_that = !clock.due_field.empty() && Gives(*before.extend, clock.due_field);
    const std::set<std::string> others = CourseOf(c.procedure, before).passed;
    const bool together = std::any_of(others.begin(), others.end(), [&](const auto& s) { return course.Passes(s); });
    if (!together || (!of_this && !of_that)) continue;
    const std::string& field = of_this ? before.due_field : clock.due_field;
    c.Error(
        "CLOCK_MOVED_TWICE", {"clocks", clock.name, "extend"},
        absl::StrCat("时钟“", before.name, "”和“", clock.name, "”同时在走，各自的延期都改期限字段“", field,
                     "”：一个延期，另一个也跟着变。请各用各的字段，或只留一处 extend。"),
        absl::StrCat("Clocks \"", before.name, "\" and \"", clock.name, "\" run together, and the extension of each ",
                     "sets \"", field, "\", to which one of them counts: extending the one moves the other. Give ",
                     "each a field of its own, or keep one \"extend\"."));
    return;
  }
}

}  // namespace

void CheckRising(const std::vector<LadderRung>& ladder, const Node& root, const Path& path, Findings& findings) {
  for (size_t i = 1; i < ladder.size(); ++i) {
    const Span& before = ladder[i - 1].at;
    const Span& at = ladder[i].at;
    if (SameKind(before, at) ? at.count > before.count : RoughHours(at) > RoughHours(before)) continue;
    Path place = path;
    place.insert(place.end(), {absl::StrCat("#", i), "at"});
    findings.Error(
        "LADDER_NOT_RISING", Locate(root, place),
        absl::StrCat("梯级第 ", i + 1, " 级（", SpanText(at).zh(), "）不晚于前一级（", SpanText(before).zh(), "）。"),
        absl::StrCat("Rung ", i + 1, " of the ladder (", SpanText(at).en(), ") is not later than the one before (",
                     SpanText(before).en(), ")."));
  }
}

void CheckTimes(const Checked& c) {
  for (const Clock& clock : c.procedure.clocks) {
    CheckCourse(c, clock);
    CheckLength(c, clock);
    CheckReminders(c, clock);
    CheckReached(c, clock);
    CheckNeeds(c, clock);
    // One that the clock names is checked where it is written.
    const Path ladder = {"clocks", clock.name, "ladder"};
    if (Follow(c.root, ladder).kind == Node::Kind::kList) CheckRising(clock.ladder, c.root, ladder, c.findings);
    CheckExtension(c, clock);
    CheckMovedOnce(c, clock);
  }
  for (const Stage& stage : c.procedure.stages) {
    if (stage.after.has_value() && stage.after->after.count == 0) {
      c.Error("WRONG_VALUE", {"stages", stage.name, "after"}, "到时流转的时间须大于零。",
              "A timed move takes longer than nothing.");
    }
  }
  if (Follow(c.root, {"lights"}).kind == Node::Kind::kList)
    CheckScheme(c.procedure.lights, c.root, {"lights"}, c.findings);
}

}  // namespace duban::engine::language
