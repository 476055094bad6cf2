// Somebody's parts in open cases go to another (engine/cases/decide_hand_over.cc).
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/limits.h"
#include "services/node/jobs/case_job.h"
#include "services/node/refusals.h"

namespace duban::node {
namespace {

std::string Titled(const engine::Directory& directory, const std::string& id) {
  const std::string title = directory.TitleOf(id);
  return title.empty() ? id : title;
}

class HandOver final : public CaseJob {
 public:
  const char* command() const override { return "HandOver"; }

  v1::Text Title(const v1::JobTask& task, const Library& library) const override {
    const std::string from = Titled(*library.directory, task.hand_over().from());
    const std::string to = Titled(*library.directory, task.hand_over().to());
    v1::Text title;
    title.set_zh(absl::StrCat("移交：", from, " → ", to));
    title.set_en(absl::StrCat("handed over: ", from, " → ", to));
    return title;
  }

  engine::Verdict MayStart(Batch& batch, const JobMeans&, const std::string& person,
                           const v1::JobTask& task) const override {
    const engine::Directory& directory = *batch.library().directory;
    if (!directory.HasRight(person, engine::kRightAdminister)) return RightRequired(engine::kRightAdminister);
    const v1::HandOver& over = task.hand_over();
    if (over.reason().empty() || over.reason().size() > engine::limits::kReasonBytesMax) {
      return engine::Reject(
          engine::Kind::kInvalid, "REASON_REQUIRED",
          absl::StrCat("移交须写明原因 reason，至多 ", engine::limits::kReasonBytesMax, " 字节"),
          absl::StrCat("a hand-over needs a reason of at most ", engine::limits::kReasonBytesMax, " bytes"),
          {{"field", "task.hand_over.reason"}});
    }
    const auto kind = [](const std::string& id) { return id.substr(0, id.find('/')); };
    for (const std::string& id : {over.from(), over.to()}) {
      if (!directory.TitleOf(id).empty()) continue;
      return engine::Reject(engine::Kind::kInvalid, "PARTY_ID_UNKNOWN", absl::StrCat("“", id, "”在机构目录中找不到"),
                            absl::StrCat("\"", id, "\" is not in the directory"), {{"id", id}});
    }
    if (over.from() != over.to() && kind(over.from()) == kind(over.to())) return engine::Nothing{};
    return engine::Reject(
        engine::Kind::kInvalid, "HAND_OVER_MISMATCH", "移交双方应为同一种类（单位、岗位或人员）的两个标识",
        "from and to must be two ids of one kind: units, posts or persons", {{"from", over.from()}, {"to", over.to()}});
  }

 protected:
  engine::Outcome<engine::Decision> Decide(const engine::Context& context, const CaseState& state,
                                           const v1::JobTask& task) const override {
    return engine::DecideHandOver(context, state, task.hand_over());
  }

  v1::Text Words(const CaseState&, const engine::Decision& decision, const Library& library) const override {
    std::vector<std::string> zh, en;
    const engine::CaseEvents& changed = decision.cases.front();
    const engine::Procedure* procedure =
        library.procedures->Find(changed.after.procedure(), changed.after.procedure_version());
    for (const v1::Event& event : changed.events) {
      if (!event.has_party_rebound()) continue;
      const v1::PartyRebound& rebound = event.party_rebound();
      const engine::Party* party = procedure->FindParty(rebound.party());
      std::vector<std::string> members;
      for (const v1::BoundId& id : rebound.bound()) members.push_back(id.title());
      zh.push_back(absl::StrCat(party->title.zh(), " → ", absl::StrJoin(members, "、")));
      en.push_back(absl::StrCat(party->name, " → ", absl::StrJoin(members, ", ")));
    }
    v1::Text words;
    words.set_zh(absl::StrJoin(zh, "；"));
    words.set_en(absl::StrJoin(en, "; "));
    return words;
  }
};

}  // namespace

const JobKind& HandOverKind() {
  static const HandOver kind;
  return kind;
}

}  // namespace duban::node
