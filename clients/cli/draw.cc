// Draws: fix a population, take the seed, see who is drawn, and make the draw again from what is written.
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <fstream>
#include <map>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "clients/cli/commands.h"
#include "clients/cli/ledger_filter.h"
#include "clients/cli/values.h"
#include "duban/v1/draw_service.pb.h"
#include "duban/v1/ledger_service.pb.h"

namespace duban::cli {
namespace {

constexpr int kPage = 500;

std::string HexDigest(const std::string& text) { return Digest(text).substr(7); }

bool AddIds(Session& session, const std::vector<std::string>& texts, const std::string& kind,
            google::protobuf::RepeatedPtrField<std::string>* ids) {
  for (const std::string& text : texts) {
    const ReadValue read = ReadReference(text, kind, session.names());
    if (!read.ok()) {
      session.console().Remark(read.fault);
      return false;
    }
    *ids->Add() = read.value->reference();
  }
  return true;
}

// The cases that a ledger's filter shows, grouped by what a column shows of them. What they are called, by id.
bool AddCases(Session& session, const DrawFreezeOptions& options, v1::FreezeDrawRequest* request, int* code) {
  v1::QueryLedgerRequest query;
  if (!FillFilter(session, options.cases, query.mutable_filter())) {
    *code = kExitUsage;
    return false;
  }
  query.set_page_size(kPage);
  do {
    auto page = session.Call(v1::QueryLedgerRequest(query), code);
    if (page == nullptr) return false;
    for (const v1::LedgerRow& row : page->rows()) {
      v1::DrawCandidate& candidate = *request->add_candidates();
      candidate.set_id(row.case_());
      for (const auto& column : row.columns()) {
        if (column.field() == options.per || column.title().zh() == options.per)
          candidate.set_group(absl::StrJoin(column.shown(), "、"));
      }
    }
    query.set_page_token(page->next_page_token());
  } while (!query.page_token().empty());
  return true;
}

// "20%" or "12.5%" in thousandths.
bool ReadShare(const std::string& text, int64_t* permille) {
  double percent = 0;
  if (!absl::SimpleAtod(absl::StripSuffix(text, "%"), &percent) || percent <= 0 || percent > 100) return false;
  *permille = static_cast<int64_t>(percent * 10 + 0.5);
  return true;
}

std::string Called(Session& session, const std::string& id) {
  const std::string title = session.names().Title(id);
  return title.empty() ? id : title;
}

// `named`: with what the directory calls those drawn.
void PrintDraw(Session& session, const v1::Draw& draw, bool named = true) {
  const Console& console = session.console();
  if (session.json()) return console.PrintJson(draw);
  Table facts({console.Say("项目", "item"), console.Say("内容", "content")}, 100, true);
  const auto row = [&](const char* zh, const char* en, std::string value) {
    if (!value.empty()) facts.Add({console.Say(zh, en), std::move(value)});
  };
  int64_t barred = 0;
  for (const v1::DrawCandidate& candidate : draw.frozen().candidates()) barred += candidate.excluded().empty() ? 0 : 1;
  std::vector<std::string> shares;
  for (const v1::DrawShare& share : draw.frozen().shares()) {
    shares.push_back(absl::StrCat(share.group(), share.group().empty() ? "" : " ", share.count()));
  }
  row("抽取", "draw", draw.name());
  row("内容", "what", draw.frozen().title());
  row("固定于", "fixed at", session.Show(draw.frozen().has_at(), draw.frozen().at()));
  row("候选", "candidates", absl::StrCat(draw.frozen().candidates_size()));
  row("回避", "barred", barred == 0 ? "" : absl::StrCat(barred));
  row("应抽", "to draw", absl::StrJoin(shares, "，"));
  row("名单摘要", "digest", draw.frozen().digest());
  row("重抽自", "redraws", draw.frozen().redraws());
  row("原因", "reason", draw.frozen().reason());
  row("种子", "seed", draw.seeded().seed());
  row("种子来源", "its source", draw.seeded().source());
  console.PrintTable(facts);
  if (!draw.has_made()) return;
  Table drawn({console.Say("抽中", "drawn"), console.Say("名称", "title")}, 100);
  for (const std::string& id : draw.made().drawn()) drawn.Add({id, named ? Called(session, id) : ""});
  console.PrintTable(drawn);
}

// The draw made again from population and seed, by this program's own reading of docs/draws.md.
std::vector<std::string> DrawAgain(const v1::Draw& draw, bool* same_digest) {
  std::string text;
  for (const v1::DrawCandidate& candidate : draw.frozen().candidates()) {
    absl::StrAppend(&text, candidate.id(), "\t", candidate.group(), "\t", candidate.excluded(), "\n");
  }
  for (const v1::DrawShare& share : draw.frozen().shares()) {
    absl::StrAppend(&text, "#", share.group(), "\t", share.count(), "\n");
  }
  const std::string digest = HexDigest(text);
  *same_digest = digest == draw.frozen().digest();
  std::vector<std::string> drawn;
  for (const v1::DrawShare& share : draw.frozen().shares()) {
    std::map<std::string, std::string> tickets;
    for (const v1::DrawCandidate& candidate : draw.frozen().candidates()) {
      if (candidate.group() != share.group() || !candidate.excluded().empty()) continue;
      tickets[HexDigest(absl::StrCat(draw.seeded().seed(), "\n", digest, "\n", candidate.id()))] = candidate.id();
    }
    int64_t left = share.count();
    for (const auto& [ticket, id] : tickets) {
      if (left-- > 0) drawn.push_back(id);
    }
  }
  return drawn;
}

// Says whether population and seed give those who were drawn.
int Verify(const Console& console, const v1::Draw& draw) {
  if (!draw.has_made()) {
    return console.Fail(kExitRefused, "还没有抽，无从核对。", "It has not been drawn; there is nothing to verify.");
  }
  bool same_digest = false;
  const std::vector<std::string> again = DrawAgain(draw, &same_digest);
  const bool same =
      same_digest && std::equal(again.begin(), again.end(), draw.made().drawn().begin(), draw.made().drawn().end());
  if (!same) {
    return console.Fail(
        kExitRefused,
        same_digest ? "核对不符：按名单和种子重算，抽中的不是这些。" : "核对不符：名单与固定时的摘要不一致。",
        same_digest ? "Not so: population and seed give others."
                    : "Not so: the population is another than that fixed.");
  }
  console.Print(
      console.Say("核对相符：按固定的名单和种子重算，结果一致。", "verified: population and seed give the same"));
  return kExitOk;
}

}  // namespace

std::string DrawNamed(Session& session, const std::string& text) {
  if (absl::StartsWith(text, "draws/")) return text;
  v1::ListDrawsRequest request;
  request.set_page_size(kPage);
  do {
    const auto page = session.client().Call(request);
    if (!page.ok()) return text;
    for (const v1::Draw& draw : page->draws()) {
      if (draw.frozen().title() == text) return draw.name();
    }
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  return text;
}

int RunDrawFreeze(Session& session, const DrawFreezeOptions& options) {
  const Console& console = session.console();
  v1::FreezeDrawRequest request;
  request.set_title(options.title);
  int code = kExitOk;
  google::protobuf::RepeatedPtrField<std::string> ids;
  const std::string kind = options.kind == "单位"   ? "unit"
                           : options.kind == "岗位" ? "post"
                           : options.kind == "人员" ? "person"
                                                    : options.kind;
  if (!AddIds(session, options.candidates, kind, &ids)) return kExitUsage;
  for (std::string& id : ids) request.add_candidates()->set_id(std::move(id));
  if (!options.cases.procedure.empty() && !AddCases(session, options, &request, &code)) return code;
  v1::DrawRequestShare& share = *request.add_shares();
  share.set_every_group(true);
  share.set_count(options.count);
  share.set_at_least(options.at_least);
  int64_t permille = 0;
  if (!options.share.empty() && !ReadShare(options.share, &permille)) {
    return console.Fail(kExitUsage, absl::StrCat("“", options.share, "”不是比例，请写作 20%。"),
                        absl::StrCat("\"", options.share, "\" is no share; write 20%."));
  }
  share.set_permille(permille);
  if (!AddIds(session, options.not_related_to, "", request.mutable_not_related_to())) return kExitUsage;
  if (!options.redraws.empty()) request.set_redraws(DrawNamed(session, options.redraws));
  request.set_reason(options.reason);
  request.set_idempotency_key(options.key);
  auto answer = session.Call(std::move(request), &code);
  if (answer == nullptr) return code;
  PrintDraw(session, answer->draw());
  return kExitOk;
}

int RunDrawSeed(Session& session, const std::string& draw, const std::string& seed, const std::string& source,
                const std::string& key) {
  v1::SeedDrawRequest request;
  request.set_draw(DrawNamed(session, draw));
  request.set_seed(seed);
  request.set_source(source);
  request.set_idempotency_key(key);
  int code = kExitOk;
  auto answer = session.Call(std::move(request), &code);
  if (answer == nullptr) return code;
  PrintDraw(session, answer->draw());
  return kExitOk;
}

int RunDrawShow(Session& session, const std::string& name, bool verify, const std::string& out) {
  const Console& console = session.console();
  v1::GetDrawRequest request;
  request.set_draw(DrawNamed(session, name));
  int code = kExitOk;
  auto answer = session.Call(std::move(request), &code);
  if (answer == nullptr) return code;
  if (!out.empty()) {
    google::protobuf::util::JsonPrintOptions readable;
    readable.add_whitespace = true;
    std::string text;
    (void)google::protobuf::util::MessageToJsonString(answer->draw(), &text, readable);
    std::ofstream file(out, std::ios::binary);
    file << text;
    file.close();
    if (!file) {
      return console.Fail(kExitUsage, absl::StrCat("写不了文件 ", out, "。"), absl::StrCat("Cannot write ", out, "."));
    }
  }
  PrintDraw(session, answer->draw());
  return verify ? Verify(console, answer->draw()) : kExitOk;
}

int RunDrawVerify(Session& session, const std::string& file) {
  const Console& console = session.console();
  const std::optional<std::string> text = ReadTextFile(console, file);
  if (!text.has_value()) return kExitUsage;
  v1::Draw draw;
  if (!google::protobuf::util::JsonStringToMessage(*text, &draw).ok() || !draw.has_frozen()) {
    return console.Fail(kExitUsage, absl::StrCat(file, "：不是 duban draw show --out 写出的抽取记录。"),
                        absl::StrCat(file, ": not a draw as duban draw show --out writes it."));
  }
  PrintDraw(session, draw, /*named=*/false);
  return Verify(console, draw);
}

int RunDrawList(Session& session) {
  const Console& console = session.console();
  Table table({console.Say("抽取", "draw"), console.Say("内容", "what"), console.Say("固定于", "fixed at"),
               console.Say("候选", "candidates"), console.Say("抽中", "drawn"), console.Say("重抽自", "redraws")});
  v1::ListDrawsRequest request;
  request.set_page_size(kPage);
  do {
    int code = kExitOk;
    auto page = session.Call(v1::ListDrawsRequest(request), &code);
    if (page == nullptr) return code;
    if (session.json()) console.PrintJson(*page);
    for (const v1::Draw& draw : page->draws()) {
      table.Add({draw.name(), draw.frozen().title(), session.Show(draw.frozen().has_at(), draw.frozen().at()),
                 absl::StrCat(draw.frozen().candidates_size()),
                 draw.has_made() ? absl::StrCat(draw.made().drawn_size()) : console.Say("（未抽）", "(not yet)"),
                 draw.frozen().redraws()});
    }
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  if (session.json()) return kExitOk;
  if (table.empty()) {
    console.Print(console.Say("没有您能查看的抽取。", "no draws that you may see"));
  } else {
    console.PrintTable(table);
  }
  return kExitOk;
}

}  // namespace duban::cli
