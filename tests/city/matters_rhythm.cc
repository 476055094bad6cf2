// What comes again every month or every year.
#include "tests/city/deed.h"

namespace duban::city {

// A report on about the 26th of each month, with a summary at the end of a quarter; some come after the fifth, some
// never.
std::optional<Move> Matters::DutyReport(Deed& d) const {
  if (d.c.stage != "reporting") return std::nullopt;
  const absl::CivilMonth opened(DayOf(d.c.opened_at));
  for (absl::CivilMonth month = opened + 1; month.year() == 2019; ++month) {
    const std::string key = absl::StrCat(d.matter.identity, " ", month.month());
    if (Chance(key, "missing", 40)) continue;
    const Day day = Chance(key, "late", 90) ? Day(month + 1) + 8 : Day(month) + 25;
    Move report = d.With(d.Do(d.c.Party("reporter"), "report", 1, 1), TextField("progress", "本月进展"));
    report.at = TimeOn(facts_.days().After(day, 0), 11);
    if (report.at <= d.now) continue;
    return month.month() % 3 == 0 ? d.With(report, TextField("summary", "本季小结")) : report;
  }
  return std::nullopt;
}

std::optional<Move> Matters::Rhythm(Deed& d) const {
  if (d.c.stage == "asked") {
    const int low = d.Chance("late", 80) ? 6 : 0;
    return d.With(d.Do(d.c.Party("owner"), "report", low, low + 4), TextField("progress", "按计划推进"));
  }
  if (d.c.stage == "reviewing") {
    const std::string issuer = d.Issuer("issuer");
    if (d.Chance("return", 60)) return d.Because(d.Do(issuer, "return", 0, 3), "缺少数据");
    return d.Do(issuer, "accept", 0, 4);
  }
  return std::nullopt;
}

// The card is settled from 27 December on, with what the log says has been done.
std::optional<Move> Matters::Card(Deed& d) const {
  const Case& c = d.c;
  if (c.stage == "drafting") {
    return d.With(d.Do(c.Party("owner"), "fill", 1, 9),
                  NumberField("target", Between(Roll(d.matter.identity, "target"), 5, 40)));
  }
  if (c.stage == "confirming") {
    if (d.Chance("return", 100)) return d.Because(d.Do(d.Issuer("issuer"), "return", 0, 3), "目标偏低");
    return d.Do(d.Issuer("issuer"), "confirm", 0, 3);
  }
  if (c.stage != "running" || DayOf(d.now) < Day(2019, 12, 27)) return std::nullopt;
  int64_t done = 0;
  for (const auto& [name, one] : facts_.cases()) {
    done += one.procedure == "rhythm" && one.end == v1::END_KIND_DONE && one.Party("owner") == c.Party("owner") ? 1 : 0;
  }
  Move settle = d.With(d.Do(c.Party("owner"), "settle", 0, 0), NumberField("done", done));
  settle.at = d.now + absl::Minutes(1);
  return settle;
}

// All but the ratings themselves, which many give at once.
std::optional<Move> Matters::Appraisal(Deed& d) const {
  const Case& c = d.c;
  const std::string organiser = d.Issuer("organiser");
  if (c.stage == "reporting") {
    return d.With(d.Do(c.Party("reporter"), "submit", 0, 2), TextField("report", "全年履职情况"));
  }
  if (c.stage == "ready") return d.Do(organiser, "begin", 0, 0);
  if (c.stage == "short") {
    if (Times(c, "again") > 0) return d.Because(d.Do(organiser, "withdraw", 0, 1), "参评人数不足");
    return d.Because(d.Do(organiser, "again", 0, 0), "参评人数不足");
  }
  if (c.stage == "feedback") {
    if (d.Always("end", 400)) return d.Do(organiser, "end", 0, 1);
    return d.With(d.Do(organiser, "tell", 0, 1), TextField("findings", "公布不及时"));
  }
  if (c.stage == "correcting") {
    return d.With(d.Do(c.Party("reporter"), "answer", 0, 2), TextField("measures", "每月公布"));
  }
  return std::nullopt;
}

// Asked for in January; those named by the end of February are looked at again in March.
std::optional<Move> Matters::Naming(Deed& d) const {
  const Case& c = d.c;
  const std::string assessor = d.Issuer("assessor"), branch = c.Party("branch");
  if (c.stage == "applying") {
    if (d.Always("drop", 50)) return d.Because(d.Do(branch, "drop", 0, 2), "条件不具备");
    return d.With(d.Do(branch, "apply", 0, 6), TextField("materials", "申报材料"));
  }
  if (c.stage == "assessing") {
    if (d.Chance("refuse", 100)) return d.Because(d.Do(assessor, "refuse", 0, 3), "未达标准");
    const Move assess = d.With(d.Do(assessor, "assess", 0, 5), TextField("opinion", "达到标准"));
    return d.With(assess, ChoiceField("stars", d.Chance("five", 300) ? "five" : "four"));
  }
  if (c.stage == "accepting") {
    if (d.Chance("reject", 100)) return d.Because(d.Do(c.Party("acceptor"), "reject", 0, 3), "材料不全");
    return d.Do(c.Party("acceptor"), "accept", 0, 4);
  }
  if (c.stage == "publicity" && c.objected) {
    return d.Because(d.Do(assessor, d.Always("uphold", 400) ? "uphold" : "dismiss", 1, 9), "经核实");
  }
  if (c.stage == "publicity" && !Acted(c, "object") && d.Always("object", 200)) {
    return d.Because(d.Do(assessor, "object", 0, 2), "有异议");
  }
  return std::nullopt;
}

std::optional<Move> Matters::Recheck(Deed& d) const {
  const Case& c = d.c;
  const std::string assessor = d.Issuer("assessor");
  const auto strike = [&] { return d.Because(d.Do(assessor, "strike", 0, 5), "复查不达标"); };
  if (c.stage == "reviewing") {
    return d.With(d.Do(c.Party("branch"), "report", 0, d.Chance("late", 100) ? 12 : 6),
                  TextField("review", "自查情况"));
  }
  if (c.stage != "checking") return std::nullopt;
  if (!c.asked.count("strike") && d.Always("strike", 300)) return strike();
  return d.With(d.Do(assessor, "keep", 0, 5), TextField("opinion", "保留"));
}

std::optional<Move> Matters::Term(Deed& d) const {
  if (d.c.stage != "serving") return std::nullopt;
  const Move elect = d.Near(d.Do(d.c.Party("owner"), "elect", 1, 3), d.DueOf("term"), d.Always("late", 250));
  return d.With(elect, DateField("elected", Text(DayOf(elect.at))));
}

std::optional<Move> Matters::TermNotice(Deed& d) const {
  if (d.Always("withdraw", 80)) return d.Because(d.Do(d.Issuer("issuer"), "withdraw", 0, 3), "已有安排");
  const int low = d.Chance("late", 150) ? 11 : 0;
  return d.With(d.Do(d.c.Party("owner"), "arrange", low, low + 6), TextField("arrangement", "按期换届"));
}

}  // namespace duban::city
