#include "tests/city/matters.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace duban::city {
namespace {

constexpr char kPhoto[] = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08#现场照片.jpg";

v1::FieldValue FileField(const std::string& field) {
  v1::FieldValue out;
  out.set_field(field);
  out.add_values()->set_file(kPhoto);
  return out;
}

void Bind(v1::OpenCaseRequest& open, const std::string& party, const std::vector<std::string>& ids) {
  v1::PartyBinding& binding = *open.add_parties();
  binding.set_party(party);
  for (const std::string& id : ids) binding.add_ids(id);
}

bool Acted(const Case& c, const std::string& action) {
  return std::any_of(c.acts.begin(), c.acts.end(), [&](const struct Act& act) { return act.action == action; });
}

int64_t Times(const Case& c, const std::string& action) {
  return std::count_if(c.acts.begin(), c.acts.end(), [&](const struct Act& act) { return act.action == action; });
}

std::string Later(absl::Time from, int days) { return Text(DayOf(from) + days); }

const char* const kCategories[] = {"water", "air", "soil", "ecology", "construction", "safety", "livelihood", "other"};
const char* const kSources[] = {"inspection", "petition", "hotline", "media", "self_check", "leadership"};
const char* const kCauses[] = {"duty", "rule", "oversight", "means"};

}  // namespace

v1::FieldValue TextField(const std::string& field, const std::string& text) {
  v1::FieldValue out;
  out.set_field(field);
  out.add_values()->set_text(text);
  return out;
}
v1::FieldValue DateField(const std::string& field, const std::string& date) {
  v1::FieldValue out;
  out.set_field(field);
  out.add_values()->set_date(date);
  return out;
}
v1::FieldValue ChoiceField(const std::string& field, const std::string& choice) {
  v1::FieldValue out;
  out.set_field(field);
  out.add_values()->set_choice(choice);
  return out;
}
v1::FieldValue NumberField(const std::string& field, int64_t number) {
  v1::FieldValue out;
  out.set_field(field);
  out.add_values()->set_number(absl::StrCat(number));
  return out;
}

// What one decides from: the matter as it stands, and what chance says in this turn of it.
struct Matters::Deed {
  const Matters& m;
  const Matter& matter;
  const Case& c;
  const absl::Time now;
  const std::string key;  // Of this turn.

  bool Chance(const std::string& what, int permille) const { return m.Chance(key, what, permille); }
  // The same in the whole round.
  bool Always(const std::string& what, int permille) const {
    return m.Chance(absl::StrCat(matter.identity, "@", c.round), what, permille);
  }
  uint64_t Roll(const std::string& what) const { return m.Roll(key, what); }
  int Pick(const std::string& what, int low, int high) const { return Between(Roll(what), low, high); }
  // An attempt that must be refused, at most once a turn.
  bool Tries(const std::string& what, int permille) const { return matter.tries == 0 && Chance(what, permille); }

  // Within so many working days.
  Move Do(const std::string& who, const std::string& action, int low, int high) const {
    Move move;
    move.at = m.Working(now, Pick("days of " + action, low, high), Roll("hour of " + action));
    move.who = who;
    move.act.set_case_(matter.name);
    move.act.set_action(action);
    return move;
  }
  Move With(Move move, const v1::FieldValue& field) const {
    *move.act.add_fields() = field;
    return move;
  }
  Move Because(Move move, const std::string& reason) const {
    move.act.set_reason(reason);
    return move;
  }
  Move Refused(Move move, const std::string& reason) const {
    move.expect = reason;
    return move;
  }
  // Where what happens to another matter decides.
  Move Alone(Move move) const {
    move.alone = true;
    return move;
  }
  // A day so many days before the due instant of a clock, or after it; soon where that is over or there is none.
  Move Near(Move move, absl::Time due, bool late) const {
    if (due == absl::InfinitePast()) {
      move.at = m.Working(now, Pick("without a due day", 5, 45), Roll("hour"));
      return move;
    }
    const Day day = DayOf(due) + (late ? Pick("days late", 1, 40) : -Pick("days early", 0, 9));
    const absl::Time at = m.Working(TimeOn(day, 0) - absl::Minutes(1), 0, Roll("hour"));
    move.at = at > now ? at : m.Working(now, Pick("soon", 0, 3), Roll("hour"));
    return move;
  }
  absl::Time DueOf(const std::string& clock) const {
    const auto found = c.clocks.find(clock);
    return found == c.clocks.end() || !found->second.running ? absl::InfinitePast() : found->second.due;
  }
  // One of those who act for a unit that issues; which one goes by the matter, or `other` than somebody.
  std::string Issuer(const std::string& party, const std::string& other = "") const {
    const std::string& unit = c.Party(party);
    const std::string bare = unit.substr(sizeof("units/") - 1);
    std::vector<std::string> posts;
    if (absl::StartsWith(bare, "c")) {
      posts = {absl::StrCat("posts/", bare, "-du"), HeadPost(unit)};
    } else {
      for (int i = 1; i <= m.town_.Issuers(); ++i) posts.push_back(absl::StrCat("posts/", bare, "-", i));
    }
    const size_t first = m.Roll(matter.identity, "issuer") % posts.size();
    for (size_t i = 0; i < posts.size(); ++i) {
      const std::string& post = posts[(first + i) % posts.size()];
      if (other.empty() || m.town_.ActorFor(post, now) != other) return post;
    }
    return "";
  }
};

absl::Time Matters::Working(absl::Time from, int days, uint64_t roll) const {
  static constexpr int kHours[] = {9, 11, 15};
  Day day = DayOf(from);
  if (days > 0) {
    day = facts_.days().After(day, days);
  } else if (!facts_.days().IsWorking(day)) {
    day = facts_.days().After(day, 0);
  }
  const absl::Time at = TimeOn(day, kHours[roll % 3]);
  return at > from ? at : from + absl::Minutes(1);
}

// --- Opening --------------------------------------------------------------------------------------------------------

bool Matters::WantsTwin(const std::string& identity) const { return Chance(identity, "twin", 40); }

v1::OpenCaseRequest Matters::Open(const std::string& identity, bool day_off, Day today, std::string* who) const {
  const int kind = static_cast<int>(Roll(identity, "kind") % 1000);
  const std::string& unit = town_.departments()[Roll(identity, "unit") % town_.departments().size()];
  const std::string county = town_.CountyOf(unit);
  const int k = Between(Roll(identity, "issuer"), 1, town_.Issuers());
  const absl::Time now = TimeOn(today, 9);
  const auto due = [&](int low, int high) { return Later(now, Between(Roll(identity, "due"), low, high)); };
  // The city assigns, or the county to what is below it.
  const bool by_county = !county.empty() && Chance(identity, "by county", 300);
  const std::string issuer = by_county ? county : "units/ducha";
  *who = by_county ? absl::StrCat("posts/", county.substr(6), "-du") : absl::StrCat("posts/ducha-", k);
  v1::OpenCaseRequest open;
  if (day_off || kind < 440) {
    *who = absl::StrCat("posts/rexian-", k);
    open.set_procedure("hotline");
    Bind(open, "desk", {"units/rexian"});
    Bind(open, "handler", {unit});
    *open.add_fields() = TextField("request", "来电诉求 " + identity);
    static const char* const kKinds[] = {"consult", "help", "complaint", "report"};
    *open.add_fields() = ChoiceField("kind", kKinds[Roll(identity, "hotline kind") % 4]);
    if (Chance(identity, "caller", 700)) *open.add_fields() = TextField("caller", "来电人 " + identity);
  } else if (kind < 590) {
    *who = absl::StrCat("posts/xinfang-", k);
    open.set_procedure("petition");
    Bind(open, "office", {"units/xinfang"});
    Bind(open, "handler", {unit});
    *open.add_fields() = TextField("matter", "信访事项 " + identity);
    static const char* const kKinds[] = {"complaint", "accusation", "proposal"};
    *open.add_fields() = ChoiceField("matter_kind", kKinds[Roll(identity, "petition kind") % 3]);
    *open.add_fields() = TextField("petitioner", "信访人 " + identity);
  } else if (kind < 810) {
    open.set_procedure("rectification");
    Bind(open, "issuer", {issuer});
    Bind(open, "owner", {unit});
    if (Chance(identity, "helper", 200)) {
      const std::string helper = town_.Neighbour(unit, Roll(identity, "helper unit"));
      if (helper != unit) Bind(open, "helpers", {helper});
    }
    const bool first_gone = k == 1 && today >= Day(2019, 8, 26);
    Bind(open, "reviewer", {absl::StrCat("posts/yanshou-", first_gone ? town_.Issuers() + 1 : k)});
    *open.add_fields() = TextField("problem", "存在问题 " + identity);
    if (Chance(identity, "category", 900)) {
      *open.add_fields() = ChoiceField("category", kCategories[Roll(identity, "category") % std::size(kCategories)]);
    }
    *open.add_fields() = ChoiceField("source", kSources[Roll(identity, "source") % std::size(kSources)]);
    if (Chance(identity, "informant", 300)) *open.add_fields() = TextField("informant", "反映人 " + identity);
    if (Chance(identity, "dated", 950)) *open.add_fields() = DateField("due", due(15, 75));
  } else if (kind < 890) {
    open.set_procedure("task");
    Bind(open, "issuer", {issuer});
    Bind(open, "lead", {unit});
    *open.add_fields() = TextField("task", "任务 " + identity);
    if (Chance(identity, "dated", 850)) *open.add_fields() = DateField("due", due(20, 120));
  } else if (kind < 915) {
    open.set_procedure("four_haves");
    Bind(open, "issuer", {issuer});
    Bind(open, "owner", {unit});
    *open.add_fields() = TextField("task", "闭环任务 " + identity);
    *open.add_fields() = DateField("due", due(20, 90));
  } else if (kind < 945) {
    // A county whistles for its departments.
    const std::string& caller = town_.counties()[Roll(identity, "county") % town_.counties().size()];
    const std::string lead = absl::StrCat(caller, "b1");
    *who = ClerkPost(caller);
    open.set_procedure("joint");
    Bind(open, "issuer", {caller});
    Bind(open, "lead", {lead});
    Bind(open, "decider", {HeadPost(lead)});
    *open.add_fields() = TextField("matter", "会办事项 " + identity);
  } else if (kind < 965) {
    *who = absl::StrCat("posts/ducha-", k);
    open.set_procedure("review");
    Bind(open, "inspector", {"units/ducha"});
    Bind(open, "object", {unit});
    Bind(open, "author", {absl::StrCat("posts/ducha-", k)});
    Bind(open, "reviewer", {absl::StrCat("posts/ducha-", k % town_.Issuers() + 1)});
    *open.add_fields() = TextField("topic", "督查事项 " + identity);
  } else if (kind < 975) {
    *who = absl::StrCat("posts/ducha-", k);
    open.set_procedure("talk");
    Bind(open, "inviting", {"units/ducha"});
    Bind(open, "invited", {unit});
    *open.add_fields() = TextField("matter", "约谈事由 " + identity);
  } else if (kind < 985) {
    *who = absl::StrCat("posts/ducha-", k);
    open.set_procedure("accountability");
    Bind(open, "proposing", {"units/ducha"});
    Bind(open, "competent", {"units/jiwei"});
    Bind(open, "concerned", {unit});
    *open.add_fields() = TextField("matter", "移送事由 " + identity);
    *open.add_fields() = TextField("basis", "事实与依据 " + identity);
  } else {
    *who = absl::StrCat("posts/ducha-", k);
    open.set_procedure("term");
    Bind(open, "issuer", {"units/ducha"});
    Bind(open, "owner", {unit});
    *open.add_fields() = TextField("body", "班子 " + identity);
    *open.add_fields() = DateField("term_end", due(30, 330));
  }
  return open;
}

std::vector<v1::OpenCaseRequest> Matters::Namings() const {
  constexpr size_t kNamings = 12;
  std::vector<v1::OpenCaseRequest> out;
  for (size_t i = 0; i < std::min(kNamings, town_.departments().size()); ++i) {
    v1::OpenCaseRequest& open = out.emplace_back();
    open.set_procedure("naming");
    Bind(open, "assessor", {"units/ducha"});
    Bind(open, "branch", {town_.departments()[i]});
    Bind(open, "acceptor", {absl::StrCat("posts/yanshou-", i % 2 + 2)});
    *open.add_fields() = TextField("topic", "星级支部创建");
  }
  return out;
}

std::vector<Matters::Part> Matters::PartsOf(const Matter& matter, Day today) const {
  const Case& c = *facts_.FindCase(matter.name);
  std::vector<Part> parts;
  const absl::Time now = TimeOn(today, 9);
  const auto depth = std::count(matter.identity.begin(), matter.identity.end(), '/');
  if (c.procedure == "task" && c.stage == "working" && c.round == 1 && c.parts.empty() && depth < 2 &&
      Chance(matter.identity, "divided", depth == 0 ? 150 : 500)) {
    const int count = Between(Roll(matter.identity, "parts"), 2, 3);
    for (int i = 1; i <= count; ++i) {
      Part& part = parts.emplace_back();
      part.identity = absl::StrCat(matter.identity, "/", i);
      const std::string& issuer = c.Party("issuer");
      part.who = Deed{*this, matter, c, now, matter.identity}.Issuer("issuer");
      part.open.set_procedure("task");
      part.open.set_part_of(c.name);
      part.open.set_weight(Between(Roll(part.identity, "weight"), 1, 5));
      Bind(part.open, "issuer", {issuer});
      Bind(part.open, "lead", {town_.Neighbour(c.Party("lead"), Roll(part.identity, "lead"))});
      *part.open.add_fields() = TextField("task", "分解任务 " + part.identity);
      *part.open.add_fields() = DateField("due", Later(now, Between(Roll(part.identity, "due"), 15, 60)));
    }
  }
  if (c.procedure == "joint" && c.stage == "handling" && c.parts.empty()) {
    const std::string& caller = c.Party("issuer");
    const int count = Between(Roll(matter.identity, "parts"), 2, 3);
    for (int i = 1; i <= count; ++i) {
      Part& part = parts.emplace_back();
      part.identity = absl::StrCat(matter.identity, "/", i);
      part.who = ClerkPost(caller);
      part.open.set_procedure("joint_part");
      part.open.set_part_of(c.name);
      Bind(part.open, "issuer", {caller});
      const std::string& own = absl::StrCat(caller, "b1");
      const std::string first = town_.Neighbour(own, Roll(part.identity, "first"));
      const std::string second = town_.Neighbour(first, Roll(part.identity, "second"));
      std::vector<std::string> members = {first};
      // Offered to two; or one of the city's, who is not below the caller.
      if (Chance(part.identity, "offered", 400) && second != first) members.push_back(second);
      if (Chance(part.identity, "city's", 300)) members = {"units/b1"};
      Bind(part.open, "member", members);
      *part.open.add_fields() = TextField("task", "会办分工 " + part.identity);
      *part.open.add_fields() = DateField("due", Later(now, Between(Roll(part.identity, "due"), 7, 30)));
    }
  }
  return parts;
}

// --- What is done next ----------------------------------------------------------------------------------------------

std::optional<Move> Matters::Next(const Matter& matter, absl::Time now) const {
  const Case* c = facts_.FindCase(matter.name);
  if (c == nullptr || !c->open()) return std::nullopt;
  Deed d{*this, matter, *c, now, absl::StrCat(matter.identity, "#", c->turn)};
  static const std::map<std::string, std::optional<Move> (Matters::*)(Deed&) const> kWays = {
      {"rectification", &Matters::Rectification},
      {"hotline", &Matters::Hotline},
      {"petition", &Matters::Petition},
      {"task", &Matters::Task},
      {"four_haves", &Matters::FourHaves},
      {"joint", &Matters::Joint},
      {"joint_part", &Matters::JointPart},
      {"review", &Matters::Review},
      {"talk", &Matters::Talk},
      {"lookback", &Matters::Lookback},
      {"accountability", &Matters::Accountability},
      {"duty_report", &Matters::DutyReport},
      {"rhythm", &Matters::Rhythm},
      {"card", &Matters::Card},
      {"term", &Matters::Term},
      {"appraisal", &Matters::Appraisal},
      {"naming", &Matters::Naming},
      {"recheck", &Matters::Recheck},
      {"team", &Matters::Supervise}};
  const std::optional<Move> beside = Beside(d);
  // Who waits for an answer does nothing meanwhile; a suggestion is no answer.
  const bool waits = !c->requests.empty() || !c->offered_to.empty();
  if (beside.has_value() && waits) return beside;
  const std::optional<Move> next = (this->*kWays.at(c->procedure))(d);
  if (!next.has_value() || (beside.has_value() && beside->at < next->at)) return beside;
  return next;
}

std::optional<Move> Matters::Beside(Deed& d) const {
  if (!d.c.offered_to.empty()) {
    if (d.Tries("taken by the giver", 50)) {
      return d.Refused(d.Do(d.c.Party(d.c.offered_party), "take_over", 0, 1), "NOT_YOUR_PART");
    }
    if (d.Chance("taken", 750)) return d.Do(d.c.offered_to, "take_over", 0, 2);
    return d.Because(d.Do(d.c.offered_to, "send_back", 0, 2), "不属本单位职责");
  }
  for (const auto& [action, asked] : d.c.requests) {
    std::string who;
    if (action == "extend_handle") {
      who = "head:" + d.c.Party("handler");
    } else if (action == "hand_over") {
      who = "head:" + d.c.Party("proposing");
    } else if (action == "strike") {
      who = "head:" + d.c.Party("assessor");
    } else {
      const bool desk = d.c.procedure == "hotline";
      who = d.Issuer(desk                          ? "desk"
                     : d.c.procedure == "petition" ? "office"
                     : d.c.procedure == "lookback" ? "inspecting"
                                                   : "issuer",
                     asked.person());
    }
    // A head who stands in for his clerk cannot decide on what he asked himself.
    if (who.empty() || town_.ActorFor(who, d.now) == asked.person()) continue;
    if (action != "void" && action != "hand_over" && action != "strike" && asked.on_behalf_of().empty() &&
        d.Tries("decided by the asker", 40)) {
      return d.Refused(d.Do(asked.person(), "approve_" + action, 0, 1), "NOT_YOUR_PART");
    }
    if (d.Chance("approved", 800)) return d.Do(who, "approve_" + action, 0, 2);
    return d.Because(d.Do(who, "refuse_" + action, 0, 2), "理由不充分");
  }
  for (const Suggestion& suggestion : d.c.suggestions) {
    const std::string what = suggestion.clock + suggestion.rung;
    if (suggestion.ask.empty() || !d.Always("heeds " + what, 800)) continue;
    const std::string& asked = suggestion.ask[Roll(d.matter.identity, what) % suggestion.ask.size()];
    if (d.Always("agrees to " + what, 650)) {
      return d.Because(d.Do(asked, "approve_" + suggestion.suggests, 1, 4), "逾期未见进展");
    }
    return d.Because(d.Do(asked, "refuse_" + suggestion.suggests, 1, 4), "已约定办结时间");
  }
  return std::nullopt;
}

std::optional<Move> Matters::Rectification(Deed& d) const {
  const Case& c = d.c;
  const std::string owner = c.Party("owner"), issuer = d.Issuer("issuer");
  if (c.stage == "issued") {
    const auto twin = twins_.find(d.matter.identity);
    if (twin != twins_.end() && c.round == 1) {
      const Case* into = facts_.FindCase(twin->second);
      if (into != nullptr && into->open() && into->merged_into.empty()) {
        Move merge = d.Because(d.Do(issuer, "merge", 0, 1), "与前件为同一问题");
        merge.act.set_target(twin->second);
        return d.Alone(merge);
      }
    }
    if (c.assigned_by_superior && d.Tries("sends back to a superior", 40)) {
      return d.Refused(d.Because(d.Do(owner, "dispute", 0, 1), "职责不清"), "GUARD_FAILED");
    }
    if (d.Tries("a stranger looks", 20)) {
      const std::vector<std::string>& all = town_.departments();
      const std::string& stranger = all[owner == all[1] ? 2 : 1];
      if (!facts_.Sees(town_.ActorFor(stranger, d.now), c)) {
        Move look = d.Do(stranger, "comment", 0, 0);
        look.act.set_note("看看");
        return d.Refused(look, "CASE_NOT_FOUND");
      }
    }
    if (!c.asked.count("void") && d.Always("void", 12)) return d.Because(d.Do(issuer, "void", 0, 1), "误录");
    if (!Acted(c, "transfer") && c.offered_party.empty() && d.Always("transfer", 40)) {
      Move pass = d.Because(d.Do(c.assigned_by_superior ? issuer : owner, "transfer", 0, 2), "属他单位职责");
      pass.act.set_party("owner");
      pass.act.set_target(town_.Neighbour(owner, d.Roll("passed to")));
      const auto helpers = c.parties.find("helpers");
      const bool helps = helpers != c.parties.end() &&
                         std::count(helpers->second.begin(), helpers->second.end(), pass.act.target()) > 0;
      if (pass.act.target() != owner && !helps) return pass;
    }
    if (!c.assigned_by_superior && d.Always("dispute", 40)) {
      return d.Because(d.Do(owner, "dispute", 0, 2), "不属本单位职责");
    }
    return d.Chance("late receipt", 60) ? d.Do(owner, "acknowledge", 4, 7) : d.Do(owner, "acknowledge", 0, 2);
  }
  if (c.stage == "disputed")
    return d.Because(d.Do(issuer, d.Chance("uphold", 600) ? "uphold" : "recall", 0, 2), "经核");
  if (c.stage == "rectifying") {
    const absl::Time due = d.DueOf("rectify");
    if (d.Tries("the checker submits", 15)) {
      return d.Refused(
          d.With(d.With(d.Do(c.Party("reviewer"), "submit", 1, 3), TextField("result", "代报")), FileField("evidence")),
          "NOT_YOUR_PART");
    }
    if (std::optional<Move> visit = Visit(d); visit.has_value()) return visit;
    if (Times(c, "report") < Between(Roll(d.matter.identity, "reports"), 0, 2)) {
      return d.With(d.Do(owner, "report", 1, 8), TextField("progress", "正在整改"));
    }
    if (!Acted(c, "pause") && d.Always("pause", 25)) return d.Because(d.Do(issuer, "pause", 1, 4), "等待上级批复");
    if (!c.asked.count("extend_rectify") && due > d.now && d.Always("extend", 100)) {
      Move ask = d.Because(d.Near(d.Do(owner, "extend_rectify", 1, 2), due, false), "汛期无法施工");
      return d.With(ask, DateField("due", Later(due, d.Pick("longer", 10, 30))));
    }
    Move submit = d.With(d.With(d.Do(owner, "submit", 1, 3), TextField("result", "已整改到位")), FileField("evidence"));
    if (d.Chance("cause", 600)) *submit.act.add_fields() = ChoiceField("cause", kCauses[d.Roll("cause") % 4]);
    return d.Near(submit, due, d.Always("late", 130));
  }
  if (c.stage == "paused") return d.Do(issuer, "resume", 3, 15);
  if (c.stage == "review") {
    if (d.Tries("checks himself", 15)) return d.Refused(d.Do(owner, "accept", 0, 1), "NOT_YOUR_PART");
    const int low = d.Chance("late check", 80) ? 6 : 0;
    if (d.Chance("accept", 880)) return d.Do(c.Party("reviewer"), "accept", low, low + 3);
    return d.Because(d.Do(c.Party("reviewer"), "reject", low, low + 3), "现场仍有积水");
  }
  if (c.stage == "publicity" && !Acted(c, "object") && d.Always("object", 25)) {
    return d.Because(d.Do(issuer, "object", 1, 6), "群众提出异议");
  }
  return std::nullopt;
}

std::optional<Move> Matters::Hotline(Deed& d) const {
  const Case& c = d.c;
  const std::string desk = d.Issuer("desk"), handler = c.Party("handler");
  if (c.stage == "dispatched") {
    if (d.Always("refuse", 40)) return d.Because(d.Do(handler, "refuse", 0, 0), "不属本单位职责");
    return d.Chance("late", 60) ? d.Do(handler, "accept", 2, 3) : d.Do(handler, "accept", 0, 1);
  }
  if (c.stage == "refused") return d.Because(d.Do(desk, d.Chance("insist", 500) ? "insist" : "agree", 0, 1), "经研究");
  if (c.stage == "handling") {
    if (d.Tries("without a result", 10)) return d.Refused(d.Do(handler, "done", 0, 1), "MISSING_NEED");
    if (!c.asked.count("abort") && d.Always("abort", 20)) {
      return d.Because(d.Do(handler, "abort", 0, 2), "诉求人撤回");
    }
    if (!c.asked.count("extend_solve") && d.DueOf("solve") > d.now && d.Always("extend", 60)) {
      Move ask = d.Because(d.Do(handler, "extend_solve", 0, 2), "需要采购配件");
      return d.With(ask, DateField("new_due", Later(d.DueOf("solve"), d.Pick("longer", 3, 10))));
    }
    Move done = d.With(d.Do(handler, "done", 0, 3), TextField("result", "已办理"));
    if (d.Chance("late", 90)) done.at = Working(d.now, d.Pick("days late", 6, 11), d.Roll("hour"));
    return done;
  }
  if (c.stage == "callback") {
    const int low = d.Chance("late", 30) ? 4 : 0;
    if (d.Chance("again", 90)) {
      return d.Because(d.With(d.Do(desk, "again", low, low + 1), TextField("callback", "来电人不满意")), "未解决");
    }
    return d.With(d.Do(desk, "content", low, low + 2), TextField("callback", "来电人满意"));
  }
  return std::nullopt;
}

std::optional<Move> Matters::Petition(Deed& d) const {
  const Case& c = d.c;
  const std::string office = d.Issuer("office"), handler = c.Party("handler");
  if (c.stage == "registered") {
    if (d.Always("decline", 40)) return d.Because(d.Do(office, "decline", 1, 6), "不属受理范围");
    return d.Do(office, "forward", 0, 8);
  }
  if (c.stage == "transferred") {
    if (d.Always("dispute", 50)) return d.Because(d.Do(handler, "dispute", 0, 3), "不属本单位");
    if (d.Always("slow", 120)) return std::nullopt;
    return d.Do(handler, "accept", 0, 3);
  }
  if (c.stage == "awaiting") return d.Do(handler, "accept_late", 1, 8);
  if (c.stage == "disputed") return d.Because(d.Do(office, d.Chance("agree", 400) ? "agree" : "insist", 0, 4), "经核");
  if (c.stage == "handling") {
    const absl::Time due = d.DueOf("handle");
    if (!Acted(c, "record") && d.Always("record", 500)) {
      return d.With(d.Do(handler, "record", 2, 10), TextField("findings", "已走访"));
    }
    if (!Acted(c, "hearing") && d.Always("hearing", 50)) return d.Because(d.Do(handler, "hearing", 3, 10), "意见不一");
    if (!c.asked.count("extend_handle") && due > d.now && d.Always("extend", 90)) {
      Move ask = d.Because(d.Near(d.Do(handler, "extend_handle", 1, 2), due, false), "情况复杂");
      return d.With(ask, DateField("new_due", Later(due, d.Pick("longer", 5, 30))));
    }
    Move reply = d.With(d.Do(handler, "reply", 1, 4), TextField("answer", "处理意见"));
    if (due == absl::InfinitePast() || d.Always("prompt", 400)) {
      reply.at = Working(d.now, d.Pick("prompt days", 3, 25), d.Roll("hour"));
      return reply;
    }
    return d.Near(reply, due, d.Always("late", 110));
  }
  if (c.stage == "hearing") return d.Do(handler, "resume", 3, 10);
  if (c.stage == "answered") {
    if (d.Chance("unsatisfied", 80)) return d.Because(d.Do(office, "unsatisfied", 0, 4), "未到现场");
    return d.Do(office, "satisfied", 0, 4);
  }
  return std::nullopt;
}

std::optional<Move> Matters::Task(Deed& d) const {
  const Case& c = d.c;
  const std::string issuer = d.Issuer("issuer"), lead = c.Party("lead");
  if (c.stage == "assigned") {
    if (d.Always("recall", 15)) return d.Because(d.Do(issuer, "recall", 0, 2), "任务调整");
    return d.Chance("late", 50) ? d.Do(lead, "acknowledge", 3, 4) : d.Do(lead, "acknowledge", 0, 1);
  }
  if (c.stage == "working") {
    const auto twin = twins_.find(d.matter.identity);
    if (twin != twins_.end() && c.wholes.size() == 1) {
      const Case* whole = facts_.FindCase(twin->second);
      if (whole != nullptr && whole->open()) {
        Move link = d.Because(d.Do(issuer, "link", 0, 1), "两项任务合办");
        link.act.set_target(twin->second);
        link.act.set_weight(2);
        return d.Alone(link);
      }
    }
    const bool open_parts = std::any_of(c.parts.begin(), c.parts.end(), [&](const std::string& part) {
      const Case* one = facts_.FindCase(part);
      return one != nullptr && one->open();
    });
    const Move finish = d.With(d.Do(lead, "finish", 1, 3), TextField("result", "已完成"));
    if (open_parts) {
      if (!d.Tries("before its parts", 100)) return std::nullopt;
      return d.Alone(d.Refused(d.With(d.Do(lead, "finish", 0, 0), TextField("result", "完")), "GUARD_FAILED"));
    }
    const absl::Time due = d.DueOf("complete");
    if (!Acted(c, "report") && d.Always("report", 400)) {
      return d.With(d.Do(lead, "report", 2, 10), TextField("progress", "已启动"));
    }
    if (!c.asked.count("extend_complete") && due > d.now && d.Always("extend", 80)) {
      Move ask = d.Because(d.Near(d.Do(lead, "extend_complete", 1, 2), due, false), "招标流标");
      return d.With(ask, DateField("due", Later(due, d.Pick("longer", 10, 40))));
    }
    return d.Near(finish, due, d.Always("late", 130));
  }
  if (c.stage == "checking" || c.stage == "accepting") {
    if (d.Chance("return", 80)) return d.Because(d.Do(issuer, "return", 0, 4), "缺少验收单");
    return d.Do(issuer, "confirm", 0, 4);
  }
  return std::nullopt;
}

std::optional<Move> Matters::FourHaves(Deed& d) const {
  const Case& c = d.c;
  if (c.stage != "working") return std::nullopt;
  const std::string owner = c.Party("owner"), issuer = d.Issuer("issuer");
  if (d.Always("drop", 10)) return d.Because(d.Do(issuer, "drop", 3, 10), "任务取消");
  const std::tuple<const char*, const char*, std::string> kHaves[] = {{"deployment", "deploy", owner},
                                                                      {"implementation", "implement", owner},
                                                                      {"feedback", "answer", issuer},
                                                                      {"effect", "assess", issuer}};
  for (const auto& [field, action, who] : kHaves) {
    if (c.fields.count(field) > 0) continue;
    if (d.Tries("closes too early", 60)) return d.Refused(d.Do(issuer, "close", 0, 1), "GUARD_FAILED");
    return d.With(d.Do(who, action, 2, 14), TextField(field, "已报送"));
  }
  return d.Do(issuer, "close", 0, 5);
}

std::optional<Move> Matters::Joint(Deed& d) const {
  const Case& c = d.c;
  const std::string lead = c.Party("lead");
  if (c.stage == "called") {
    if (d.Tries("sends back to a superior", 50)) {
      return d.Refused(d.Because(d.Do(lead, "decline", 0, 0), "职责不清"), "GUARD_FAILED");
    }
    return d.Do(lead, "convene", 0, d.Chance("late", 100) ? 3 : 1);
  }
  if (c.stage == "handling") {
    if (c.parts.empty()) return std::nullopt;
    if (!Acted(c, "disagree") && d.Always("disagree", 200)) {
      return d.With(d.Do(lead, "disagree", 0, 3), TextField("dispute", "由谁出资"));
    }
    const bool open_parts = std::any_of(c.parts.begin(), c.parts.end(), [&](const std::string& part) {
      const Case* one = facts_.FindCase(part);
      return one != nullptr && one->open();
    });
    const Move finish = d.With(d.Do(lead, "finish", 0, 4), TextField("result", "已会办"));
    if (!open_parts) return finish;
    if (!d.Tries("before its parts", 80)) return std::nullopt;
    return d.Alone(d.Refused(d.With(d.Do(lead, "finish", 0, 0), TextField("result", "已会办")), "GUARD_FAILED"));
  }
  if (c.stage == "ruling") {
    if (!Acted(c, "raise") && d.Always("raise", 500)) {
      Move raise = d.Because(d.Do(c.Party("decider"), "raise", 0, 1), "各执一词");
      raise.act.set_target(c.Party("issuer"));
      return raise;
    }
    return d.With(d.Do(c.Party("decider"), "rule", 0, 2), TextField("ruling", "按职责分担"));
  }
  return std::nullopt;
}

std::optional<Move> Matters::JointPart(Deed& d) const {
  const Case& c = d.c;
  const std::vector<std::string>& members = c.parties.at("member");
  if (c.stage == "waiting") {
    if (members.size() > 1) {
      const std::string& first = members[Roll(d.matter.identity, "claims") % members.size()];
      if (d.Tries("arrives unclaimed", 100)) return d.Refused(d.Do(first, "arrive", 0, 0), "UNCLAIMED");
      return d.Do(first, "claim", 0, 1);
    }
    if (!c.assigned_by_superior && d.Always("decline", 100)) {
      return d.Because(d.Do(members[0], "decline", 0, 1), "无相应职能");
    }
    return d.Do(members[0], "arrive", 0, 1);
  }
  if (c.stage == "working") {
    return d.Near(d.With(d.Do(members[0], "finish", 1, 3), TextField("result", "已办")), d.DueOf("complete"),
                  d.Always("late", 120));
  }
  return std::nullopt;
}

std::optional<Move> Matters::Review(Deed& d) const {
  const Case& c = d.c;
  if (c.stage == "drafting") {
    return d.With(d.Do(c.Party("author"), "conclude", 2, 10), TextField("conclusion", "整改不到位"));
  }
  if (c.stage == "signing") {
    if (d.Chance("redraft", 100)) return d.Because(d.Do("head:units/ducha", "redraft", 0, 3), "事实不清");
    return d.Do("head:units/ducha", "sign", 0, 3);
  }
  if (c.stage == "served") {
    if (d.Always("appeal", 250)) {
      return d.With(d.Do(c.Party("object"), "appeal", 2, 15), TextField("grounds", "一处属上级管辖"));
    }
    if (d.Always("accept", 400)) return d.Do(c.Party("object"), "accept", 1, 12);
    return std::nullopt;
  }
  if (c.stage == "reviewing") {
    const bool upheld = d.Always("uphold", 600);
    const Move decide =
        d.With(d.Do(c.Party("reviewer"), upheld ? "uphold" : "change", 3, 15), TextField("decision", "复核决定"));
    if (d.Tries("the author decides", 200)) {
      Move own = decide;
      own.who = c.Party("author");
      return d.Refused(upheld ? own : d.With(own, TextField("conclusion", "改")), "NOT_YOUR_PART");
    }
    return upheld ? decide : d.With(decide, TextField("conclusion", "两处整改不到位"));
  }
  return std::nullopt;
}

std::optional<Move> Matters::Talk(Deed& d) const {
  const Case& c = d.c;
  const std::string inviting = d.Issuer("inviting"), invited = c.Party("invited");
  if (c.stage == "arranging") {
    if (d.Always("cancel", 40)) return d.Because(d.Do(inviting, "cancel", 0, 2), "已整改");
    const Move notify = d.With(d.Do(inviting, "notify", 0, 3), ChoiceField("form", "reminder"));
    return d.With(notify, DateField("meeting", Later(notify.at, 7)));
  }
  if (c.stage == "notified") {
    if (!Acted(c, "confirm") && d.Always("confirm", 500)) return d.Do(invited, "confirm", 0, 2);
    return d.With(d.Do(inviting, "hold", 2, 9), TextField("minutes", "谈话记录"));
  }
  if (c.stage == "talked") return d.With(d.Do(invited, "commit", 1, 5), TextField("commitments", "整改措施"));
  if (c.stage == "checking") {
    if (d.Chance("return", 100)) return d.Because(d.Do(inviting, "return", 0, 3), "措施不具体");
    return d.Do(inviting, "accept", 0, 4);
  }
  return std::nullopt;
}

std::optional<Move> Matters::Lookback(Deed& d) const {
  const Case& c = d.c;
  const std::string inspecting = d.Issuer("inspecting"), visited = c.Party("visited");
  if (c.stage == "planned") {
    if (d.Tries("the visited asks", 60)) {
      Move ask = d.Do(visited, "comment", 0, 2);
      ask.act.set_note("是否有人要来");
      return d.Refused(ask, "CASE_NOT_FOUND");
    }
    if (drawn_.count(visited) == 0 && d.Always("not sampled", 400)) {
      return d.Because(d.Do(inspecting, "cancel", 3, 15), "未抽中");
    }
    return d.With(d.Do(inspecting, "visit", 5, 26), TextField("findings", "现场检查情况"));
  }
  if (c.stage == "visited_on_site") return d.Do(inspecting, "report", 1, 6);
  if (c.stage == "feedback") {
    if (!Acted(c, "respond") && d.Always("respond", 300)) {
      Move respond = d.Do(visited, "respond", 0, 2);
      respond.act.set_note("说明情况");
      return respond;
    }
    if (d.Always("rebound", 130)) {
      // The matter it comes from is opened again.
      const Move rebound = d.Alone(d.Because(d.Do(inspecting, "rebound", 0, 3), "原问题再现"));
      return d.With(rebound, DateField("new_due", Later(rebound.at, d.Pick("new due", 20, 45))));
    }
    return d.Do(inspecting, "hold", 0, 3);
  }
  return std::nullopt;
}

std::optional<Move> Matters::Accountability(Deed& d) const {
  const Case& c = d.c;
  const std::string proposing = d.Issuer("proposing");
  const std::string competent = absl::StrCat("posts/jiwei-", Between(Roll(d.matter.identity, "competent"), 1, 4));
  if (c.stage == "drafted") {
    if (d.Tries("the concerned asks", 200)) {
      Move ask = d.Do(c.Party("concerned"), "comment", 0, 1);
      ask.act.set_note("是否移送");
      return d.Refused(ask, "CASE_NOT_FOUND");
    }
    if (c.asked.count("hand_over") || d.Always("drop", 200))
      return d.Because(d.Do(proposing, "drop", 1, 6), "情节轻微");
    return d.Because(d.Do(proposing, "hand_over", 1, 6), "多次逾期");
  }
  if (c.stage == "handed_over") {
    if (d.Always("decline", 100)) return d.Because(d.Do(competent, "decline", 1, 5), "不属管辖");
    const Move receive = d.With(d.Do(competent, "receive", 1, 7), TextField("receipt_number", d.matter.identity));
    return d.With(receive, DateField("receipt_date", Text(DayOf(receive.at))));
  }
  if (c.stage == "received") return d.With(d.Do(competent, "answer", 10, 60), TextField("feedback", "已谈话提醒"));
  if (c.stage == "answered") {
    if (d.Always("inform", 600)) return d.With(d.Do(competent, "inform", 1, 6), TextField("told", "告知办理情况"));
    return d.Because(d.Do(competent, "close", 1, 6), "不宜告知");
  }
  return std::nullopt;
}

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

v1::OpenCaseRequest Matters::Team() const {
  v1::OpenCaseRequest open;
  open.set_procedure("team");
  Bind(open, "issuer", {"units/ducha"});
  Bind(open, "approver", {HeadPost("units/ducha")});
  Bind(open, "leader", {"posts/ducha-2"});
  Bind(open, "members", {"posts/ducha-3"});
  *open.add_fields() = TextField("topic", "春季督查");
  v1::FieldValue& scope = *open.add_fields();
  scope.set_field("scope");
  scope.add_values()->set_reference(town_.counties()[0]);
  *open.add_fields() = DateField("until", "2019-06-14");
  return open;
}

std::optional<Move> Matters::Supervise(Deed& d) const {
  if (d.c.stage == "drafted") return d.Do(d.Issuer("issuer"), "propose", 0, 2);
  if (d.c.stage == "proposed") return d.Do(d.c.Party("approver"), "approve", 0, 2);
  if (d.c.stage != "working") return std::nullopt;
  return d.Near(d.With(d.Do(d.c.Party("leader"), "report", 1, 1), TextField("findings", "督查情况")), d.DueOf("term"),
                false);
}

std::optional<Move> Matters::Visit(Deed& d) const {
  const Case* team = facts_.FindCase(team_);
  if (team == nullptr || team->stage != "working" || d.c.Party("issuer") != "units/ducha") return std::nullopt;
  // Not in its last days, in which it may be over sooner than one gets there.
  if (team->clocks.at("term").due - absl::Hours(24 * 20) < d.now) return std::nullopt;
  Move visit = d.Do(d.Chance("by the leader", 500) ? "posts/ducha-2" : "posts/ducha-3", "on_site", 0, 1);
  visit.act.set_target(team_);
  visit.act.set_note("到现场查看");
  const bool within = facts_.tree().IsBelow(d.c.Party("owner"), team->fields.at("scope")[0].reference());
  if (within && !Acted(d.c, "on_site") && d.Always("visited", 500)) return visit;
  if (!within && d.Tries("visited beyond the scope", 150)) return d.Refused(visit, "OUT_OF_MANDATE");
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

}  // namespace duban::city
