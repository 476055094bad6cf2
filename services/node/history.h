// History as one viewer may see it: of each commit the parts that admitted him then and whose case admits him now.
//
// Reading, watching and replaying all go through here. What is remembered of cases holds for one Reading only.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "duban/v1/audit_service.pb.h"
#include "services/node/node.h"
#include "services/node/reading.h"

namespace duban::node {

class History {
 public:
  explicit History(const Reading& reading) : reading_(reading) {}

  // The visible events of a commit, of one stream or (empty) of all.
  absl::StatusOr<std::vector<v1::EventRecord>> Visible(const v1::Commit& commit, absl::string_view stream);

  // The stream that a request names, a case also by its number; a refusal when there is none that the viewer may see,
  // the same for one that is hidden. Empty stays empty.
  absl::StatusOr<engine::Outcome<std::string>> Stream(const std::string& named);

 private:
  // A case as far as masking its events needs it; null state where the viewer does not see it now.
  absl::StatusOr<CasePtr> SeenCase(const std::string& name);
  // Whether the viewer of a seen case may know of the event at all (engine/cases/suggestions.h).
  bool MayKnow(const std::string& stream, const v1::Event& event) const;
  absl::StatusOr<v1::Event> Masked(const std::string& stream, const v1::Event& event);

  const Reading& reading_;
  const bool audits_ = reading_.HasRight(engine::kRightAudit);
  std::map<std::string, CasePtr> cases_;  // Null: not seen.
};

Reply<v1::ReadEventsResponse> ReadEvents(const Reading& reading, const v1::ReadEventsRequest& request);

}  // namespace duban::node
