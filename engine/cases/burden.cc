#include "engine/cases/burden.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/cases/draft.h"
#include "engine/cases/fields.h"

namespace duban::engine {
namespace {

std::string DaysZh(Day first, Day last) {
  return first == last ? FormatDay(first) : absl::StrCat(FormatDay(first), " 至 ", FormatDay(last));
}

std::string DaysEn(Day first, Day last) {
  return first == last ? FormatDay(first) : absl::StrCat(FormatDay(first), " to ", FormatDay(last));
}

// "检〔2026〕1号（2026-03-02 至 2026-03-04）" of those that may be named.
std::pair<std::string, std::string> Named(const std::vector<const Asking*>& askings) {
  std::vector<std::string> zh, en;
  for (const Asking* one : askings) {
    if (one->by.empty() || zh.size() == kAskingsNamedMax) continue;
    zh.push_back(absl::StrCat(CalledOf(*one), "（", DaysZh(one->first, one->last), "）"));
    en.push_back(absl::StrCat(CalledOf(*one), " (", DaysEn(one->first, one->last), ")"));
  }
  return {absl::StrJoin(zh, "、"), absl::StrJoin(en, ", ")};
}

Rejection Clash(const std::string& unit, const std::string& title, const v1::UnitsAsked& asked,
                const std::vector<const Asking*>& clashes) {
  const auto [zh, en] = Named(clashes);
  const auto shown = std::find_if(clashes.begin(), clashes.end(), [](const Asking* one) { return !one->by.empty(); });
  std::vector<std::pair<std::string, std::string>> facts = {{"unit", unit}, {"topic", asked.topic()}};
  // Of what is hidden not even the days are told.
  if (shown != clashes.end()) {
    facts.emplace_back("by", (*shown)->by);
    facts.emplace_back("first_day", FormatDay((*shown)->first));
    facts.emplace_back("last_day", FormatDay((*shown)->last));
  }
  return Reject(Kind::kState, "BURDEN_CLASH",
                absl::StrCat("“", title, "”在同一时段已有“", asked.topic(), "”", zh.empty() ? "" : "：", zh,
                             "；同一单位、同一主题不重复，请错开或并入，确需立项的写明理由"),
                absl::StrCat("\"", title, "\" is asked about \"", asked.topic(), "\" at the same time already",
                             en.empty() ? "" : ": ", en, "; choose another time, join it, or override with a reason"),
                std::move(facts));
}

Rejection Exhausted(const std::string& unit, const std::string& title, const v1::UnitsAsked& asked, int year,
                    const YearOf& in_year) {
  const auto [zh, en] = Named(in_year.asked);
  return Reject(
      Kind::kState, "BURDEN_QUOTA",
      absl::StrCat("“", title, "”", year, " 年“", asked.topic(), "”已满每年 ", in_year.at_most, " 次",
                   zh.empty() ? "" : "：", zh, "；请并入已有的，确需立项的写明理由"),
      absl::StrCat("\"", title, "\" may be asked about \"", asked.topic(), "\" ", in_year.at_most, " times in ", year,
                   ", and has been", en.empty() ? "" : ": ", en, "; join one of these, or override with a reason"),
      {{"unit", unit},
       {"topic", asked.topic()},
       {"year", absl::StrCat(year)},
       {"at_most", absl::StrCat(in_year.at_most)}});
}

}  // namespace

std::vector<const Asking*> Clashes(const std::vector<Asking>& askings, Day first, Day last) {
  std::vector<const Asking*> out;
  for (const Asking& one : askings) {
    if (one.first <= last && one.last >= first) out.push_back(&one);
  }
  return out;
}

YearOf AskedIn(int year, const std::vector<Asking>& askings, int64_t at_most) {
  YearOf out;
  out.at_most = at_most;
  for (const Asking& one : askings) {
    if (one.first.year() != year) continue;
    out.asked.push_back(&one);
    if (one.at_most > 0) out.at_most = out.at_most == 0 ? one.at_most : std::min(out.at_most, one.at_most);
  }
  return out;
}

DaySpan LookedAt(Day first, Day last) {
  return {std::min(first, Day(first.year(), 1, 1)), std::max(last, Day(first.year(), 12, 31))};
}

Verdict CheckAsking(const std::string& unit, const std::string& title, const v1::UnitsAsked& asked,
                    const std::vector<Asking>& askings) {
  const Day first = *ParseDay(asked.first_day()), last = *ParseDay(asked.last_day());
  const std::vector<const Asking*> clashes = Clashes(askings, first, last);
  if (!clashes.empty()) return Clash(unit, title, asked, clashes);
  const int year = static_cast<int>(first.year());
  const YearOf in_year = AskedIn(year, askings, asked.at_most());
  if (in_year.at_most == 0 || static_cast<int64_t>(in_year.asked.size()) < in_year.at_most) return Nothing{};
  return Exhausted(unit, title, asked, year, in_year);
}

std::string TopicOf(const Burden& burden, const Procedure& procedure, const std::vector<v1::FieldValue>& fields) {
  if (burden.topic_from.empty()) return burden.topic;
  const Field* field = procedure.FindField(burden.topic_from);
  for (const v1::FieldValue& given : fields) {
    if (field == nullptr || given.field() != field->name || given.values().empty()) continue;
    const Code* code = procedure.FindCode(field->codes, given.values(0).choice());
    if (code != nullptr) return code->title.zh();
  }
  return "";
}

bool AsksUnits(const duban::state::v1::CaseState& state) {
  return state.has_burden() && state.end_kind() != v1::END_KIND_CANCELLED && state.end_kind() != v1::END_KIND_MERGED;
}

// Recorded with the case. Refused where it is too much and nobody says why it is done all the same. What time opens,
// and what is entered later than it happened, is not refused: there is nobody who could decide otherwise. It counts all
// the same.
Outcome<v1::UnitsAsked> Draft::AskUnits(const Procedure& procedure, const v1::CaseOpened& opened,
                                        const std::vector<v1::FieldValue>& fields, const Origin& origin) const {
  v1::UnitsAsked asked;
  if (origin.burden == nullptr && !procedure.burden.has_value()) return asked;
  const Burden& burden = origin.burden != nullptr ? *origin.burden : *procedure.burden;
  std::set<std::string> units;
  for (const v1::BoundParty& party : opened.parties()) {
    if (party.party() != burden.party) continue;
    for (const v1::BoundId& id : party.bound()) units.insert(id.unit());
  }
  units.erase("");
  const std::string topic = TopicOf(burden, procedure, fields);
  if (units.empty() || topic.empty()) return asked;
  const Day first = context_.zone.DayOf(at_), last = first + (burden.lasts - 1);
  asked.set_topic(topic);
  for (const std::string& unit : units) asked.add_units(unit);
  asked.set_first_day(FormatDay(first));
  asked.set_last_day(FormatDay(last));
  asked.set_at_most(burden.at_most);
  const bool decided_now = !by_time_ && first == context_.zone.DayOf(context_.now);
  if (!decided_now || origin.weighed) return asked;
  for (const std::string& unit : units) {
    const DaySpan looked_at = LookedAt(first, last);
    const Verdict bearable = CheckAsking(unit, context_.directory.TitleOf(unit), asked,
                                         AskedAlready(unit, topic, looked_at.first, looked_at.last));
    if (bearable.ok()) continue;
    if (override_reason_.empty()) return bearable.rejection();
    asked.set_override_reason(override_reason_);
    break;
  }
  return asked;
}

// By what is there, and by what the same act has opened before.
std::vector<Asking> Draft::AskedAlready(const std::string& unit, const std::string& topic, Day first, Day last) const {
  std::vector<Asking> askings;
  if (context_.burdens != nullptr) askings = context_.burdens->Of(unit, topic, first, last);
  for (const CaseDraft& draft : drafts_) {
    const v1::UnitsAsked& other = draft.state.burden();
    const bool fresh = !draft.events.empty() && draft.events.front().has_case_opened();
    const bool asks = std::find(other.units().begin(), other.units().end(), unit) != other.units().end();
    if (!fresh || !asks || other.topic() != topic) continue;
    askings.push_back({draft.state.name(), draft.state.number(), *ParseDay(other.first_day()),
                       *ParseDay(other.last_day()), other.at_most()});
  }
  if (names_burdens_) return askings;
  for (Asking& one : askings) one.by = one.called = "";
  return askings;
}

}  // namespace duban::engine
