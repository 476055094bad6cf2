#include "clients/cli/rehearse.h"

#include <algorithm>
#include <optional>
#include <set>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "clients/cli/dates.h"
#include "clients/cli/labels.h"
#include "clients/cli/render.h"
#include "clients/cli/values.h"

namespace duban::cli {
namespace {

// The words of a line, parted by blanks; a blank within "…" or “…” parts nothing. Nothing where a quotation is open.
std::optional<std::vector<std::string>> Parted(const std::string& line) {
  const std::pair<std::string, std::string> kQuotes[] = {{"\"", "\""}, {"“", "”"}};
  const std::string kWideBlank = "　";
  std::vector<std::string> words;
  std::string word;
  bool any = false;
  for (size_t i = 0; i < line.size();) {
    const auto here = [&](const std::string& mark) { return line.compare(i, mark.size(), mark) == 0; };
    const auto quote =
        std::find_if(std::begin(kQuotes), std::end(kQuotes), [&](const auto& marks) { return here(marks.first); });
    if (quote != std::end(kQuotes)) {
      i += quote->first.size();
      const size_t end = line.find(quote->second, i);
      if (end == std::string::npos) return std::nullopt;
      word += line.substr(i, end - i);
      any = true;
      i = end + quote->second.size();
    } else if (here(" ") || here("\t") || here("\r") || here(kWideBlank)) {
      if (any) words.push_back(std::exchange(word, ""));
      any = false;
      i += here(kWideBlank) ? kWideBlank.size() : 1;
    } else {
      word += line[i++];
      any = true;
    }
  }
  if (any) words.push_back(word);
  return words;
}

class Stage {
 public:
  Stage(const Console& console, offline::Rehearsal& rehearsal, const Telling& telling)
      : console_(console), rehearsal_(rehearsal), telling_(telling), words_(telling.words.at(telling.procedure)) {
    for (const v1::Unit& unit : rehearsal.units()) names_.Add(unit);
    for (const v1::Post& post : rehearsal.posts()) names_.Add(post);
    for (const v1::Person& person : rehearsal.persons()) names_.Add(person);
  }

  // False after the last line. What is wrong with it stands in fault().
  bool Take(const std::string& line) {
    fault_.reset();
    const auto parted = Parted(line);
    if (!parted) {
      Fault("引号没有配对。", "A quotation is not closed.");
      return true;
    }
    if (parted->empty() || absl::StartsWith((*parted)[0], "#")) return true;
    const std::string& verb = (*parted)[0];
    const std::vector<std::string> rest(parted->begin() + 1, parted->end());
    const auto is = [&](const char* zh, const char* en) { return verb == zh || verb == en; };
    if (is("结束", "quit")) return false;
    if (is("帮助", "help")) {
      Help();
    } else if (is("立项", "open")) {
      Open(rest);
    } else if (is("办", "do")) {
      rest.empty() ? Fault("请写明操作：办 签收。", "Say which action: do acknowledge.") : Act(rest[0], rest, 1);
    } else if (verb.size() <= kNumberDigits && std::all_of(verb.begin(), verb.end(), absl::ascii_isdigit)) {
      Act(verb, rest, 0);
    } else if (is("撤销", "undo")) {
      Undo();
    } else if (is("看", "show")) {
      if (Opened()) Look();
    } else if (is("事项", "case")) {
      Turn(rest);
    } else if (is("经过", "story")) {
      Story();
    } else {
      Pass(*parted);
    }
    return true;
  }

  const std::optional<v1::Text>& fault() const { return fault_; }

  // Tells the story, unless it was told and nothing has happened since.
  void End() {
    if (told_ != Now()) Story();
  }

  void Begin() {
    console_.Print(
        console_.Say(absl::StrCat("演练“", words_.title.zh(), "”，", At(rehearsal_.now()), "。"),
                     absl::StrCat("Rehearsal of \"", English(words_.title), "\", ", At(rehearsal_.now()), ".")));
    std::vector<std::string> cast;
    for (const v1::Person& person : rehearsal_.persons()) cast.push_back(person.title());
    console_.Print(absl::StrCat(console_.Word("可扮演：", "Cast: "), absl::StrJoin(cast, "、")));
  }

  void Story();

 private:
  // How far the rehearsal has come.
  using Reached = std::pair<size_t, absl::Time>;
  Reached Now() const { return {rehearsal_.history().size(), rehearsal_.now()}; }

  void Fault(std::string zh, std::string en) { fault_ = Both(std::move(zh), std::move(en)); }

  bool Opened() {
    if (!rehearsal_.cases().empty()) return true;
    Fault("还没有事项，请先写“立项”。", "There is no case yet; write \"open\" first.");
    return false;
  }

  std::string At(absl::Time t) const { return ShowInstant(t, rehearsal_.zone()); }
  std::string At(const google::protobuf::Timestamp& t) const { return At(FromTimestamp(t)); }
  static const std::string& English(const v1::Text& text) { return text.en().empty() ? text.zh() : text.en(); }
  const ProcedureWords& WordsOf(const std::string& procedure) const { return telling_.words.at(procedure); }

  // --- What is typed ---

  void Open(const std::vector<std::string>& rest) {
    if (!rehearsal_.cases().empty()) {
      return Fault("一次只演练一件，已经立项；可用“撤销”退回。", "One case at a time, and it is open; undo goes back.");
    }
    std::set<std::string> left_out;
    std::vector<std::string> given;
    bool from_above = false;
    for (const std::string& word : rest) {
      if (word == "上级交办" || word == "from_above") {
        from_above = true;
      } else if (absl::StartsWith(word, "-")) {
        const std::string party = Named(words_.parties, word.substr(1));
        if (party.empty()) {
          return Fault(absl::StrCat("规程没有参与方“", word.substr(1), "”。"),
                       absl::StrCat("The procedure has no party \"", word.substr(1), "\"."));
        }
        left_out.insert(party);
      } else {
        given.push_back(word);
      }
    }
    v1::ActOnCaseRequest read;
    std::string person;
    if (!Fill(given, words_, &read, &person)) return;
    const std::vector<v1::FieldValue> fields(read.fields().begin(), read.fields().end());
    Tell(rehearsal_.Open(fields, left_out, from_above));
    current_ = 0;
    if (!rehearsal_.cases().empty()) Look();
  }

  void Act(const std::string& action, const std::vector<std::string>& all, size_t from) {
    if (!Opened()) return;
    const std::string name = Current();
    const ProcedureWords& words = WordsOf(rehearsal_.Show(name).procedure());
    v1::ActOnCaseRequest request;
    std::string person;
    if (!Fill({all.begin() + static_cast<std::ptrdiff_t>(from), all.end()}, words, &request, &person)) return;
    const auto open = rehearsal_.OpenTo(name);
    size_t number = 0;
    if (absl::SimpleAtoi(action, &number)) {
      if (number == 0 || number > open.size()) {
        return Fault(absl::StrCat("没有第 ", number, " 个可办的操作，共 ", open.size(), " 个。"),
                     absl::StrCat("There is no action ", number, "; ", open.size(), " are open."));
      }
      request.set_action(open[number - 1].action.action());
    } else {
      request.set_action(ActionNamed(action, words, open));
    }
    const offline::Stepped stepped = rehearsal_.Act(name, person, std::move(request));
    if (stepped.refused == "UNKNOWN_ACTION") {
      return Fault(absl::StrCat("规程没有操作“", action, "”。"),
                   absl::StrCat("The procedure has no action \"", action, "\"."));
    }
    Tell(stepped);
    if (stepped.refused.empty()) Look();
  }

  // Time goes on, by "+5wd", to a day or an instant, or to what becomes due next.
  void Pass(const std::vector<std::string>& parted) {
    const bool named = parted.size() > 1 && (parted[0] == "到" || parted[0] == "to");
    const std::string when = absl::StrJoin(parted.begin() + (named ? 1 : 0), parted.end(), " ");
    std::optional<absl::Time> to;
    if (when == "下一个" || when == "next") {
      to = rehearsal_.NextDue();
      if (!to) {
        console_.Print(console_.Say("没有什么会到时。", "Nothing will become due."));
        return;
      }
    } else if (absl::StartsWith(when, "+")) {
      to = rehearsal_.After(when.substr(1));
    } else if (const auto day = ReadDay(when)) {
      to = absl::FromCivil(absl::CivilSecond(day->year(), day->month(), day->day(), kOpens, 0, 0), rehearsal_.zone());
    } else {
      to = ReadInstant(when, rehearsal_.zone());
    }
    if (!to) {
      return Fault(absl::StrCat("看不懂“", parted[0],
                                "”。可写：立项、办、+5wd、2026-10-09、下一个、撤销、看、经过、帮助、结束。"),
                   absl::StrCat("\"", parted[0],
                                "\" is none of: open, do, +5wd, 2026-10-09, next, undo, show, story, help, quit."));
    }
    if (*to < rehearsal_.now()) {
      return Fault(absl::StrCat("现在已是 ", At(rehearsal_.now()), "，时间不能倒退；可用“撤销”。"),
                   absl::StrCat("It is ", At(rehearsal_.now()), " by now and time does not go back; undo does."));
    }
    const offline::Stepped stepped = rehearsal_.AdvanceTo(*to);
    Tell(stepped);
    console_.Print(console_.Say(absl::StrCat("现在是 ", At(rehearsal_.now()), "。"),
                                absl::StrCat("It is ", At(rehearsal_.now()), ".")));
    if (!stepped.events.empty()) Look();
  }

  void Undo() {
    if (!rehearsal_.Undo()) return Fault("没有可撤销的。", "There is nothing to take back.");
    current_ = std::min(current_, rehearsal_.cases().empty() ? 0 : rehearsal_.cases().size() - 1);
    console_.Print(console_.Say(absl::StrCat("已撤销，回到 ", At(rehearsal_.now()), "。"),
                                absl::StrCat("Taken back; it is ", At(rehearsal_.now()), " again.")));
    if (!rehearsal_.cases().empty()) Look();
  }

  void Turn(const std::vector<std::string>& rest) {
    if (!Opened()) return;
    size_t number = 0;
    if (rest.size() != 1 || !absl::SimpleAtoi(rest[0], &number) || number == 0 || number > rehearsal_.cases().size()) {
      return Fault(absl::StrCat("请写事项的序号，1 至 ", rehearsal_.cases().size(), "。"),
                   absl::StrCat("Give the case's number, 1 to ", rehearsal_.cases().size(), "."));
    }
    current_ = number - 1;
    Look();
  }

  // Fields by name or title, with 理由, 备注, 由, 对方, 参与方.
  bool Fill(const std::vector<std::string>& given, const ProcedureWords& words, v1::ActOnCaseRequest* request,
            std::string* person) {
    std::vector<std::string> assignments;
    for (const std::string& word : given) {
      const size_t equals = std::min(word.find('='), word.find("＝"));
      if (equals == std::string::npos) {
        Fault(absl::StrCat("“", word, "”应写作 字段=值。"), absl::StrCat("\"", word, "\" should read field=value."));
        return false;
      }
      const std::string name = word.substr(0, equals);
      const std::string value = word.substr(equals + (word[equals] == '=' ? 1 : std::string("＝").size()));
      const auto is = [&](const char* zh, const char* en) { return name == zh || name == en; };
      if (is("理由", "reason")) {
        request->set_reason(value);
      } else if (is("备注", "note")) {
        request->set_note(value);
      } else if (is("由", "by")) {
        if (!Find(value, {"person"}, person)) return false;
      } else if (is("对方", "target")) {
        std::string id;
        if (!Find(value, {"unit", "post", "person"}, &id)) return false;
        request->set_target(id);
      } else if (is("参与方", "party")) {
        request->set_party(Named(words.parties, value));
      } else if (const std::string field = Named(words.fields, name); !field.empty()) {
        assignments.push_back(absl::StrCat(field, "=", value));
      } else {
        Fault(absl::StrCat("规程没有字段“", name, "”。"), absl::StrCat("The procedure has no field \"", name, "\"."));
        return false;
      }
    }
    Reading reading{words, names_, rehearsal_.zone()};
    // No file is read: what it is called serves.
    reading.attach = [](const std::string& path) {
      v1::Value value;
      value.set_file(absl::StrCat(Digest(path), "#", path));
      return ReadValue{value, {}};
    };
    std::vector<v1::FieldValue> fields;
    v1::Text fault;
    if (!ReadAssignments(assignments, reading, &fields, &fault)) {
      fault_ = fault;
      return false;
    }
    for (v1::FieldValue& field : fields) *request->add_fields() = std::move(field);
    return true;
  }

  // The one of the first kind of which there is one.
  bool Find(const std::string& text, const std::vector<std::string>& kinds, std::string* id) {
    for (const std::string& kind : kinds) {
      const std::vector<std::string> found = names_.Find(text, kind);
      if (found.size() != 1) continue;
      *id = found[0];
      return true;
    }
    std::vector<std::string> near;  // A party's title begins those of its people.
    for (const v1::Person& one : rehearsal_.persons()) {
      if (absl::StartsWith(one.title(), text)) near.push_back(one.title());
    }
    const std::string which = absl::StrJoin(near, "、");
    Fault(absl::StrCat("演练里没有“", text, "”，或不止一个。",
                       near.empty() ? "" : absl::StrCat("请写其中一个：", which, "。")),
          absl::StrCat("There is no \"", text, "\" in this rehearsal, or more than one.",
                       near.empty() ? "" : absl::StrCat(" Write one of: ", which, ".")));
    return false;
  }

  // A name of a map of words by itself or by its title; "" when there is none.
  template <typename Said>
  static std::string Named(const std::map<std::string, Said>& words, const std::string& text) {
    for (const auto& [name, said] : words) {
      const v1::Text* title = nullptr;
      if constexpr (std::is_same_v<Said, FieldWords>) {
        title = &said.title;
      } else {
        title = &said;
      }
      if (name == text || title->zh() == text || title->en() == text) return name;
    }
    return "";
  }

  static std::string ActionNamed(const std::string& text, const ProcedureWords& words,
                                 const std::vector<offline::OpenAction>& open) {
    for (const offline::OpenAction& one : open) {
      const v1::Text& title = one.action.title();
      if (one.action.action() == text || title.zh() == text || title.en() == text) return one.action.action();
    }
    if (const std::string name = Named(words.actions, text); !name.empty()) return name;
    // What history calls 同意 is offered as 批准.
    if (absl::string_view agreed = text; absl::ConsumePrefix(&agreed, "同意")) {
      for (const offline::OpenAction& one : open) {
        if (one.action.title().zh() == absl::StrCat("批准", agreed)) return one.action.action();
      }
    }
    for (const char* built_in : {"comment", "urge", "void", "transfer", "take_over", "send_back", "claim"}) {
      if (BuiltInActionText(built_in).zh() == text) return built_in;
    }
    return text;
  }

  // --- What is told ---

  const std::string& Current() const { return rehearsal_.cases()[current_]; }

  void Tell(const offline::Stepped& stepped) {
    Renderer renderer(
        names_, [this](const std::string& procedure, uint32_t) -> const ProcedureWords& { return WordsOf(procedure); },
        rehearsal_.zone(), rehearsal_.cases().size() > 1);
    for (const std::string& name : rehearsal_.cases()) {
      const v1::Case c = rehearsal_.Show(name);
      renderer.Know(name, c.number().empty() ? c.procedure_title().zh() : c.number(), c.procedure(), 1);
    }
    for (const v1::EventRecord& record : stepped.events) console_.Print(console_.Say(renderer.Line(record)));
    if (stepped.refused.empty()) return;
    console_.Print(
        absl::StrCat(console_.Word("不能办：", "Refused: "), stepped.refused, " ", console_.Say(stepped.message)));
  }

  void Look() {
    const v1::Case c = rehearsal_.Show(Current());
    std::vector<std::string> parts = {console_.Say(c.procedure_title())};
    if (!c.number().empty()) parts.push_back(c.number());
    parts.push_back(console_.Say(absl::StrCat("环节“", c.stage_title().zh(), "”"),
                                 absl::StrCat("stage \"", English(c.stage_title()), "\"")));
    for (const v1::Text& text : {TimelinessText(c.timeliness()), EndKindText(c.end_kind())}) {
      if (!text.zh().empty()) parts.push_back(console_.Say(text));
    }
    if (c.round() > 1) {
      parts.push_back(console_.Say(absl::StrCat("第 ", c.round(), " 轮"), absl::StrCat("round ", c.round())));
    }
    console_.Print(absl::StrCat("■ ", absl::StrJoin(parts, "  ")));
    for (const v1::CaseClock& clock : c.clocks()) LookAt(clock);
    if (c.objections() > 0) {
      console_.Print(absl::StrCat(
          "  ", console_.Say(absl::StrCat("待处理的异议 ", c.objections(), " 件，到时流转暂停"),
                             absl::StrCat("objections that stand: ", c.objections(), "; timed moves wait"))));
    }
    if (c.has_moves_at() && c.end_kind() == v1::END_KIND_UNSPECIFIED) {
      console_.Print(absl::StrCat("  ", console_.Say(absl::StrCat("到时 ", At(c.moves_at()), " 自动流转"),
                                                     absl::StrCat("moves on by itself at ", At(c.moves_at())))));
    }
    if (const std::vector<v1::Text> seen_by = rehearsal_.SeenBy(Current()); !seen_by.empty()) {
      console_.Print(absl::StrCat(console_.Word("  只有这些参与方看得到：", "  seen by these alone: "),
                                  absl::StrJoin(seen_by, "、", [&](std::string* out, const v1::Text& title) {
                                    absl::StrAppend(out, console_.Say(title));
                                  })));
    }
    int number = 0;
    for (const offline::OpenAction& open : rehearsal_.OpenTo(Current())) {
      std::vector<std::string> needs;
      for (const std::string& need : open.action.needs()) needs.push_back(NeedTitle(c.procedure(), need));
      console_.Print(absl::StrCat("  ", ++number, " ", console_.Say(open.action.title()), " ", open.action.action(),
                                  needs.empty() ? "" : console_.Word("，须给 ", ", needs "), absl::StrJoin(needs, "、"),
                                  console_.Word("（", "("), Group(open.persons), console_.Word("）", ")")));
    }
    if (number == 0 && c.end_kind() == v1::END_KIND_UNSPECIFIED) {
      console_.Print(absl::StrCat("  ", console_.Say("现在没有可办的。", "Nothing is open to anybody.")));
    }
    for (size_t i = 0; i < rehearsal_.cases().size(); ++i) {
      if (i == current_) continue;
      const v1::Case other = rehearsal_.Show(rehearsal_.cases()[i]);
      console_.Print(absl::StrCat(console_.Word("  另有 事项 ", "  beside: case "), i + 1, " ",
                                  console_.Say(other.procedure_title()), " ", other.number(), "  ",
                                  console_.Say(other.stage_title())));
    }
  }

  void LookAt(const v1::CaseClock& clock) {
    if (clock.state() == v1::CaseClock::STATE_STOPPED) return;
    const v1::Text light = LightText(clock.light());
    std::string standing;
    if (clock.state() == v1::CaseClock::STATE_PAUSED) {
      const bool over = clock.remaining() < 0;
      const v1::Text span = SpanText(clock.day_kind(), over ? -clock.remaining() : clock.remaining());
      standing = console_.Say(absl::StrCat("停表，", over ? "已超 " : "还剩 ", span.zh()),
                              absl::StrCat("suspended, ", span.en(), over ? " over" : " left"));
    } else {
      standing = console_.Say(absl::StrCat("到 ", At(clock.due())), absl::StrCat("due ", At(clock.due())));
    }
    if (!light.zh().empty()) {
      const std::string lamp = console_.Say(absl::StrCat(light.zh(), "灯"), light.en());
      absl::StrAppend(&standing, "  ", console_.colours() ? Coloured(lamp, LightInk(clock.light())) : lamp);
    }
    console_.Print(absl::StrCat(console_.Word("  时限 ", "  clock "), console_.Say(clock.title()), "  ", standing,
                                clock.late() ? console_.Word("  逾期", "  late") : ""));
  }

  std::string NeedTitle(const std::string& procedure, const std::string& need) const {
    if (need == "reason") return console_.Say("理由", "reason");
    if (need == "note") return console_.Say("备注", "note");
    const auto field = WordsOf(procedure).fields.find(need);
    return field == WordsOf(procedure).fields.end() ? need : console_.Say(field->second.title);
  }

  // Persons by name; a unit or a post all of whose people are there by its own.
  std::string Group(std::vector<std::string> persons) const {
    std::vector<std::string> out;
    const auto gather = [&](const std::string& title, const std::set<std::string>& all) {
      const bool whole = all.size() > 1 && std::all_of(all.begin(), all.end(), [&](const std::string& one) {
                           return std::find(persons.begin(), persons.end(), one) != persons.end();
                         });
      if (!whole) return;
      out.push_back(title);
      persons.erase(
          std::remove_if(persons.begin(), persons.end(), [&](const std::string& one) { return all.count(one) != 0; }),
          persons.end());
    };
    std::map<std::string, std::set<std::string>> people;  // By unit.
    for (const v1::Post& post : rehearsal_.posts())
      people[post.unit()].insert(post.holders().begin(), post.holders().end());
    // A post's unit has nobody else, and the post is what the procedure names.
    for (const v1::Post& post : rehearsal_.posts())
      gather(post.title(), {post.holders().begin(), post.holders().end()});
    for (const v1::Unit& unit : rehearsal_.units()) gather(unit.title(), people[unit.name()]);
    for (const std::string& person : persons) out.push_back(names_.Title(person));
    return absl::StrJoin(out, "、");
  }

  void Help() {
    const std::pair<const char*, const char*> kHelp[] = {
        {"立项 字段=值 … [上级交办] [-参与方]", "open field=value … [from_above] [-party]"},
        {"办 操作 [由=谁] [字段=值 …] [理由=…]；或只写序号",
         "do ACTION [by=WHO] [field=value …] [reason=…]; or its number"},
        {"+5wd  +10d  +2mo  +3h  2026-10-09  下一个", "+5wd  +10d  +2mo  +3h  2026-10-09  next"},
        {"撤销  看  事项 2  经过  结束", "undo  show  case 2  story  quit"}};
    for (const auto& [zh, en] : kHelp) console_.Print(absl::StrCat("  ", console_.Say(zh, en)));
    std::vector<std::string> fields;
    for (const auto& [name, field] : words_.fields)
      fields.push_back(absl::StrCat(console_.Say(field.title), " ", name));
    console_.Print(absl::StrCat(console_.Word("  字段：", "  fields: "), absl::StrJoin(fields, "、")));
  }

  static constexpr size_t kNumberDigits = 3;  // Of an action's number; more are a day.
  static constexpr int kOpens = 9;            // A day alone is meant at that hour.

  const Console& console_;
  offline::Rehearsal& rehearsal_;
  const Telling& telling_;
  const ProcedureWords& words_;
  Names names_;
  size_t current_ = 0;  // Of the cases, the one at hand.
  std::optional<v1::Text> fault_;
  std::optional<Reached> told_;  // How far it had come when the story was told last.
};

// --- The story: who did what, where it led, what time did; then how long it took and how it ended. ---

void Stage::Story() {
  if (rehearsal_.history().empty()) return;
  told_ = Now();
  console_.Print(console_.Say("经过：", "The story:"));
  std::set<std::string> hands;
  std::map<std::string, const ProcedureWords*> words;  // By case.
  for (const std::string& name : rehearsal_.cases()) words[name] = &WordsOf(rehearsal_.Show(name).procedure());
  const auto titled = [&](const std::map<std::string, v1::Text>& titles, const std::string& name) {
    const auto title = titles.find(name);
    return title == titles.end() ? console_.Say(BuiltInActionText(name)) : console_.Say(title->second);
  };
  const std::vector<v1::EventRecord>& all = rehearsal_.history();
  for (size_t i = 0; i < all.size();) {
    std::vector<std::string> said;
    const size_t first = i;
    for (; i < all.size() && all[i].position() == all[first].position(); ++i) {
      const v1::Event& event = all[i].event();
      const ProcedureWords& of = *words.at(all[i].stream());
      if (event.has_case_opened()) {
        said.push_back(absl::StrCat(console_.Say("立项", "opened"), " ", console_.Say(of.title)));
      } else if (event.has_action_taken()) {
        said.push_back(titled(of.actions, event.action_taken().action()));
      } else if (event.has_approval_requested()) {
        said.push_back(
            absl::StrCat(console_.Word("申请", "asked: "), titled(of.actions, event.approval_requested().action())));
      } else if (event.has_approval_decided()) {
        said.push_back(event.approval_decided().approved() ? console_.Say("同意", "approved")
                                                           : console_.Say("不同意", "refused"));
      } else if (event.has_stage_entered()) {
        said.push_back(absl::StrCat("→ ", titled(of.stages, event.stage_entered().stage())));
      } else if (event.has_rung_fired() && event.rung_fired().rung().kind() == v1::RUNG_KIND_OVERDUE) {
        said.push_back(absl::StrCat(titled(of.clocks, event.rung_fired().clock()), console_.Word("逾期", " overdue")));
      } else if (event.has_rung_fired() && event.rung_fired().rung().kind() == v1::RUNG_KIND_LADDER) {
        said.push_back(console_.Say(event.rung_fired().rung().title()));
      } else if (event.has_case_reopened()) {
        said.push_back(console_.Say(absl::StrCat("第 ", event.case_reopened().round(), " 轮"),
                                    absl::StrCat("round ", event.case_reopened().round())));
      }
    }
    if (!all[first].actor().empty()) hands.insert(all[first].actor());
    if (said.empty()) continue;
    console_.Print(
        absl::StrCat("  ", At(all[first].recorded_at()), "  ",
                     all[first].actor().empty() ? console_.Say("到时", "by time") : names_.Title(all[first].actor()),
                     "  ", absl::StrJoin(said, " ")));
  }
  for (const std::string& name : rehearsal_.cases()) {
    const v1::Case c = rehearsal_.Show(name);
    const bool ended = c.end_kind() != v1::END_KIND_UNSPECIFIED;
    const absl::Time from = FromTimestamp(c.opened_at());
    const absl::Time to = ended ? FromTimestamp(c.ended_at()) : rehearsal_.now();
    const int64_t days = absl::ToCivilDay(to, rehearsal_.zone()) - absl::ToCivilDay(from, rehearsal_.zone());
    const int64_t working = rehearsal_.WorkingDays(from, to);
    const v1::Text how = ended ? EndKindText(c.end_kind())
                               : Both(absl::StrCat("尚在“", c.stage_title().zh(), "”"),
                                      absl::StrCat("still in \"", English(c.stage_title()), "\""));
    console_.Print(absl::StrCat("  ", console_.Say(c.procedure_title()), console_.Word("：", ": "), console_.Say(how),
                                "  ", console_.Say(TimelinessText(c.timeliness())), "  ",
                                console_.Say(absl::StrCat("历时 ", days, " 天（", working, " 个工作日）"),
                                             absl::StrCat("it took ", days, " days (", working, " working days)"))));
  }
  console_.Print(absl::StrCat("  ", console_.Say(absl::StrCat("经手 ", hands.size(), " 人。"),
                                                 absl::StrCat(hands.size(), " people had a hand in it."))));
}

}  // namespace

int Rehearse(const Console& console, offline::Rehearsal& rehearsal, const Telling& telling, std::istream& lines) {
  Stage stage(console, rehearsal, telling);
  stage.Begin();
  if (telling.interactive) stage.Take("帮助");
  std::string line;
  for (int number = 1;; ++number) {
    if (telling.interactive) console.Prompt("> ");
    if (!std::getline(lines, line)) break;
    if (!telling.interactive) console.Print(absl::StrCat("> ", line));
    if (!stage.Take(line)) break;
    if (!stage.fault()) continue;
    if (telling.interactive) {
      console.Remark(*stage.fault());
      continue;
    }
    return console.Fail(kExitRefused, absl::StrCat("第 ", number, " 行：", stage.fault()->zh()),
                        absl::StrCat("Line ", number, ": ", stage.fault()->en()));
  }
  stage.End();
  return kExitOk;
}

}  // namespace duban::cli
