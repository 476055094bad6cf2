// Fixing the population of a draw, and taking its seed.
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/limits.h"
#include "engine/cases/audience.h"
#include "engine/draw/draw.h"
#include "services/node/causes.h"
#include "services/node/decider.h"
#include "services/node/draws.h"
#include "services/node/refusals.h"

namespace duban::node {

using engine::Kind;
using engine::Outcome;
using engine::Reject;

namespace {

// Cases that somebody may not see are for him as if they were not there.
engine::Verdict CheckCases(Batch& batch, const std::string& person, const v1::FreezeDrawRequest& request) {
  const engine::Ids viewer = batch.library().directory->ViewerIds(person);
  for (const v1::DrawCandidate& candidate : request.candidates()) {
    if (!IsCase(candidate.id())) continue;
    const CasePtr state = batch.FindCase(candidate.id());
    const engine::Procedure* procedure =
        state == nullptr ? nullptr : batch.library().procedures->Find(state->procedure(), state->procedure_version());
    if (procedure == nullptr || !engine::SeesCase(*procedure, *state, viewer)) return CaseNotFound(candidate.id());
  }
  return engine::Nothing{};
}

}  // namespace

template <typename R>
Reply<Response> Decider::DrawAnswer(Batch& batch, const std::string& name, store::Position position) const {
  const std::optional<v1::Draw> draw = FindDraw(batch, name);
  if (!draw.has_value()) return DrawNotFound(name);
  R out;
  *out.mutable_draw() = *draw;
  out.set_position(tokens_.Position(position));
  return Response(std::move(out));
}
template Reply<Response> Decider::DrawAnswer<v1::FreezeDrawResponse>(Batch&, const std::string&, store::Position) const;
template Reply<Response> Decider::DrawAnswer<v1::SeedDrawResponse>(Batch&, const std::string&, store::Position) const;

Reply<Response> Decider::FreezeDraw(Batch& batch, const Asked& asked, const v1::FreezeDrawRequest& request,
                                    const std::string& mac) {
  const engine::Directory& directory = *batch.library().directory;
  if (!directory.HasRight(asked.actor, engine::kRightIssue)) return RightRequired(engine::kRightIssue);
  if (engine::Verdict cases = CheckCases(batch, asked.actor, request); !cases.ok()) return cases.rejection();
  if (!request.redraws().empty()) {
    const std::optional<v1::Draw> before = FindDraw(batch, request.redraws());
    if (!before.has_value() || !SeesDraw(batch, asked.actor, *before)) return DrawNotFound(request.redraws());
    if (request.reason().empty()) {
      return Reject(Kind::kInvalid, "REASON_REQUIRED", "重抽须写明原因 reason", "drawing again needs a reason",
                    {{"field", "reason"}});
    }
  }
  Outcome<v1::DrawFrozen> frozen = engine::Freeze(directory, request, DrawDigest);
  if (!frozen.ok()) return frozen.rejection();
  v1::Commit commit;
  *commit.add_parts() = FrozenPart(random_, *std::move(frozen), asked.actor, "", asked.now);
  const std::string name = commit.parts(0).stream();
  const Outcome<store::Position> position =
      Stage(batch, asked, std::move(commit), CauseOf("FreezeDraw", request, mac), "");
  if (!position.ok()) return position.rejection();
  return DrawAnswer<v1::FreezeDrawResponse>(batch, name, *position);
}

Reply<Response> Decider::SeedDraw(Batch& batch, const Asked& asked, const v1::SeedDrawRequest& request,
                                  const std::string& mac) {
  const engine::Directory& directory = *batch.library().directory;
  const std::optional<v1::Draw> draw = FindDraw(batch, request.draw());
  if (!draw.has_value() || !SeesDraw(batch, asked.actor, *draw)) return DrawNotFound(request.draw());
  if (draw->frozen().person() != asked.actor && !directory.HasRight(asked.actor, engine::kRightAdminister)) {
    return RightRequired(engine::kRightAdminister);
  }
  if (draw->has_made()) {
    return Reject(Kind::kState, "DRAW_MADE", "已经抽过；要重抽，请另行固定名单并写明原因",
                  "it has been drawn; to draw again, fix a population anew and say why", {{"draw", draw->name()}});
  }
  if (request.seed().empty() != request.source().empty() ||
      request.seed().size() + request.source().size() > engine::limits::kReasonBytesMax) {
    return Reject(Kind::kInvalid, "DRAW_SEED", "种子与来源须一起给出，或都不给（由服务器随机取）",
                  "give a seed together with its source, or neither (the server then takes a random one)",
                  {{"field", "seed"}});
  }
  v1::Commit commit;
  v1::StreamPart& part = *commit.add_parts() = DrawPart(draw->name(), draw->frozen().person(), "", 2);
  AddDrawn(random_, draw->frozen(), asked.actor, asked.now, request.seed(), request.source(), part);
  const Outcome<store::Position> position =
      Stage(batch, asked, std::move(commit), CauseOf("SeedDraw", request, mac), "");
  if (!position.ok()) return position.rejection();
  return DrawAnswer<v1::SeedDrawResponse>(batch, draw->name(), *position);
}

}  // namespace duban::node
