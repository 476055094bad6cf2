// Matters with deadlines in working days, for tests of a calendar that changes; and the two changes that really were.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tests/engine/support/calendar_facts.h"
#include "tests/node/support/office.h"

namespace duban::node {

// Five working days to answer, a reminder, a ladder; suspended while paused; a notice of five working days at the end.
inline constexpr char kPermit[] = R"yaml(
procedure: permit
title: {zh: 办件}
may_open: [office]
numbers: 办件〔{year}〕{other}{seq}号
parties:
  office: {kind: unit, right: issue, title: {zh: 主管单位}}
  other:  {kind: unit, title: {zh: 承办单位}}
fields:
  matter: {title: {zh: 事项}, type: text, required: true}
  due:    {title: {zh: 时限}, type: date}
  fixed:  {title: {zh: 约定日期}, type: date}
stages:
  working:
    title: {zh: 办理中}
    actions:
      pause:  {title: {zh: 中止}, by: office, to: paused, needs: [reason]}
      finish: {title: {zh: 办结}, by: other, to: notice}
      agree:  {title: {zh: 约定日期}, by: office, needs: [fixed]}
  paused:
    title: {zh: 已中止}
    no_deadline: 中止期间不计时
    actions:
      resume: {title: {zh: 恢复}, by: office, to: working}
  notice: {title: {zh: 公示}, after: {5 working days: closed}, counts: both_ends}
  closed: {title: {zh: 已结束}, end: done}
clocks:
  answer:
    title: {zh: 办理时限}
    from: working
    until: [notice]
    budget: 5 working days
    stops_in: [paused]
    remind: [2 working days]
    ladder: lateness
    charged_to: other
    extend: {title: {zh: 延期}, by: other, approved_by: office, at_most: 1 per case, needs: [due, reason]}
  visit:
    title: {zh: 约定日期}
    from: working
    until: [notice]
    due: fixed
    remind: [2 working days]
    charged_to: other
ladders:
  lateness:
    - {at: 0 working days, raise: urge, title: {zh: 催办}, tell: [other, office]}
    - {at: 3 working days, raise: circulate, title: {zh: 通报}, tell: [other, office]}
lights:
  - {colour: green}
  - {colour: yellow, left: 1 working days}
  - {colour: red, overdue: true}
)yaml";

// Labour Day 2019 as first announced: one day. On 22 March it became four, with two working days in exchange.
inline v1::CalendarYear FirstNoticeOf2019() {
  v1::CalendarYear year = engine::NoticeOf(2019);
  auto& days = *year.mutable_days();
  for (int i = days.size() - 1; i >= 0; --i) {
    if (days[i].title() == "劳动节" && days[i].date() != "2019-05-01") days.DeleteSubrange(i, 1);
  }
  return year;
}

// Spring Festival 2020 as first announced: to 30 January, Saturday 1 February worked. On 27 January it was extended to
// 2 February.
inline v1::CalendarYear FirstNoticeOf2020() {
  v1::CalendarYear year = engine::NoticeOf(2020);
  auto& days = *year.mutable_days();
  for (int i = days.size() - 1; i >= 0; --i) {
    const std::string& date = days[i].date();
    if (date == "2020-02-01") days[i].set_type(v1::DAY_TYPE_WORKDAY);
    if (date == "2020-01-31" || date == "2020-02-02" || date == "2020-02-03") days.DeleteSubrange(i, 1);
  }
  return year;
}

class PermitOffice : public Office {
 public:
  explicit PermitOffice(OfficeOptions options, std::shared_ptr<store::Store> store = nullptr)
      : Office(std::move(options), std::move(store)) {
    Publish("permit", kPermit);
  }

  static v1::PublishCalendarRequest Years(const std::vector<v1::CalendarYear>& years, const std::string& key) {
    v1::PublishCalendarRequest request;
    for (const v1::CalendarYear& year : years) *request.add_years() = year;
    request.set_idempotency_key(key);
    return request;
  }
  v1::PublishCalendarResponse PublishYear(const v1::CalendarYear& year) {
    return Must<v1::PublishCalendarResponse>(Call(kOperatorPerson, Years({year}, FreshKey())));
  }
  v1::JobPreview PreviewYear(const std::string& viewer, const v1::CalendarYear& year) {
    v1::PublishCalendarRequest request = Years({year}, "preview");
    request.set_validate_only(true);
    return MustRead(node().PreviewCalendar(viewer, request)).preview();
  }

  std::string Permit(const std::string& matter, const std::string& other = "units/zhujian") {
    return Must<v1::OpenCaseResponse>(Call(kSupervisor, Matter("permit", other, matter))).case_();
  }
  void Do(const std::string& actor, const std::string& name, const std::string& action,
          const std::pair<std::string, std::string>& day = {}) {
    v1::ActOnCaseRequest act = Action(name, action);
    act.set_reason("按规定办理");
    if (!day.first.empty()) SetField(act.mutable_fields(), day.first)->set_date(day.second);
    Must<v1::ActOnCaseResponse>(Call(actor, act));
  }

  v1::Job Job(const std::string& viewer, const std::string& name) {
    v1::GetJobRequest request;
    request.set_job(name);
    return MustRead(node().GetJob(viewer, request)).job();
  }
  // Lets a job work to its end.
  v1::Job Ended(const std::string& name) {
    while (true) {
      v1::Job job = Job(kOperatorPerson, name);
      if (job.state() != v1::JOB_STATE_RUNNING) return job;
      if (!options().own_thread) node().Pump();
    }
  }

  // The day of a case's deadline, "2020-02-04"; empty while suspended.
  std::string Due(const std::string& name, const std::string& clock = "answer") {
    const v1::Case shown = Show(kSupervisor, name);
    for (const v1::CaseClock& status : shown.clocks()) {
      if (status.clock() != clock || !status.has_due()) continue;
      return engine::FormatDay(engine::Zone(8 * 3600).DayOf(engine::FromProto(status.due())));
    }
    return "";
  }
  // What happened to a case after a revision, a word each: "ClockMoved answer 2020-02-04", "RungFired answer due".
  std::vector<std::string> Since(const std::string& name, uint64_t revision) {
    std::vector<std::string> lines;
    const engine::Zone zone(8 * 3600);
    for (const v1::EventRecord& record : Events(kAuditor, name)) {
      if (record.revision() <= revision) continue;
      const v1::Event& event = record.event();
      if (event.has_clock_moved()) {
        lines.push_back(absl::StrCat("ClockMoved ", event.clock_moved().clock(), " ",
                                     engine::FormatDay(zone.DayOf(engine::FromProto(event.clock_moved().due()))), " v",
                                     event.clock_moved().calendar_version()));
      } else if (event.has_rung_withdrawn()) {
        lines.push_back(
            absl::StrCat("RungWithdrawn ", event.rung_withdrawn().clock(), " ", event.rung_withdrawn().rung()));
      } else if (event.has_rung_fired()) {
        lines.push_back(absl::StrCat("RungFired ", event.rung_fired().clock(), " ", event.rung_fired().rung().rung(),
                                     " ", zone.Format(engine::FromProto(event.rung_fired().rung().at()))));
      } else if (event.has_move_rescheduled()) {
        lines.push_back(
            absl::StrCat("MoveRescheduled ", zone.Format(engine::FromProto(event.move_rescheduled().moves_at()))));
      } else if (event.has_stage_entered()) {
        lines.push_back(absl::StrCat("StageEntered ", event.stage_entered().stage()));
      } else {
        lines.push_back("other");
      }
    }
    return lines;
  }
  uint64_t Revision(const std::string& name) { return Show(kSupervisor, name).revision(); }
};

}  // namespace duban::node
