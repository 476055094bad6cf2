// People for a made procedure: whoever a party names has somebody behind it, and successors may be appointed. What is
// known of them here is known beside the engine's directory, so that it can judge what the engine lets whom do and see.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/engine/support/desk.h"
#include "tests/engine/support/dice.h"

namespace duban::engine {

// A city: units below "units/shi", and beside those who work in them one who leads the city and sees all units, one
// whose contact area a unit is, one who stands in for somebody, one who audits, and one who has nothing to do with any
// of it. A unit has a head and one to four others, a post one to four holders; a person may be one of another party's
// unit, a post may lie there, and one person may hold two posts.
class People {
 public:
  People(Desk& desk, Dice& dice, const Procedure& procedure);

  // People for the parties of one more procedure, among those who are there.
  void Seat(const Procedure& procedure);

  // What each party is bound to.
  const std::vector<std::string>& Of(const std::string& party) const { return members_.at(party); }
  // Others of that kind, to whom a party may pass.
  std::string Another(PartyKind kind);
  // In place of what a party is bound to: of a unit of their own, with no tie to anybody.
  void Replace(const Procedure& procedure, const std::string& party);

  // Everybody who fills a role now, whoever stands in for one of them included; of a party that is left out nobody.
  std::set<std::string> Filling(const CaseState& state, const Role& role) const;
  // Everybody who belongs to what is bound: a unit's people, its head included, a post's holders, the person; and
  // whoever stands in for one of them.
  std::set<std::string> AllOf(const std::string& id) const;
  // Everybody of the unit to which that belongs, or of the units.
  std::set<std::string> ColleaguesOf(const std::string& id) const;
  // Who sees what is open to this id: those who belong to it, and of a unit those above and its contacts.
  std::set<std::string> SeersOf(const std::string& id) const;
  // The post that heads a unit, or the unit of a post or a person.
  const std::string& HeadOf(const std::string& id) const;
  // Those who are told what a unit's posts are told: of a post the contacts of its unit.
  std::set<std::string> ContactsOf(const std::string& post) const;
  // Where an id belongs: a unit itself, a post's unit, the unit of a person's first post.
  std::string HomeOf(const std::string& id) const;
  // Whether a unit is the other or lies below it.
  static bool IsWithin(const std::string& unit, const std::string& other);
  const std::string& auditor() const { return auditor_; }
  // For whom somebody stands in; empty for most.
  std::string StandsInFor(const std::string& person) const { return person == stand_in_ ? stood_for_ : ""; }
  // Whether a relation joins the person, his posts or his units, to what is bound.
  bool Related(const std::string& person, const std::string& id) const;

  // One more who fills the role: a new head, one more in a unit, one more holder of a post. A person is who he is.
  void Appoint(const CaseState& state, const Role& role);

  const std::vector<std::string>& persons() const { return persons_; }
  std::vector<std::string> units() const;

 private:
  struct Post {
    std::string unit;
    std::vector<std::string> holders = {};
    bool subtree = false;
    std::vector<std::string> areas = {};
  };

  std::string Person(const std::string& name);
  void Put(const std::string& post);
  void Unit(const std::string& name, const std::string& superior);
  std::string Make(PartyKind kind, const std::string& name, const std::string& in_unit);
  void MakeOthers();
  std::set<std::string> HoldersOf(const std::string& post) const;
  std::set<std::string> UnitsOf(const std::string& person) const;

  Desk& desk_;
  Dice& dice_;
  std::map<std::string, std::vector<std::string>> members_;
  std::map<std::string, Post> posts_;         // "posts/…"
  std::map<std::string, std::string> heads_;  // "units/…" -> "posts/…"
  std::vector<std::string> persons_;          // All who ever were.
  std::string auditor_;
  std::string stand_in_, stood_for_;
  std::set<std::string> lent_;  // Posts in which he stands in.
  std::string related_, related_to_;
  int made_ = 0;
};

}  // namespace duban::engine
