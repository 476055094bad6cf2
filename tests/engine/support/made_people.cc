#include "tests/engine/support/made_people.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "engine/directory/directory.h"

namespace duban::engine {
namespace {

constexpr char kCity[] = "units/shi";

std::string Plain(const std::string& id) { return id.substr(id.find('/') + 1); }

}  // namespace

People::People(Desk& desk, Dice& dice, const Procedure& procedure) : desk_(desk), dice_(dice) {
  Unit("shi", "");
  std::vector<std::string> units;
  for (const engine::Party& party : procedure.parties) {
    for (int i = 0; i < (party.many ? 2 : 1); ++i) {
      // Most of those who check and lead sit elsewhere; some sit with those whom they check.
      const bool inside = party.kind != PartyKind::kUnit && !units.empty() && dice_.OneIn(2);
      const std::string id = Make(party.kind, absl::StrCat(party.name, i), inside ? dice_.Pick(units) : std::string());
      members_[party.name].push_back(id);
      if (party.kind == PartyKind::kUnit) units.push_back(id);
    }
  }
  MakeOthers();
}

void People::Seat(const Procedure& procedure) {
  std::vector<std::string> there;
  for (const char* unit : {"units/issuer0", "units/owner0"}) {
    if (heads_.count(unit) != 0) there.emplace_back(unit);
  }
  if (there.empty()) there = units();
  for (const engine::Party& party : procedure.parties) {
    std::vector<std::string>& members = members_[party.name];
    for (int i = 0; i < (party.many ? 2 : 1); ++i) {
      const std::string unit = dice_.Pick(there);
      const std::string id =
          party.kind == PartyKind::kUnit ? unit : Make(party.kind, absl::StrCat(party.name, i), unit);
      if (std::find(members.begin(), members.end(), id) == members.end()) members.push_back(id);
    }
  }
}

void People::MakeOthers() {
  Unit("bie", kCity);  // Somewhere else.
  posts_["posts/shen"] = {"units/bie", {auditor_ = Person("auditor")}};
  Put("posts/shen");
  posts_["posts/lian"] = {"units/bie", {Person("contact")}, false, {"units/owner0"}};
  Put("posts/lian");
  posts_["posts/wu"] = {"units/bie", {Person("stranger")}};
  Put("posts/wu");
  if (heads_.count("units/owner0") == 0) return;  // A damaged text may say otherwise.
  if (dice_.OneIn(2)) {
    const std::string post = dice_.OneIn(2) ? "posts/owner0-head" : "posts/owner0-0";
    stood_for_ = posts_.at(post).holders.front();
    stand_in_ = Person("stand-in");
    posts_["posts/dai"] = {"units/bie", {stand_in_}};
    Put("posts/dai");
    lent_.insert(post);
    v1::Event put, began;
    v1::Delegation& delegation = *put.mutable_delegation_put()->mutable_delegation();
    delegation.set_name("delegations/dai");
    delegation.set_from(stood_for_);
    delegation.set_to(stand_in_);
    delegation.add_posts(post);
    began.mutable_delegation_began()->set_delegation("delegations/dai");
    desk_.directory().Evolve(put);
    desk_.directory().Evolve(began);
  }
  const auto reviewer = posts_.find("posts/reviewer0");
  if (reviewer == posts_.end()) return;
  if (dice_.OneIn(2)) {
    posts_["posts/owner0-second"] = {"units/owner0", {reviewer->second.holders.front()}};
    Put("posts/owner0-second");
  }
  if (!dice_.OneIn(4)) {
    related_ = reviewer->second.holders.back();
    related_to_ = "units/owner0";
    v1::Event event;
    v1::Relation& relation = *event.mutable_relation_put()->mutable_relation();
    relation.set_name("relations/qin");
    relation.set_kind("kin");
    relation.set_from(related_);
    relation.set_to(related_to_);
    desk_.directory().Evolve(event);
  }
}

std::string People::Another(PartyKind kind) { return Make(kind, absl::StrCat("other", made_++), ""); }

void People::Replace(const Procedure& procedure, const std::string& party) {
  for (std::string& id : members_.at(party)) id = Another(procedure.FindParty(party)->kind);
}

std::set<std::string> People::HoldersOf(const std::string& post) const {
  const auto found = posts_.find(post);
  std::set<std::string> out;
  if (found != posts_.end()) out.insert(found->second.holders.begin(), found->second.holders.end());
  // Whoever stands in does so while the one for whom he does holds the post.
  if (lent_.count(post) != 0 && out.count(stood_for_) != 0) out.insert(stand_in_);
  return out;
}

std::set<std::string> People::AllOf(const std::string& id) const {
  if (absl::StartsWith(id, "persons/")) return {id};
  if (absl::StartsWith(id, "posts/")) return HoldersOf(id);
  std::set<std::string> out;
  for (const auto& [name, post] : posts_) {
    if (post.unit == id) out.merge(HoldersOf(name));
  }
  return out;
}

std::set<std::string> People::Filling(const CaseState& state, const Role& role) const {
  std::set<std::string> out;
  const v1::BoundParty* bound = FindBound(state, role.party);
  if (bound == nullptr) return out;
  for (const v1::BoundId& id : bound->bound()) {
    const auto head = heads_.find(id.id());
    if (!role.head) {
      out.merge(AllOf(id.id()));
    } else if (head != heads_.end()) {
      out.merge(HoldersOf(head->second));
    }
  }
  return out;
}

std::set<std::string> People::SeersOf(const std::string& id) const {
  std::set<std::string> out = AllOf(id);
  for (const auto& [name, post] : posts_) {
    const bool area = std::find(post.areas.begin(), post.areas.end(), id) != post.areas.end();
    if (area || (post.subtree && heads_.count(id) != 0)) out.merge(HoldersOf(name));
  }
  return out;
}

std::set<std::string> People::UnitsOf(const std::string& person) const {
  std::set<std::string> out;
  for (const auto& [name, post] : posts_) {
    if (std::find(post.holders.begin(), post.holders.end(), person) != post.holders.end()) out.insert(post.unit);
  }
  return out;
}

std::set<std::string> People::ColleaguesOf(const std::string& id) const {
  if (heads_.count(id) != 0) return AllOf(id);
  const auto post = posts_.find(id);
  std::set<std::string> out;
  for (const std::string& unit : post != posts_.end() ? std::set<std::string>{post->second.unit} : UnitsOf(id)) {
    out.merge(AllOf(unit));
  }
  return out;
}

std::string People::HomeOf(const std::string& id) const {
  if (heads_.count(id) != 0) return id;
  const auto post = posts_.find(id);
  if (post != posts_.end()) return post->second.unit;
  const std::set<std::string> units = UnitsOf(id);
  return units.empty() ? "" : *units.begin();
}

const std::string& People::HeadOf(const std::string& id) const { return heads_.at(HomeOf(id)); }

std::set<std::string> People::ContactsOf(const std::string& post) const {
  std::set<std::string> out;
  if (posts_.count(post) == 0) return out;
  for (const auto& [name, other] : posts_) {
    const bool area = std::find(other.areas.begin(), other.areas.end(), HomeOf(post)) != other.areas.end();
    if (area) out.merge(HoldersOf(name));
  }
  return out;
}

bool People::IsWithin(const std::string& unit, const std::string& other) { return unit == other || other == kCity; }

std::vector<std::string> People::units() const {
  std::vector<std::string> out;
  for (const auto& [unit, head] : heads_) out.push_back(unit);
  return out;
}

// The one relation there is joins a person to a unit; either may be the one who acts.
bool People::Related(const std::string& person, const std::string& id) const {
  if (related_.empty()) return false;
  const auto post = posts_.find(id);
  const bool holds = post != posts_.end() && std::find(post->second.holders.begin(), post->second.holders.end(),
                                                       related_) != post->second.holders.end();
  const bool concerns_him = id == related_ || holds || UnitsOf(related_).count(id) != 0;
  return (person == related_ && id == related_to_) || (UnitsOf(person).count(related_to_) != 0 && concerns_him);
}

void People::Appoint(const CaseState& state, const Role& role) {
  const v1::BoundParty* bound = FindBound(state, role.party);
  if (bound == nullptr) return;
  for (const v1::BoundId& member : bound->bound()) {
    const std::string name = absl::StrCat("new", made_++);
    const auto head = heads_.find(member.id());
    if (head != heads_.end() && role.head) {
      posts_.at(head->second).holders = {Person(name)};
      Put(head->second);
    } else if (head != heads_.end()) {
      posts_["posts/" + name] = {member.id(), {Person(name)}};
      Put("posts/" + name);
    } else if (posts_.count(member.id()) != 0) {
      posts_.at(member.id()).holders.push_back(Person(name));
      Put(member.id());
    }
  }
}

std::string People::Person(const std::string& name) {
  v1::Event event;
  event.mutable_person_put()->mutable_person()->set_name("persons/" + name);
  event.mutable_person_put()->mutable_person()->set_title(name);
  desk_.directory().Evolve(event);
  persons_.push_back("persons/" + name);
  return persons_.back();
}

void People::Put(const std::string& name) {
  const Post& post = posts_.at(name);
  v1::Event event;
  v1::Post& put = *event.mutable_post_put()->mutable_post();
  put.set_name(name);
  put.set_title(Plain(name));
  put.set_unit(post.unit);
  for (const std::string& holder : post.holders) put.add_holders(holder);
  if (post.subtree) put.set_scope(v1::SCOPE_SUBTREE);
  for (const std::string& area : post.areas) put.add_areas(area);
  for (const char* right : kRights) {
    const bool audits = right == std::string(kRightAudit);
    if (audits == (post.holders.front() == auditor_)) put.add_rights(right);
  }
  desk_.directory().Evolve(event);
}

void People::Unit(const std::string& name, const std::string& superior) {
  const std::string head = absl::StrCat("posts/", name, "-head");
  v1::Event event;
  v1::Unit& unit = *event.mutable_unit_put()->mutable_unit();
  unit.set_name("units/" + name);
  unit.set_title(name);
  unit.set_code(name);
  unit.set_head(head);
  if (!superior.empty()) unit.add_superiors(superior);
  desk_.directory().Evolve(event);
  heads_["units/" + name] = head;
  posts_[head] = {"units/" + name, {Person(name + "-head")}, superior.empty()};
  Put(head);
}

std::string People::Make(PartyKind kind, const std::string& name, const std::string& in_unit) {
  const std::string unit = in_unit.empty() ? "units/" + name : in_unit;
  if (in_unit.empty()) Unit(name, kCity);
  const std::string post = "posts/" + name;
  switch (kind) {
    case PartyKind::kUnit:
      for (int i = 0; i == 0 || (i < 4 && !dice_.OneIn(3)); ++i) {
        const std::string one = absl::StrCat(name, "-", i);
        posts_["posts/" + one] = {unit, {Person(one)}};
        Put("posts/" + one);
      }
      return unit;
    case PartyKind::kPost:
      posts_[post].unit = unit;
      for (int i = 0; i == 0 || (i < 4 && !dice_.OneIn(3)); ++i) {
        posts_[post].holders.push_back(Person(absl::StrCat(name, "-", i)));
      }
      Put(post);
      return post;
    case PartyKind::kPerson:
      posts_[post] = {unit, {Person(name)}};
      Put(post);
      return "persons/" + name;
  }
  return "";
}

}  // namespace duban::engine
