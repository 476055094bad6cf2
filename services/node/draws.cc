#include "services/node/draws.h"

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/cases/audience.h"
#include "engine/draw/draw.h"
#include "engine/views/tables.h"
#include "services/node/newest_page.h"
#include "services/node/refusals.h"
#include "store/disk_files.h"

namespace duban::node {

using engine::Kind;
using engine::Reject;
using engine::Table;

namespace {

constexpr char kNewest[] = "newest/";
constexpr char kRedrawn[] = "redrawn/";  // The draw that repeats one, the newest where there are several.
constexpr char kOfPost[] = "post/";      // The post of the plan that made one.
constexpr size_t kSeedBytes = 32;

bool Sees(const engine::Directory& directory, const std::string& person, const v1::Draw& draw,
          const std::optional<std::string>& post) {
  return draw.frozen().person() == person || directory.HasRight(person, engine::kRightAdminister) ||
         directory.HasRight(person, engine::kRightAudit) ||
         (post.has_value() && engine::Admits({*post}, directory.ViewerIds(person)));
}

absl::StatusOr<std::optional<v1::Draw>> Shown(const Reading& reading, const std::string& name) {
  absl::StatusOr<std::optional<std::string>> row = reading.Row(Table::kDraw, name);
  if (!row.ok()) return row.status();
  if (!row->has_value() || !absl::StartsWith(name, "draws/")) return std::optional<v1::Draw>();
  v1::Draw draw;
  if (!draw.ParseFromString(**row)) return absl::DataLossError("a draw's row cannot be read");
  absl::StatusOr<std::optional<std::string>> post = reading.Row(Table::kDraw, absl::StrCat(kOfPost, name));
  if (!post.ok()) return post.status();
  if (!Sees(*reading.library().directory, reading.person(), draw, *post)) return std::optional<v1::Draw>();
  return std::optional<v1::Draw>(std::move(draw));
}

}  // namespace

void FollowDraws(const v1::Commit& commit, engine::Rows& rows) {
  for (const v1::StreamPart& part : commit.parts()) {
    if (!absl::StartsWith(part.stream(), "draws/")) continue;
    v1::Draw draw;
    draw.ParseFromString(rows.Get(Table::kDraw, part.stream()).value_or(""));
    for (const v1::Event& event : part.events()) {
      draw.set_name(part.stream());
      if (event.has_draw_frozen()) {
        *draw.mutable_frozen() = event.draw_frozen();
        rows.Put(Table::kDraw, absl::StrCat(kNewest, engine::KeyNewest(commit.position())), part.stream());
        if (const std::string& repeated = draw.frozen().redraws(); !repeated.empty()) {
          rows.Put(Table::kDraw, absl::StrCat(kRedrawn, repeated), part.stream());
        }
        for (const std::string& id : part.audience()) {
          if (absl::StartsWith(id, "posts/")) rows.Put(Table::kDraw, absl::StrCat(kOfPost, part.stream()), id);
        }
      } else if (event.has_draw_seeded()) {
        *draw.mutable_seeded() = event.draw_seeded();
      } else if (event.has_draw_made()) {
        *draw.mutable_made() = event.draw_made();
      }
    }
    rows.Put(Table::kDraw, part.stream(), draw.SerializeAsString());
  }
}

std::optional<v1::Draw> FindDraw(Batch& batch, const std::string& name) {
  if (!absl::StartsWith(name, "draws/")) return std::nullopt;
  const std::optional<std::string> row = batch.Row(Table::kDraw, name);
  v1::Draw draw;
  if (!row.has_value() || !draw.ParseFromString(*row)) return std::nullopt;
  return draw;
}

bool SeesDraw(Batch& batch, const std::string& person, const v1::Draw& draw) {
  return Sees(*batch.library().directory, person, draw, batch.Row(Table::kDraw, absl::StrCat(kOfPost, draw.name())));
}

std::optional<engine::KnownDraw> BatchDraws::Find(absl::string_view name) const {
  const std::optional<v1::Draw> draw = FindDraw(batch_, std::string(name));
  if (!draw.has_value()) return std::nullopt;
  const bool his = !entered_for_.empty() && draw->frozen().person() == entered_for_;
  if (!his && !SeesDraw(batch_, actor_, *draw)) return std::nullopt;
  engine::KnownDraw known;
  known.made = draw->has_made();
  known.drawn.assign(draw->made().drawn().begin(), draw->made().drawn().end());
  known.redrawn_by = batch_.Row(Table::kDraw, absl::StrCat(kRedrawn, name)).value_or("");
  return known;
}

v1::StreamPart DrawPart(const std::string& name, const std::string& person, const std::string& post,
                        uint64_t first_revision) {
  v1::StreamPart part;
  part.set_stream(name);
  part.set_first_revision(first_revision);
  // In the order of ids, as every audience.
  part.add_audience(person);
  if (!post.empty()) part.add_audience(post);
  part.add_audience(absl::StrCat("rights/", engine::kRightAdminister));
  part.add_audience(absl::StrCat("rights/", engine::kRightAudit));
  return part;
}

std::string DrawDigest(absl::string_view bytes) { return store::Sha256Hex(bytes); }

v1::StreamPart FrozenPart(Random& random, v1::DrawFrozen frozen, const std::string& person, const std::string& post,
                          engine::Instant at) {
  frozen.set_draw(FreshName(random, "draws/"));
  frozen.set_person(person);
  *frozen.mutable_at() = engine::ToProto(at);
  v1::StreamPart part = DrawPart(frozen.draw(), person, post, 1);
  *part.add_events()->mutable_draw_frozen() = std::move(frozen);
  return part;
}

void AddDrawn(Random& random, const v1::DrawFrozen& frozen, const std::string& person, engine::Instant at,
              const std::string& seed, const std::string& source, v1::StreamPart& part) {
  v1::DrawSeeded& seeded = *part.add_events()->mutable_draw_seeded();
  seeded.set_draw(frozen.draw());
  seeded.set_seed(seed.empty() ? absl::BytesToHexString(random.Bytes(kSeedBytes)) : seed);
  seeded.set_source(seed.empty() ? "服务器随机数 random bytes of the server" : source);
  seeded.set_person(person);
  *seeded.mutable_at() = engine::ToProto(at);
  const std::string taken = seeded.seed();
  v1::DrawMade& made = *part.add_events()->mutable_draw_made();
  made.set_draw(frozen.draw());
  for (std::string& id : engine::Drawn(frozen, taken, DrawDigest)) made.add_drawn(std::move(id));
  *made.mutable_at() = engine::ToProto(at);
}

Reply<v1::GetDrawResponse> GetDraw(const Reading& reading, const v1::GetDrawRequest& request) {
  absl::StatusOr<std::optional<v1::Draw>> draw = Shown(reading, request.draw());
  if (!draw.ok()) return draw.status();
  if (!draw->has_value()) return DrawNotFound(request.draw());
  v1::GetDrawResponse out;
  *out.mutable_draw() = **std::move(draw);
  return out;
}

Reply<v1::ListDrawsResponse> ListDraws(const Reading& reading, const v1::ListDrawsRequest& request) {
  return NewestPage<v1::ListDrawsResponse>(
      reading, request, Table::kDraw, kNewest, [&](const std::string& name) { return Shown(reading, name); },
      [](v1::ListDrawsResponse& out, v1::Draw draw) { *out.add_draws() = std::move(draw); });
}

engine::Rejection DrawNotFound(const std::string& name) {
  return Reject(Kind::kNotFound, "DRAW_NOT_FOUND", absl::StrCat("没有您能查看的抽取“", name, "”"),
                absl::StrCat("there is no draw \"", name, "\" that you may see"), {{"draw", name}});
}

}  // namespace duban::node
