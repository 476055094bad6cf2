#include "services/node/random.h"

#include <openssl/rand.h>

#include <mutex>
#include <random>

#include "absl/strings/string_view.h"
#include "engine/base/check.h"

namespace duban::node {
namespace {

class MachineRandom : public Random {
 public:
  std::string Bytes(size_t n) override {
    std::string out(n, '\0');
    const int done = RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(n));
    DUBAN_CHECK(done == 1, "the machine gives no random bytes");
    return out;
  }
};

class Seeded : public Random {
 public:
  explicit Seeded(uint64_t seed) : engine_(seed) {}

  std::string Bytes(size_t n) override {
    std::lock_guard<std::mutex> lock(mu_);
    std::string out(n, '\0');
    for (char& c : out) c = static_cast<char>(engine_() & 0xff);
    return out;
  }

 private:
  std::mutex mu_;
  std::mt19937_64 engine_;  // Guarded by mu_.
};

}  // namespace

std::string FreshName(Random& random, const std::string& prefix) {
  constexpr absl::string_view kAlphabet = "abcdefghijklmnopqrstuvwxyz234567";
  std::string name = prefix;
  for (char c : random.Bytes(13)) name.push_back(kAlphabet[static_cast<uint8_t>(c) % kAlphabet.size()]);
  return name;
}

std::shared_ptr<Random> SystemRandom() { return std::make_shared<MachineRandom>(); }

std::shared_ptr<Random> SeededRandom(uint64_t seed) { return std::make_shared<Seeded>(seed); }

}  // namespace duban::node
