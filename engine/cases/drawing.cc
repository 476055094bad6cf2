#include "engine/cases/drawing.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "engine/base/limits.h"

namespace duban::engine {
namespace {

Verdict CheckState(const Party& party, const std::string& name, const std::optional<KnownDraw>& draw) {
  if (!draw.has_value()) {
    return Reject(Kind::kNotFound, "DRAW_NOT_FOUND", absl::StrCat("没有您能查看的抽取“", name, "”"),
                  absl::StrCat("there is no draw \"", name, "\" that you may see"), {{"draw", name}});
  }
  if (!draw->made) {
    return Reject(Kind::kState, "DRAW_NOT_MADE", absl::StrCat("抽取“", name, "”只固定了名单，还没有抽；请先取种子"),
                  absl::StrCat("\"", name, "\" has its population but was not drawn yet; take the seed first"),
                  {{"draw", name}});
  }
  if (!draw->redrawn_by.empty()) {
    return Reject(Kind::kState, "DRAW_REPEATED",
                  absl::StrCat("抽取“", name, "”已经重抽，以重抽的为准（", draw->redrawn_by, "）"),
                  absl::StrCat("\"", name, "\" was drawn again; use ", draw->redrawn_by, " instead"),
                  {{"draw", name}, {"redrawn_by", draw->redrawn_by}});
  }
  const size_t count = draw->drawn.size();
  if (count > 0 && (party.many || count == 1)) return Nothing{};
  return Reject(
      Kind::kInvalid, "DRAW_MISMATCH",
      absl::StrCat(party.title.zh(), party.many ? "至少一个" : "恰好一个", "，“", name, "”抽中 ", count, " 个"),
      absl::StrCat(party.name, " takes ", party.many ? "at least one" : "exactly one", "; \"", name, "\" drew ", count),
      {{"party", party.name}, {"draw", name}, {"drawn", absl::StrCat(count)}});
}

}  // namespace

Outcome<std::vector<std::string>> MembersGiven(const Party& party, const v1::PartyBinding& given, const Draws* draws) {
  std::vector<std::string> ids(given.ids().begin(), given.ids().end());
  if (!party.drawn) {
    if (given.draw().empty()) return ids;
    return Reject(Kind::kInvalid, "PARTY_NOT_DRAWN",
                  absl::StrCat(party.title.zh(), "不是抽取产生的参与方，请直接指定，不给 draw"),
                  absl::StrCat(party.name, " is not a party that is drawn; name its members and give no draw"),
                  {{"party", party.name}});
  }
  if (given.draw().empty()) {
    if (ids.empty()) return ids;
    return Reject(
        Kind::kInvalid, "PARTY_DRAWN",
        absl::StrCat(party.title.zh(), "由抽取产生，不能直接指定；请给出抽取（", party.name, "=draws/…）"),
        absl::StrCat(party.name, " is drawn and cannot be named by hand; give the draw (", party.name, "=draws/…)"),
        {{"party", party.name}});
  }
  const std::optional<KnownDraw> draw = draws == nullptr ? std::nullopt : draws->Find(given.draw());
  if (Verdict fits = CheckState(party, given.draw(), draw); !fits.ok()) return fits.rejection();
  if (!ids.empty() &&
      !(ids.size() == draw->drawn.size() && std::is_permutation(ids.begin(), ids.end(), draw->drawn.begin()))) {
    return Reject(Kind::kInvalid, "DRAW_MISMATCH",
                  absl::StrCat(party.title.zh(), "所列与“", given.draw(), "”抽中的不同；不必列出，以抽中的为准"),
                  absl::StrCat("the members given for ", party.name, " are not those that \"", given.draw(),
                               "\" drew; leave them out"),
                  {{"party", party.name}, {"draw", given.draw()}});
  }
  return draw->drawn;
}

}  // namespace duban::engine
