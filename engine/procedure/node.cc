#include "engine/procedure/node.h"

#include "absl/strings/str_cat.h"

namespace duban::engine::language {
namespace {

const Node* Step(const Node& from, absl::string_view step) {
  if (from.kind == Node::Kind::kMap) return from.Find(step);
  if (from.kind != Node::Kind::kList) return nullptr;
  for (size_t i = 0; i < from.children.size(); ++i) {
    const Node& child = from.children[i];
    if ((child.kind == Node::Kind::kText && child.text == step) || step == absl::StrCat("#", i)) return &child;
  }
  return nullptr;
}

}  // namespace

const Node* Node::Find(absl::string_view name) const {
  if (kind != Kind::kMap) return nullptr;
  for (const Node& child : children) {
    if (child.key == name) return &child;
  }
  return nullptr;
}

const Node& Follow(const Node& root, const std::vector<std::string>& path) {
  const Node* at = &root;
  for (const std::string& step : path) {
    const Node* next = Step(*at, step);
    if (next == nullptr) break;
    at = next;
  }
  return *at;
}

Place Locate(const Node& root, const std::vector<std::string>& path) {
  const Node& at = Follow(root, path);
  const bool named = !at.key.empty() && (at.kind != Node::Kind::kText || (!path.empty() && path.back() == kItsKey));
  return named ? at.key_at : at.at;
}

}  // namespace duban::engine::language
