// `collect`: who rates whom, what they are asked, and how it is counted.
#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "engine/base/limits.h"
#include "engine/procedure/draft.h"
#include "engine/procedure/reader.h"

namespace duban::engine::language {
namespace {

constexpr int kSmallestGroup = 5;  // Where the file says nothing.
constexpr int kSmallestGroupLeast = 2;
constexpr int kSmallestGroupMost = 50;
constexpr int kQuorumOfMost = 100;
constexpr int kWholePercent = 100;

// "40%", "33.33%": in hundredths of a percent. 0 when it is none.
int64_t ParsePercent(absl::string_view text) {
  if (!absl::ConsumeSuffix(&text, "%")) return 0;
  const std::vector<absl::string_view> parts = absl::StrSplit(text, '.');
  if (parts.size() > 2 || parts[0].size() > 3 || (parts.size() == 2 && (parts[1].empty() || parts[1].size() > 2))) {
    return 0;
  }
  const auto digits = [](absl::string_view part) { return part.find_first_not_of("0123456789") == part.npos; };
  int whole = 0, hundredths = 0;
  if (!digits(parts[0]) || !absl::SimpleAtoi(parts[0], &whole)) return 0;
  if (parts.size() == 2 && (!digits(parts[1]) || !absl::SimpleAtoi(parts[1], &hundredths))) return 0;
  if (parts.size() == 2 && parts[1].size() == 1) hundredths *= 10;
  const int64_t percent = 100 * int64_t{whole} + hundredths;
  return percent <= 100 * kWholePercent ? percent : 0;
}

int64_t ReadWeight(const Node& node, Findings& findings) {
  const std::string written = node.kind == Node::Kind::kText ? node.text : "";
  const int64_t weight = ParsePercent(written);
  if (weight > 0) return weight;
  findings.Error("WRONG_VALUE", node.at,
                 absl::StrCat("“", written, "”不是权重：写作 40% 或 33.33%，大于 0，最多两位小数。"),
                 absl::StrCat("\"", written, "\" is no weight: write 40% or 33.33%, above 0."));
  return 0;
}

RaterGroup ReadGroup(const Node& node, Findings& findings) {
  MapReader map(node, Both("评议主体", "A group that rates"), findings);
  RaterGroup group;
  group.name = node.key;
  group.title = map.TakeTitle(node.key);
  if (const Node* of = map.Require("of")) group.of = ReadAsked(*of, findings);
  if (const Node* weight = map.Require("weight")) group.weight = ReadWeight(*weight, findings);
  map.Done();
  return group;
}

// `quorum: {members: 2/3}`.
void ReadQuorum(const Node& node, std::vector<RaterGroup>& groups, Findings& findings) {
  std::vector<std::string> known;
  for (const RaterGroup& group : groups) known.push_back(group.name);
  for (const Node* entry : ReadEntries(node, {}, findings)) {
    const auto group =
        std::find_if(groups.begin(), groups.end(), [&](const RaterGroup& one) { return one.name == entry->key; });
    if (group == groups.end()) {
      const v1::Text nearest = Suggest(entry->key, known);
      findings.Error(
          "UNDECLARED_GROUP", entry->key_at,
          absl::StrCat("from 中没有评议主体“", entry->key, "”，无从规定参评率。", nearest.zh()),
          absl::StrCat("There is no group \"", entry->key, "\" in \"from\", so it has no quorum.", nearest.en()));
      continue;
    }
    const std::string written = ReadText(*entry, findings);
    const std::vector<absl::string_view> parts = absl::StrSplit(written, '/');
    const bool good = parts.size() == 2 && absl::SimpleAtoi(parts[0], &group->quorum) &&
                      absl::SimpleAtoi(parts[1], &group->quorum_of) && group->quorum >= 1 &&
                      group->quorum <= group->quorum_of && group->quorum_of <= kQuorumOfMost;
    if (good) continue;
    findings.Error(
        "WRONG_VALUE", entry->at,
        absl::StrCat("“", written, "”不是参评率：写作 2/3，不超过 1/1，分母最大 ", kQuorumOfMost, "。"),
        absl::StrCat("\"", written, "\" is no quorum: write 2/3, at most 1/1, of ", kQuorumOfMost, " at most."));
  }
}

}  // namespace

Collect ReadCollect(const Node& node, Findings& findings) {
  MapReader map(node, Both("评议（collect）", "\"collect\""), findings);
  Collect collect;
  if (const Node* from = map.Require("from"); from != nullptr && !IsTooLong(*from, limits::kRaterGroupsMax, findings)) {
    for (const Node* entry : ReadEntries(*from, {}, findings)) collect.groups.push_back(ReadGroup(*entry, findings));
  }
  if (const Node* asks = map.Require("asks"); asks != nullptr && !IsTooLong(*asks, limits::kAsksMax, findings)) {
    collect.asks = ReadFields(*asks, findings);
  }
  if (const Node* rated = map.Require("rated")) {
    absl::string_view party = rated->text;
    collect.rated.head = absl::ConsumeSuffix(&party, ".head");
    ReadText(*rated, findings);
    collect.rated.party = std::string(party);
  }
  if (const Node* quorum = map.Take("quorum")) ReadQuorum(*quorum, collect.groups, findings);
  if (const Node* below = map.Require("below_quorum")) collect.below_quorum = ReadText(*below, findings);
  if (const Node* empty = map.Take("empty_group")) {
    collect.renormalise = ReadOneOf(*empty, {"fail", "renormalise"}, findings) == 1;
  }
  collect.secret = map.TakeBool("secret");
  if (collect.secret) collect.smallest_group = kSmallestGroup;
  if (const Node* smallest = map.Take("smallest_group")) {
    collect.smallest_group = static_cast<int>(ReadCount(*smallest, kSmallestGroupLeast, kSmallestGroupMost, findings));
    if (!collect.secret) {
      findings.Error("MISSING_KEY", smallest->key_at,
                     "写了 smallest_group 却没有 secret: true：记名评议不隐去任何一组。",
                     "There is \"smallest_group\" but no \"secret: true\": where ballots carry names no group is "
                     "withheld.");
    }
  }
  if (const Node* result = map.Require("result")) collect.result = ReadText(*result, findings);
  if (const Node* decimals = map.Take("decimals")) {
    collect.decimals = static_cast<int>(ReadCount(*decimals, 0, limits::kResultDecimalsMax, findings));
  }
  map.Done();
  return collect;
}

}  // namespace duban::engine::language
