#include "clients/cpp/wire.h"

#include <algorithm>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace duban::client {
namespace {

// What to say of a failure that did not come from a Duban server: the connection's or another program's.
v1::Text TextOf(const grpc::Status& status, const std::string& target) {
  v1::Text text;
  switch (status.error_code()) {
    case grpc::StatusCode::UNAVAILABLE:
      text.set_zh("连不上服务器 " + target + "。请确认 duband 已启动、地址正确。");
      text.set_en("Cannot reach the server " + target + ". Is duband running, is the address right?");
      break;
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      text.set_zh("服务器 " + target + " 未在规定时间内答复；命令可能已经生效，可用同一幂等键重试。");
      text.set_en("The server " + target +
                  " did not answer in time; a command may have been done: try again with the same idempotency key.");
      break;
    case grpc::StatusCode::CANCELLED:
      text.set_zh("请求已取消。");
      text.set_en("The call was cancelled.");
      break;
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      text.set_zh("请求或答复超过了大小上限：" + status.error_message());
      text.set_en("The request or its answer is larger than allowed: " + status.error_message());
      break;
    case grpc::StatusCode::UNIMPLEMENTED:
      text.set_zh("服务器 " + target + " 没有这项功能，可能版本较旧。");
      text.set_en("The server " + target + " does not know this call; it may be older.");
      break;
    default:
      text.set_zh("请求失败：" + status.error_message());
      text.set_en("The call failed: " + status.error_message());
  }
  return text;
}

void Read(const google::rpc::Status& details, Error* error) {
  for (const google::protobuf::Any& any : details.details()) {
    google::rpc::ErrorInfo info;
    google::rpc::LocalizedMessage message;
    google::rpc::BadRequest bad;
    if (any.UnpackTo(&info)) {
      error->reason = info.reason();
      error->facts.insert(info.metadata().begin(), info.metadata().end());
    } else if (any.UnpackTo(&message)) {
      if (message.locale() == "zh-CN") error->message.set_zh(message.message());
      if (message.locale() == "en") error->message.set_en(message.message());
    } else if (any.UnpackTo(&bad)) {
      for (const auto& violation : bad.field_violations()) {
        error->violations.emplace_back(violation.field(), violation.description());
      }
    }
  }
}

}  // namespace

Error ToError(const grpc::Status& status, const std::string& target, std::string request_id) {
  Error error;
  error.code = static_cast<absl::StatusCode>(status.error_code());
  if (status.ok()) return error;
  error.request_id = std::move(request_id);
  google::rpc::Status details;
  if (!status.error_details().empty() && details.ParseFromString(status.error_details())) Read(details, &error);
  // A stream that the server has to cut off says why in gRPC's own message alone.
  if (error.reason.empty() && status.error_message().rfind("READER_STALLED: ", 0) == 0) {
    error.reason = "READER_STALLED";
    error.message.set_zh("读得太慢，服务器已断开此订阅；请从最后的标记续订。");
  }
  v1::Text general = TextOf(status, target);
  if (error.message.zh().empty()) error.message.set_zh(general.zh());
  if (error.message.en().empty()) {
    error.message.set_en(error.reason.empty() ? general.en() : status.error_message());
  }
  return error;
}

bool MayRetry(const Error& error) {
  if (error.reason == "QUEUE_FULL" || error.reason == "READER_STALLED") return true;
  return error.code == absl::StatusCode::kUnavailable && (error.reason.empty() || error.reason == "SHUTTING_DOWN");
}

Backoff::Backoff(std::chrono::milliseconds give_up_after)
    : give_up_at_(std::chrono::steady_clock::now() + give_up_after) {}

std::optional<std::chrono::milliseconds> Backoff::Next() {
  const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(give_up_at_ - std::chrono::steady_clock::now());
  if (left.count() <= 0) return std::nullopt;
  // Between half and the whole, so that many clients of a server that was away do not come back in step.
  const auto jittered = pause_ / 2 + std::chrono::milliseconds(random_() % (pause_.count() / 2 + 1));
  pause_ = std::min<std::chrono::milliseconds>(pause_ * 2, limits::kBackoffMax);
  return std::min(jittered, left);  // The last try is at the end of the time, not a pause before it.
}

}  // namespace duban::client
