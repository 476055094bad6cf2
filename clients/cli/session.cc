#include "clients/cli/session.h"

#include <algorithm>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "clients/cli/dates.h"
#include "clients/cli/values.h"

namespace duban::cli {
namespace {

Lang LangOf(const std::string& name) {
  if (name == "en") return Lang::kEn;
  return name == "both" ? Lang::kBoth : Lang::kZh;
}

// Lists every page of a directory into `names`.
template <typename Request, typename Each>
void ListAll(client::Client& client, Request request, Each each) {
  while (true) {
    auto page = client.Call(request);
    if (!page.ok()) return;
    each(*page);
    if (page->next_page_token().empty()) return;
    request.set_page_token(page->next_page_token());
  }
}

}  // namespace

Session::Session(const Global& global)
    : console_(LangOf(global.lang), global.json),
      server_(global.server),
      token_(global.token),
      token_file_named_(!global.token_file.empty()) {
  if (token_.empty() && !global.token_file.empty()) {
    auto text = ReadFile(global.token_file);
    if (text) {
      token_ = std::string(absl::StripAsciiWhitespace(*text));
    } else {
      token_fault_ = Both(absl::StrCat("读不了令牌文件 ", global.token_file, "。"),
                          absl::StrCat("Cannot read the token file ", global.token_file, "."));
    }
  }
  if (token_.empty() && token_fault_.zh().empty()) {
    token_fault_ = Both("没有令牌：请用 --token-file 文件，或设置环境变量 DUBAN_TOKEN_FILE。",
                        "No token: give --token-file FILE, or set DUBAN_TOKEN_FILE.");
  }
  client::Options options;
  options.target = global.server;
  options.token = token_;
  client_ = client::Client::Connect(options);
}

std::unique_ptr<client::Client> Session::PatientClient(std::chrono::milliseconds call_time) const {
  client::Options options;
  options.target = server_;
  options.token = token_;
  options.call_time = call_time;
  return client::Client::Connect(options);
}

bool Session::Ready(int* code, bool needed) const {
  if (token_fault_.zh().empty() || (!needed && !token_file_named_)) return true;
  console_.Remark(token_fault_);
  *code = kExitUsage;
  return false;
}

int Session::Fail(const client::Error& error) const {
  bool unreachable = error.reason.empty() && (error.code == absl::StatusCode::kUnavailable ||
                                              error.code == absl::StatusCode::kDeadlineExceeded);
  console_.Remark(error.message);
  for (const auto& [field, what] : error.violations) console_.Remark(absl::StrCat("  ", field, ": ", what), "");
  std::string line = absl::StrCat("  ", error.reason.empty() ? absl::StatusCodeToString(error.code) : error.reason);
  for (const auto& [name, value] : error.facts) {
    if (name != "request_id") absl::StrAppend(&line, "  ", name, "=", value);
  }
  if (!error.request_id.empty()) absl::StrAppend(&line, "  request=", error.request_id);
  console_.Remark(line, "");
  return unreachable ? kExitUnreachable : kExitRefused;
}

absl::TimeZone Session::zone() {
  if (zone_ == nullptr) {
    auto workspace = client_->Call(v1::GetWorkspaceRequest());
    zone_ =
        std::make_unique<absl::TimeZone>(absl::FixedTimeZone(workspace.ok() ? workspace->zone_offset_s() : 8 * 3600));
  }
  return *zone_;
}

std::string Session::Show(bool present, const google::protobuf::Timestamp& t) {
  return present ? ShowInstant(FromTimestamp(t), zone()) : "";
}

bool Session::ReadAsOf(const std::string& text, v1::AsOf* as_of) {
  constexpr size_t kPositionBytesMin = 16;  // No misspelt day is that long; a position is longer.
  if (auto day = ReadDay(text)) {
    as_of->set_date(ShowDay(*day));
  } else if (auto instant = ReadInstant(text, zone())) {
    *as_of->mutable_instant() = ToTimestamp(*instant);
  } else if (text.size() >= kPositionBytesMin && std::all_of(text.begin(), text.end(), [](char c) {
               return absl::ascii_isalnum(c) || c == '-' || c == '_';
             })) {
    as_of->set_position(text);
  } else {
    console_.Remark(
        absl::StrCat("“", text, "”不是日期、时刻或位置，应写作 2026-10-08、\"2026-10-08 09:30\"，或先前答复中的位置。"),
        absl::StrCat("\"", text,
                     "\" is no day, instant or position; write 2026-10-08, \"2026-10-08 09:30\", or a position ",
                     "from an earlier answer."));
    return false;
  }
  return true;
}

bool Session::ReadWhen(const std::string& text, google::protobuf::Timestamp* t, bool end_of_day) {
  if (auto instant = ReadInstant(text, zone())) {
    *t = ToTimestamp(*instant);
    return true;
  }
  if (auto day = ReadDay(text)) {
    *t = ToTimestamp(end_of_day ? absl::FromCivil(*day + 1, zone()) - absl::Milliseconds(1)
                                : absl::FromCivil(*day, zone()));
    return true;
  }
  console_.Remark(absl::StrCat("“", text, "”不是时刻，应写作 2026-10-08 或 \"2026-10-08 09:30\"。"),
                  absl::StrCat("\"", text, "\" is not an instant; write 2026-10-08 or \"2026-10-08 09:30\"."));
  return false;
}

bool Session::ReadPerson(const std::string& text, std::string* person) {
  ReadValue read = ReadReference(text, "person", names());
  if (!read.ok()) {
    console_.Remark(read.fault);
    return false;
  }
  *person = read.value->reference();
  return true;
}

const Names& Session::names() {
  if (names_ == nullptr) {
    names_ = std::make_unique<Names>();
    ListAll(*client_, v1::ListUnitsRequest(), [&](const auto& page) {
      for (const auto& unit : page.units()) names_->Add(unit);
    });
    ListAll(*client_, v1::ListPostsRequest(), [&](const auto& page) {
      for (const auto& post : page.posts()) names_->Add(post);
    });
    ListAll(*client_, v1::ListPersonsRequest(), [&](const auto& page) {
      for (const auto& person : page.persons()) names_->Add(person);
    });
  }
  return *names_;
}

const ProcedureWords& Session::words(const std::string& procedure, uint32_t version) {
  auto [found, is_new] = words_.try_emplace({procedure, version});
  if (is_new) {
    v1::GetProcedureRequest request;
    request.set_name(procedure);
    request.set_version(version);
    auto answer = client_->Call(request);
    if (answer.ok()) {
      found->second = ScanProcedure(answer->source(), {answer->shared().begin(), answer->shared().end()});
    }
  }
  return found->second;
}

const std::map<std::string, v1::Text>& Session::procedures() {
  if (procedures_ == nullptr) {
    procedures_ = std::make_unique<std::map<std::string, v1::Text>>();
    if (const auto answer = client_->Call(v1::ListProceduresRequest()); answer.ok()) {
      for (const v1::ProcedureVersion& one : answer->procedures()) {
        (*procedures_)[std::string(absl::StripPrefix(one.name(), "procedures/"))] = one.title();
      }
    }
  }
  return *procedures_;
}

std::string Session::ProcedureNamed(const std::string& text) {
  return IsAscii(text) ? text : NameOf(procedures(), text);
}

std::string Session::RegisterNamed(const std::string& text) {
  if (IsAscii(text)) return text;
  std::map<std::string, v1::Text> titles;
  for (const auto& [name, title] : procedures()) {
    const ProcedureWords& known = words(name);
    titles.insert(known.registers.begin(), known.registers.end());
  }
  return NameOf(titles, text);
}

std::string Session::FieldNamedAnywhere(const std::string& text) {
  if (IsAscii(text)) return text;
  std::set<std::string> named;
  for (const auto& [name, title] : procedures()) {
    if (std::string field = FieldNamed(words(name), text); field != text) named.insert(std::move(field));
  }
  return named.size() == 1 ? *named.begin() : text;
}

}  // namespace duban::cli
