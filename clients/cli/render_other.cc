// Lines of events that concern a case beside its stages and clocks, and of streams that are not cases.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "clients/cli/labels.h"
#include "clients/cli/render.h"

namespace duban::cli {
namespace {

// The title of a word in both languages; the word itself where it has none.
v1::Text TitleIn(const std::map<std::string, v1::Text>& titles, const std::string& word) {
  v1::Text text;
  const auto found = titles.find(word);
  if (found != titles.end()) text = found->second;
  if (text.zh().empty()) text.set_zh(word);
  if (text.en().empty()) text.set_en(text.zh());
  return text;
}

// Another case, where this person may see it.
std::string Named(const std::string& other) { return other.empty() ? "（另一事项 another case）" : other; }

}  // namespace

v1::Text Renderer::SayOther(const v1::Event& event, const ProcedureWords& words) const {
  const auto both = [](const char* zh, const char* en, const std::string& rest) {
    v1::Text text;
    text.set_zh(absl::StrCat(zh, rest));
    text.set_en(absl::StrCat(en, rest));
    return text;
  };
  const auto because = [](const std::string& reason) { return reason.empty() ? "" : absl::StrCat("（", reason, "）"); };
  switch (event.body_case()) {
    case v1::Event::kSuggestionDecided: {
      const v1::SuggestionDecided& decided = event.suggestion_decided();
      const v1::Text what = TitleIn(words.raises, decided.suggests());
      v1::Text text;
      text.set_zh(
          absl::StrCat(decided.approved() ? "采纳建议：" : "不采纳建议：", what.zh(), because(decided.reason())));
      text.set_en(absl::StrCat(decided.approved() ? "suggestion adopted: " : "suggestion not adopted: ", what.en(),
                               because(decided.reason())));
      return text;
    }
    case v1::Event::kPartyRebound: {
      const v1::PartyRebound& rebound = event.party_rebound();
      std::string bound;
      for (const v1::BoundId& id : rebound.bound()) {
        absl::StrAppend(&bound, bound.empty() ? "" : "、", id.title().empty() ? id.id() : id.title());
      }
      return both("参与方变更：",
                  "party rebound: ", absl::StrCat(rebound.party(), " → ", bound, because(rebound.reason())));
    }
    case v1::Event::kTransferOffered:
      return both("移送：", "offered to ",
                  absl::StrCat(event.transfer_offered().to_title(), because(event.transfer_offered().reason())));
    case v1::Event::kTransferAnswered:
      return event.transfer_answered().taken()
                 ? both("接收移送（回执）", "taken over (receipt)", "")
                 : both("退回移送", "sent back", because(event.transfer_answered().reason()));
    case v1::Event::kPartLinked:
      return both("归入，成为组成部分：", "became a part of ",
                  absl::StrCat(Named(event.part_linked().parent()), because(event.part_linked().reason())));
    case v1::Event::kCaseMerged:
      return both("并案，并入：", "merged into ",
                  absl::StrCat(Named(event.case_merged().into()), because(event.case_merged().reason())));
    case v1::Event::kDuplicateTaken: {
      const v1::DuplicateTaken& taken = event.duplicate_taken();
      const std::string which = taken.number().empty() ? Named(taken.duplicate()) : taken.number();
      return both("并入重复件：", "took in the duplicate ", absl::StrCat(which, because(taken.reason())));
    }
    case v1::Event::kCollectBegan: {
      int electors = 0;
      for (const v1::ElectorGroup& group : event.collect_began().groups()) electors += group.electors_size();
      const bool secret = event.collect_began().secret();
      return both(secret ? "评议开始（不记名）" : "评议开始（记名）",
                  secret ? "rating began, secretly" : "rating began, by name",
                  electors == 0 ? "" : absl::StrCat("：", electors));
    }
    case v1::Event::kBallotCast:
      return both("投出评议票：", "ballot handed in: ", names_.Title(event.ballot_cast().person()));
    case v1::Event::kCollectClosed:
      return CollectedText(event.collect_closed());
    case v1::Event::kMoveRescheduled:
      return both("日历变更，自动转环节改为 ", "calendar changed, moves on by itself at ",
                  At(event.move_rescheduled().moves_at()));
    case v1::Event::kCaseMigrated: {
      const v1::CaseMigrated& migrated = event.case_migrated();
      return both("改用规程版本 ", "procedure version ",
                  absl::StrCat(migrated.from_version(), " → ", migrated.to_version()));
    }
    case v1::Event::kRegisterEntered: {
      const v1::RegisterEntered& entered = event.register_entered();
      const v1::Text where = TitleIn(words.registers, entered.register_());
      const std::string who = entered.subject_title().empty() ? entered.subject() : entered.subject_title();
      v1::Text text;
      text.set_zh(absl::StrCat(who, " 列入", where.zh(), "（", entered.reason().zh(), "），",
                               entered.has_until() ? absl::StrCat("至 ", At(entered.until())) : "至移出为止"));
      text.set_en(absl::StrCat(who, " entered in ", where.en(), " (", entered.reason().en(), "), ",
                               entered.has_until() ? absl::StrCat("until ", At(entered.until())) : "until lifted"));
      return text;
    }
    case v1::Event::kRegisterLeft: {
      const v1::Text where = TitleIn(words.registers, event.register_left().register_());
      v1::Text text;
      text.set_zh(absl::StrCat("移出", where.zh()));
      text.set_en(absl::StrCat("left ", where.en()));
      return text;
    }
    case v1::Event::kFileErased:
      return both("文件已销毁：",
                  "file erased: ", absl::StrCat(event.file_erased().file(), because(event.file_erased().reason())));
    case v1::Event::kDelegationPut: {
      const v1::Delegation& delegation = event.delegation_put().delegation();
      return both(delegation.ended() ? "终止代办：" : "登记代办：",
                  delegation.ended() ? "delegation ended: " : "delegation: ",
                  absl::StrCat(names_.Title(delegation.from()), " → ", names_.Title(delegation.to()),
                               because(delegation.reason())));
    }
    case v1::Event::kDelegationBegan:
      return both("代办生效：", "delegation holds: ", event.delegation_began().delegation());
    case v1::Event::kDelegationEnded:
      return both("代办结束：", "delegation over: ", event.delegation_ended().delegation());
    case v1::Event::kCoverageWarned:
      return both("工作日历即将用完，只到 ", "the calendar runs out on ", event.coverage_warned().last_day());
    case v1::Event::kPlanPut: {
      const v1::PlanPut& put = event.plan_put();
      return both(put.plan().stopped() ? "停止计划：" : "登记计划：",
                  put.plan().stopped() ? "plan stopped: " : "plan put: ",
                  absl::StrCat(put.plan().name(), " v", put.plan().version(), because(put.override_reason())));
    }
    case v1::Event::kPlanDue:
      return both("计划到期：", "plan due: ",
                  absl::StrCat(event.plan_due().plan(), " ", event.plan_due().occurrence(), "，",
                               event.plan_due().population_size()));
    case v1::Event::kDrawFrozen:
      return both("固定抽取名单：", "population of a draw fixed: ",
                  absl::StrCat(event.draw_frozen().title(), "，", event.draw_frozen().candidates_size(),
                               because(event.draw_frozen().reason())));
    case v1::Event::kDrawSeeded:
      return both("取得种子：",
                  "seed taken: ", absl::StrCat(event.draw_seeded().seed(), "（", event.draw_seeded().source(), "）"));
    case v1::Event::kDrawMade:
      return both("抽取：", "drawn: ", absl::StrJoin(event.draw_made().drawn(), "、"));
    case v1::Event::kDocumentIssued: {
      const v1::DocumentIssued& issued = event.document_issued();
      const std::string to = issued.to_title().empty() ? "" : absl::StrCat(" → ", issued.to_title());
      return both("发文：", "issued: ",
                  absl::StrCat(issued.template_title().zh(), " ", issued.number(), to, "，", issued.cases_size()));
    }
    case v1::Event::kDocumentReceived:
      return both("收文签收", "document taken in",
                  event.document_received().left().empty()
                      ? ""
                      : absl::StrCat("（", event.document_received().left_size(), " 项未随之签收 left）"));
    case v1::Event::kDocumentFiled:
      return both("列入文书：", "in the document ",
                  absl::StrCat(event.document_filed().template_title().zh(), " ", event.document_filed().number()));
    case v1::Event::kJobStarted:
      return both("作业开始：", "job started: ", event.job_started().title().zh());
    case v1::Event::kJobAdvanced:
      return both("作业进展：处理 ", "job went on: looked at ",
                  absl::StrCat(event.job_advanced().looked_at(), " / ", event.job_advanced().changed()));
    case v1::Event::kJobEnded:
      return both("作业结束：", "job ended: ",
                  absl::StrCat(v1::JobState_Name(event.job_ended().state()), because(event.job_ended().reason())));
    default:
      return {};
  }
}

}  // namespace duban::cli
