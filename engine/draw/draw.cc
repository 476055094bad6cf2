#include "engine/draw/draw.h"

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/limits.h"

namespace duban::engine {
namespace {

// A tab or a line end would make two populations read alike.
bool IsPlain(absl::string_view text) { return text.find_first_of("\t\r\n") == absl::string_view::npos; }

// Whether a candidate is one of `ids`, belongs to it or it to him, leads it, or is related to it. What a person is
// through the posts in which he stands in for others counts too: while he does he is one of their unit.
bool Barred(const Directory& directory, const std::string& candidate,
            const google::protobuf::RepeatedPtrField<std::string>& ids) {
  std::set<std::string> ends = {candidate};
  if (directory.FindPost(candidate) != nullptr) ends.merge(directory.PersonsBehind(candidate));
  for (const std::string& person : std::set<std::string>(ends)) {
    for (const LentPost& lent : directory.LentTo(person)) ends.insert(lent.post->name());
  }
  return std::any_of(ids.begin(), ids.end(), [&](const std::string& id) {
    return std::any_of(ends.begin(), ends.end(), [&](const std::string& end) {
      return directory.Belongs(end, id) || directory.Belongs(id, end) || directory.Related(end, id) ||
             directory.Related(id, end);
    });
  });
}

int64_t CountOf(const v1::DrawRequestShare& share, int64_t size) {
  const int64_t of_share = (size * share.permille() + 999) / 1000;
  return std::min(size, std::max({share.count(), of_share, share.at_least()}));
}

}  // namespace

Outcome<v1::DrawFrozen> Freeze(const Directory& directory, const v1::FreezeDrawRequest& request, Sha256Hex sha256) {
  if (request.title().empty() || request.title().size() > limits::kReasonBytesMax) {
    return Reject(Kind::kInvalid, "DRAW_TITLE", "请写明这次抽取是什么 title", "say what is drawn: title",
                  {{"field", "title"}});
  }
  if (request.candidates().empty() || request.candidates_size() > kCandidatesMax) {
    return Reject(Kind::kInvalid, "DRAW_CANDIDATES", absl::StrCat("请列出 1 至 ", kCandidatesMax, " 个候选"),
                  absl::StrCat("name 1 to ", kCandidatesMax, " candidates"), {{"field", "candidates"}});
  }
  v1::DrawFrozen out;
  out.set_title(request.title());
  out.set_redraws(request.redraws());
  out.set_reason(request.reason());
  std::map<std::string, std::string> groups;
  for (const v1::DrawCandidate& candidate : request.candidates()) {
    const bool known = absl::StartsWith(candidate.id(), "cases/") || !directory.TitleOf(candidate.id()).empty();
    if (!known || !IsPlain(candidate.id()) || !IsPlain(candidate.group())) {
      return Reject(
          Kind::kInvalid, "DRAW_CANDIDATES", absl::StrCat("候选“", candidate.id(), "”找不到，或组名中有制表、换行"),
          absl::StrCat("the candidate \"", candidate.id(), "\" is not there, or its group holds a tab or line end"),
          {{"id", candidate.id()}});
    }
    if (!groups.emplace(candidate.id(), candidate.group()).second) {
      return Reject(Kind::kInvalid, "DRAW_CANDIDATES", absl::StrCat("候选“", candidate.id(), "”列了两次"),
                    absl::StrCat("the candidate \"", candidate.id(), "\" is named twice"), {{"id", candidate.id()}});
    }
  }
  std::map<std::string, int64_t> sizes;
  for (const auto& [id, group] : groups) {
    v1::DrawCandidate& candidate = *out.add_candidates();
    candidate.set_id(id);
    candidate.set_group(group);
    if (Barred(directory, id, request.not_related_to())) {
      candidate.set_excluded("related");
    } else {
      ++sizes[group];
    }
  }
  // One share for all groups, or one for each that is named.
  const bool for_all = request.shares_size() == 1 && request.shares(0).every_group();
  for (const auto& [group, size] : sizes) {
    for (const v1::DrawRequestShare& share : request.shares()) {
      if (!for_all && share.group() != group) continue;
      v1::DrawShare& fixed = *out.add_shares();
      fixed.set_group(group);
      fixed.set_count(CountOf(share, size));
    }
  }
  if (out.shares().empty()) {
    return Reject(Kind::kInvalid, "DRAW_SHARES", "请写明抽多少：个数或千分比，按组或不分组；能抽的候选至少一个",
                  "say how many are drawn, of which groups; at least one candidate must be left to draw from",
                  {{"field", "shares"}});
  }
  out.set_digest(sha256(CanonicalText(out)));
  return out;
}

std::string CanonicalText(const v1::DrawFrozen& frozen) {
  std::string text;
  for (const v1::DrawCandidate& candidate : frozen.candidates()) {
    absl::StrAppend(&text, candidate.id(), "\t", candidate.group(), "\t", candidate.excluded(), "\n");
  }
  for (const v1::DrawShare& share : frozen.shares())
    absl::StrAppend(&text, "#", share.group(), "\t", share.count(), "\n");
  return text;
}

std::vector<std::string> Drawn(const v1::DrawFrozen& frozen, const std::string& seed, Sha256Hex sha256) {
  std::vector<std::string> out;
  for (const v1::DrawShare& share : frozen.shares()) {
    std::vector<std::pair<std::string, std::string>> tickets;
    for (const v1::DrawCandidate& candidate : frozen.candidates()) {
      if (candidate.group() != share.group() || !candidate.excluded().empty()) continue;
      tickets.emplace_back(sha256(absl::StrCat(seed, "\n", frozen.digest(), "\n", candidate.id())), candidate.id());
    }
    std::sort(tickets.begin(), tickets.end());
    for (size_t i = 0; i < tickets.size() && static_cast<int64_t>(i) < share.count(); ++i)
      out.push_back(tickets[i].second);
  }
  return out;
}

}  // namespace duban::engine
