// History again, event by event.
#include "absl/strings/str_cat.h"
#include "clients/cli/commands.h"
#include "clients/cli/render.h"

namespace duban::cli {

int RunReplay(Session& session, const ReplayOptions& options) {
  const Console& console = session.console();
  v1::ReplayRequest request;
  request.set_stream(options.case_name);
  request.set_speed(options.speed);
  int64_t pause_ms = static_cast<int64_t>(options.max_pause_s * 1000);
  request.mutable_max_pause()->set_seconds(pause_ms / 1000);
  request.mutable_max_pause()->set_nanos(static_cast<int32_t>(pause_ms % 1000 * 1'000'000));
  if (!options.until.empty() && !session.ReadAsOf(options.until, request.mutable_until())) return kExitUsage;
  Renderer renderer(
      session.names(),
      [&](const std::string& procedure, uint32_t version) -> const ProcedureWords& {
        return session.words(procedure, version);
      },
      session.zone(), options.case_name.empty());
  auto replay = session.client().ReplayEvents(request);
  int64_t events = 0;
  for (v1::ReplayResponse message; replay->Next(&message);) {
    ++events;
    if (session.json()) {
      console.PrintJson(message);
      continue;
    }
    if (message.has_case_()) {
      const v1::Case& c = message.case_();
      renderer.Know(message.record().stream(), c.number(), c.procedure(), c.procedure_version());
    }
    console.Print(console.Say(renderer.Line(message.record())));
  }
  if (!replay->error().ok()) return session.Fail(replay->error());
  if (!session.json()) console.Print(console.Say(absl::StrCat("共 ", events, " 条"), absl::StrCat(events, " events")));
  return kExitOk;
}

}  // namespace duban::cli
