// Sentences about what people see: cases, lists, histories, pictures, draws.
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "clients/cli/dates.h"
#include "clients/cli/labels.h"
#include "clients/cli/values.h"
#include "tests/scenarios/picture.h"
#include "tests/scenarios/player.h"
#include "tests/scenarios/told.h"

namespace duban::scenarios {
namespace {

std::string Shown(const google::protobuf::Timestamp& t) { return cli::ShowInstant(cli::FromTimestamp(t), Zone()); }

std::optional<v1::WorklistItem> Waiting(client::Client& client, const std::string& case_name) {
  v1::ListWorklistRequest request;
  request.set_page_size(500);
  while (true) {
    const v1::ListWorklistResponse page = Must(client.Call(request));
    for (const v1::WorklistItem& item : page.items()) {
      if (item.case_() == case_name) return item;
    }
    if (page.next_page_token().empty()) return std::nullopt;
    request.set_page_token(page.next_page_token());
  }
}

}  // namespace

v1::Case Player::CaseOf(const std::string& person, const std::string& name) {
  v1::GetCaseRequest request;
  request.set_case_(world().Case(name));
  return Must(world().As(person).Call(request)).case_();
}

void Player::See(const Words& words, const Sentence& sentence) {
  const v1::Case shown = CaseOf(words[0], words[1]);
  const auto field = [&](const std::string& title) -> std::string {
    for (const v1::CaseField& f : shown.fields()) {
      if (f.title().zh() == title) return f.masked() ? "＊＊＊" : absl::StrJoin(f.shown(), "、");
    }
    for (const v1::CaseParty& party : shown.parties()) {
      if (party.title().zh() != title) continue;
      return absl::StrJoin(party.members(), "、", [](std::string* out, const auto& m) { out->append(m.title()); });
    }
    for (const v1::CaseClock& clock : shown.clocks()) {
      if (clock.title().zh() == title || absl::StrCat(clock.title().zh(), "到期") == title) {
        return clock.has_due() ? Shown(clock.due()) : "停";
      }
      if (absl::StrCat(clock.title().zh(), "起算") == title && clock.has_from()) return Shown(clock.from());
    }
    return "无";
  };
  for (const Item& item : sentence.items) {
    std::string is;
    if (item.name == "环节") {
      is = shown.stage_title().zh();
    } else if (item.name == "编号") {
      is = shown.number();
    } else if (item.name == "时效") {
      is = cli::TimelinessText(shown.timeliness()).zh();
    } else if (item.name == "核查") {
      is = cli::VerificationText(shown.verification()).zh();
    } else if (item.name == "属实") {
      is = cli::TruthText(shown.truth()).zh();
    } else if (item.name == "灯") {
      is = cli::LightText(shown.light()).zh();
    } else if (item.name == "密级") {
      is = cli::SecrecyText(shown.secrecy()).zh();
    } else if (item.name == "轮次") {
      is = absl::StrCat(shown.round());
    } else if (item.name == "办结方式") {
      is = cli::EndKindText(shown.end_kind()).zh();
    } else if (item.name == "组成部分") {
      is = shown.has_parts() ? absl::StrCat(shown.parts().total(), "件") : "无";
    } else if (item.name == "已结束部分") {
      is = absl::StrCat(shown.parts().ended(), "件");
    } else if (item.name == "逾期部分") {
      is = absl::StrCat(shown.parts().late(), "件");
    } else if (item.name == "汇总进度") {
      is = absl::StrCat(shown.parts().progress_permille() / 10, "%");
    } else if (item.name == "各部分的灯") {
      is = cli::LightText(shown.parts().light()).zh();
    } else if (item.name == "代表件数") {
      is = absl::StrCat(shown.counted(), "件");
    } else if (item.name == "到时转入") {
      is = shown.has_moves_at() ? Shown(shown.moves_at()) : "无";
    } else {
      is = field(item.name);
    }
    if (is.empty()) is = "无";
    if (is != item.value)
      throw Wrong{absl::StrCat("第 ", item.line, " 行：", item.name, "是“", is, "”，不是“", item.value, "”")};
  }
}

void Player::SeeNot(const Words& words, const Sentence&) {
  v1::GetCaseRequest request;
  request.set_case_(world().Case(words[1]));
  const auto shown = world().As(words[0]).Call(request);
  if (shown.ok()) throw Wrong{"看到了"};
  if (shown.error().code != absl::StatusCode::kNotFound) throw Wrong{shown.error().reason};
}

v1::LedgerFilter Player::FilterOf(const Sentence& sentence) {
  v1::LedgerFilter filter;
  for (const Item& item : sentence.items) {
    if (item.name == "规程") {
      filter.set_procedure(world().Words(item.value).name);
    } else if (item.name == "含") {
      filter.set_text(item.value);
    } else if (item.name == "未办结") {
      filter.set_open_only(item.value == "是");
    } else if (item.name == "时效") {
      for (int t = v1::Timeliness_MIN; t <= v1::Timeliness_MAX; ++t) {
        const auto timeliness = static_cast<v1::Timeliness>(t);
        if (cli::TimelinessText(timeliness).zh() == item.value) filter.set_timeliness(timeliness);
      }
      if (filter.timeliness() == v1::TIMELINESS_UNSPECIFIED) throw Wrong{absl::StrCat("没有时效“", item.value, "”")};
    } else if (item.name == "环节" && !filter.procedure().empty()) {
      filter.set_stage(NameOf(world().Words(filter.procedure()).stages, item.value));
      if (filter.stage().empty()) throw Wrong{absl::StrCat("没有环节“", item.value, "”")};
    } else if (item.name == "参与") {
      const std::vector<std::string> ids = world().names().Find(item.value, "");
      if (ids.empty()) throw Wrong{absl::StrCat("名录里没有“", item.value, "”")};
      filter.set_party(ids[0]);
    }
  }
  return filter;
}

std::vector<v1::LedgerRow> Player::Rows(const std::string& person, const v1::LedgerFilter& filter) {
  std::vector<v1::LedgerRow> rows;
  v1::QueryLedgerRequest request;
  *request.mutable_filter() = filter;
  request.set_page_size(500);
  while (true) {
    const v1::QueryLedgerResponse page = Must(world().As(person).Call(request));
    rows.insert(rows.end(), page.rows().begin(), page.rows().end());
    if (page.next_page_token().empty()) {
      // The counting cells of a list that one page shows.
      request.set_page_size(1);
      const v1::QueryLedgerResponse first = Must(world().As(person).Call(request));
      if (first.has_total_size() && first.total_size() != static_cast<int64_t>(rows.size())) {
        throw Wrong{absl::StrCat("台账列出 ", rows.size(), " 件，首页却说共 ", first.total_size())};
      }
      if (page.has_total_size() && page.total_size() != static_cast<int64_t>(rows.size())) {
        throw Wrong{absl::StrCat("台账列出 ", rows.size(), " 件，总数却说 ", page.total_size())};
      }
      return rows;
    }
    request.set_page_token(page.next_page_token());
  }
}

void Player::Ledger(const Words& words, const Sentence& sentence) {
  const size_t count = Rows(words[0], FilterOf(sentence)).size();
  if (absl::StrCat(count) != words[1]) throw Wrong{absl::StrCat("是 ", count, " 件")};
}

void Player::Inbox(const Words& words, const Sentence&) {
  const std::optional<v1::WorklistItem> item = Waiting(world().As(words[0]), world().Case(words[1]));
  if (!item.has_value()) throw Wrong{"待办中没有"};
  std::vector<std::string> titles;
  for (const auto& action : item->actions()) titles.push_back(action.title().zh());
  for (const std::string& wanted : Listed(words[2])) {
    if (std::find(titles.begin(), titles.end(), wanted) == titles.end()) {
      throw Wrong{absl::StrCat("没有“", wanted, "”，只有：", absl::StrJoin(titles, "、"))};
    }
  }
}

void Player::InboxNot(const Words& words, const Sentence&) {
  if (Waiting(world().As(words[0]), world().Case(words[1])).has_value()) throw Wrong{"待办中有"};
}

void Player::Alerts(const Words& words, const Sentence& sentence) {
  v1::ListAlertsRequest request;
  request.set_page_size(500);
  const v1::ListAlertsResponse page = Must(world().As(words[0]).Call(request));
  std::string all;
  for (const v1::Alert& alert : page.alerts()) {
    absl::StrAppend(&all, Shown(alert.at()), " ", alert.number(), " ", alert.subject(), " ", alert.title().zh(), "\n");
  }
  if (absl::StrCat(page.alerts_size()) != words[1])
    throw Wrong{absl::StrCat("是 ", page.alerts_size(), " 条：\n", all)};
  MustFind(all, sentence);
}

void Player::History(const Words& words, const Sentence& sentence) {
  const std::string told = world().MustDuban(words[0], {"replay", world().Case(words[1])});
  size_t at = 0;
  for (const Item& item : sentence.items) {
    const std::string wanted = Whole(item);
    const size_t found = told.find(wanted, at);
    if (found == std::string::npos)
      throw Wrong{absl::StrCat("第 ", item.line, " 行：此后没有“", wanted, "”：\n", told)};
    at = found + wanted.size();
  }
}

// Each item is an arrow that was gone, “已交办 → 整改中”, and what is written of it; there are no others.
void Player::Drawn(const Words& words, const Sentence& sentence) {
  const Picture picture =
      ReadPicture(world().MustDuban(words[0], {"procedure", "draw", "--case", world().Case(words[1])}));
  const cli::ProcedureWords& procedure = world().Words(CaseOf(words[0], words[1]).procedure());
  std::set<std::string> taken;
  for (const auto& [from, to] : picture.taken) {
    taken.insert(
        absl::StrCat(from.empty() ? "发起" : procedure.stages.at(from).zh(), " → ", procedure.stages.at(to).zh()));
  }
  std::set<std::string> wanted;
  for (const Item& item : sentence.items) {
    wanted.insert(item.name.empty() ? item.value : item.name);
    if (!item.name.empty() && !absl::StrContains(picture.words, item.value)) {
      throw Wrong{absl::StrCat("第 ", item.line, " 行：图上没有“", item.value, "”，只有：\n", picture.words)};
    }
  }
  if (taken != wanted) throw Wrong{absl::StrCat("图上走过的是：\n", absl::StrJoin(taken, "\n"))};
}

void Player::Child(const Words& words, const Sentence& sentence) {
  Sentence conditions = sentence;  // Stages are of the procedure.
  conditions.items.insert(conditions.items.begin(), Item{sentence.line, "规程", words[2]});
  const v1::LedgerFilter filter = FilterOf(conditions);
  const std::string parent = CaseOf(words[0], words[1]).name();
  for (const v1::LedgerRow& row : Rows(words[0], filter)) {
    if (CaseOf(words[0], row.case_()).parent() == parent) return world().Name(words[3], row.case_());
  }
  throw Wrong{"没有找到"};
}

// The one case of a procedure that the conditions mean.
void Player::Find(const Words& words, const Sentence& sentence) {
  Sentence conditions = sentence;  // Stages are of the procedure.
  conditions.items.insert(conditions.items.begin(), Item{sentence.line, "规程", words[1]});
  const std::vector<v1::LedgerRow> rows = Rows(words[0], FilterOf(conditions));
  if (rows.size() != 1) throw Wrong{absl::StrCat("这样的有 ", rows.size(), " 件")};
  world().Name(words[2], rows[0].case_());
}

// Every day on which cases of the procedure were opened, with how many; no others.
void Player::OpenedOn(const Words& words, const Sentence& sentence) {
  v1::LedgerFilter filter;
  filter.set_procedure(world().Words(words[1]).name);
  std::map<std::string, int> days;
  for (const v1::LedgerRow& row : Rows(words[0], filter)) {
    ++days[absl::StrCat(row.subject(), " ",
                        cli::ShowDay(absl::ToCivilDay(cli::FromTimestamp(row.opened_at()), Zone())))];
  }
  std::vector<std::string> are, wanted;
  for (const auto& [day, many] : days) are.push_back(absl::StrCat(day, "：", many, "件"));
  for (const Item& item : sentence.items) {
    const auto [subject, listed] =
        std::pair<std::string, std::string>(absl::StrSplit(item.name, absl::MaxSplits(' ', 1)));
    for (const std::string& day : Listed(listed)) wanted.push_back(absl::StrCat(subject, " ", day, "：", item.value));
  }
  std::sort(wanted.begin(), wanted.end());
  std::sort(are.begin(), are.end());
  if (are != wanted) throw Wrong{absl::StrCat("是：\n", absl::StrJoin(are, "\n"))};
}

// Gives the cases of a draw's population that were drawn, or were not, names of their own.
void Player::NameDrawn(const Words& words, const Sentence&) {
  v1::Draw draw;
  const std::string json = world().MustDuban(words[0], {"--json", "draw", "show", words[1]});
  if (!google::protobuf::util::JsonStringToMessage(json, &draw).ok()) throw Wrong{json};
  const std::set<std::string> drawn(draw.made().drawn().begin(), draw.made().drawn().end());
  std::vector<std::string> cases;
  for (const v1::DrawCandidate& candidate : draw.frozen().candidates()) {
    if ((drawn.count(candidate.id()) > 0) == (words[2] == "抽中")) cases.push_back(candidate.id());
  }
  const std::vector<std::string> names = Listed(words[3]);
  if (cases.size() != names.size()) throw Wrong{absl::StrCat(words[2], "的是 ", cases.size(), " 件")};
  for (size_t i = 0; i < names.size(); ++i) {
    std::string name = names[i];  // “甲”
    world().Name(name.substr(3, name.size() - 6), cases[i]);
  }
}

void Player::LookAround(const Words& words, const Sentence&) { looks_[words[1]] = AllThatIsSeen(world(), words[0]); }

void Player::SeesTheSame(const Words& words, const Sentence&) {
  const auto before = looks_.find(words[1]);
  if (before == looks_.end()) throw Wrong{absl::StrCat("没有记作“", words[1], "”的")};
  const std::string now = AllThatIsSeen(world(), words[0]);
  if (now != before->second) throw Wrong{FirstDifference(before->second, now)};
}

}  // namespace duban::scenarios
