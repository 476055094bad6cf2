#include "services/rpc/auth.h"

#include <atomic>
#include <chrono>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_format.h"

namespace duban::rpc {
namespace {

constexpr char kRequestIdName[] = "x-request-id";
constexpr size_t kRequestIdBytesMax = 64;  // Longer: replaced by one of ours.
constexpr size_t kTokenBytesMax = 1024;    // Longer: no token of ours.

using Metadata = std::multimap<grpc::string_ref, grpc::string_ref>;

absl::string_view Value(const Metadata& metadata, const char* name) {
  const auto found = metadata.find(name);
  if (found == metadata.end()) return {};
  return absl::string_view(found->second.data(), found->second.size());
}

// Fit to be logged: no spaces, no control characters, no quotes.
bool IsPlain(absl::string_view id) {
  if (id.empty() || id.size() > kRequestIdBytesMax) return false;
  for (char c : id) {
    if (!absl::ascii_isalnum(c) && c != '-' && c != '_' && c != '.' && c != ':') return false;
  }
  return true;
}

// Tells this server's requests apart in its log; nothing depends on it being hard to guess.
std::string NewRequestId() {
  static const uint64_t started = static_cast<uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
  static std::atomic<uint64_t> next{1};
  return absl::StrFormat("r%x-%x", started & 0xffffffffff, next.fetch_add(1));
}

}  // namespace

std::string TakeRequestId(grpc::CallbackServerContext* context) {
  const absl::string_view given = Value(context->client_metadata(), kRequestIdName);
  std::string id = IsPlain(given) ? std::string(given) : NewRequestId();
  context->AddTrailingMetadata(kRequestIdName, id);
  return id;
}

std::variant<Caller, absl::Status> SignIn(node::Node& node, const grpc::CallbackServerContext& context) {
  const Metadata& metadata = context.client_metadata();
  constexpr absl::string_view kScheme = "bearer ";
  absl::string_view token = Value(metadata, "authorization");
  if (!absl::StartsWithIgnoreCase(token, kScheme) || token.size() == kScheme.size()) {
    return absl::UnauthenticatedError("TOKEN_REQUIRED: no bearer token");
  }
  token = absl::StripAsciiWhitespace(token.substr(kScheme.size()));
  if (token.size() > kTokenBytesMax) {
    return absl::UnauthenticatedError("TOKEN_INVALID: too long");
  }
  absl::StatusOr<std::string> person = node.Authenticate(token);
  if (!person.ok() && absl::IsUnauthenticated(person.status())) {
    return absl::UnauthenticatedError("TOKEN_INVALID: refused");
  }
  if (!person.ok()) return person.status();
  return Caller{*std::move(person)};
}

}  // namespace duban::rpc
