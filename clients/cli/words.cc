#include "clients/cli/words.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "clients/cli/yaml.h"

namespace duban::cli {
namespace {

// {zh: 市, en: city}, or 市.
v1::Text TextOf(const Yaml* node, absl::string_view otherwise) {
  v1::Text text;
  if (node != nullptr && node->IsScalar()) text.set_zh(node->text);
  if (node != nullptr && node->IsMap()) {
    text.set_zh(node->Get("zh"));
    text.set_en(node->Get("en"));
  }
  if (text.zh().empty()) text.set_zh(std::string(otherwise));
  return text;
}

v1::Text TitleOf(const Yaml& node, absl::string_view name) { return TextOf(node.Find("title"), name); }

const std::vector<std::pair<std::string, Yaml>>& EntriesOf(const Yaml& node, absl::string_view name) {
  static const auto& none = *new std::vector<std::pair<std::string, Yaml>>();
  const Yaml* found = node.Find(name);
  return found != nullptr ? found->entries : none;
}

void ScanCodes(const Yaml& root, ProcedureWords* words) {
  for (const auto& [table, codes] : EntriesOf(root, "codes")) {
    auto& titles = words->codes[table];
    for (const auto& [id, title] : codes.entries) {
      titles[id] = title.Find("title") != nullptr ? TitleOf(title, id) : TextOf(&title, id);
    }
    for (const Yaml& item : codes.items) {
      std::string id = item.IsScalar() ? item.text : item.Get("id");
      if (!id.empty()) titles[id] = item.Find("title") != nullptr ? TitleOf(item, id) : TextOf(&item, id);
    }
  }
}

// How what is asked for or suggested is decided, as the server calls it.
void AddDecision(const std::string& name, const v1::Text& title, const char* yes, const char* no,
                 ProcedureWords* words) {
  v1::Text& approve = words->actions[absl::StrCat("approve_", name)];
  approve.set_zh(absl::StrCat(yes, title.zh()));
  approve.set_en(absl::StrCat("Approve: ", title.en().empty() ? name : title.en()));
  v1::Text& refuse = words->actions[absl::StrCat("refuse_", name)];
  refuse.set_zh(absl::StrCat(no, title.zh()));
  refuse.set_en(absl::StrCat("Refuse: ", title.en().empty() ? name : title.en()));
}

void ScanLadder(const Yaml& ladder, ProcedureWords* words) {
  for (const Yaml& rung : ladder.items) {
    for (const char* key : {"raise", "suggest"}) {
      std::string name = rung.Get(key);
      if (!name.empty()) words->raises[name] = TitleOf(rung, name);
    }
    const std::string suggests = rung.Get("suggest");
    if (!suggests.empty()) AddDecision(suggests, words->raises[suggests], "采纳建议：", "不采纳建议：", words);
  }
}

void ScanLadders(const Yaml& root, ProcedureWords* words) {
  for (const auto& [name, ladder] : EntriesOf(root, "ladders")) ScanLadder(ladder, words);
}

void ScanRegisters(const Yaml& root, ProcedureWords* words) {
  for (const auto& [name, node] : EntriesOf(root, "registers")) {
    v1::Text title = TitleOf(node, name);
    words->registers[name] = title;
    v1::Text& lift = words->actions[absl::StrCat("lift_", name)];
    lift.set_zh(absl::StrCat("移出", title.zh()));
    lift.set_en(absl::StrCat("lift: ", title.en().empty() ? title.zh() : title.en()));
  }
}

void ScanFields(const std::vector<std::pair<std::string, Yaml>>& fields, ProcedureWords* words) {
  for (const auto& [name, node] : fields) {
    FieldWords& field = words->fields[name];
    field.type = node.Get("type").empty() ? "text" : node.Get("type");
    field.many = node.Get("many") == "true";
    field.codes = node.Get("of");
    field.title = TitleOf(node, name);
  }
}

void ScanDocuments(const Yaml& root, ProcedureWords* words) {
  for (const auto& [name, node] : EntriesOf(root, "documents")) words->documents[name] = TitleOf(node, name);
}

void ScanStages(const Yaml& root, ProcedureWords* words) {
  for (const auto& [name, stage] : EntriesOf(root, "stages")) {
    words->stages[name] = TitleOf(stage, name);
    if (stage.Find("within") != nullptr) {  // The clock of one stage, as the engine names it.
      v1::Text& clock = words->clocks[absl::StrCat("within_", name)];
      clock.set_zh(absl::StrCat(words->stages[name].zh(), "时限"));
      clock.set_en(absl::StrCat(words->stages[name].en(), " time limit"));
    }
    for (const auto& [action, node] : EntriesOf(stage, "actions")) {
      words->actions[action] = TitleOf(node, action);
      if (node.Find("approved_by") != nullptr) AddDecision(action, words->actions[action], "批准", "不同意", words);
    }
    // What a ballot asks is given as fields are.
    if (const Yaml* collect = stage.Find("collect")) ScanFields(EntriesOf(*collect, "asks"), words);
  }
}

void ScanClocks(const Yaml& root, ProcedureWords* words) {
  for (const auto& [name, clock] : EntriesOf(root, "clocks")) {
    words->clocks[name] = TitleOf(clock, name);
    if (!clock.Get("every").empty()) words->on_the_way.insert(name);
    for (const auto& [milestone, node] : EntriesOf(clock, "milestones")) {
      words->clocks[absl::StrCat(name, "_", milestone)] = TitleOf(node, milestone);
      words->on_the_way.insert(absl::StrCat(name, "_", milestone));
    }
    if (words->answers.empty()) words->answers = clock.Get("charged_to");
    if (const Yaml* ladder = clock.Find("ladder"))
      ScanLadder(*ladder, words);  // A shared one is a name, with no items.
    if (const Yaml* extend = clock.Find("extend")) {
      std::string action = extend->Get("action").empty() ? absl::StrCat("extend_", name) : extend->Get("action");
      words->actions[action] = TitleOf(*extend, "延期");
      AddDecision(action, words->actions[action], "批准", "不同意", words);
    }
  }
}

}  // namespace

ProcedureWords ScanProcedure(const std::string& source, const std::vector<std::string>& shared) {
  ProcedureWords words;
  for (const std::string& text : shared) {
    Yaml definitions = ParseYaml(text).root;
    ScanCodes(definitions, &words);
    ScanLadders(definitions, &words);
    ScanRegisters(definitions, &words);
  }
  Yaml root = ParseYaml(source).root;
  ScanCodes(root, &words);
  ScanLadders(root, &words);
  ScanRegisters(root, &words);
  words.name = root.Get("procedure");
  words.title = TitleOf(root, words.name);
  ScanFields(EntriesOf(root, "fields"), &words);
  ScanStages(root, &words);
  ScanClocks(root, &words);
  ScanDocuments(root, &words);
  const Yaml* openers = root.Find("may_open");
  const std::vector<std::string> may_open = openers == nullptr ? std::vector<std::string>() : openers->Texts();
  for (const auto& [name, party] : EntriesOf(root, "parties")) {
    words.parties[name] = TitleOf(party, name);
    words.party_kinds[name] = party.Get("kind");
    const bool opens = std::find(may_open.begin(), may_open.end(), name) != may_open.end();
    if (words.answers.empty() && !opens && party.Get("kind") == "unit") words.answers = name;
  }
  return words;
}

void Names::Note(const std::string& text, const std::string& id) {
  if (text.empty()) return;
  std::vector<std::string>& ids = ids_[text];
  if (std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(id);
}

void Names::Add(const v1::Unit& unit) {
  titles_[unit.name()] = unit.title();
  Note(unit.name(), unit.name());
  Note(unit.title(), unit.name());
  Note(unit.code(), unit.name());
  for (const std::string& alias : unit.aliases()) Note(alias, unit.name());
}

void Names::Add(const v1::Post& post) {
  titles_[post.name()] = post.title();
  Note(post.name(), post.name());
  Note(post.title(), post.name());
}

void Names::Add(const v1::Person& person) {
  titles_[person.name()] = person.title();
  Note(person.name(), person.name());
  Note(person.title(), person.name());
}

std::string Names::Title(absl::string_view id) const {
  auto found = titles_.find(std::string(id));
  return found == titles_.end() || found->second.empty() ? std::string(id) : found->second;
}

std::vector<std::string> Names::Find(absl::string_view text, absl::string_view kind) const {
  auto found = ids_.find(std::string(text));
  if (found == ids_.end()) return {};
  std::vector<std::string> ids;
  for (const std::string& id : found->second) {
    if (kind.empty() || absl::StartsWith(id, absl::StrCat(kind, "s/"))) ids.push_back(id);
  }
  return ids;
}

}  // namespace duban::cli
