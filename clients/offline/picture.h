// Pictures of procedures, and of the ways cases go through them.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "duban/v1/audit_service.pb.h"
#include "duban/v1/procedure_service.pb.h"

namespace duban::offline {

// A procedure that is known by name and title alone: others open it.
struct Known {
  std::string name;
  v1::Text title;
};

// A case whose way is drawn: its history in its order, as far as its reader may see it.
struct Way {
  std::string title;
  std::vector<v1::EventRecord> history;
  absl::TimeZone zone;                                     // Days are told in it.
  std::function<std::string(const std::string& id)> name;  // What a post or a person is called.
};

// What came of it.
struct Drawn {
  std::string svg;  // Empty: what keeps it from being drawn is in `findings`; or, where nothing does, it is too large.
  std::vector<v1::ProcedureFinding> findings;  // Errors, as the server's check gives them.
};

// The procedure of that name out of a set. Asks only that what it names is there: a draft is drawn too, and what was
// published long ago. `way`: null for the procedure alone.
Drawn Draw(const std::vector<v1::ProcedureFile>& files, const std::string& procedure, const std::vector<Known>& known,
           const Way* way = nullptr);

}  // namespace duban::offline
