// People for a made procedure: whoever a party names has somebody behind it, and successors may be appointed.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/engine/support/desk.h"

namespace duban::engine {

// One that a party is bound to: a unit, a post or a person.
struct Member {
  std::string id;                   // What is bound.
  std::string head;                 // Of a unit: who leads it.
  std::vector<std::string> people;  // Who can act for it; the leader apart.
};

// Every party has people: a unit a head and four others, a post four holders, a person himself. Each unit is one for
// itself; but one of the reviewers has a second post with the owner, where the procedure has both.
class People {
 public:
  People(Desk& desk, const Procedure& procedure);

  const std::vector<Member>& Of(const std::string& party) const { return members_.at(party); }

  // Everybody who fills a role; of a party that is left out nobody.
  std::vector<std::string> Filling(const CaseState& state, const Role& role) const;
  // Everybody of a unit, its head included; the holders of a post; the person.
  std::set<std::string> AllOf(const std::string& id) const;

  // Successors: every unit gets a new head and one more person, every post one more holder.
  void Appoint();

  const std::vector<std::string>& persons() const { return persons_; }

 private:
  std::string Person(const std::string& name);
  void Post(const std::string& name, const std::string& unit, const std::vector<std::string>& holders);
  void Unit(const std::string& name, const std::string& head);
  Member Make(const Party& party, const std::string& name);
  void GiveSecondPost();

  Desk& desk_;
  std::map<std::string, std::vector<Member>> members_;  // As the case was opened.
  std::map<std::string, Member> everyone_;              // By what is bound; as they are now.
  std::vector<std::string> persons_;                    // All who ever were.
  int appointed_ = 0;
};

}  // namespace duban::engine
