#include "engine/procedure/procedure.h"

#include <utility>

namespace duban::engine {
namespace {

template <typename T>
const T* FindByName(const std::vector<T>& all, absl::string_view name) {
  for (const T& one : all) {
    if (one.name == name) return &one;
  }
  return nullptr;
}

}  // namespace

const Party* Procedure::FindParty(absl::string_view name) const { return FindByName(parties, name); }
const Field* Procedure::FindField(absl::string_view name) const { return FindByName(fields, name); }
const Stage* Procedure::FindStage(absl::string_view name) const { return FindByName(stages, name); }
const Clock* Procedure::FindClock(absl::string_view name) const { return FindByName(clocks, name); }

const Action* Procedure::FindAction(absl::string_view stage, absl::string_view name) const {
  const Stage* found = FindStage(stage);
  return found == nullptr ? nullptr : FindByName(found->actions, name);
}

const Clock* Procedure::FindExtension(absl::string_view action) const {
  for (const Clock& clock : clocks) {
    if (clock.extend.has_value() && clock.extend->action == action) return &clock;
  }
  return nullptr;
}

const DocumentKind* Procedure::FindDocument(absl::string_view name) const { return FindByName(documents, name); }

const Register* Procedure::FindRegister(absl::string_view name) const { return FindByName(registers, name); }

const Code* Procedure::FindCode(absl::string_view table, absl::string_view id) const {
  const CodeTable* found = FindByName(codes, table);
  if (found == nullptr) return nullptr;
  for (const Code& code : found->codes) {
    if (code.id == id) return &code;
  }
  return nullptr;
}

void Procedures::Put(std::shared_ptr<const Procedure> procedure) {
  const uint32_t version = procedure->version;
  versions_[procedure->name][version] = std::move(procedure);
}

const Procedure* Procedures::Newest(absl::string_view name) const {
  const auto found = versions_.find(name);
  return found == versions_.end() ? nullptr : found->second.rbegin()->second.get();
}

const Procedure* Procedures::Find(absl::string_view name, uint32_t version) const {
  const auto found = versions_.find(name);
  if (found == versions_.end()) return nullptr;
  const auto exact = found->second.find(version);
  return exact == found->second.end() ? nullptr : exact->second.get();
}

std::vector<const Procedure*> Procedures::All() const {
  std::vector<const Procedure*> out;
  for (const auto& [name, versions] : versions_) out.push_back(versions.rbegin()->second.get());
  return out;
}

}  // namespace duban::engine
