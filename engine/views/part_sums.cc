#include "engine/views/part_sums.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "engine/base/check.h"
#include "engine/cases/parts.h"
#include "engine/cases/present.h"
#include "engine/views/tables.h"

namespace duban::engine {
namespace {

using duban::state::v1::CaseState;
using duban::state::v1::LightCount;
using duban::state::v1::PartNames;
using duban::state::v1::PartNode;

constexpr int32_t kWholly = 1000;  // Thousandths.

template <typename Message>
Message Read(const std::optional<std::string>& bytes) {
  Message message;
  if (bytes.has_value()) DUBAN_CHECK(message.ParseFromString(*bytes), "what a view has kept can be read back");
  return message;
}

int32_t OfParts(const PartNode& node) {
  return node.weight() == 0 ? 0 : static_cast<int32_t>(node.weighted() / node.weight());
}

// The worst first; those of one severity by name.
bool Worse(const v1::Light& a, const v1::Light& b) {
  return a.severity() != b.severity() ? a.severity() > b.severity() : a.colour() < b.colour();
}

void AddLight(const v1::Light& light, int64_t sign, google::protobuf::RepeatedPtrField<LightCount>& lights) {
  int at = 0;
  while (at < lights.size() && Worse(lights[at].light(), light)) ++at;
  if (at == lights.size() || Worse(light, lights[at].light())) {
    *lights.Add()->mutable_light() = light;
    std::rotate(lights.begin() + at, lights.end() - 1, lights.end());
  }
  lights[at].set_count(lights[at].count() + sign);
  DUBAN_CHECK(lights[at].count() >= 0, "a part is taken out of a sum only after it was put in");
  if (lights[at].count() == 0) lights.DeleteSubrange(at, 1);
}

v1::PartsSum SumOf(const PartNode& node) {
  v1::PartsSum sum;
  sum.set_total(node.total_below());
  sum.set_ended(node.ended_below());
  sum.set_late(node.late_below());
  sum.set_progress_permille(OfParts(node));
  if (!node.lights_below().empty()) *sum.mutable_light() = node.lights_below(0).light();
  return sum;
}

}  // namespace

PartNode& PartSums::Get(const std::string& name) {
  const auto [node, fresh] = nodes_.try_emplace(name);
  if (fresh) {
    const std::optional<std::string> held = rows_.Get(Table::kViewPart, absl::StrCat(ViewPrefix(view_), KeyText(name)));
    before_[name] = held.value_or("");
    node->second = Read<PartNode>(held);
  }
  return node->second;
}

std::vector<std::string> PartSums::Below(const std::string& name) const {
  const std::optional<std::string> held =
      rows_.Get(Table::kViewPart, absl::StrCat(ViewPrefix(view_), KeyText(name), "below"));
  const PartNames below = Read<PartNames>(held);
  return {below.names().begin(), below.names().end()};
}

std::set<std::string> PartSums::Above(const std::string& name) {
  std::set<std::string> above;
  std::vector<std::string> next = {name};
  while (!next.empty()) {
    const std::string at = std::move(next.back());
    next.pop_back();
    for (const auto& whole : Get(at).wholes()) {
      if (above.insert(whole.parent()).second) next.push_back(whole.parent());
    }
  }
  return above;
}

void PartSums::AddOnce(const Node& part, int64_t sign, const std::set<std::string>& wholes) {
  if (!part.counts()) return;
  for (const std::string& name : wholes) {
    Node& whole = Get(name);
    whole.set_total_below(whole.total_below() + sign);
    if (part.ended()) whole.set_ended_below(whole.ended_below() + sign);
    if (part.late()) whole.set_late_below(whole.late_below() + sign);
    if (!part.light().colour().empty()) AddLight(part.light(), sign, *whole.mutable_lights_below());
  }
}

void PartSums::Weigh(const std::string& name, int64_t weight, int64_t weighted) {
  Node& whole = Get(name);
  whole.set_weight(whole.weight() + weight);
  whole.set_weighted(whole.weighted() + weighted);
  if (!whole.ended()) Progress(name, OfParts(whole));
}

void PartSums::Progress(const std::string& name, int32_t progress) {
  Node& node = Get(name);
  const int64_t gained = progress - node.progress();
  if (gained == 0) return;
  node.set_progress(progress);
  if (!node.counts()) return;
  const auto wholes = node.wholes();
  for (const auto& whole : wholes) Weigh(whole.parent(), 0, whole.weight() * gained);
}

void PartSums::Link(const std::string& part, const std::string& whole, int64_t weight) {
  std::set<std::string> above = Above(whole);
  above.insert(whole);
  std::set<std::string> seen = {part};
  std::vector<std::string> next = {part};
  while (!next.empty()) {
    const std::string at = std::move(next.back());
    next.pop_back();
    // Counted once at the top, however many ways lead there.
    const std::set<std::string> already = Above(at);
    std::set<std::string> gains;
    std::set_difference(above.begin(), above.end(), already.begin(), already.end(), std::inserter(gains, gains.end()));
    AddOnce(Get(at), 1, gains);
    for (std::string& below : Below(at)) {
      if (seen.insert(below).second) next.push_back(std::move(below));
    }
  }
  Node& node = Get(part);
  auto& of = *node.add_wholes();
  of.set_parent(whole);
  of.set_weight(weight);
  PartNames names;
  for (const std::string& name : Below(whole)) names.add_names(name);
  names.add_names(part);
  rows_.Put(Table::kViewPart, absl::StrCat(ViewPrefix(view_), KeyText(whole), "below"), names.SerializeAsString());
  if (node.counts()) Weigh(whole, weight, weight * node.progress());
}

std::vector<std::pair<std::string, v1::PartsSum>> PartSums::Take(const CaseState& part) {
  const std::vector<Whole> wholes = WholesOf(part);
  if (wholes.empty()) return {};
  const std::string& name = part.name();
  const Node old = Get(name);
  const std::set<std::string> above = Above(name);

  Node& node = Get(name);
  const v1::Timeliness timeliness = TimelinessOf(part);
  node.set_ended(part.end_kind() != v1::END_KIND_UNSPECIFIED);
  node.set_counts(part.end_kind() != v1::END_KIND_MERGED && part.end_kind() != v1::END_KIND_CANCELLED);
  node.set_late(timeliness == v1::TIMELINESS_OVERDUE || timeliness == v1::TIMELINESS_ENDED_LATE);
  node.clear_light();
  if (!node.ended() && !LightOf(part).colour().empty()) *node.mutable_light() = LightOf(part);
  node.set_progress(node.ended() ? kWholly : OfParts(node));

  AddOnce(old, -1, above);
  AddOnce(Get(name), 1, above);
  for (const auto& whole : old.wholes()) {
    const auto share = [&](const Node& of) { return of.counts() ? whole.weight() * of.progress() : 0; };
    const Node now = Get(name);
    const int64_t weight = whole.weight() * (static_cast<int>(now.counts()) - static_cast<int>(old.counts()));
    const int64_t weighted = share(now) - share(old);
    if (weight != 0 || weighted != 0) Weigh(whole.parent(), weight, weighted);
  }
  for (size_t i = static_cast<size_t>(old.wholes_size()); i < wholes.size(); ++i) {
    Link(name, wholes[i].name, wholes[i].weight);
  }

  std::vector<std::pair<std::string, v1::PartsSum>> changed;
  for (const auto& [at, now] : nodes_) {
    const std::string bytes = now.SerializeAsString();
    const std::string& was = before_.at(at);
    if (bytes == was) continue;
    rows_.Put(Table::kViewPart, absl::StrCat(ViewPrefix(view_), KeyText(at)), bytes);
    v1::PartsSum sum = SumOf(now);
    const Node then = Read<Node>(was);
    if (sum.SerializeAsString() != SumOf(then).SerializeAsString()) changed.emplace_back(at, std::move(sum));
  }
  return changed;
}

}  // namespace duban::engine
