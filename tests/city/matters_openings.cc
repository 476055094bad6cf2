// What comes up, and what it is divided into.
#include "tests/city/deed.h"

namespace duban::city {
namespace {

const char* const kCategories[] = {"water", "air", "soil", "ecology", "construction", "safety", "livelihood", "other"};
const char* const kSources[] = {"inspection", "petition", "hotline", "media", "self_check", "leadership"};

}  // namespace

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
  if (day_off || kind < 420) {
    *who = absl::StrCat("posts/rexian-", k);
    open.set_procedure("hotline");
    Bind(open, "desk", {"units/rexian"});
    Bind(open, "handler", {unit});
    *open.add_fields() = TextField("request", "来电诉求 " + identity);
    static const char* const kKinds[] = {"consult", "help", "complaint", "report"};
    *open.add_fields() = ChoiceField("kind", kKinds[Roll(identity, "hotline kind") % 4]);
    if (Chance(identity, "caller", 700)) *open.add_fields() = TextField("caller", "来电人 " + identity);
  } else if (kind < 440) {
    *who = absl::StrCat("posts/rexian-", k);
    open.set_procedure("opinion");
    Bind(open, "desk", {"units/rexian"});
    Bind(open, "unit", {unit});
    Bind(open, "speaker", {HeadPost("units/ducha")});
    *open.add_fields() = TextField("what", "网上反映 " + identity);
    static const char* const kHeats[] = {"minor", "serious", "grave"};
    *open.add_fields() = ChoiceField("heat", kHeats[Roll(identity, "heat") % std::size(kHeats)]);
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
    // The head signs, and finds when it is too late that he may not review what he signed.
    const bool by_head = Chance(identity, "reviewed by the head", 400);
    Bind(open, "reviewer", {by_head ? HeadPost("units/ducha") : absl::StrCat("posts/ducha-", k % town_.Issuers() + 1)});
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

v1::OpenCaseRequest Matters::Alike(const std::string& identity) const {
  v1::OpenCaseRequest open;
  open.set_procedure("alike");
  Bind(open, "issuer", {"units/ducha"});
  Bind(open, "reviewer", {"posts/yanshou-3"});
  *open.add_fields() = TextField("problem", "雨污混接 " + identity);
  *open.add_fields() = ChoiceField("category", kCategories[Roll(identity, "category") % std::size(kCategories)]);
  return open;
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

}  // namespace duban::city
