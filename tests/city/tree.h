// The directory as its events tell it, read without the engine: who holds what, and who sees whom.
#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "duban/v1/event.pb.h"

namespace duban::city {

using Names = std::set<std::string>;

template <typename T>
const T* FindIn(const std::map<std::string, T>& all, const std::string& name) {
  const auto found = all.find(name);
  return found == all.end() ? nullptr : &found->second;
}

inline bool Contains(const google::protobuf::RepeatedPtrField<std::string>& list, const std::string& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

// The directory by its events. Whether somebody sees is asked upwards, from a party to the posts that reach it.
class Tree {
 public:
  // True when the event was one of the directory's.
  bool Take(const v1::Event& event);

  // Who stands in for another by a delegation's event that was taken.
  std::string StandIn(const v1::Event& event) const;

  const v1::Unit* FindUnit(const std::string& name) const;
  const v1::Post* FindPost(const std::string& name) const;
  // The unit of a unit, or of a post; empty for others.
  std::string UnitOf(const std::string& id) const;
  bool IsBelow(const std::string& unit, const std::string& above) const;
  static bool Holds(const std::string& person, const v1::Post& post);

  // Whether one id among a case's parties lets the person see it.
  bool Reaches(const std::string& person, const std::string& id) const;
  // The same by his own posts and units, with nothing below them and no contact areas.
  bool ReachesByItself(const std::string& person, const std::string& id) const;
  // The same through a post that carries the right, where one is given.
  bool ActsFor(const std::string& person, const std::string& id, const std::string& right) const;
  // Whether a relation that goes on ties him, one of his posts or a unit of theirs to that unit, one of its posts or
  // somebody who serves there; to that post or whoever holds it; to that person.
  bool Related(const std::string& person, const std::string& id) const;
  bool Audits(const std::string& person) const;
  // Whether the unit lies in an area of which he is a contact.
  bool IsContactOf(const std::string& person, const std::string& unit) const;
  // Units of the posts that he holds, and of those in which he stands in for another.
  Names UnitsServed(const std::string& person) const;

 private:
  bool StandsIn(const std::string& person, const v1::Post& post) const;
  // The posts that he holds, and those in which he stands in for another.
  const std::vector<const v1::Post*>& PostsOf(const std::string& person) const;

  std::map<std::string, v1::Unit> units_;
  std::map<std::string, v1::Post> posts_;
  std::map<std::string, v1::Relation> relations_;
  struct Lent {
    v1::Delegation delegation;
    bool holds = false;
  };
  std::map<std::string, Lent> delegations_;
  // What was asked before, until the directory changes.
  mutable std::unordered_map<std::string, bool> asked_;
  mutable std::unordered_map<std::string, std::vector<const v1::Post*>> posts_of_;
};

}  // namespace duban::city
