// A procedure's file as a tree: what was written, and where. Our own, so that one file alone knows YAML's library.
//
// All that only the compiler of procedures knows lives in the namespace `language`.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace duban::engine::language {

// A place in a file. Lines and columns count from 1, columns in characters.
struct Place {
  int line = 1;
  int column = 1;
};

// Scalars stay text: no "no" becomes false and no 1.10 becomes 1.1.
struct Node {
  enum class Kind { kNothing, kText, kList, kMap };

  Kind kind = Kind::kNothing;
  std::string text;            // kText.
  std::vector<Node> children;  // kList, kMap: in file order.
  Place at;
  std::string key;  // Under a map.
  Place key_at;

  // The child of a map under that key, or null.
  const Node* Find(absl::string_view name) const;
};

// A last step of a path: the key itself, not what it holds.
inline constexpr char kItsKey[] = "<key>";

// The node to which a path of keys leads; as deep as it goes. Below a list, a step names an entry by its text or as
// "#2".
const Node& Follow(const Node& root, const std::vector<std::string>& path);

// The place of that node. A map's place is that of its key: what a finding is about is the thing named.
Place Locate(const Node& root, const std::vector<std::string>& path);

}  // namespace duban::engine::language
