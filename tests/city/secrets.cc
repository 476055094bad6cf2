#include "tests/city/secrets.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "duban/v1/audit_service.pb.h"
#include "duban/v1/view_service.pb.h"

namespace duban::city {
namespace {

constexpr size_t kPeople = 4;  // Who look at one case, beside one who has no part.

// Where and up to when an answer was made is no part of what it says.
template <typename Response>
std::string Said(client::Result<Response> answer) {
  if (answer.ok()) {
    if constexpr (requires { answer->position(); }) answer->clear_position();
    return answer->ShortDebugString();
  }
  const client::Error& error = answer.error();
  std::string said =
      absl::StrCat(static_cast<int>(error.code), " ", error.reason, " ", error.message.zh(), " ", error.message.en());
  for (const auto& [fact, value] : error.facts) absl::StrAppend(&said, " ", fact, "=", value);
  for (const auto& [field, what] : error.violations) absl::StrAppend(&said, " ", field, ": ", what);
  return said;
}

v1::QueryViewRequest TimelineOf(const std::string& name) {
  v1::QueryViewRequest request;
  request.set_view(v1::VIEW_TIMELINE);
  (*request.mutable_filter()->mutable_labels())["case"] = name;
  request.set_page_size(500);
  return request;
}

v1::ReadEventsRequest EventsOf(const std::string& name) {
  v1::ReadEventsRequest request;
  request.set_stream(name);
  request.set_page_size(1000);
  return request;
}

v1::GetCaseRequest CaseOf(const std::string& named, const std::string& as_of = "") {
  v1::GetCaseRequest request;
  request.set_case_(named);
  if (!as_of.empty()) request.mutable_as_of()->set_date(as_of);
  return request;
}

}  // namespace

void Secrets::Keep(const std::string& name, const std::string& procedure,
                   const google::protobuf::RepeatedPtrField<v1::FieldValue>& fields) {
  for (const v1::FieldValue& field : fields) {
    // A text that says of which matter it is: it is found again wherever it stands.
    if (HiddenIn(procedure, field.field()) == nullptr || field.values().empty()) continue;
    const std::string& text = field.values(0).text();
    if (!absl::StrContains(text, ' ')) continue;
    if (kept_.count(name) == 0) names_.push_back(name);
    kept_[name][field.field()] = text;
  }
}

// All who act for its parties and their heads, who stands above, contacts, and some others.
std::vector<std::string> Secrets::PeopleAround(const Case& c, const std::string& key) const {
  Names people = {Town::kAuditor};
  const auto add = [&](const std::string& post) {
    const v1::Post* found = facts_.tree().FindPost(post);
    if (found != nullptr) people.insert(found->holders().begin(), found->holders().end());
  };
  const auto add_unit = [&](const std::string& unit) {
    add(ClerkPost(unit));
    add(HeadPost(unit));
  };
  for (const auto& [party, ids] : c.parties) {
    for (const std::string& id : ids) {
      add(id);
      const v1::Unit* unit = facts_.tree().FindUnit(facts_.tree().UnitOf(id));
      if (unit == nullptr) continue;
      add_unit(unit->name());
      add(absl::StrCat("posts/", unit->name().substr(6), "-", 1 + Roll(key + id) % 4));
      for (const std::string& superior : unit->superiors()) add_unit(superior);
    }
  }
  for (size_t county = 0; county <= town_.counties().size(); ++county) add(absl::StrCat("posts/lianxi-", county));
  std::vector<std::string> all(people.begin(), people.end());
  std::sort(all.begin(), all.end(), [&](const std::string& a, const std::string& b) {
    return std::pair(Roll(key + a), a) < std::pair(Roll(key + b), b);
  });
  return all;
}

void Secrets::Look(Day day) {
  if (names_.empty()) return;
  const std::string key = Text(day);
  const std::string& name = names_[Roll(key) % names_.size()];
  const Case* c = facts_.FindCase(name);
  if (c == nullptr) return;
  const Texts& texts = kept_[name];
  std::vector<std::string> people = PeopleAround(*c, key);
  // One to whom it is open, where there is one, is always among them.
  const auto reads = [&](const std::string& person) {
    return facts_.Sees(person, *c) && facts_.SeesField(person, *c, *HiddenIn(c->procedure, texts.begin()->first));
  };
  const auto reader = std::find_if(people.begin(), people.end(), reads);
  if (reader != people.end()) std::iter_swap(people.begin(), reader);
  for (size_t i = 0; i < std::min(people.size(), kPeople); ++i) {
    if (facts_.Sees(people[i], *c)) {
      CheckShown(*c, texts, people[i], day);
    } else {
      CheckNothing(*c, people[i], day);
    }
  }
  auto post = town_.posts().begin();
  std::advance(post, static_cast<long>(Roll(key + " anybody") % town_.posts().size()));
  if (!post->second.holders().empty() && !facts_.Sees(post->second.holders(0), *c)) {
    CheckNothing(*c, post->second.holders(0), day);
  }
}

void Secrets::CheckShown(const Case& c, const Texts& texts, const std::string& person, Day day) {
  client::Client& client = town_.As(person);
  calls_ += 4;
  const auto now = Ask(client, CaseOf(c.name), "a case", fail_);
  if (now.ok()) CheckCase(c, texts, person, now->case_(), false);
  const auto then = client.Call(CaseOf(c.name, Text(day - 1)));
  if (then.ok()) {
    if (!c.rebound) CheckCase(c, texts, person, then->case_(), true);
  } else if (then.error().reason != "CASE_NOT_FOUND_THEN") {
    fail_(absl::StrCat(person, " asks how it was the day before: ", then.error().reason), c.name);
  }
  const auto events = Ask(client, EventsOf(c.name), "a case's events", fail_);
  const auto lines = Ask(client, TimelineOf(c.name), "a case's timeline", fail_);
  for (const auto& [field, text] : texts) {
    const Hidden& hidden = *HiddenIn(c.procedure, field);
    const bool open = !hidden.sealed && facts_.SeesField(person, c, hidden);
    if (!open && events.ok() && absl::StrContains(events->SerializeAsString(), text)) {
      fail_(absl::StrCat("events tell ", person, " what ", field, " says"), c.name);
    }
    if (lines.ok() && absl::StrContains(lines->SerializeAsString(), text)) {
      fail_(absl::StrCat("its timeline tells ", person, " what ", field, " says"), c.name);
    }
  }
}

// Of then: what was set by then.
void Secrets::CheckCase(const Case& c, const Texts& texts, const std::string& person, const v1::Case& shown,
                        bool then) {
  for (const auto& [field, text] : texts) {
    const bool open = facts_.SeesField(person, c, *HiddenIn(c.procedure, field));
    const v1::CaseField* found = nullptr;
    for (const v1::CaseField& one : shown.fields()) {
      if (one.field() == field) found = &one;
    }
    if (found == nullptr) {
      if (!then) fail_(absl::StrCat(person, " is not shown that there is a ", field), c.name);
      continue;
    }
    const bool told = found->values_size() == 1 && found->values(0).text() == text && !found->masked();
    if (told != open) {
      fail_(absl::StrCat(person, then ? " is, as of the day before," : " is", told ? "" : " not", " shown what ", field,
                         " says"),
            c.name);
    }
    const bool blank = std::all_of(found->values().begin(), found->values().end(),
                                   [](const v1::Value& value) { return value.sealed().ByteSizeLong() == 0; });
    if (!open && (!found->masked() || !blank || absl::StrContains(shown.SerializeAsString(), text))) {
      fail_(absl::StrCat(person, " finds what ", field, " says in the case"), c.name);
    }
    ++(open ? open_ : masked_);
  }
}

template <typename Request>
void Secrets::CheckSame(const std::string& person, const Case& c, const Request& about, const Request& nothing,
                        const std::string& known, const std::string& made_up) {
  calls_ += 2;
  const std::string is = Said(town_.As(person).Call(about));
  const std::string of_nothing = absl::StrReplaceAll(Said(town_.As(person).Call(nothing)), {{made_up, known}});
  if (is != of_nothing) {
    fail_(
        absl::StrCat(person, " has no part and is answered \"", is, "\"; of what does not exist \"", of_nothing, "\""),
        c.name);
  }
}

void Secrets::CheckNothing(const Case& c, const std::string& person, Day day) {
  std::string made_up = c.name;
  made_up.back() = made_up.back() == '0' ? '1' : '0';
  if (facts_.FindCase(made_up) != nullptr) return;
  ++unknown_;
  const auto plain = town_.As(person).Call(CaseOf(c.name));
  if (plain.ok() || plain.error().reason != "CASE_NOT_FOUND") {
    fail_(absl::StrCat(person, " has no part, and asks for it: \"", plain.ok() ? "" : plain.error().reason, "\""),
          c.name);
  }
  const auto same = [&](const auto& request, const std::string& known, const std::string& other) {
    CheckSame(person, c, request(known), request(other), known, other);
  };
  same([](const std::string& name) { return CaseOf(name); }, c.name, made_up);
  same([&](const std::string& name) { return CaseOf(name, Text(day - 1)); }, c.name, made_up);
  same(EventsOf, c.name, made_up);
  same(TimelineOf, c.name, made_up);
  if (c.number.empty()) return;
  same([](const std::string& number) { return CaseOf(number); }, c.number,
       absl::StrReplaceAll(c.number, {{"号", "98号"}}));
}

std::string Secrets::Told() const {
  return absl::StrCat(names_.size(), " cases with secrets; looked for: ", open_, " open, ", masked_, " masked, ",
                      unknown_, " asked for what is not theirs");
}

}  // namespace duban::city
