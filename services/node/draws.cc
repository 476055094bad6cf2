#include "services/node/draws.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/views/tables.h"
#include "services/node/limits.h"
#include "services/node/refusals.h"

namespace duban::node {

using engine::Kind;
using engine::Reject;
using engine::Table;

namespace {

constexpr char kNewest[] = "newest/";

uint64_t Revision(const v1::Draw& draw) { return draw.has_made() ? 3 : draw.has_frozen() ? 1 : 0; }

absl::StatusOr<std::optional<v1::Draw>> Shown(const Reading& reading, const std::string& name) {
  absl::StatusOr<std::optional<std::string>> row = reading.Row(Table::kDraw, name);
  if (!row.ok()) return row.status();
  if (!row->has_value() || !absl::StartsWith(name, "draws/")) return std::optional<v1::Draw>();
  v1::Draw draw;
  if (!draw.ParseFromString(**row)) return absl::DataLossError("a draw's row cannot be read");
  if (!SeesDraw(*reading.library().directory, reading.person(), draw)) return std::optional<v1::Draw>();
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

bool SeesDraw(const engine::Directory& directory, const std::string& person, const v1::Draw& draw) {
  return draw.frozen().person() == person || directory.HasRight(person, engine::kRightAdminister) ||
         directory.HasRight(person, engine::kRightAudit);
}

v1::StreamPart DrawPart(const v1::Draw& draw) {
  v1::StreamPart part;
  part.set_stream(draw.name());
  part.set_first_revision(Revision(draw) + 1);
  std::vector<std::string> audience = {draw.frozen().person(), absl::StrCat("rights/", engine::kRightAdminister),
                                       absl::StrCat("rights/", engine::kRightAudit)};
  std::sort(audience.begin(), audience.end());
  for (std::string& id : audience) part.add_audience(std::move(id));
  return part;
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
  const engine::Outcome<int> size = PageSize(reading, request.page_size(), limits::kPageDefault, limits::kPageMax);
  if (!size.ok()) return size.rejection();
  const std::string bound = PageBound(reading, request);
  std::string from;
  if (!request.page_token().empty()) {
    const std::optional<std::string> place = reading.source().tokens.ParsePage(bound, request.page_token());
    if (!place) return ForeignPageToken();
    from = *place;
  }
  v1::ListDrawsResponse out;
  absl::Status trouble;
  int looked = 0;
  const absl::Status scanned = reading.rows().Scan(
      static_cast<uint8_t>(Table::kDraw), kNewest, from, [&](absl::string_view place, absl::string_view name) {
        absl::StatusOr<std::optional<v1::Draw>> draw = Shown(reading, std::string(name));
        if (!draw.ok()) {
          trouble = draw.status();
          return false;
        }
        // As with jobs: whether there is a next page tells nothing of hidden ones.
        const bool full = out.draws_size() == *size;
        if ((full && draw->has_value()) || looked++ >= limits::kScanBudget) {
          out.set_next_page_token(reading.source().tokens.Page(bound, std::string(place)));
          return false;
        }
        if (draw->has_value()) *out.add_draws() = **std::move(draw);
        return true;
      });
  if (!trouble.ok()) return trouble;
  if (!scanned.ok()) return scanned;
  return out;
}

engine::Rejection DrawNotFound(const std::string& name) {
  return Reject(Kind::kNotFound, "DRAW_NOT_FOUND", absl::StrCat("没有您能查看的抽取“", name, "”"),
                absl::StrCat("there is no draw \"", name, "\" that you may see"), {{"draw", name}});
}

}  // namespace duban::node
