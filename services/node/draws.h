// Draws as a node keeps and shows them: rows of table kDraw, derived from the streams "draws/…" like all rows.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "duban/v1/draw_service.pb.h"
#include "duban/v1/event.pb.h"
#include "engine/cases/drawing.h"
#include "engine/views/rows.h"
#include "services/node/batch.h"
#include "services/node/node.h"
#include "services/node/random.h"
#include "services/node/reading.h"

namespace duban::node {

// Brings the rows up to a commit.
void FollowDraws(const v1::Commit& commit, engine::Rows& rows);

// The draw of that name; nothing when there is none, or its row cannot be read (the batch says so).
std::optional<v1::Draw> FindDraw(Batch& batch, const std::string& name);
// Who fixed the population sees it, the rights to administer and to audit do, and of a draw that a plan made whoever
// serves in the plan's post now.
bool SeesDraw(Batch& batch, const std::string& person, const v1::Draw& draw);
// Draws as the one who opens a case may bind parties from them: those that he sees, and whoever types for another also
// those that the other fixed. Must not outlive the batch.
class BatchDraws : public engine::Draws {
 public:
  BatchDraws(Batch& batch, std::string actor, std::string entered_for)
      : batch_(batch), actor_(std::move(actor)), entered_for_(std::move(entered_for)) {}
  std::optional<engine::KnownDraw> Find(absl::string_view name) const override;

 private:
  Batch& batch_;
  const std::string actor_;
  const std::string entered_for_;  // Empty for none.
};

// A part of the stream of a draw whose population `person` fixed, without events. Its population is revision 1; seed
// and draw, which come together, are 2 and 3. `post`: of the plan that makes it, empty for none.
v1::StreamPart DrawPart(const std::string& name, const std::string& person, const std::string& post,
                        uint64_t first_revision);

// Digests as draws take them.
std::string DrawDigest(absl::string_view bytes);
// Fixes what engine::Freeze gives under a fresh name: the first part of a new stream.
v1::StreamPart FrozenPart(Random& random, v1::DrawFrozen frozen, const std::string& person, const std::string& post,
                          engine::Instant at);
// Takes a seed for a fixed population and draws; without a seed, random bytes of the server.
void AddDrawn(Random& random, const v1::DrawFrozen& frozen, const std::string& person, engine::Instant at,
              const std::string& seed, const std::string& source, v1::StreamPart& part);

Reply<v1::GetDrawResponse> GetDraw(const Reading& reading, const v1::GetDrawRequest& request);
Reply<v1::ListDrawsResponse> ListDraws(const Reading& reading, const v1::ListDrawsRequest& request);

// The same whether there is none or the viewer may not see it.
engine::Rejection DrawNotFound(const std::string& name);

}  // namespace duban::node
