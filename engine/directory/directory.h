// The directory of now: units with one or more superiors, posts, holders, rights, relations, delegations.
//
// A plain value folded from UnitPut, PostPut, PersonPut, RelationPut and Delegation… events (directory/delegation.h
// says which delegations may be). Cases record what they resolve here, so that later changes do not rewrite them.
// Immutable while it is used; safe to share between threads.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "duban/v1/directory.pb.h"
#include "duban/v1/event.pb.h"
#include "engine/base/rejection.h"
#include "engine/base/time.h"

namespace duban::engine {

// The named rights. A post carries them; its holders have them.
inline constexpr char kRightAudit[] = "audit";
inline constexpr char kRightAdminister[] = "administer";
inline constexpr char kRightOperate[] = "operate";
inline constexpr char kRightEnter[] = "enter";
inline constexpr char kRightIssue[] = "issue";
inline constexpr const char* kRights[] = {kRightAdminister, kRightAudit, kRightEnter, kRightIssue, kRightOperate};

// A post as it is put on `today`, beside what is there: a vacant one says since when, one that is held does not.
v1::Post AsPut(const v1::Post* held, v1::Post post, Day today);
// When the directory learnt what it says of the post's term or vacancy, put at `now`; nothing where it says neither.
std::optional<Instant> ToldWith(const v1::Post* held, std::optional<Instant> told, const v1::Post& post, Instant now);

// A delegation as it stands.
struct Standing {
  v1::Delegation delegation;
  bool holds = false;
  bool over = false;  // It has ended and can hold no more.
};

// A post in which somebody stands in for its holder.
struct LentPost {
  const v1::Post* post = nullptr;
  std::string holder;  // "persons/…" whose duty it is.
};

class Directory {
 public:
  // Checks what is to be put, together, against what is there: ids well formed ("units/a-z0-9-", at most 60
  // bytes), references exist or come along, no unit above itself, rights known, titles present,
  // no relation to itself, no more contact areas than there may be, days that exist, no vacancy of a post that is held.
  Verdict Check(const std::vector<v1::Unit>& units, const std::vector<v1::Post>& posts,
                const std::vector<v1::Person>& persons, const std::vector<v1::Relation>& relations = {}) const;

  // Folds one event; others are ignored. Total: never refuses.
  void Evolve(const v1::Event& event);

  const v1::Unit* FindUnit(absl::string_view name) const;
  const v1::Post* FindPost(absl::string_view name) const;
  const v1::Person* FindPerson(absl::string_view name) const;
  // A unit by full name, short name or alias, as ledgers write it; null when none or more than one match.
  const v1::Unit* FindUnitByText(absl::string_view text) const;

  // Since when the directory says that the post's term ends, or that it is vacant, on the day that it says; nothing
  // where it says neither, or said so before it kept this.
  std::optional<Instant> ToldAt(absl::string_view post) const;

  // "units/…", "posts/…" or "persons/…": its title; empty when unknown.
  std::string TitleOf(absl::string_view id) const;

  // The posts that a person holds, by name.
  std::vector<const v1::Post*> PostsOf(absl::string_view person) const;
  // Who could act for a unit, a post or a person: the holders of the unit's posts, the post's holders, the person.
  std::set<std::string> PersonsBehind(absl::string_view id) const;
  // The units to which those posts belong, without repetition.
  std::vector<std::string> UnitsOf(absl::string_view person) const;
  // Whether a post that the person holds, or has by delegation, carries the right. The rights administer, audit and
  // operate do not go along with a delegation.
  bool HasRight(absl::string_view person, absl::string_view right) const;

  // The posts in which a person stands in for others now: those that the others hold themselves, so that nobody has
  // by delegation what the other has by delegation. By delegation, then by post.
  std::vector<LentPost> LentTo(absl::string_view person) const;
  // Names of the delegations to a person that are not over.
  std::vector<std::string> DelegationsTo(absl::string_view person) const;
  const Standing* FindDelegation(absl::string_view name) const;

  // Who is told in place of a post without holder, or of a unit headed by one: of a post its unit's head (the unit,
  // where its head is not known); of the head the heads of the superior units (all of them: dual leadership) that see
  // the units below, and in place of one that is vacant or does not see them the next above. Sorted; empty where nobody
  // is missing, or nobody is above.
  std::vector<std::string> InsteadOf(absl::string_view id) const;

  // Whether a relation that has not ended joins `one` (the person, one of his posts or of their units; the post or its
  // unit; the unit) to `id`: to the unit, its posts (its head's too, wherever it stands) or their holders; to the post
  // or its holders; to the person.
  bool Related(absl::string_view one, absl::string_view id) const;
  // Whether `one` is `id`, or a part of it: a post of the unit (its head's too) or the holder of one; the post's
  // holder.
  bool Belongs(absl::string_view one, absl::string_view id) const;

  // The unit and all below it, through every superior; each once.
  std::vector<std::string> Subtree(absl::string_view unit) const;
  // Whether `above` is a superior of `below`, at any height. A unit is not above itself.
  bool IsAbove(absl::string_view above, absl::string_view below) const;

  // What a person sees with: "persons/…", the posts held or had by delegation, their units (with the subtree where the
  // post's scope says so, and its contact areas), "contacts/…" of those areas, and "rights/…". Sorted, without
  // repetition. An audience admits the viewer when the two share an id.
  std::vector<std::string> ViewerIds(absl::string_view person) const;
  // The narrower list: "persons/…", those posts, their own units, and "rights/…". What waits for somebody, and personal
  // data, follow it.
  std::vector<std::string> OwnIds(absl::string_view person) const;

  const std::map<std::string, v1::Unit, std::less<>>& units() const { return units_; }
  const std::map<std::string, v1::Post, std::less<>>& posts() const { return posts_; }
  const std::map<std::string, v1::Person, std::less<>>& persons() const { return persons_; }
  const std::map<std::string, v1::Relation, std::less<>>& relations() const { return relations_; }
  const std::map<std::string, Standing, std::less<>>& delegations() const { return delegations_; }

 private:
  std::set<std::string> OwnSet(absl::string_view person) const;
  void EvolveDelegation(const v1::Event& event);

  std::map<std::string, v1::Unit, std::less<>> units_;
  std::map<std::string, v1::Post, std::less<>> posts_;
  std::map<std::string, Instant, std::less<>> told_at_;  // post -> ToldAt
  std::map<std::string, v1::Person, std::less<>> persons_;
  std::map<std::string, v1::Relation, std::less<>> relations_;
  std::map<std::string, Standing, std::less<>> delegations_;
  std::map<std::string, std::set<std::string>, std::less<>> delegated_to_;   // person -> delegations that are not over
  std::map<std::string, std::set<std::string>, std::less<>> below_;          // superior -> units directly below
  std::map<std::string, std::set<std::string>, std::less<>> posts_held_by_;  // person -> posts
  std::map<std::string, std::set<std::string>, std::less<>> posts_in_;       // unit -> posts
  std::map<std::string, std::set<std::string>, std::less<>> relations_of_;   // end -> relations, ended ones too
};

// "contacts/zhujian": with which the contacts of "units/zhujian" are told what is told to posts in it.
std::string ContactsOf(absl::string_view unit);

}  // namespace duban::engine
