#include "engine/base/rejection.h"

namespace duban::engine {

Rejection Reject(Kind kind, absl::string_view reason, std::string zh, std::string en,
                 std::vector<std::pair<std::string, std::string>> facts) {
  Rejection out;
  out.kind = kind;
  out.reason = std::string(reason);
  out.message.set_zh(std::move(zh));
  out.message.set_en(std::move(en));
  out.facts = std::move(facts);
  return out;
}

}  // namespace duban::engine
