// Parties that are drawn (两随机): who they are is said by a recorded draw, never by whoever opens the case.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "duban/v1/value.pb.h"
#include "engine/base/rejection.h"
#include "engine/procedure/procedure.h"

namespace duban::engine {

// A draw, as far as binding a party from it asks.
struct KnownDraw {
  bool made = false;               // Its seed is known and it was drawn.
  std::vector<std::string> drawn;  // In the order drawn.
  std::string redrawn_by;          // The draw that repeats it; empty where none does.
};

// The draws of a workspace.
class Draws {
 public:
  virtual ~Draws() = default;
  // A draw, "draws/…"; nothing where there is none, and where the one who acts may not see it.
  virtual std::optional<KnownDraw> Find(absl::string_view name) const = 0;
};

// The members of a party as a command gives them: the ids named, or of a party that is drawn exactly those drawn, in
// the order drawn. Refused: ids named for a drawn party, a draw for any other, a draw that is hidden or not there
// (DRAW_NOT_FOUND), not made yet, repeated by another, or of another number than the party takes. Whether the ids are
// of the party's kind is seen when they are bound. `draws` may be null.
Outcome<std::vector<std::string>> MembersGiven(const Party& party, const v1::PartyBinding& given, const Draws* draws);

}  // namespace duban::engine
