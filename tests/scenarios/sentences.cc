#include "tests/scenarios/sentences.h"

#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <mutex>
#include <optional>
#include <regex>
#include <set>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "clients/cli/console.h"
#include "clients/cli/dates.h"
#include "clients/cli/labels.h"
#include "clients/cli/values.h"
#include "tests/scenarios/picture.h"
#include "tests/scenarios/screen.h"
#include "tests/scenarios/script.h"
#include "tests/scenarios/told.h"
#include "tests/scenarios/workbook.h"
#include "tests/scenarios/world.h"

namespace duban::scenarios {
namespace {

using Words = std::vector<std::string>;  // What the sentence's pattern caught.

const absl::TimeZone kZone = absl::FixedTimeZone(8 * 3600);

std::string Shown(const google::protobuf::Timestamp& t) { return cli::ShowInstant(cli::FromTimestamp(t), kZone); }

// The file names of a value stand relative to the project.
std::string ValueOf(const cli::ProcedureWords& words, const std::string& field, const std::string& value) {
  const auto declared = words.fields.find(field);
  const bool file = declared != words.fields.end() && declared->second.type == "file";
  return file ? absl::StrCat(DUBAN_SOURCE_DIR, "/", value) : value;
}

// Parties, fields and reasons as the command line takes them, for a request over a connection that is there: where
// hundreds of one kind are opened or done, a process for each would be slow.
struct Given {
  Given(const cli::ProcedureWords& words, const cli::Names& names) : words(words), names(names) {}

  // False where something else was given, or a file, which the command line sends.
  template <typename Request>
  bool Fill(Request* request) const {
    std::vector<std::string> assignments, bindings;
    for (size_t i = 0; i + 1 < options.size(); i += 2) {
      if (options[i] == "--set") {
        assignments.push_back(options[i + 1]);
      } else if (options[i] == "--party") {
        bindings.push_back(options[i + 1]);
      } else if (options[i] == "--reason") {
        request->set_reason(options[i + 1]);
      } else {
        return false;
      }
    }
    const cli::Reading reading{words, names, kZone};
    std::vector<v1::FieldValue> fields;
    std::vector<v1::PartyBinding> parties;
    v1::Text fault;
    if (!assignments.empty() && !cli::ReadAssignments(assignments, reading, &fields, &fault)) throw Wrong{fault.zh()};
    if (!bindings.empty() && !cli::ReadBindings(bindings, reading, &parties, &fault)) throw Wrong{fault.zh()};
    for (const v1::FieldValue& field : fields) {
      const auto declared = words.fields.find(field.field());
      if (declared != words.fields.end() && declared->second.type == "file") return false;
      *request->add_fields() = field;
    }
    if constexpr (requires { request->add_parties(); }) {
      for (const v1::PartyBinding& party : parties) *request->add_parties() = party;
    }
    return true;
  }

  const cli::ProcedureWords& words;
  const cli::Names& names;
  std::vector<std::string> options;
};

// Calls for each, several at a time: what waits at the server together is written together. What goes wrong first ends
// it.
void AtOnce(size_t count, const std::function<void(size_t)>& call) {
  constexpr size_t kThreads = 8;
  std::atomic<size_t> next{0};
  std::mutex mutex;
  std::optional<Wrong> wrong;
  std::vector<std::thread> threads;
  for (size_t i = 0; i < std::min(kThreads, count); ++i) {
    threads.emplace_back([&] {
      for (size_t one; (one = next++) < count;) {
        try {
          call(one);
        } catch (const Wrong& fault) {
          std::lock_guard<std::mutex> lock(mutex);
          if (!wrong) wrong = fault;
          next = count;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  if (wrong) throw *wrong;
}

class Player {
 public:
  std::string Run(const std::string& text);

 private:
  struct Pattern {
    std::regex regex;
    void (Player::*play)(const Words& words, const Sentence& sentence);
  };
  static const std::vector<Pattern>& Patterns();

  World& world() {
    if (world_ == nullptr) throw Wrong{"先写“时间从……开始。”"};
    return *world_;
  }

  void Begin(const Words& words, const Sentence&) { world_ = std::make_unique<World>(words[0]); }
  void Remark(const Words&, const Sentence&) {}
  void Calendar(const Words& words, const Sentence&) { world().PublishCalendar(words[0]); }
  void Directory(const Words& words, const Sentence&) { world().ApplyDirectory(words[0]); }
  void Procedures(const Words& words, const Sentence&) { world().PublishProcedures(Listed(words[0])); }
  void Time(const Words& words, const Sentence&) { world().AdvanceTo(words[0]); }
  void Open(const Words& words, const Sentence& sentence);
  void OpenMany(const Words& words, const Sentence& sentence);
  void OpenRefused(const Words& words, const Sentence& sentence);
  void Act(const Words& words, const Sentence& sentence);
  void ActRefused(const Words& words, const Sentence& sentence);
  void ActAll(const Words& words, const Sentence& sentence);
  void ActAllAlone(const Words& words, const Sentence& sentence);
  // Acts on every case of somebody's ledger that the sentence means; `who` says in whose name, by case.
  void ActOnRows(const Words& words, const Sentence& sentence,
                 const std::function<std::vector<std::string>(const v1::LedgerRow&)>& who);
  void See(const Words& words, const Sentence& sentence);
  void SeeNot(const Words& words, const Sentence&);
  void Ledger(const Words& words, const Sentence& sentence);
  void Inbox(const Words& words, const Sentence&);
  void InboxNot(const Words& words, const Sentence&);
  void Alerts(const Words& words, const Sentence& sentence);
  void History(const Words& words, const Sentence& sentence);
  void Drawn(const Words& words, const Sentence& sentence);
  void Child(const Words& words, const Sentence&);
  void Find(const Words& words, const Sentence& sentence);
  void OpenedOn(const Words& words, const Sentence& sentence);
  void NameDrawn(const Words& words, const Sentence&);
  void LookAround(const Words& words, const Sentence&);
  void SeesTheSame(const Words& words, const Sentence&);
  void Type(const Words& words, const Sentence& sentence);
  void TypeLines(const Words& words, const Sentence& sentence);
  void TypeInOrder(const Words& words, const Sentence& sentence);
  void TypeNot(const Words& words, const Sentence& sentence);
  void TypeRefused(const Words& words, const Sentence& sentence);
  void TypeFindings(const Words& words, const Sentence& sentence);
  void TypeFailed(const Words& words, const Sentence& sentence);
  void Sheet(const Words& words, const Sentence& sentence);
  void File(const Words& words, const Sentence& sentence);
  void StopServer(const Words&, const Sentence&) { world().StopServer(); }
  void StartServer(const Words&, const Sentence&) { world().StartServer(); }
  void OpenScreen(const Words& words, const Sentence&);
  void ScreenWrites(const Words& words, const Sentence& sentence);
  void ScreenNeverWrote(const Words& words, const Sentence& sentence);
  void ScreensAreAsOpenedNow(const Words&, const Sentence&);
  Screen& ScreenNamed(const std::string& name);

  std::vector<std::string> OpenCommand(const std::string& procedure, const Sentence& sentence);
  std::vector<std::string> ActCommand(const std::string& person, const std::string& name, const std::string& action,
                                      const Sentence& sentence);
  // Fields, reason and remark of a sentence as the command line takes them.
  void AddItems(const cli::ProcedureWords& words, bool parties, const Sentence& sentence,
                std::vector<std::string>* command);
  v1::Case CaseOf(const std::string& person, const std::string& name);
  v1::LedgerFilter FilterOf(const Sentence& sentence);
  std::vector<v1::LedgerRow> Rows(const std::string& person, const v1::LedgerFilter& filter);
  std::vector<std::string> Arguments(const std::string& typed);
  std::string Typed(const Words& words, int* code);
  static void MustRefuse(const e2e::Ran& ran, const std::string& reason);
  static void MustFind(const std::string& text, const Sentence& sentence);

  std::unique_ptr<World> world_;
  std::map<std::string, std::string> looks_;                // What somebody saw all around, by its name.
  std::map<std::string, std::unique_ptr<Screen>> screens_;  // Closed before the world ends.
};

const std::vector<Player::Pattern>& Player::Patterns() {
  static const auto& patterns = *new std::vector<Pattern>{
      {std::regex("(?:场景|依据|说明)：?.*"), &Player::Remark},
      {std::regex("时间从(.+)开始"), &Player::Begin},
      {std::regex("工作日依(.+)"), &Player::Calendar},
      {std::regex("名录取自(.+)"), &Player::Directory},
      {std::regex("公布规程(.+)"), &Player::Procedures},
      {std::regex("时间到(.+)"), &Player::Time},
      {std::regex("服务器停机"), &Player::StopServer},
      {std::regex("服务器开机"), &Player::StartServer},
      {std::regex("(.+)开着 duban (.+)，记作“(.+)”"), &Player::OpenScreen},
      {std::regex("“(.+)”随即写出"), &Player::ScreenWrites},
      {std::regex("“(.+)”从未写出"), &Player::ScreenNeverWrote},
      {std::regex("各屏与此刻重新打开的相同"), &Player::ScreensAreAsOpenedNow},
      {std::regex("表格“(.+)”的“(.+)”一页写着"), &Player::Sheet},
      {std::regex("文件“(.+)”写着"), &Player::File},
      {std::regex("(.+)立项“(.+)”，记作“(.+)”"), &Player::Open},
      {std::regex("(.+)不能立项“(.+)”，原因是(.+)"), &Player::OpenRefused},
      {std::regex("(.+)不能对“(.+)”办理“(.+)”，原因是(.+)"), &Player::ActRefused},
      {std::regex("(.+)立项“(.+)”(\\d+)件"), &Player::OpenMany},
      {std::regex("各(.+)对(.+)台账中的全部“(.+)”办理“(.+)”"), &Player::ActAll},
      {std::regex("(.+)对(.+)台账中的全部“(.+)”办理“(.+)”"), &Player::ActAllAlone},
      {std::regex("(.+)对“(.+)”办理“(.+)”"), &Player::Act},
      {std::regex("(.+)看不到“(.+)”"), &Player::SeeNot},
      {std::regex("(.+)看到“(.+)”"), &Player::See},
      {std::regex("(.+)的台账有(\\d+)件"), &Player::Ledger},
      {std::regex("(.+)的待办中没有“(.+)”"), &Player::InboxNot},
      {std::regex("(.+)的待办中“(.+)”可办：(.+)"), &Player::Inbox},
      {std::regex("(.+)的预警有(\\d+)条"), &Player::Alerts},
      {std::regex("(.+)读“(.+)”的历史，依次有"), &Player::History},
      {std::regex("(.+)看“(.+)”的流程图，走过"), &Player::Drawn},
      {std::regex("(.+)在台账中找到“(.+)”引出的“(.+)”，记作“(.+)”"), &Player::Child},
      {std::regex("(.+)在台账中找到“(.+)”，记作“(.+)”"), &Player::Find},
      {std::regex("(.+)的台账中“(.+)”立项的日子是"), &Player::OpenedOn},
      {std::regex("(.+)把“(.+)”(抽中|没抽中)的记作(.+)"), &Player::NameDrawn},
      {std::regex("(.+)看遍各处，记作“(.+)”"), &Player::LookAround},
      {std::regex("(.+)看遍各处，与“(.+)”相同"), &Player::SeesTheSame},
      {std::regex("(.+)输入 duban (.+)，看到(\\d+)行"), &Player::TypeLines},
      {std::regex("(.+)输入 duban (.+)，逐行看到"), &Player::TypeInOrder},
      {std::regex("(.+)输入 duban (.+)，看到"), &Player::Type},
      {std::regex("(.+)输入 duban (.+)，看不到"), &Player::TypeNot},
      {std::regex("(.+)输入 duban (.+)，被拒绝，原因是(.+)"), &Player::TypeRefused},
      {std::regex("(.+)输入 duban (.+)，不符之处有"), &Player::TypeFindings},
      {std::regex("(.+)输入 duban (.+)，不成，说明"), &Player::TypeFailed},
      {std::regex("(.+)输入 duban (.+)"), &Player::Type},
  };
  return patterns;
}

std::string Player::Run(const std::string& text) {
  const Script script = Parse(text);
  if (!script.fault.empty()) return script.fault;
  for (const Sentence& sentence : script.sentences) {
    try {
      bool known = false;
      for (const Pattern& pattern : Patterns()) {
        std::smatch match;
        if (!std::regex_match(sentence.text, match, pattern.regex)) continue;
        Words words;
        for (size_t i = 1; i < match.size(); ++i) words.push_back(Stripped(match[i].str()));
        (this->*pattern.play)(words, sentence);
        known = true;
        break;
      }
      if (!known) throw Wrong{"没有这种句子"};
    } catch (const Wrong& wrong) {
      return absl::StrCat("第 ", sentence.line, " 行“", sentence.text, "”：", wrong.what);
    }
  }
  return "";
}

void Player::AddItems(const cli::ProcedureWords& words, bool parties, const Sentence& sentence,
                      std::vector<std::string>* command) {
  const auto add = [&](const std::string& option, const std::string& value) {
    command->push_back(option);
    command->push_back(value);
  };
  for (const Item& item : sentence.items) {
    if (const std::string party = parties ? NameOf(words.parties, item.name) : ""; !party.empty()) {
      absl::string_view draw = item.value;
      if (absl::ConsumePrefix(&draw, "抽自")) {
        add("--draw", absl::StrCat(party, "=", draw));
        continue;
      }
      for (const std::string& one : Listed(item.value)) add("--party", absl::StrCat(party, "=", one));
    } else if (const std::string field = NameOf(words.fields, item.name); !field.empty()) {
      const std::vector<std::string> values =
          words.fields.at(field).many ? Listed(item.value) : std::vector<std::string>{item.value};
      for (const std::string& one : values) add("--set", absl::StrCat(field, "=", ValueOf(words, field, one)));
    } else if (item.name == "理由") {
      add("--reason", item.value);
    } else if (item.name == "备注") {
      add("--note", item.value);
    } else if (item.name == "发生于") {
      add("--occurred", item.value);
    } else if (item.name == "代") {
      add("--for", item.value);
    } else if (item.name == "上级事项" && parties) {
      add("--part-of", world().Case(item.value));
    } else if ((item.name == "另一事项" || item.name == "依据") && !parties) {
      add("--target", world().Case(item.value));
    } else if ((item.name == "移送给" || item.name == "上级单位") && !parties) {
      add("--target", item.value);
    } else if (item.name == "参与方" && !parties) {
      add("--party", NameOf(words.parties, item.value));
    } else if (item.name == "密级") {
      add("--secrecy", item.value);
    } else if (item.name == "权重") {
      add("--weight", item.value);
    } else {
      throw Wrong{absl::StrCat("第 ", item.line, " 行：规程“", words.title.zh(), "”没有“", item.name, "”")};
    }
  }
}

// What a refusal has to say and must not say, "指明" and "没有指明"; the other items are of the command.
Sentence WithoutWords(const Sentence& sentence) {
  Sentence command{sentence.line, sentence.text, {}};
  for (const Item& item : sentence.items) {
    if (item.name != "指明" && item.name != "没有指明") command.items.push_back(item);
  }
  return command;
}

void MustSay(const std::string& output, const Sentence& sentence) {
  for (const Item& item : sentence.items) {
    if (item.name != "指明" && item.name != "没有指明") continue;
    if (Tells(output, item.value) != (item.name == "指明")) {
      throw Wrong{absl::StrCat("第 ", item.line, " 行：", item.name, "“", item.value, "”，实际是：\n", output)};
    }
  }
}

std::vector<std::string> Player::OpenCommand(const std::string& procedure, const Sentence& sentence) {
  const cli::ProcedureWords& words = world().Words(procedure);
  std::vector<std::string> command = {"--json", "case", "open", words.name};
  AddItems(words, /*parties=*/true, sentence, &command);
  return command;
}

void Player::Open(const Words& words, const Sentence& sentence) {
  v1::OpenCaseResponse opened;
  const std::string json = world().MustDuban(words[0], OpenCommand(words[1], sentence));
  if (!google::protobuf::util::JsonStringToMessage(json, &opened).ok()) throw Wrong{json};
  world().Name(words[2], opened.case_());
}

void Player::OpenMany(const Words& words, const Sentence& sentence) {
  int many = 0;
  if (!absl::SimpleAtoi(words[2], &many)) throw Wrong{"件数过多"};
  const cli::ProcedureWords& procedure = world().Words(words[1]);
  Given given(procedure, world().names());
  AddItems(procedure, /*parties=*/true, sentence, &given.options);
  v1::OpenCaseRequest request;
  request.set_procedure(procedure.name);
  if (!given.Fill(&request)) throw Wrong{"立这么多件时只写参与方、字段、理由"};
  client::Client& client = world().As(words[0]);
  AtOnce(static_cast<size_t>(many), [&](size_t) { Must(client.Call(request)); });
}

void Player::MustRefuse(const e2e::Ran& ran, const std::string& reason) {
  if (ran.code == 0) throw Wrong{"本应被拒绝，却办成了"};
  for (const auto line : absl::StrSplit(ran.output, '\n')) {
    const std::vector<std::string> said = absl::StrSplit(line, ' ', absl::SkipEmpty());
    if (!said.empty() && said[0] == reason) return;
  }
  throw Wrong{absl::StrCat("被拒绝的原因不是 ", reason, "：\n", ran.output)};
}

void Player::OpenRefused(const Words& words, const Sentence& sentence) {
  const e2e::Ran ran = world().Duban(words[0], OpenCommand(words[1], WithoutWords(sentence)));
  MustRefuse(ran, words[2]);
  MustSay(ran.output, sentence);
}

v1::Case Player::CaseOf(const std::string& person, const std::string& name) {
  v1::GetCaseRequest request;
  request.set_case_(world().Case(name));
  return Must(world().As(person).Call(request)).case_();
}

std::vector<std::string> Player::ActCommand(const std::string& person, const std::string& name,
                                            const std::string& action, const Sentence& sentence) {
  v1::GetCaseRequest request;
  request.set_case_(world().Case(name));
  const auto shown = world().As(person).Call(request);
  std::string taken = cli::ActionNamed(cli::ProcedureWords(), action);
  std::vector<std::string> items;
  if (shown.ok()) {
    const cli::ProcedureWords& words = world().Words(shown->case_().procedure());
    taken = cli::ActionNamed(words, action);
    for (const v1::CaseAction& open : shown->case_().actions()) {
      if (taken == action && open.title().zh() == action) taken = open.action();
    }
    AddItems(words, /*parties=*/false, sentence, &items);
  }
  std::vector<std::string> command = {"act", world().Case(name), taken};
  command.insert(command.end(), items.begin(), items.end());
  return command;
}

void Player::Act(const Words& words, const Sentence& sentence) {
  world().MustDuban(words[0], ActCommand(words[0], words[1], words[2], sentence));
}

void Player::ActRefused(const Words& words, const Sentence& sentence) {
  const e2e::Ran ran = world().Duban(words[0], ActCommand(words[0], words[1], words[2], WithoutWords(sentence)));
  MustRefuse(ran, words[3]);
  MustSay(ran.output, sentence);
}

void Player::ActOnRows(const Words& words, const Sentence& sentence,
                       const std::function<std::vector<std::string>(const v1::LedgerRow&)>& who) {
  const cli::ProcedureWords& procedure = world().Words(words[2]);
  Sentence conditions = sentence;  // Stages are of the procedure.
  conditions.items.insert(conditions.items.begin(), Item{sentence.line, "规程", words[2]});
  const v1::LedgerFilter filter = FilterOf(conditions);
  Sentence items{sentence.line, sentence.text, {}};
  for (const Item& item : sentence.items) {
    if (!NameOf(procedure.fields, item.name).empty() || item.name == "理由") items.items.push_back(item);
  }
  Given given(procedure, world().names());
  AddItems(procedure, /*parties=*/false, items, &given.options);
  v1::ActOnCaseRequest request;
  request.set_action(cli::NameOf(procedure.actions, words[3]));
  const bool plain = request.action() != words[3] && given.Fill(&request);  // Two of one title: as the case has it.
  std::vector<std::pair<client::Client*, std::string>> calls;
  for (const v1::LedgerRow& row : Rows(words[1], filter)) {
    if (!row.number().empty() && row.number() == sentence.Get("除外")) continue;
    for (const std::string& person : who(row)) {
      if (plain) {
        calls.emplace_back(&world().As(person), row.case_());
      } else {
        world().MustDuban(person, ActCommand(person, row.case_(), words[3], items));
      }
    }
  }
  AtOnce(calls.size(), [&](size_t i) {
    v1::ActOnCaseRequest one = request;
    one.set_case_(calls[i].second);
    Must(calls[i].first->Call(std::move(one)));
  });
}

void Player::ActAll(const Words& words, const Sentence& sentence) {
  const std::string party = NameOf(world().Words(words[2]).parties, words[0]);
  if (party.empty()) throw Wrong{absl::StrCat("规程没有参与方“", words[0], "”")};
  ActOnRows(words, sentence, [&](const v1::LedgerRow& row) {
    std::vector<std::string> clerks;
    for (const auto& bound : row.parties()) {
      if (bound.party() == party) clerks.push_back(world().ClerkOf(bound.ids(0)));
    }
    return clerks;
  });
}

void Player::ActAllAlone(const Words& words, const Sentence& sentence) {
  ActOnRows(words, sentence, [&](const v1::LedgerRow&) { return std::vector<std::string>{words[0]}; });
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

// Each item's text somewhere in the text.
void Player::MustFind(const std::string& text, const Sentence& sentence) {
  for (const Item& item : sentence.items) {
    if (!Tells(text, Whole(item)))
      throw Wrong{absl::StrCat("第 ", item.line, " 行：没有“", Whole(item), "”，只有：\n", text)};
  }
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

std::vector<std::string> Player::Arguments(const std::string& typed) {
  std::vector<std::string> arguments;
  for (const auto part : absl::StrSplit(typed, ' ', absl::SkipEmpty())) {
    std::string argument(part);
    // “甲” stands for the case.
    if (absl::StartsWith(argument, "“") && absl::EndsWith(argument, "”")) {
      argument = world().Case(argument.substr(3, argument.size() - 6));
    }
    if (absl::StartsWith(argument, "~/")) argument = world().OwnFile(argument.substr(2));
    if (absl::StartsWith(argument, "@")) argument = absl::StrCat(DUBAN_SOURCE_DIR, "/", argument.substr(1));
    arguments.push_back(std::move(argument));
  }
  return arguments;
}

std::string Player::Typed(const Words& words, int* code) {
  const e2e::Ran ran = world().Duban(words[0], Arguments(words[1]));
  *code = ran.code;
  return ran.output;
}

void Player::Type(const Words& words, const Sentence& sentence) {
  int code = 0;
  const std::string output = Typed(words, &code);
  if (code != 0) throw Wrong{output};
  MustFind(output, sentence);
}

void Player::TypeLines(const Words& words, const Sentence& sentence) {
  int code = 0;
  const std::string output = Typed(words, &code);
  if (code != 0) throw Wrong{output};
  for (const Item& item : sentence.items) {
    const int many = LinesThatTell(output, Whole(item));
    if (absl::StrCat(many) == words[2]) continue;
    throw Wrong{absl::StrCat("第 ", item.line, " 行：有“", Whole(item), "”的是 ", many, " 行：\n", output)};
  }
}

void Player::TypeInOrder(const Words& words, const Sentence& sentence) {
  int code = 0;
  const std::string output = Typed(words, &code);
  if (code != 0) throw Wrong{output};
  std::vector<std::string> wanted;
  for (const Item& item : sentence.items) wanted.push_back(Whole(item));
  if (!TellsLineByLine(output, wanted)) throw Wrong{absl::StrCat("没有这样接连的几行：\n", output)};
}

// Every day on which cases of the procedure were opened, with how many; no others.
void Player::OpenedOn(const Words& words, const Sentence& sentence) {
  v1::LedgerFilter filter;
  filter.set_procedure(world().Words(words[1]).name);
  std::map<std::string, int> days;
  for (const v1::LedgerRow& row : Rows(words[0], filter)) {
    ++days[absl::StrCat(row.subject(), " ",
                        cli::ShowDay(absl::ToCivilDay(cli::FromTimestamp(row.opened_at()), kZone)))];
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

void Player::TypeNot(const Words& words, const Sentence& sentence) {
  int code = 0;
  const std::string output = Typed(words, &code);
  if (code != 0) throw Wrong{output};
  for (const Item& item : sentence.items) {
    if (Tells(output, Whole(item))) throw Wrong{absl::StrCat("看到了“", Whole(item), "”：\n", output)};
  }
}

void Player::TypeRefused(const Words& words, const Sentence& sentence) {
  int code = 0;
  const std::string output = Typed(words, &code);
  MustRefuse({code, output}, words[2]);
  MustFind(output, sentence);
}

// --- Screens: what others do shows up by itself, soon. ---------------------------------------------------------------

// How long a screen may take: the node sends at once, but machines are busy.
constexpr absl::Duration kSoon = absl::Seconds(20);

bool Soon(const std::function<bool()>& holds) {
  const absl::Time until = absl::Now() + kSoon;
  while (!holds()) {
    if (absl::Now() > until) return false;
    absl::SleepFor(absl::Milliseconds(10));
  }
  return true;
}

Screen& Player::ScreenNamed(const std::string& name) {
  const auto screen = screens_.find(name);
  if (screen == screens_.end()) throw Wrong{absl::StrCat("没有大屏“", name, "”")};
  return *screen->second;
}

void Player::OpenScreen(const Words& words, const Sentence&) {
  screens_[words[2]] = std::make_unique<Screen>(world().Command(words[0], Arguments(words[1])));
}

// Each item in one of the lines that were added since the sentence before about this screen.
void Player::ScreenWrites(const Words& words, const Sentence& sentence) {
  Screen& screen = ScreenNamed(words[0]);
  std::string fault;
  const bool written = Soon([&] {
    const std::vector<std::string> lines = screen.NewLines();
    try {
      MustFind(absl::StrJoin(lines, "\n"), sentence);
    } catch (const Wrong& wrong) {
      fault = wrong.what;
      return false;
    }
    screen.Read(lines.size());
    return true;
  });
  if (!written) throw Wrong{fault};
}

// A screen that has not yet shown all there is would be no proof.
void Player::ScreenNeverWrote(const Words& words, const Sentence& sentence) {
  ScreensAreAsOpenedNow(words, sentence);
  const std::string all = absl::StrJoin(ScreenNamed(words[0]).Lines(), "\n");
  for (const Item& item : sentence.items) {
    if (absl::StrContains(all, item.value)) throw Wrong{absl::StrCat("写出过“", item.value, "”：\n", all)};
  }
}

void Player::ScreensAreAsOpenedNow(const Words&, const Sentence&) {
  for (const auto& [name, screen] : screens_) {
    const std::unique_ptr<Screen> again = screen->Again();
    const bool same =
        Soon([&, &open = *screen] { return !again->Lines().empty() && again->Standing() == open.Standing(); });
    if (!same) {
      throw Wrong{absl::StrCat("“", name, "”上是：\n", absl::StrJoin(screen->Standing(), "\n"), "\n重新打开的是：\n",
                               absl::StrJoin(again->Standing(), "\n"))};
    }
  }
}

// A page, without its marks: cells and lines as people see them.
void Player::File(const Words& words, const Sentence& sentence) {
  const std::optional<std::string> page = cli::ReadFile(world().OwnFile(words[0]));
  if (!page.has_value()) throw Wrong{"没有这个文件"};
  MustFind(std::regex_replace(*page, std::regex("<[^>]*>"), " "), sentence);
}

void Player::Sheet(const Words& words, const Sentence& sentence) {
  MustFind(absl::StrJoin(SheetRows(world().OwnFile(words[0]), words[1]), "\n"), sentence);
}

// A check that finds something ends as a refusal, and says what.
void Player::TypeFindings(const Words& words, const Sentence& sentence) {
  int code = 0;
  const std::string output = Typed(words, &code);
  if (code != cli::kExitRefused) throw Wrong{absl::StrCat("没有指出不符之处：\n", output)};
  MustFind(output, sentence);
}

// Not the server: the command line itself says what is wrong.
void Player::TypeFailed(const Words& words, const Sentence& sentence) {
  int code = 0;
  const std::string output = Typed(words, &code);
  if (code != cli::kExitUsage) throw Wrong{absl::StrCat("命令行没有说用法有误：\n", output)};
  MustFind(output, sentence);
}

}  // namespace

std::string Play(const std::string& text) { return Player().Run(text); }

std::vector<std::string> PlayEach(const std::string& beginning, const std::vector<std::string>& ends) {
  Player player;
  if (const std::string fault = player.Run(beginning); !fault.empty()) return {fault};
  std::vector<std::string> faults;
  for (const std::string& end : ends) faults.push_back(player.Run(end));
  return faults;
}

}  // namespace duban::scenarios
