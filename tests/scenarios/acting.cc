// Sentences that open cases and act on them.
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "clients/cli/labels.h"
#include "clients/cli/values.h"
#include "tests/scenarios/player.h"
#include "tests/scenarios/told.h"

namespace duban::scenarios {
namespace {

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
    const cli::Reading reading{words, names, Zone()};
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

}  // namespace

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

}  // namespace duban::scenarios
