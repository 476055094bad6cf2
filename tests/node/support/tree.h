// A directory in a test's own words: whom a party lets see a case, found by asking upwards from the party whether some
// post of the person reaches it. Shares no code with the engine.
#pragma once

#include <algorithm>
#include <map>
#include <string>

#include "absl/time/time.h"
#include "duban/v1/directory.pb.h"
#include "engine/base/time.h"

namespace duban::node {

class Tree {
 public:
  std::map<std::string, v1::Unit> units;
  std::map<std::string, v1::Post> posts;
  std::map<std::string, v1::Delegation> delegations;
  absl::Time now;

  bool IsBelow(const std::string& unit, const std::string& above) const {
    if (unit == above) return true;
    const auto found = units.find(unit);
    if (found == units.end()) return false;
    for (const std::string& superior : found->second.superiors()) {
      if (IsBelow(superior, above)) return true;
    }
    return false;
  }

  static bool Holds(const std::string& person, const v1::Post& post) {
    return std::count(post.holders().begin(), post.holders().end(), person) > 0;
  }
  bool HoldsAny(const std::string& person) const {
    return AnyOwnPost(person, [](const v1::Post&) { return true; });
  }

  // Whether it holds now, its last moment included.
  bool IsInForce(const v1::Delegation& delegation) const {
    return !delegation.ended() && engine::FromProto(delegation.begins_at()) <= now &&
           now <= engine::FromProto(delegation.ends_at());
  }
  // Whether the person stands in for somebody in that post.
  bool StandsIn(const std::string& person, const v1::Post& post) const {
    for (const auto& [name, delegation] : delegations) {
      const auto& named = delegation.posts();
      if (delegation.to() == person && IsInForce(delegation) && Holds(delegation.from(), post) &&
          (named.empty() || std::count(named.begin(), named.end(), post.name()) > 0)) {
        return true;
      }
    }
    return false;
  }

  template <typename Of>
  bool AnyOwnPost(const std::string& person, Of of) const {
    for (const auto& [name, post] : posts) {
      if (Holds(person, post) && of(post)) return true;
    }
    return false;
  }
  template <typename Of>
  bool AnyPost(const std::string& person, Of of) const {
    for (const auto& [name, post] : posts) {
      if (of(post) && (Holds(person, post) || StandsIn(person, post))) return true;
    }
    return false;
  }

  // Whether one party of a case lets the person see it.
  bool Reaches(const std::string& person, const std::string& party) const {
    return person == party || AnyPost(person, [&](const v1::Post& post) {
             return post.name() == party || post.unit() == party ||
                    (post.scope() == v1::SCOPE_SUBTREE && IsBelow(party, post.unit())) ||
                    std::any_of(post.areas().begin(), post.areas().end(),
                                [&](const std::string& area) { return IsBelow(party, area); });
           });
  }

  // This right does not go along with a delegation.
  bool Audits(const std::string& person) const {
    return AnyOwnPost(person, [](const v1::Post& post) {
      return std::count(post.rights().begin(), post.rights().end(), "audit") > 0;
    });
  }
};

}  // namespace duban::node
