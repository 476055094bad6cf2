// What happened to a case, as people read it, newest first. What an event shows to somebody this shows to him too, and
// nothing else: what is suggested is known to few (engine/cases/suggestions.h).
#include <algorithm>
#include <cstdint>
#include <iterator>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "engine/cases/built_in.h"
#include "engine/cases/collecting.h"
#include "engine/cases/suggestions.h"
#include "engine/views/view.h"

namespace duban::engine {
namespace {

using duban::state::v1::CaseState;

v1::Text Both(std::string zh, std::string en) {
  v1::Text text;
  text.set_zh(std::move(zh));
  text.set_en(std::move(en));
  return text;
}

v1::Text Before(const char* zh, const char* en, const v1::Text& title) {
  return Both(absl::StrCat(zh, title.zh()), absl::StrCat(en, title.en().empty() ? title.zh() : title.en()));
}

// The title of an action; the word itself where nothing has it.
v1::Text TitleOf(const Procedure& procedure, const std::string& action) {
  const v1::Text title = ActionTitle(procedure, action);
  return title.zh().empty() ? Both(action, action) : title;
}

v1::Text EndedTitle(const v1::CaseEnded& ended) {
  if (ended.kind() == v1::END_KIND_MERGED) return Both("并案结束", "Ended: merged");
  if (ended.kind() == v1::END_KIND_CANCELLED) return Both("撤回", "Ended: called off");
  return ended.late() ? Both("办结（逾期）", "Ended late") : Both("办结", "Ended");
}

// The line that an event makes; nothing for events that only carry what others say.
std::optional<v1::TimelineEntry> LineOf(const Change& change, const v1::Event& event) {
  const Procedure& procedure = *change.procedure;
  v1::TimelineEntry line;
  const auto by_person = [&](const auto& e, const char* kind) {
    line.set_kind(kind);
    *line.mutable_at() = e.at();
    line.set_person(e.person());
    line.set_post(e.post());
    line.set_reason(e.reason());
    line.set_on_behalf_of(e.on_behalf_of());
  };
  if (event.has_case_opened()) {
    line.set_kind("opened");
    *line.mutable_at() = event.case_opened().opened_at();
    line.set_on_behalf_of(event.case_opened().on_behalf_of());
    line.set_reason(event.case_opened().burden().override_reason());
    *line.mutable_title() = Before("开启：", "Opened: ", procedure.title);
  } else if (event.has_action_taken()) {
    by_person(event.action_taken(), "action");
    *line.mutable_title() = TitleOf(procedure, event.action_taken().action());
    if (const int files = event.action_taken().files_size(); files > 0) {
      *line.mutable_title() = Both(absl::StrCat(line.title().zh(), "：", files, " 份"),
                                   absl::StrCat(line.title().en(), ": ", files, files == 1 ? " file" : " files"));
    }
  } else if (event.has_stage_entered()) {
    line.set_kind("stage");
    *line.mutable_at() = event.stage_entered().at();
    const Stage* stage = procedure.FindStage(event.stage_entered().stage());
    *line.mutable_title() = Before("进入：", "Entered: ", stage == nullptr ? v1::Text() : stage->title);
  } else if (event.has_rung_fired() && event.rung_fired().rung().kind() != v1::RUNG_KIND_LIGHT) {
    line.set_kind("rung");
    *line.mutable_at() = event.rung_fired().rung().at();
    *line.mutable_title() = event.rung_fired().rung().title();
  } else if (event.has_approval_requested()) {
    by_person(event.approval_requested(), "request");
    *line.mutable_title() = Before("申请：", "Asked: ", TitleOf(procedure, event.approval_requested().action()));
  } else if (event.has_approval_decided()) {
    const v1::ApprovalDecided& decided = event.approval_decided();
    by_person(decided, "decision");
    *line.mutable_title() =
        Before(decided.approved() ? "批准：" : "不同意：",
               decided.approved() ? "Approved: " : "Refused: ", TitleOf(procedure, decided.action()));
  } else if (event.has_suggestion_decided()) {
    const v1::SuggestionDecided& decided = event.suggestion_decided();
    by_person(decided, "suggestion");
    const LadderRung* rung = FindRung(procedure, decided.clock(), decided.rung());
    const v1::Text word = rung == nullptr ? Both(decided.suggests(), decided.suggests()) : rung->title;
    *line.mutable_title() = Before(decided.approved() ? "采纳建议：" : "不采纳建议：",
                                   decided.approved() ? "Adopted: " : "Not adopted: ", word);
  } else if (event.has_case_ended()) {
    line.set_kind("end");
    *line.mutable_at() = event.case_ended().at();
    *line.mutable_title() = EndedTitle(event.case_ended());
  } else if (event.has_case_reopened()) {
    line.set_kind("reopened");
    *line.mutable_at() = event.case_reopened().at();
    line.set_reason(event.case_reopened().reason());
    const uint32_t round = event.case_reopened().round();
    *line.mutable_title() = Both(absl::StrCat("重新开启：第 ", round, " 轮"), absl::StrCat("Reopened: round ", round));
  } else if (event.has_party_rebound()) {
    const v1::PartyRebound& rebound = event.party_rebound();
    line.set_kind("rebound");
    *line.mutable_at() = rebound.at();
    line.set_reason(rebound.reason());
    const Party* party = procedure.FindParty(rebound.party());
    std::vector<std::string> members;
    for (const v1::BoundId& id : rebound.bound()) members.push_back(id.title().empty() ? id.id() : id.title());
    *line.mutable_title() = Both(
        absl::StrCat(party == nullptr ? rebound.party() : party->title.zh(), "改为：", absl::StrJoin(members, "、")),
        absl::StrCat(rebound.party(), " is now: ", absl::StrJoin(members, ", ")));
  } else if (event.has_case_migrated()) {
    line.set_kind("migrated");
    *line.mutable_at() = event.case_migrated().at();
    const uint32_t version = event.case_migrated().to_version();
    *line.mutable_title() =
        Both(absl::StrCat("改用规程第 ", version, " 版"), absl::StrCat("goes on under version ", version));
  } else if (event.has_transfer_offered()) {
    by_person(event.transfer_offered(), "transfer");
    *line.mutable_title() = Both(absl::StrCat("移送：", event.transfer_offered().to_title()),
                                 absl::StrCat("Offered to ", event.transfer_offered().to_title()));
  } else if (event.has_transfer_answered()) {
    by_person(event.transfer_answered(), "transfer");
    *line.mutable_title() =
        event.transfer_answered().taken() ? Both("接收移送", "Taken over") : Both("退回移送", "Sent back");
  } else if (event.has_collect_began()) {
    line.set_kind("collecting");
    *line.mutable_at() = event.collect_began().at();
    const int electors = ElectorsIn(event.collect_began());
    *line.mutable_title() =
        Both(absl::StrCat("评议开始：", electors, " 人参加"), absl::StrCat("Rating began: ", electors, " take part"));
  } else if (event.has_ballot_cast()) {
    line.set_kind("ballot");
    *line.mutable_at() = event.ballot_cast().at();
    line.set_person(event.ballot_cast().person());
    *line.mutable_title() = BuiltInTitle(kVote);
  } else if (event.has_collect_closed()) {
    line.set_kind("collecting");
    *line.mutable_at() = event.collect_closed().at();
    *line.mutable_title() = event.collect_closed().quorum()
                                ? Both("评议结束，已计票", "Rating closed and counted")
                                : Both("评议结束，参评人数不足", "Rating closed: too few took part");
  } else if (event.has_part_linked()) {
    by_person(event.part_linked(), "linked");
    *line.mutable_title() = Both("成为另一事项的组成部分", "Became a part of another case");
  } else if (event.has_case_merged()) {
    by_person(event.case_merged(), "merged");
    *line.mutable_title() = Both("并入另一事项（重复件）", "Merged into another case (duplicate)");
  } else if (event.has_document_filed()) {
    const v1::DocumentFiled& filed = event.document_filed();
    line.set_kind("document");
    *line.mutable_at() = filed.at();
    *line.mutable_title() = Both(absl::StrCat("发文：", filed.template_title().zh(), " ", filed.number()),
                                 absl::StrCat("Letter: ", filed.number()));
  } else if (event.has_duplicate_taken()) {
    by_person(event.duplicate_taken(), "merged");
    *line.mutable_title() = Both("并入重复件", "A duplicate was merged into it");
  } else {
    return std::nullopt;
  }
  return line;
}

// Those who see the case, and of these those who may know of the event.
Ids AudienceOfLine(const Change& change, const v1::Event& event) {
  Ids all(change.part.audience().begin(), change.part.audience().end());
  // A decision ends the waiting: who had been asked stands in the state before.
  const bool decides = event.has_suggestion_decided() && change.before != nullptr;
  const CaseState& state = decides ? *change.before : *change.after;
  const std::optional<Ids> known = KnownTo(*change.procedure, state, change.directory, event);
  if (!known.has_value()) return all;
  Ids few;
  std::copy_if(known->begin(), known->end(), std::back_inserter(few),
               [&](const std::string& id) { return Includes(all, id, change.directory); });
  return few;
}

class Timeline : public View {
 public:
  const Definition& definition() const override {
    static const Definition is = [] {
      Definition d;
      d.number = v1::VIEW_TIMELINE;
      d.name = "timeline";
      d.version = 2;  // 1 said of what was called off that it was done.
      d.owner_label = "case";
      d.labels = {"case", "kind"};
      return d;
    }();
    return is;
  }

  void Apply(const Change& change, ViewRows& rows) const override {
    if (change.after == nullptr) return;
    uint64_t revision = change.part.first_revision();
    for (const v1::Event& event : change.part.events()) {
      std::optional<v1::TimelineEntry> line = LineOf(change, event);
      const uint64_t at = revision++;
      if (!line.has_value()) continue;
      line->set_case_(change.after->name());
      line->set_number(change.after->number());
      line->set_revision(at);
      if (FromProto(line->at()) != change.recorded) *line->mutable_recorded_at() = ToProto(change.recorded);
      Row row;
      // Digits, complemented: newest first, and still text.
      row.key = absl::StrFormat("%s/timeline/%020u", change.after->name(), ~at);
      row.audience = AudienceOfLine(change, event);
      *row.row.mutable_entry() = *std::move(line);
      rows.Put(std::move(row));
    }
  }

  std::vector<Label> LabelsOf(const v1::ViewRow& row) const override {
    return {{"case", row.entry().case_()}, {"kind", row.entry().kind()}};
  }
};

}  // namespace

const View& TimelineView() {
  static const Timeline view;
  return view;
}

}  // namespace duban::engine
