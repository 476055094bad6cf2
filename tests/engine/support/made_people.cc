#include "tests/engine/support/made_people.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "engine/directory/directory.h"

namespace duban::engine {
namespace {

constexpr int kOthers = 4;  // In a unit beside its head; holders of a post.

}  // namespace

People::People(Desk& desk, const Procedure& procedure) : desk_(desk) {
  for (const engine::Party& party : procedure.parties) {
    for (int i = 0; i < (party.many ? 2 : 1); ++i) {
      members_[party.name].push_back(Make(party, absl::StrCat(party.name, i)));
    }
  }
  GiveSecondPost();
}

void People::GiveSecondPost() {
  const auto owner = everyone_.find("units/owner0");
  const auto reviewer = everyone_.find("posts/reviewer0");
  if (owner == everyone_.end() || reviewer == everyone_.end()) return;
  const std::string& both = reviewer->second.people.front();
  Post("owner0-second", owner->first, {both});
  owner->second.people.push_back(both);
}

std::vector<std::string> People::Filling(const CaseState& state, const Role& role) const {
  std::vector<std::string> out;
  const v1::BoundParty* bound = FindBound(state, role.party);
  if (bound == nullptr) return out;
  for (const v1::BoundId& id : bound->bound()) {
    const Member& member = everyone_.at(id.id());
    if (role.head) {
      if (!member.head.empty()) out.push_back(member.head);
    } else {
      out.insert(out.end(), member.people.begin(), member.people.end());
    }
  }
  return out;
}

std::set<std::string> People::AllOf(const std::string& id) const {
  const Member& member = everyone_.at(id);
  std::set<std::string> out(member.people.begin(), member.people.end());
  if (!member.head.empty()) out.insert(member.head);
  return out;
}

void People::Appoint() {
  ++appointed_;
  for (auto& [id, member] : everyone_) {
    const std::string name = absl::StrCat(id.substr(id.find('/') + 1), "-new", appointed_);
    if (absl::StartsWith(id, "units/")) {
      member.head = Person(name + "-head");
      Post(absl::StrCat(absl::StripPrefix(id, "units/"), "-head"), id, {member.head});
      member.people.push_back(Person(name));
      Post(name, id, {member.people.back()});
    } else if (absl::StartsWith(id, "posts/")) {
      member.people.push_back(Person(name));
      Post(std::string(absl::StripPrefix(id, "posts/")), absl::StrCat("units/", absl::StripPrefix(id, "posts/")),
           member.people);
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

void People::Post(const std::string& name, const std::string& unit, const std::vector<std::string>& holders) {
  v1::Event event;
  v1::Post& post = *event.mutable_post_put()->mutable_post();
  post.set_name("posts/" + name);
  post.set_title(name);
  post.set_unit(unit);
  for (const std::string& holder : holders) post.add_holders(holder);
  for (const char* right : kRights) {
    if (right != std::string(kRightAudit)) post.add_rights(right);
  }
  desk_.directory().Evolve(event);
}

void People::Unit(const std::string& name, const std::string& head) {
  v1::Event event;
  v1::Unit& unit = *event.mutable_unit_put()->mutable_unit();
  unit.set_name("units/" + name);
  unit.set_title(name);
  unit.set_code(name);
  unit.set_head(head);
  unit.add_superiors("units/shi");
  desk_.directory().Evolve(event);
}

Member People::Make(const engine::Party& party, const std::string& name) {
  Member member;
  Unit(name, party.kind == PartyKind::kUnit ? absl::StrCat("posts/", name, "-head") : "");
  switch (party.kind) {
    case PartyKind::kUnit:
      member.id = "units/" + name;
      member.head = Person(name + "-head");
      Post(name + "-head", member.id, {member.head});
      for (int i = 0; i < kOthers; ++i) {
        member.people.push_back(Person(absl::StrCat(name, "-", i)));
        Post(absl::StrCat(name, "-", i), member.id, {member.people.back()});
      }
      break;
    case PartyKind::kPost:
      member.id = "posts/" + name;
      for (int i = 0; i < kOthers; ++i) member.people.push_back(Person(absl::StrCat(name, "-", i)));
      Post(name, "units/" + name, member.people);
      break;
    case PartyKind::kPerson:
      member.id = Person(name);
      member.people = {member.id};
      Post(name, "units/" + name, member.people);
      break;
  }
  everyone_[member.id] = member;
  return member;
}

}  // namespace duban::engine
