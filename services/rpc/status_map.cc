#include "services/rpc/status_map.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace duban::rpc {
namespace {

constexpr char kDomain[] = "duban";

grpc::StatusCode CodeOf(engine::Kind kind) {
  switch (kind) {
    case engine::Kind::kInvalid:
      return grpc::StatusCode::INVALID_ARGUMENT;
    case engine::Kind::kNotFound:
      return grpc::StatusCode::NOT_FOUND;
    case engine::Kind::kForbidden:
      return grpc::StatusCode::PERMISSION_DENIED;
    case engine::Kind::kConflict:
      return grpc::StatusCode::ABORTED;
    case engine::Kind::kState:
      return grpc::StatusCode::FAILED_PRECONDITION;
    case engine::Kind::kExists:
      return grpc::StatusCode::ALREADY_EXISTS;
    case engine::Kind::kOutOfRange:
      return grpc::StatusCode::OUT_OF_RANGE;
  }
  return grpc::StatusCode::UNKNOWN;
}

// Trouble that callers meet in ordinary days: what it is and what to do.
struct Known {
  absl::string_view reason;
  absl::string_view zh;
  absl::string_view en;
};
constexpr Known kKnown[] = {
    {"TOKEN_REQUIRED",
     "请求缺少令牌。请管理员执行 `duban token <人员>` 签发，并以元数据 authorization: Bearer <令牌> 随每次请求发送。",
     "The call carries no token. Ask an administrator for one (`duban token <person>`) and send it with every call as "
     "metadata, authorization: Bearer <token>."},
    {"TOKEN_INVALID", "令牌无效或已过期。请管理员执行 `duban token <人员>` 重新签发。",
     "The token is wrong or has expired. Ask an administrator for a new one (`duban token <person>`)."},
    {"QUEUE_FULL", "等待处理的命令已满，未作任何更改。请稍后以同一幂等键重试。",
     "Too many commands are waiting; nothing was changed. Try again in a moment with the same idempotency key."},
    {"TOO_MANY_WATCHES", "打开的订阅过多。请关闭不用的订阅后再试。",
     "Too many watches are open. Close those you do not need and try again."},
    {"VIEW_TOO_LARGE", "符合条件的行数超过一个订阅的上限。请缩小筛选范围。",
     "More rows match than one watch may hold. Narrow the filter."},
    {"PAST_TOO_FAR", "那时的记载已不再保存，而从头重读历史太长。请改问较近的时间，或查看单个事项。",
     "What stood then is not kept any more, and the history is too long to be read again. Ask for a later time, or "
     "look "
     "at single cases."},
    {"PAST_TOO_LARGE", "事项太多，不能为过去的时间重新统计。请问现在的数字，或按事项查询。",
     "Too many cases to count again for a past time. Ask for the figures of now, or for rows."},
    {"PAST_BUSY", "正在为另一次查询重读历史，请稍后再试。",
     "The history is being read again for somebody else's question. Try again in a moment."},
    {"FILE_EXPIRING", "以前上传的同一文件已过期，正在清除，请稍后再试。",
     "What was sent of this file before has expired and is being removed. Try again in a moment."},
    {"READ_ONLY", "服务器写入失败后已转为只读：可以查询，不能更改。请联系运维人员。",
     "A failed write has made the server read-only: it answers queries and refuses changes. Tell its operator."},
    {"BEHIND_TOKEN",
     "续订标记指向的历史超出了这台服务器现有的历史。请稍后再试；若一直如此，请告诉运维人员：数据可能被旧备份覆盖。",
     "The resume token is ahead of this server's history. Try again later; if it stays so, tell its operator: the data "
     "may "
     "have been replaced by an older backup."},
    {"TOO_MANY_UPLOADS", "等待传完或使用的文件过多。请先把已上传的用于办理，或等其过期清除（72 小时），再上传新的。",
     "Too many files wait to be completed or used. Use those you have uploaded, or wait until they expire (72 hours)."},
    {"TOO_MANY_DOWNLOADS", "正在下载的文件过多，请稍后再试。", "Too many files are being sent. Try again in a moment."},
    {"DISK_FULL", "服务器磁盘空间不足，未保存。请告诉运维人员。",
     "The server's disk has too little room; nothing was kept. Tell its operator."},
    {"VIEW_BUILDING", "该视图正在重建，请稍后再试。", "This view is being built. Try again later."},
    {"SHUTTING_DOWN", "服务器正在停止。请稍后以同一幂等键重试。",
     "The server is stopping. Try again in a moment with the same idempotency key."},
    {"INTERNAL", "服务器内部出错。请把请求编号告诉运维人员，日志中有详情。",
     "Something went wrong inside the server. Give its operator the request id; its log has the details."},
    {"UNAVAILABLE", "服务器暂时不能处理此请求，请稍后再试。",
     "The server cannot take this call at the moment. Try again later."},
};

const Known* Find(absl::string_view reason) {
  for (const Known& known : kKnown) {
    if (known.reason == reason) return &known;
  }
  return nullptr;
}

// At most `bytes_max` bytes, cut between two UTF-8 characters.
std::string Cut(absl::string_view text, size_t bytes_max) {
  if (text.size() <= bytes_max) return std::string(text);
  size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return std::string(text.substr(0, end));
}

void Pack(const google::protobuf::Message& detail, google::rpc::Status* status) {
  status->add_details()->PackFrom(detail);
}

void AddMessage(const char* locale, absl::string_view message, google::rpc::Status* status) {
  if (message.empty()) return;
  google::rpc::LocalizedMessage localized;
  localized.set_locale(locale);
  localized.set_message(Cut(message, kMessageBytesMax));
  Pack(localized, status);
}

using Facts = std::vector<std::pair<std::string, std::string>>;

// The facts that fit; a name given twice keeps all its values.
google::rpc::ErrorInfo InfoOf(absl::string_view reason, const Facts& facts) {
  google::rpc::ErrorInfo info;
  info.set_reason(std::string(reason));
  info.set_domain(kDomain);
  size_t bytes = 0;
  for (const auto& [name, value] : facts) {
    std::string cut = Cut(value, kFactBytesMax);
    bytes += name.size() + cut.size();
    if (bytes > kMessageBytesMax) break;
    std::string& held = (*info.mutable_metadata())[name];
    held = held.empty() ? cut : absl::StrCat(held, ", ", cut);
  }
  return info;
}

google::rpc::BadRequest ViolationsOf(const Facts& facts, absl::string_view description) {
  google::rpc::BadRequest bad;
  for (const auto& [name, value] : facts) {
    if (name != "field") continue;
    auto* violation = bad.add_field_violations();
    violation->set_field(Cut(value, kFactBytesMax));
    violation->set_description(Cut(description, kFactBytesMax));
    if (bad.ByteSizeLong() > kMessageBytesMax) {
      bad.mutable_field_violations()->RemoveLast();
      break;
    }
  }
  return bad;
}

grpc::Status Build(grpc::StatusCode code, absl::string_view reason, absl::string_view zh, absl::string_view en,
                   const Facts& facts) {
  google::rpc::Status status;
  status.set_code(code);
  // Chinese is always there, English may be empty: gRPC's own message then has to be Chinese.
  status.set_message(Cut(en.empty() ? zh : en, kMessageBytesMax));
  Pack(InfoOf(reason, facts), &status);
  AddMessage("zh-CN", zh, &status);
  AddMessage("en", en, &status);
  google::rpc::BadRequest bad = ViolationsOf(facts, en.empty() ? zh : en);
  if (bad.field_violations_size() > 0) {
    Pack(bad, &status);
    if (status.ByteSizeLong() > kDetailsBytesMax) status.mutable_details()->RemoveLast();
  }
  return grpc::Status(code, status.message(), status.SerializeAsString());
}

// "QUEUE_FULL: …" -> "QUEUE_FULL"; empty when the message has no such beginning.
absl::string_view BeginningOf(absl::string_view message) {
  const size_t colon = message.find(':');
  if (colon == absl::string_view::npos || colon < 3) return {};
  for (char c : message.substr(0, colon)) {
    if (!absl::ascii_isupper(c) && !absl::ascii_isdigit(c) && c != '_') return {};
  }
  return message.substr(0, colon);
}

const Known* KnownOf(const absl::Status& status) {
  return Find(BeginningOf(absl::string_view(status.message().data(), status.message().size())));
}

// What to say of a trouble for which nothing particular is known.
absl::string_view GeneralReason(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kUnauthenticated:
      return "TOKEN_INVALID";
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kCancelled:
    case absl::StatusCode::kDeadlineExceeded:
      return "UNAVAILABLE";
    default:
      return "INTERNAL";
  }
}

}  // namespace

grpc::Status ToStatus(const engine::Rejection& rejection) {
  return Build(CodeOf(rejection.kind), rejection.reason, rejection.message.zh(), rejection.message.en(),
               rejection.facts);
}

grpc::Status ToStatus(const absl::Status& status, const std::string& request_id) {
  if (status.ok()) return grpc::Status::OK;
  const Known* known = KnownOf(status);
  if (known == nullptr) known = Find(GeneralReason(status.code()));
  return Build(static_cast<grpc::StatusCode>(status.code()), known->reason, known->zh, known->en,
               {{"request_id", request_id}});
}

bool IsKnown(const absl::Status& status) { return KnownOf(status) != nullptr; }

std::string ReasonOf(const grpc::Status& status) {
  google::rpc::Status details;
  google::rpc::ErrorInfo info;
  if (!details.ParseFromString(status.error_details()) || details.details_size() == 0) return "";
  return details.details(0).UnpackTo(&info) ? info.reason() : "";
}

}  // namespace duban::rpc
