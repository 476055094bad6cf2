// Becoming a part of a further whole; merging duplicates.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "engine/base/limits.h"
#include "engine/cases/audience.h"
#include "engine/cases/built_in.h"
#include "engine/cases/checks.h"
#include "engine/cases/evolve.h"
#include "engine/cases/links.h"
#include "engine/cases/parts.h"
#include "engine/cases/secrecy.h"

namespace duban::engine {
namespace {

class Linking {
 public:
  Linking(const Context& context, Draft& draft, CaseDraft& on, const Actor& actor, const v1::ActOnCaseRequest& command)
      : context_(context), draft_(draft), case_(on), actor_(actor), command_(command) {}

  Verdict Link() {
    const Outcome<Capacity> capacity = FindBoth();
    DUBAN_REQUIRE(capacity);
    DUBAN_REQUIRE(CheckPart(context_, *case_.procedure, &case_.state, other_->state, command_.weight(),
                            [&](absl::string_view name) { return draft_.Look(name); }));
    v1::Event event;
    v1::PartLinked& linked = *event.mutable_part_linked();
    linked.set_parent(other_->state.name());
    linked.set_weight(std::max<int64_t>(1, command_.weight()));
    Sign(context_, actor_, *capacity, command_.reason(), linked);
    case_.Emit(std::move(event));
    return RaiseParts(context_, draft_, other_->state, {case_.state.name()}, actor_, *capacity);
  }

  Verdict Merge() {
    const Outcome<Capacity> capacity = FindBoth();
    DUBAN_REQUIRE(capacity);
    DUBAN_REQUIRE(CheckMerge());
    if (command_.reason().empty()) return MissingReason();
    const Outcome<std::vector<v1::FieldValue>> united = Unite();
    DUBAN_REQUIRE(united);

    v1::Event merged;
    merged.mutable_case_merged()->set_into(other_->state.name());
    Sign(context_, actor_, *capacity, command_.reason(), *merged.mutable_case_merged());
    case_.Emit(std::move(merged));
    draft_.End(case_, v1::END_KIND_MERGED, context_.occurred);

    v1::Event event;
    v1::DuplicateTaken& taken = *event.mutable_duplicate_taken();
    taken.set_duplicate(case_.state.name());
    taken.set_number(case_.state.number());
    taken.set_counted(std::max<int64_t>(1, case_.state.counted()));
    Sign(context_, actor_, *capacity, command_.reason(), taken);
    other_->Emit(std::move(event));
    return draft_.SetFields(*other_, *united);
  }

 private:
  // The other case, and in which capacity the actor acts in this one. Both take a party that may open.
  Outcome<Capacity> FindBoth() {
    if (command_.target().empty()) {
      return Reject(Kind::kInvalid, "TARGET_REQUIRED", "请用 target 指明另一事项（编号或 cases/…）",
                    "say in target which other case is meant (its number, or cases/…)", {{"field", "target"}});
    }
    if (command_.target() == case_.state.name()) {
      return Reject(Kind::kInvalid, "TARGET_IS_ITSELF", "另一事项不能是该事项本身，请另行指定",
                    "the other case cannot be this case itself; name another", {{"field", "target"}});
    }
    Outcome<Capacity> capacity = FindOpener(*case_.procedure, case_.state, context_.directory, actor_);
    DUBAN_REQUIRE(capacity);
    DUBAN_REQUIRE(FindOther(context_, draft_, actor_, command_.target()));
    other_ = draft_.Find(command_.target());
    DUBAN_REQUIRE(FindOpener(*other_->procedure, other_->state, context_.directory, actor_));
    return capacity;
  }

  Verdict CheckMerge() const {
    if (case_.state.end_kind() != v1::END_KIND_UNSPECIFIED) {
      return Reject(Kind::kState, "CASE_ENDED", "事项已经结束，不能再并案", "the case has ended and cannot be merged",
                    {{"case", case_.state.name()}});
    }
    if (other_->state.end_kind() != v1::END_KIND_UNSPECIFIED) {
      return Reject(Kind::kState, "MERGE_INTO_ENDED", "并入的事项已经结束，请并入尚在办理的一件",
                    "the case to merge into has ended; merge into one that is open", {{"case", other_->state.name()}});
    }
    if (case_.state.procedure() != other_->state.procedure()) {
      return Reject(Kind::kState, "MERGE_OTHER_PROCEDURE", "两件事项的规程不同，不能并案；可用 link 归到同一上级事项",
                    "the two follow different procedures and cannot be merged; link them to one whole instead",
                    {{"procedure", case_.state.procedure()}, {"other", other_->state.procedure()}});
    }
    if (context_.open_parts(case_.state.name()) > 0) {
      return Reject(Kind::kState, "PARTS_OPEN", "该事项还有未办结的组成部分，不能并案；请先办结或改并另一件",
                    "parts of the case are open, so it cannot be merged; end them first, or merge the other way");
    }
    if (static_cast<size_t>(other_->state.duplicates_size()) >= limits::kDuplicatesMax) {
      return Reject(Kind::kState, "TOO_MANY_DUPLICATES",
                    absl::StrCat("一件事项最多并入 ", limits::kDuplicatesMax, " 件"),
                    absl::StrCat("at most ", limits::kDuplicatesMax, " cases may be merged into one"));
    }
    return Nothing{};
  }

  // What the duplicate says in choices of several (its sources) and the survivor does not say yet. Fields that are not
  // for everybody stay where they are.
  Outcome<std::vector<v1::FieldValue>> Unite() const {
    std::vector<v1::FieldValue> united;
    for (const Field& field : other_->procedure->fields) {
      const Field* ours = case_.procedure->FindField(field.name);
      const auto* brings = FindFieldState(case_.state, field.name);
      const auto unites = [](const Field& f) {
        return f.type == FieldType::kChoice && f.many && !f.sealed && f.sees.empty();
      };
      if (ours == nullptr || brings == nullptr || !unites(field) || !unites(*ours)) continue;
      v1::FieldValue value;
      value.set_field(field.name);
      if (const auto* has = FindFieldState(other_->state, field.name)) *value.mutable_values() = has->values();
      const int before = value.values_size();
      for (const v1::Value& one : brings->values()) {
        const bool known = std::any_of(value.values().begin(), value.values().end(),
                                       [&](const v1::Value& v) { return v.choice() == one.choice(); });
        if (!known && other_->procedure->FindCode(field.codes, one.choice()) != nullptr) *value.add_values() = one;
      }
      if (static_cast<size_t>(value.values_size()) > limits::kValuesPerFieldMax) {
        return Reject(
            Kind::kInvalid, "FIELD_TOO_MANY",
            absl::StrCat(field.title.zh(), "合并后超过 ", limits::kValuesPerFieldMax, " 项"),
            absl::StrCat("field ", field.name, " would have more than ", limits::kValuesPerFieldMax, " values"),
            {{"field", absl::StrCat("fields.", field.name)}});
      }
      if (value.values_size() > before) united.push_back(std::move(value));
    }
    return united;
  }

  const Context& context_;
  Draft& draft_;
  CaseDraft& case_;
  CaseDraft* other_ = nullptr;
  const Actor& actor_;
  const v1::ActOnCaseRequest& command_;
};

}  // namespace

bool NamesLink(absl::string_view action) { return action == kLink || action == kMerge; }

Verdict DecideLink(const Context& context, Draft& draft, CaseDraft& on, const Actor& actor,
                   const v1::ActOnCaseRequest& command) {
  Linking linking(context, draft, on, actor, command);
  return command.action() == kLink ? linking.Link() : linking.Merge();
}

Outcome<const CaseState*> FindOther(const Context& context, const Draft& draft, const Actor& actor,
                                    const std::string& named) {
  const CaseState* state = draft.Look(named);
  const auto sees = [&](const std::string& person) {
    const Procedure* procedure = context.procedures.Find(state->procedure(), state->procedure_version());
    return !person.empty() && SeesCase(*procedure, *state, context.directory.ViewerIds(person));
  };
  if (state != nullptr && (sees(actor.person) || sees(actor.entered_by))) return state;
  return Reject(Kind::kNotFound, "CASE_NOT_FOUND", absl::StrCat("没有您可以查看的事项“", named, "”"),
                absl::StrCat("there is no case \"", named, "\" that you may see"), {{"case", named}});
}

}  // namespace duban::engine
