#include "clients/cli/wall_picture.h"

#include <algorithm>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "clients/cli/labels.h"
#include "clients/cli/table.h"
#include "clients/cli/values.h"

namespace duban::cli {
namespace {

constexpr size_t kFewestAlerts = 3;
constexpr size_t kTableHead = 2;  // Heads and the rule below them.
constexpr size_t kSubjectWidest = 40;

std::string TitleOf(const WallMoment& moment, const std::string& unit) {
  const auto title = moment.titles.find(unit);
  return title == moment.titles.end() ? unit : title->second;
}

Table::Cell Marked(int64_t count, Ink ink) { return {absl::StrCat(count), count > 0 ? ink : Ink::kNone}; }

// What each figure is called, and its value; the first three are the totals' too.
struct Figure {
  v1::Text title;
  Table::Cell value;
};

std::vector<Figure> FiguresOf(const WallTotals& totals) {
  return {{Both("在办", "open"), absl::StrCat(totals.open)},
          {TimelinessText(v1::TIMELINESS_OVERDUE), Marked(totals.overdue, Ink::kRed)},
          {TimelinessText(v1::TIMELINESS_DUE_SOON), Marked(totals.due_soon, Ink::kYellow)}};
}

std::vector<Figure> FiguresOf(const v1::UnitProfile& unit) {
  std::vector<Figure> figures = FiguresOf(WallTotals{unit.open(), unit.overdue(), unit.due_soon()});
  figures.push_back({TimelinessText(v1::TIMELINESS_ENDED_ON_TIME), absl::StrCat(unit.ended_on_time())});
  figures.push_back({TimelinessText(v1::TIMELINESS_ENDED_LATE), Marked(unit.ended_late(), Ink::kRed)});
  return figures;
}

// "在办 3  逾期 1  临期 0".
std::string Written(const Console& console, const std::vector<Figure>& figures, bool colours) {
  return absl::StrJoin(figures, "  ", [&](std::string* out, const Figure& figure) {
    const std::string text = absl::StrCat(console.Say(figure.title), " ", figure.value.text);
    absl::StrAppend(out, colours ? Coloured(text, figure.value.ink) : text);
  });
}

std::vector<std::string> AlertWords(const Console& console, const v1::Alert& alert, const ShowInstants& show) {
  return {show(alert.at()), alert.number().empty() ? alert.case_() : alert.number(),
          FitWidth(alert.subject(), kSubjectWidest), console.Say(alert.title())};
}

std::string Heading(const Console& console, const WallMoment& moment) {
  return absl::StrCat(console.Word("督办大屏", "Duban wall"), "  ", moment.who, "  ", moment.as_of);
}

std::string Rest(const Console& console, size_t rest, absl::string_view zh, absl::string_view en) {
  return absl::StrCat(console.Word("…… 另有 ", "… and "), rest, " ", console.Word(zh, en), "\n");
}

std::string UnitTable(const Console& console, const WallMoment& moment, size_t room, size_t columns, bool colours) {
  std::vector<std::string> heads = {console.Say("单位", "unit")};
  for (const Figure& figure : FiguresOf(v1::UnitProfile())) heads.push_back(console.Say(figure.title));
  Table table(heads);
  const size_t shown = std::min(room, moment.units.size());
  for (size_t i = 0; i < shown; ++i) {
    std::vector<Table::Cell> cells = {TitleOf(moment, moment.units[i].unit())};
    for (const Figure& figure : FiguresOf(moment.units[i])) cells.push_back(figure.value);
    table.Add(std::move(cells));
  }
  std::string text = table.Text(colours, columns);
  if (shown < moment.units.size()) {
    absl::StrAppend(&text, Rest(console, moment.units.size() - shown, "个单位", "units"));
  }
  return text;
}

std::string AlertTable(const Console& console, const WallMoment& moment, const ShowInstants& show, size_t room,
                       size_t columns, bool colours) {
  Table table({console.Say("预警时间", "alert at"), console.Say("编号", "number"), console.Say("事项", "subject"),
               console.Say("预警", "alert")});
  const size_t shown = std::min(room, moment.alerts.size());
  for (size_t i = 0; i < shown; ++i) {
    const std::vector<std::string> words = AlertWords(console, moment.alerts[i], show);
    table.Add({words.begin(), words.end()});
  }
  std::string text = table.Text(colours, columns);
  if (shown < moment.alerts.size() && moment.alerts_whole) {
    absl::StrAppend(&text, Rest(console, moment.alerts.size() - shown, "条预警", "alerts"));
  }
  return text;
}

// Of a terminal too small for even this, what fits.
std::string FirstLines(std::string text, size_t lines) {
  size_t end = 0;
  for (size_t i = 0; i < lines; ++i) {
    const size_t stop = text.find('\n', end);
    if (stop == std::string::npos) return text;
    end = stop + 1;
  }
  text.resize(end);
  return text;
}

std::string WholePicture(const Console& console, const WallMoment& moment, const ShowInstants& show, size_t columns,
                         size_t lines, bool colours) {
  std::string out = absl::StrCat(FitWidth(Heading(console, moment), columns), "\n");
  for (const v1::Text& fault : moment.faults) {
    const std::string line = FitWidth(console.Say(fault), columns);
    absl::StrAppend(&out, colours ? Coloured(line, Ink::kYellow) : line, "\n");
  }
  if (moment.totals) absl::StrAppend(&out, Written(console, FiguresOf(*moment.totals), colours), "\n");
  if (moment.units.empty() && moment.alerts.empty()) {
    if (moment.faults.empty())
      absl::StrAppend(&out, console.Say("没有您能查看的事项。", "nothing that you may see"), "\n");
    return out;
  }
  // A blank line before each table, and one at its end for what has no room.
  const size_t fixed = static_cast<size_t>(std::count(out.begin(), out.end(), '\n'));
  const auto room_beside = [&](size_t tables) {
    const size_t taken = fixed + tables * (kTableHead + 2);
    return lines > taken ? lines - taken : 0;
  };
  const bool both = !moment.units.empty() && !moment.alerts.empty();
  const size_t room = std::max<size_t>(room_beside(both ? 2 : 1), 2);
  size_t for_alerts = moment.units.empty() ? room : std::max(kFewestAlerts, room / 3);
  for_alerts = std::min({for_alerts, moment.alerts.size(), room - (both ? 1 : 0)});
  if (both && moment.units.size() < room - for_alerts)
    for_alerts = std::min(moment.alerts.size(), room - moment.units.size());
  if (!moment.units.empty()) {
    absl::StrAppend(&out, "\n", UnitTable(console, moment, room - for_alerts, columns, colours));
  }
  if (!moment.alerts.empty())
    absl::StrAppend(&out, "\n", AlertTable(console, moment, show, for_alerts, columns, colours));
  return out;
}

}  // namespace

v1::Text WallFaultText(const std::string& target, const WallFault& fault, const std::string& built) {
  const v1::Text view = target == kWallUnits ? Both("单位情况", "units") : Both("预警", "alerts");
  const auto about = [&](const std::string& zh, const std::string& en) {
    return Both(absl::StrCat(view.zh(), "：", zh), absl::StrCat(view.en(), ": ", en));
  };
  if (fault.reason == "VIEW_BUILDING") {
    const std::string far = built.empty() ? "" : absl::StrCat(" ", built);
    return about(absl::StrCat("正在构建", far, "，建好即自动显示；进度见 duban views"),
                 absl::StrCat("being built", far, ", shown once it is; see duban views"));
  }
  if (fault.reason == "VIEW_TOO_LARGE") {
    return about("多于一次能订阅的，只列最新的", "more than can be watched; the newest alone are listed");
  }
  return about(absl::StrCat("不能显示，", fault.said, "（", fault.reason, "）"),
               absl::StrCat("cannot be shown: ", fault.said, " (", fault.reason, ")"));
}

std::string WallPicture(const Console& console, const WallMoment& moment, const ShowInstants& show, size_t columns,
                        size_t lines, bool colours) {
  return FirstLines(WholePicture(console, moment, show, columns, lines, colours), lines);
}

std::vector<std::string> WallLines::Next(const Console& console, const WallMoment& moment, const ShowInstants& show) {
  std::vector<std::pair<std::string, std::string>> now;
  for (const v1::Text& fault : moment.faults) now.emplace_back(absl::StrCat("fault ", fault.zh()), console.Say(fault));
  if (moment.totals) {
    now.emplace_back("totals", absl::StrCat(console.Say("合计", "total"), "  ",
                                            Written(console, FiguresOf(*moment.totals), /*colours=*/false)));
  }
  for (const v1::UnitProfile& unit : moment.units) {
    now.emplace_back(absl::StrCat("unit ", unit.unit()),
                     absl::StrCat(console.Say("单位", "unit"), "  ", TitleOf(moment, unit.unit()), "  ",
                                  Written(console, FiguresOf(unit), /*colours=*/false)));
  }
  // The oldest first: what is added last stands last.
  for (auto alert = moment.alerts.rbegin(); alert != moment.alerts.rend(); ++alert) {
    now.emplace_back(
        absl::StrCat("alert ", alert->name()),
        absl::StrCat(console.Say("预警", "alert"), "  ", absl::StrJoin(AlertWords(console, *alert, show), "  ")));
  }
  std::vector<std::string> lines;
  std::set<std::string> there;
  for (const auto& [key, line] : now) {
    there.insert(key);
    std::string& before = printed_[key];
    if (before != line) lines.push_back(line);
    before = line;
  }
  for (auto it = printed_.begin(); it != printed_.end();) {
    const bool pushed_out = !moment.alerts_whole && absl::StartsWith(it->first, "alert ");
    if (there.count(it->first) > 0) {
      ++it;
      continue;
    }
    if (!pushed_out) lines.push_back(absl::StrCat(console.Say("撤下", "gone"), "  ", it->second));
    it = printed_.erase(it);
  }
  if (!lines.empty()) lines.insert(lines.begin(), absl::StrCat("—— ", Heading(console, moment), " ——"));
  return lines;
}

}  // namespace duban::cli
