#include "services/node/refusals.h"

#include "absl/strings/str_cat.h"

namespace duban::node {

using engine::Kind;
using engine::Reject;
using engine::Rejection;

Rejection CaseNotFound(absl::string_view named) {
  return Reject(Kind::kNotFound, "CASE_NOT_FOUND", absl::StrCat("没有您可以查看的事项“", named, "”"),
                absl::StrCat("there is no case \"", named, "\" that you may see"), {{"case", std::string(named)}});
}

Rejection StreamNotFound(absl::string_view named) {
  return Reject(Kind::kNotFound, "STREAM_NOT_FOUND", absl::StrCat("没有您可以查看的记录“", named, "”"),
                absl::StrCat("there is no stream \"", named, "\" that you may see"), {{"stream", std::string(named)}});
}

Rejection JobNotFound(absl::string_view named) {
  return Reject(Kind::kNotFound, "JOB_NOT_FOUND", absl::StrCat("没有您可以查看的作业“", named, "”"),
                absl::StrCat("there is no job \"", named, "\" that you may see"), {{"job", std::string(named)}});
}

Rejection RightRequired(absl::string_view right) {
  return Reject(Kind::kForbidden, "RIGHT_REQUIRED", absl::StrCat("需要权限 ", right, "，请由具有该权限的岗位人员办理"),
                absl::StrCat("this needs the right \"", right, "\", which none of your posts carries"),
                {{"right", std::string(right)}});
}

Rejection ForeignPageToken() {
  return Reject(Kind::kInvalid, "FOREIGN_PAGE_TOKEN", "page_token 不是本查询条件下给您的，请从第一页重新查询",
                "this page_token was not given to you for this query; start again from the first page",
                {{"field", "page_token"}});
}

Rejection UnknownPosition() {
  return Reject(Kind::kInvalid, "UNKNOWN_POSITION", "position 不是本工作区给出的，请使用先前答复中的原值",
                "this position was not given by this workspace; hand one back as it was in an answer",
                {{"field", "position"}});
}

Rejection HistoryForked() {
  return Reject(Kind::kState, "HISTORY_FORKED",
                "续订标记处的记录与服务器现有的不是同一条：历史已不是原来的那一份。请从头订阅，并告诉运维人员",
                "the record at the token is not the one this server has: its history went another way; watch from the "
                "beginning, and tell the operator");
}

Rejection WrongDate(absl::string_view field, absl::string_view given) {
  return Reject(Kind::kInvalid, "WRONG_DATE",
                absl::StrCat(field, " 应为实际存在的日期，如 2026-10-08；收到“", given, "”"),
                absl::StrCat(field, " must be a day that exists, such as 2026-10-08; got \"", given, "\""),
                {{"field", std::string(field)}});
}

Rejection WrongInstant(absl::string_view field) {
  return Reject(Kind::kInvalid, "WRONG_INSTANT", absl::StrCat(field, " 应为公元 1 年至 9999 年之间的时刻"),
                absl::StrCat(field, " must be an instant of the years 1 to 9999"), {{"field", std::string(field)}});
}

Rejection WrongNumber(absl::string_view field, int64_t given, int64_t least, int64_t most) {
  return Reject(Kind::kInvalid, "OUT_OF_BOUNDS", absl::StrCat(field, " 应在 ", least, " 到 ", most, " 之间"),
                absl::StrCat(field, " must lie between ", least, " and ", most),
                {{"field", std::string(field)}, {"given", absl::StrCat(given)}});
}

engine::Rejection KeyReused() {
  return engine::Reject(engine::Kind::kExists, "KEY_REUSED", "该幂等键已用于另一个请求，请为新请求另选一个键",
                        "this idempotency key was used for another request; choose a new one",
                        {{"field", "idempotency_key"}});
}

}  // namespace duban::node
