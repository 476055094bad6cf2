// History in words: one line per event that an official can read.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "absl/time/time.h"
#include "clients/cli/words.h"
#include "duban/v1/audit_service.pb.h"

namespace duban::cli {

// Renders events in the order in which they come: what earlier events of a case said (its number, its procedure)
// serves the later ones. One thread.
class Renderer {
 public:
  // The words of a version of a procedure; an unknown one gives empty words.
  using WordsOf = std::function<const ProcedureWords&(const std::string& procedure, uint32_t version)>;

  // `name_cases`: each line names its case; off where only one is shown.
  Renderer(const Names& names, WordsOf words_of, absl::TimeZone zone, bool name_cases);

  // Tells what a case is whose opening is not among the events.
  void Know(const std::string& stream, const std::string& number, const std::string& procedure, uint32_t version);

  // "2026-10-09 17:30  交办〔2026〕3号  市水务局局长 签收", in both languages. What followed from it in the same commit
  // stands behind an arrow instead of a name.
  v1::Text Line(const v1::EventRecord& record);

 private:
  struct About {
    std::string number;
    std::string procedure;
    uint32_t version = 0;
  };

  v1::Text Say(const v1::EventRecord& record, const ProcedureWords& words) const;
  v1::Text SayClock(const v1::Event& event, const ProcedureWords& words) const;
  v1::Text SayWorkspace(const v1::Event& event) const;
  v1::Text SayOther(const v1::Event& event, const ProcedureWords& words) const;  // render_other.cc
  v1::Text SayOpened(const v1::CaseOpened& opened, const ProcedureWords& words) const;
  v1::Text SayAction(const v1::EventRecord& record, const ProcedureWords& words) const;
  v1::Text SayRung(const v1::RungFired& fired, const ProcedureWords& words) const;
  v1::Text Fields(const google::protobuf::RepeatedPtrField<v1::FieldValue>& fields, const ProcedureWords& words) const;
  std::string At(const google::protobuf::Timestamp& t) const;

  const Names& names_;
  WordsOf words_of_;
  absl::TimeZone zone_;
  bool name_cases_;
  std::string last_position_;
  std::map<std::string, About> cases_;
};

}  // namespace duban::cli
