#include "clients/cli/stated_figures.h"

#include <algorithm>
#include <map>
#include <optional>
#include <regex>
#include <set>
#include <utility>

#include "absl/numeric/int128.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

namespace duban::cli {
namespace {

// A stated value and its nature: what is not there is not zero.
struct Stated {
  enum class Nature { kMissing, kExact, kApproximate, kMasked, kText };
  Nature nature = Nature::kMissing;
  int64_t count = 0;
  bool exact() const { return nature == Nature::kExact; }
};

Stated CountIn(absl::string_view text) {
  const std::string plain = absl::StrReplaceAll(text, {{",", ""}, {"，", ""}, {" ", ""}});
  Stated out;
  if (plain.empty()) return out;
  if (absl::SimpleAtoi(plain, &out.count)) {
    out.nature = Stated::Nature::kExact;
  } else if (plain.find_first_not_of("*-") == std::string::npos || absl::StrContains(plain, "＊") || plain == "—") {
    out.nature = Stated::Nature::kMasked;
  } else {
    const bool digits = plain.find_first_of("0123456789") != std::string::npos;
    const bool about = absl::StrContains(plain, "余") || absl::StrContains(plain, "约") ||
                       absl::StrContains(plain, "近") || absl::StrContains(plain, "万") ||
                       absl::StrContains(plain, "多");
    out.nature = digits && about ? Stated::Nature::kApproximate : Stated::Nature::kText;
  }
  return out;
}

// "96.16%": 9616 with two digits. Nothing where it is no exact rate.
struct StatedRate {
  int64_t scaled = 0;
  int digits = 0;
};
std::optional<StatedRate> RateIn(absl::string_view text) {
  if (!absl::ConsumeSuffix(&text, "%")) return std::nullopt;
  const size_t point = text.find('.');
  StatedRate out;
  out.digits = point == absl::string_view::npos ? 0 : static_cast<int>(text.size() - point - 1);
  if (out.digits > 6 || !absl::SimpleAtoi(absl::StrReplaceAll(text, {{".", ""}}), &out.scaled)) return std::nullopt;
  return out;
}

absl::int128 Power(int digits) {
  absl::int128 out = 1;
  for (int i = 0; i < digits; ++i) out *= 10;
  return out;
}

// Whether the rate is above / below rounded to its digits, or cut off there.
bool IsRounded(const StatedRate& rate, int64_t above, int64_t below) {
  absl::int128 off = absl::int128(rate.scaled) * below - absl::int128(100) * Power(rate.digits) * above;
  if (off < 0) off = -off;
  return 2 * off <= below;
}
bool IsCutOff(const StatedRate& rate, int64_t above, int64_t below) {
  return absl::int128(100) * Power(rate.digits) * above / below == rate.scaled;
}

// "99.49%".
std::string Percent(int64_t above, int64_t below) {
  const auto hundredths = static_cast<int64_t>((absl::int128(above) * 20000 + below) / (absl::int128(below) * 2));
  return absl::StrFormat("%d.%02d%%", hundredths / 100, hundredths % 100);
}

std::string Fraction(int64_t above, int64_t below) {
  return absl::StrCat(above, "/", below, "=", Percent(above, below));
}

// The columns of a table, by what they mean: -1 where there is none.
int Find(const CsvFile& file, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (const int at = file.Column(name); at >= 0) return at;
  }
  return -1;
}

// A sum: the whole, and its parts. Where not all parts are stated they may only stay below the whole.
struct Sum {
  int whole = -1;
  std::vector<int> parts;
  std::vector<int> within;  // Columns that may stand within other parts, or beside them.
};

// A rate, what is above, and what may be below.
struct Ratio {
  int rate = -1;
  int above = -1;
  std::vector<int> below;
};

class Table {
 public:
  explicit Table(const CsvFile& file) : file_(file) {
    const auto find = [&](const std::vector<std::string>& names) { return Find(file, names); };
    const int total = find({"受理量", "任务或问题总数", "任务总数", "问题总数", "总数"});
    const int sent = find({"转办或派单量", "派单量", "转办量", "派遣总数"});
    const int direct = find({"直接答复或即时办结", "直接答复", "即时办结"});
    const int due = find({"应结案数", "应办结数"});
    const int done = find({"办结数", "已办结", "已完成"});
    const int on_time = find({"按时办结数", "按期办结数"});
    const int late = find({"超时数", "超时办结", "逾期数"});
    const int open = find({"未办结数", "未办结", "未完成或滞后", "未完成"});
    const int partly = find({"基本完成或阶段性完成", "阶段性办结", "基本完成"});
    const int ongoing = find({"达到序时或推进中", "推进中", "正在办理"});
    const int standing = find({"长期坚持"});
    ongoing_ = ongoing;
    AddSum({total, {sent, direct}, {}});
    AddSum({done, {on_time, late}, {}});
    if (ongoing >= 0 || partly >= 0) {
      AddSum({total, {done, partly, ongoing, open}, {standing}});
    } else {
      open_of_ = {sent, due, total};
      done_ = done;
      open_ = open;
    }
    for (const char* prefix : {"本批", "累计"}) {
      const auto of = [&](const char* name) { return file.Column(absl::StrCat(prefix, name)); };
      AddSum({of("件数"), {of("已办结"), of("阶段性办结"), of("未办结")}, {}});
    }
    AddRatio({find({"办结率", "结案率"}), done, {due, sent, total}});
    AddRatio({find({"按时办结率", "按期办结率", "按期结案率"}), on_time, {due, done, sent, total}});
    AddRatio({find({"公布完成率", "完成率", "整改完成率"}), done, {total}});
    AddRatio({find({"按公布数计算完成率"}), done, {total}});
    group_total_ = find({"该批公布总数", "公布总数"});
    group_item_ = find({"件数"});
  }

  StatedFigures Run() {
    for (const CsvRecord& record : file_.records) {
      record_ = &record;
      Natures();
      for (const Sum& sum : sums_) Check(sum);
      CheckOpen();
      for (const Ratio& ratio : ratios_) Check(ratio);
      for (size_t i = 0; i < record.fields.size(); ++i) Text(static_cast<int>(i));
    }
    CheckGroups();
    CheckShared();
    std::stable_sort(out_.mistakes.begin(), out_.mistakes.end(), [](const StatedMistake& a, const StatedMistake& b) {
      return std::make_pair(a.line, a.column) < std::make_pair(b.line, b.column);
    });
    return std::move(out_);
  }

 private:
  void AddSum(Sum sum) {
    sum.parts.erase(std::remove(sum.parts.begin(), sum.parts.end(), -1), sum.parts.end());
    sum.within.erase(std::remove(sum.within.begin(), sum.within.end(), -1), sum.within.end());
    if (sum.whole >= 0 && sum.parts.size() >= 2) sums_.push_back(std::move(sum));
  }
  void AddRatio(Ratio ratio) {
    ratio.below.erase(std::remove(ratio.below.begin(), ratio.below.end(), -1), ratio.below.end());
    if (ratio.rate >= 0) ratios_.push_back(std::move(ratio));
  }

  const std::string& Field(int at) const {
    static const std::string none;
    return at >= 0 && static_cast<size_t>(at) < record_->fields.size() ? record_->fields[static_cast<size_t>(at)]
                                                                       : none;
  }
  Stated Count(int at) const { return CountIn(Field(at)); }
  std::string Heading(int at) const { return file_.heading[static_cast<size_t>(at)]; }

  void Say(int at, const char* rule, std::string zh, std::string en, bool doubt = false) {
    Say(record_->line, at, rule, std::move(zh), std::move(en), doubt);
  }
  void Say(size_t line, int at, const char* rule, std::string zh, std::string en, bool doubt) {
    StatedMistake& mistake = out_.mistakes.emplace_back();
    mistake.line = line;
    mistake.column = static_cast<size_t>(at) + 1;
    mistake.heading = Heading(at);
    mistake.rule = rule;
    mistake.text.set_zh(std::move(zh));
    mistake.text.set_en(std::move(en));
    mistake.doubt = doubt;
  }

  // What is stated of its own nature in the columns that count.
  void Natures() {
    std::set<int> columns;
    for (const Sum& sum : sums_) {
      columns.insert(sum.whole);
      columns.insert(sum.parts.begin(), sum.parts.end());
    }
    for (const Ratio& ratio : ratios_) columns.insert(ratio.above);
    for (const int at : columns) {
      const Stated stated = Count(at);
      out_.approximate += stated.nature == Stated::Nature::kApproximate ? 1 : 0;
      out_.masked += stated.nature == Stated::Nature::kMasked ? 1 : 0;
    }
  }

  void Check(const Sum& sum) {
    const Stated whole = Count(sum.whole);
    if (!whole.exact()) return;
    int64_t parts = 0, within = 0;
    bool all = true;
    std::vector<std::string> shown;
    for (const int at : sum.parts) {
      const Stated part = Count(at);
      all = all && part.exact();
      if (!part.exact()) continue;
      parts += part.count;
      shown.push_back(absl::StrCat(part.count));
      if (part.count <= whole.count) continue;
      return Say(at, "PART_OVER_WHOLE", absl::StrCat(part.count, " 大于", Heading(sum.whole), " ", whole.count, "。"),
                 absl::StrCat(part.count, " is more than the whole, ", whole.count, "."));
    }
    for (const int at : sum.within) within += Count(at).exact() ? Count(at).count : 0;
    if (shown.size() < 2) return;
    ++out_.sums;
    const bool fits = parts == whole.count || parts + within == whole.count;
    if (fits || (!all && parts < whole.count)) return;
    Say(sum.whole, "SUM_MISMATCH", absl::StrCat(absl::StrJoin(shown, "+"), "=", parts, "，不是 ", whole.count, "。"),
        absl::StrCat(absl::StrJoin(shown, "+"), "=", parts, ", not ", whole.count, "."));
  }

  // What was ended and what is open make up what was sent out, or what was due, or all.
  void CheckOpen() {
    const Stated done = Count(done_), open = Count(open_);
    if (!done.exact() || !open.exact()) return;
    std::vector<std::string> bases;
    for (const int at : open_of_) {
      const Stated base = Count(at);
      if (!base.exact()) continue;
      if (base.count == done.count + open.count) {
        ++out_.sums;
        return;
      }
      bases.push_back(absl::StrCat(Heading(at), " ", base.count));
    }
    if (bases.empty()) return;
    ++out_.sums;
    Say(open_, "SUM_MISMATCH",
        absl::StrCat("办结 ", done.count, " + 未办结 ", open.count, " = ", done.count + open.count, "，与",
                     absl::StrJoin(bases, "、"), "都不符。"),
        absl::StrCat("ended ", done.count, " + open ", open.count, " = ", done.count + open.count,
                     " is none of the totals."));
  }

  void Check(const Ratio& ratio) {
    const std::string& text = Field(ratio.rate);
    if (text.empty()) return;
    const std::optional<StatedRate> rate = RateIn(text);
    if (!rate.has_value()) {
      ++out_.approximate;
      return;
    }
    if (absl::int128(rate->scaled) > absl::int128(100) * Power(rate->digits)) {
      Say(ratio.rate, "RATE_OVER_100", absl::StrCat(text, " 超过 100%：分子不在分母之内。"),
          absl::StrCat(text, " is over 100 %: what is above is not within what is below."));
    }
    const Stated above = Count(ratio.above);
    std::vector<std::string> tried;
    bool cut = false;
    for (const int at : ratio.below) {
      const Stated below = Count(at);
      if (!above.exact() || !below.exact() || below.count == 0) continue;
      if (tried.empty()) ++out_.rates;
      if (IsRounded(*rate, above.count, below.count)) return;
      cut = cut || IsCutOff(*rate, above.count, below.count);
      const std::string shown = Fraction(above.count, below.count);
      if (std::find(tried.begin(), tried.end(), shown) == tried.end()) tried.push_back(shown);
    }
    if (tried.empty()) {
      ++out_.bare_rates;
      return;
    }
    const std::string all = absl::StrJoin(tried, "；");
    if (cut) {
      return Say(ratio.rate, "RATE_CUT_OFF",
                 absl::StrCat("公布 ", text, "，应为 ", all, "：截去了尾数，没有四舍五入。"),
                 absl::StrCat("stated ", text, ", counted ", all, ": cut off, not rounded."));
    }
    Say(ratio.rate, "RATE_MISMATCH", absl::StrCat("公布 ", text, "，按公布的数应为 ", all, "。"),
        absl::StrCat("stated ", text, ", counted ", all, "."));
  }

  // Sentences and sums within a cell.
  void Text(int at) {
    const std::string& text = Field(at);
    if (text.empty()) return;
    Comparison(at, text);
    Equations(at, text);
    Dissatisfied(at, text);
    Notes(at, text);
  }

  // 同比 compares with the year before, 环比 with the period before.
  void Comparison(int at, const std::string& text) {
    static const std::regex month("(?:较|比|与)(?:上月|上周|上季度|上季|上期|上个月)(?:(?!。|；)[^;:]){0,60}?同比");
    static const std::regex year("(?:较|比|与)(?:去年|上年)(?:(?!。|；)[^;:]){0,60}?环比");
    static const std::regex change("(增加|增长|减少|下降)([0-9]+)件[^0-9]{0,30}([0-9]+(?:\\.[0-9]+)?)%");
    std::smatch found;
    if (std::regex_search(text, month)) {
      std::string proof;
      if (std::regex_search(text, found, change))
        proof = ProvedChange(found[1] == "增加" || found[1] == "增长", found[2], found[3]);
      Say(at, "YEAR_FOR_PERIOD", absl::StrCat("与上一期相比却写作“同比”：应为“环比”。", proof),
          absl::StrCat("compared with the period before, yet called year on year (同比): it is 环比. ", proof));
    } else if (std::regex_search(text, year)) {
      Say(at, "PERIOD_FOR_YEAR", "与上年同期相比却写作“环比”：应为“同比”。",
          "compared with the year before, yet called 环比: it is 同比.");
    }
  }

  // "263/4304=6.11%" where some count of the record shows that the change is against the period before.
  std::string ProvedChange(bool more, const std::string& by, const std::string& percent) {
    int64_t change = 0;
    const std::optional<StatedRate> rate = RateIn(percent + "%");
    if (!absl::SimpleAtoi(by, &change) || !rate.has_value()) return "";
    for (size_t i = 0; i < record_->fields.size(); ++i) {
      const Stated now = Count(static_cast<int>(i));
      const int64_t before = more ? now.count - change : now.count + change;
      if (now.exact() && before > 0 && IsRounded(*rate, change, before)) return Fraction(change, before);
    }
    return "";
  }

  void Equations(int at, const std::string& text) {
    static const std::regex ratio("([0-9]+)/([0-9]+)=([0-9]+(?:\\.[0-9]+)?%)");
    for (std::sregex_iterator it(text.begin(), text.end(), ratio), end; it != end; ++it) {
      int64_t above = 0, below = 0;
      const std::optional<StatedRate> rate = RateIn((*it)[3].str());
      if (!absl::SimpleAtoi((*it)[1].str(), &above) || !absl::SimpleAtoi((*it)[2].str(), &below) || below == 0 || !rate)
        continue;
      ++out_.rates;
      if (IsRounded(*rate, above, below)) continue;
      Say(at, "RATE_MISMATCH", absl::StrCat("文中 ", (*it)[0].str(), "，应为 ", Percent(above, below), "。"),
          absl::StrCat("the text says ", (*it)[0].str(), "; it is ", Percent(above, below), "."));
    }
    // "45完成+37达序时=82", "28件=25+3".
    static const std::regex forward(
        "((?:[0-9]+[^0-9+=,;/%.]*\\+[^0-9+=,;/%.]*)+[0-9]+)[^0-9+=,;/%.]*=([0-9]+)(?![0-9./%])");
    static const std::regex backward(
        "([0-9]+)[^0-9+=,;/%.]*=[^0-9+=,;/%.]*((?:[0-9]+[^0-9+=,;/%.]*\\+[^0-9+=,;/%.]*)+[0-9]+)");
    for (const auto& [regex, whole_at, parts_at] :
         {std::make_tuple(&forward, 2, 1), std::make_tuple(&backward, 1, 2)}) {
      for (std::sregex_iterator it(text.begin(), text.end(), *regex), end; it != end; ++it) {
        int64_t whole = 0, sum = 0;
        if (!absl::SimpleAtoi((*it)[static_cast<size_t>(whole_at)].str(), &whole)) continue;
        static const std::regex number("[0-9]+");
        const std::string parts = (*it)[static_cast<size_t>(parts_at)].str();
        for (std::sregex_iterator part(parts.begin(), parts.end(), number); part != end; ++part) {
          int64_t one = 0;
          if (absl::SimpleAtoi(part->str(), &one)) sum += one;
        }
        ++out_.sums;
        if (sum == whole) continue;
        Say(at, "SUM_MISMATCH", absl::StrCat("文中“", (*it)[0].str(), "”：各项相加是 ", sum, "。"),
            absl::StrCat("the text says \"", (*it)[0].str(), "\": the parts add up to ", sum, "."));
      }
    }
  }

  // "不满意数8、不满意率9%" against the counts of the record, and where none fits against those in the text.
  void Dissatisfied(int at, const std::string& text) {
    static const std::regex pair("数([0-9]+)、(?:(?!、)[^0-9])*率([0-9]+(?:\\.[0-9]+)?%)");
    std::smatch found;
    if (!std::regex_search(text, found, pair)) return;
    int64_t above = 0;
    const std::optional<StatedRate> rate = RateIn(found[2].str());
    if (!absl::SimpleAtoi(found[1].str(), &above) || !rate.has_value()) return;
    std::vector<std::string> tried;
    for (const Sum& sum : sums_) {
      for (const int column : {sum.whole, sum.parts[0]}) {
        const Stated below = Count(column);
        if (!below.exact() || below.count == 0) continue;
        if (tried.empty()) ++out_.rates;
        if (IsRounded(*rate, above, below.count)) return;
        const std::string shown = Fraction(above, below.count);
        if (std::find(tried.begin(), tried.end(), shown) == tried.end()) tried.push_back(shown);
      }
    }
    if (tried.empty()) return;
    static const std::regex other("((?:(?!、|；|，)[^0-9;,])+)([0-9]+)件");
    for (std::sregex_iterator it(text.begin(), text.end(), other), end; it != end; ++it) {
      int64_t below = 0;
      if (!absl::SimpleAtoi((*it)[2].str(), &below) || below == 0 || !IsRounded(*rate, above, below)) continue;
      return Say(at, "HIDDEN_BASE",
                 absl::StrCat("“", found[0].str(), "”的分母是文中的", (*it)[0].str(), "（", Fraction(above, below),
                              "），不是表中的数（", absl::StrJoin(tried, "；"), "）：请写明分母。"),
                 absl::StrCat("what is below is ", below, " of the text, not a count of the table (",
                              absl::StrJoin(tried, "; "), "): say what is below."),
                 true);
    }
    Say(at, "RATE_MISMATCH",
        absl::StrCat("文中“", found[0].str(), "”，按表中的数是 ", absl::StrJoin(tried, "；"), "。"),
        absl::StrCat("the text says ", found[2].str(), ", counted ", absl::StrJoin(tried, "; "), "."));
  }

  // Contradictions that the text states.
  void Notes(int at, const std::string& text) {
    static const std::regex underway("([0-9]+)件(?:正在办理|推进中|办理中)");
    static const std::regex bases("与(?:(?!，|；)[^,;])*?([0-9]+)项口径不同");
    static const std::regex unequal("合计([0-9]+)与[^0-9]{0,30}([0-9]+)不等");
    static const std::regex months("标题写((?:(?!月).){1,9})月(?:(?!正文).){0,6}正文写((?:(?!月).){1,9})月");
    std::smatch found;
    int64_t stated = 0;
    const Stated ongoing = Count(ongoing_);
    if (std::regex_search(text, found, underway) && absl::SimpleAtoi(found[1].str(), &stated) && ongoing.exact() &&
        ongoing.count != stated) {
      Say(at, "TEXT_DIFFERS",
          absl::StrCat("文中写 ", stated, " 件，表中", Heading(ongoing_), "为 ", ongoing.count, " 件。"),
          absl::StrCat("the text says ", stated, ", the table ", ongoing.count, "."));
    }
    if (std::regex_search(text, found, bases)) {
      Say(at, "BASES_DIFFER", absl::StrCat("与另一次公布的 ", found[1].str(), " 项口径不同，两者的率不能比较。"),
          absl::StrCat("counted on another base than the ", found[1].str(), " published before: not comparable."),
          true);
    }
    if (std::regex_search(text, found, unequal)) {
      Say(at, "JOINT_OR_WRONG",
          absl::StrCat("分项合计 ", found[1].str(), " 与总数 ", found[2].str(),
                       " 不等：联办件在各单位各计一次，总数只计一次，应写明。"),
          absl::StrCat("the parts add up to ", found[1].str(), ", the total is ", found[2].str(),
                       ": joint matters count with each unit and once in the total; say so."),
          true);
    }
    if (std::regex_search(text, found, months) && Digits(found[1].str()) != Digits(found[2].str())) {
      Say(at, "PERIODS_DIFFER", absl::StrCat("标题写", found[1].str(), "月，正文写", found[2].str(), "月。"),
          absl::StrCat("the title says month ", found[1].str(), ", the text month ", found[2].str(), "."));
    }
  }
  static std::string Digits(const std::string& numeral) {
    return absl::StrReplaceAll(numeral, {{"十二", "12"},
                                         {"十一", "11"},
                                         {"十", "10"},
                                         {"一", "1"},
                                         {"二", "2"},
                                         {"三", "3"},
                                         {"四", "4"},
                                         {"五", "5"},
                                         {"六", "6"},
                                         {"七", "7"},
                                         {"八", "8"},
                                         {"九", "9"}});
  }

  // Records that share all that stands before the item's unit are parts of one total.
  void CheckGroups() {
    if (group_total_ < 0 || group_item_ < 1) return;
    struct Group {
      const CsvRecord* first = nullptr;
      int64_t sum = 0, total = 0;
      bool whole = true;
    };
    std::vector<std::pair<std::string, Group>> groups;
    for (const CsvRecord& record : file_.records) {
      record_ = &record;
      const std::vector<std::string> key(
          record.fields.begin(),
          record.fields.begin() +
              std::min<std::ptrdiff_t>(group_item_ - 1, static_cast<std::ptrdiff_t>(record.fields.size())));
      const std::string name = absl::StrJoin(key, "\x1f");
      if (groups.empty() || groups.back().first != name) groups.emplace_back(name, Group{&record, 0, 0, true});
      Group& group = groups.back().second;
      const Stated item = Count(group_item_), total = Count(group_total_);
      group.whole = group.whole && item.exact() && total.exact();
      group.sum += item.count;
      group.total = total.count;
    }
    for (const auto& [name, group] : groups) {
      if (!group.whole) continue;
      ++out_.sums;
      if (group.sum == group.total) continue;
      const bool more = group.sum > group.total;
      Say(group.first->line, group_total_, "SUM_MISMATCH",
          absl::StrCat("各地相加是 ", group.sum, "，公布总数是 ", group.total,
                       more ? "：多出的应是联办件，总数只计一次，应写明。" : "。"),
          absl::StrCat("the parts add up to ", group.sum, ", the total is ", group.total,
                       more ? ": joint matters, which the total counts once; say so." : "."),
          false);
    }
  }

  // "7省市合计375项" in several records: as many records, which add up to that.
  void CheckShared() {
    static const std::regex shared("([0-9]+)(?:(?!，|；)[^0-9,;]){0,12}合计([0-9]+)项");
    std::map<std::string, std::vector<const CsvRecord*>> by_text;
    if (sums_.empty()) return;
    const int total = sums_[0].whole;
    for (const CsvRecord& record : file_.records) {
      for (const std::string& field : record.fields) {
        std::smatch found;
        if (std::regex_search(field, found, shared)) by_text[found[0].str()].push_back(&record);
      }
    }
    for (const auto& [text, records] : by_text) {
      std::smatch found;
      std::regex_search(text, found, shared);
      int64_t members = 0, whole = 0, sum = 0;
      if (!absl::SimpleAtoi(found[1].str(), &members) || !absl::SimpleAtoi(found[2].str(), &whole)) continue;
      if (static_cast<int64_t>(records.size()) != members) continue;
      for (const CsvRecord* record : records) {
        record_ = record;
        sum += Count(total).count;
      }
      ++out_.sums;
      if (sum == whole) continue;
      Say(records[0]->line, total, "SUM_MISMATCH", absl::StrCat("“", text, "”：各行相加是 ", sum, "。"),
          absl::StrCat("\"", text, "\": the rows add up to ", sum, "."), false);
    }
  }

  const CsvFile& file_;
  std::vector<Sum> sums_;
  std::vector<Ratio> ratios_;
  std::vector<int> open_of_;
  int done_ = -1, open_ = -1, ongoing_ = -1, group_total_ = -1, group_item_ = -1;
  const CsvRecord* record_ = nullptr;
  StatedFigures out_;
};

}  // namespace

StatedFigures CheckStatedFigures(const CsvFile& file) { return Table(file).Run(); }

}  // namespace duban::cli
