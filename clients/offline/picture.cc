#include "clients/offline/picture.h"

#include <memory>
#include <optional>
#include <utility>

#include "clients/offline/compiled.h"
#include "engine/picture/draw.h"

namespace duban::offline {
namespace {

std::string Day(const google::protobuf::Timestamp& t, absl::TimeZone zone) {
  return absl::FormatTime("%Y-%m-%d", absl::FromUnixSeconds(t.seconds()), zone);
}

// The steps of a history: an action and the stage that it leads to stand in one commit, one behind the other.
engine::Trail TrailOf(const Way& way) {
  engine::Trail trail;
  trail.title = way.title;
  std::string stage;
  std::string commit;  // Of the action that waits for its stage.
  std::optional<engine::TrailStep> waiting;
  const auto settle = [&] {
    if (waiting.has_value()) trail.steps.push_back(*std::exchange(waiting, std::nullopt));
  };
  for (const v1::EventRecord& record : way.history) {
    if (record.position() != commit) settle();
    if (record.event().has_action_taken()) {
      settle();
      const v1::ActionTaken& taken = record.event().action_taken();
      const std::string& who = taken.post().empty() ? taken.person() : taken.post();
      waiting =
          engine::TrailStep{stage, taken.action(), stage, Day(taken.at(), way.zone), who.empty() ? "" : way.name(who)};
      commit = record.position();
    } else if (record.event().has_stage_entered()) {
      const v1::StageEntered& entered = record.event().stage_entered();
      if (!waiting.has_value()) waiting = engine::TrailStep{entered.left(), "", "", Day(entered.at(), way.zone), ""};
      waiting->to = entered.stage();
      stage = entered.stage();
      settle();
    }
  }
  settle();
  return trail;
}

}  // namespace

Drawn Draw(const std::vector<v1::ProcedureFile>& files, const std::string& procedure, const std::vector<Known>& known,
           const Way* way) {
  engine::Procedures named;
  engine::Titles titles;
  for (const Known& one : known) {
    auto stub = std::make_shared<engine::Procedure>();
    stub->name = one.name;
    named.Put(std::move(stub));
    titles[one.name] = one.title.zh();
  }
  const engine::Compiled compiled = engine::CompilePublished(Sources(files), named);
  Drawn out;
  out.findings = Findings(compiled.findings, true);
  for (const engine::Procedure& one : compiled.procedures) titles[one.name] = one.title.zh();
  for (const engine::Procedure& one : compiled.procedures) {
    if (one.name != procedure) continue;
    if (way == nullptr) {
      out.svg = engine::Draw(one, titles).value_or("");
    } else {
      const engine::Trail trail = TrailOf(*way);
      out.svg = engine::Draw(one, titles, &trail).value_or("");
    }
  }
  return out;
}

}  // namespace duban::offline
