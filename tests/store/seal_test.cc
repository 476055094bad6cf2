// Sealing one value (store/seal.h).
#include "store/seal.h"

#include "absl/strings/escaping.h"
#include "tests/store/support.h"

namespace duban::store {
namespace {

using Code = absl::StatusCode;

const std::string kKey(32, 'k');
const std::string kRandomness = "0123456789abcdef0123456789ab";
const std::string kPlaintext = "反映人：某某，电话 13800000000";

SealedBytes Seal(const std::string& plaintext = kPlaintext, const std::string& randomness = kRandomness) {
  return SealValue(kKey, plaintext, randomness).value();
}

TEST(Seal, WhatWasSealedOpensWithItsKey) {
  for (const std::string& plaintext : {std::string(), std::string("x"), kPlaintext, std::string(100000, 'p')}) {
    const SealedBytes sealed = Seal(plaintext);
    EXPECT_EQ(OpenSealed(kKey, sealed.digest, sealed.ciphertext).value(), plaintext);
  }
}

TEST(Seal, EveryFlippedBitOfCiphertextDigestAndKeyIsNoticed) {
  const SealedBytes sealed = Seal();
  const auto refuses = [](const std::string& key, const std::string& digest, const std::string& ciphertext) {
    EXPECT_THAT(OpenSealed(key, digest, ciphertext).status(), HasCode(Code::kDataLoss));
  };
  const auto flipped = [](std::string bytes, size_t bit) {
    bytes[bit / 8] ^= 1 << (bit % 8);
    return bytes;
  };
  for (size_t bit = 0; bit < sealed.ciphertext.size() * 8; ++bit) {
    refuses(kKey, sealed.digest, flipped(sealed.ciphertext, bit));
  }
  for (size_t bit = 0; bit < sealed.digest.size() * 8; ++bit)
    refuses(kKey, flipped(sealed.digest, bit), sealed.ciphertext);
  for (size_t bit = 0; bit < kKey.size() * 8; ++bit) refuses(flipped(kKey, bit), sealed.digest, sealed.ciphertext);
}

TEST(Seal, EveryShorterOrLongerCiphertextIsNoticed) {
  const SealedBytes sealed = Seal();
  for (size_t size = 0; size < sealed.ciphertext.size(); ++size) {
    EXPECT_THAT(OpenSealed(kKey, sealed.digest, sealed.ciphertext.substr(0, size)).status(), HasCode(Code::kDataLoss));
  }
  EXPECT_THAT(OpenSealed(kKey, sealed.digest, sealed.ciphertext + "x").status(), HasCode(Code::kDataLoss));
  EXPECT_THAT(OpenSealed(kKey, "", sealed.ciphertext).status(), HasCode(Code::kDataLoss));
}

TEST(Seal, OneValuesDigestDoesNotOpenAnother) {
  const SealedBytes one = Seal("one");
  const SealedBytes two = Seal("two", "ba9876543210fedcba9876543210");
  EXPECT_THAT(OpenSealed(kKey, one.digest, two.ciphertext).status(), HasCode(Code::kDataLoss));
}

TEST(Seal, EqualValuesDoNotShow) {
  const SealedBytes one = Seal("是");
  const SealedBytes two = Seal("是", "ba9876543210fedcba9876543210");
  EXPECT_NE(one.digest, two.digest);
  EXPECT_NE(one.ciphertext, two.ciphertext);
  EXPECT_EQ(one.ciphertext.find("是"), std::string::npos);
}

// Frozen: computed once by an independent implementation from the description in the header.
TEST(Seal, TheBytesAreThoseOfTheDescription) {
  const SealedBytes sealed = Seal("sealed");
  EXPECT_EQ(sealed.digest.size(), 32u);
  EXPECT_EQ(sealed.ciphertext.size(), 12u + 16u + 6u + 16u);
  EXPECT_EQ(sealed.ciphertext.substr(0, 12), kRandomness.substr(16));
  EXPECT_EQ(absl::BytesToHexString(sealed.digest), "de8ab78529bee28784e3edea3ca8855545c445d5bd1cba452b534048241f0357");
  EXPECT_EQ(absl::BytesToHexString(sealed.ciphertext.substr(12)),
            "312e55f2f21d33ae18d8fc54b756d928a6c494e0a14b7bd7be3814f4f0e98e9c7e4f6a941c8d");
}

TEST(Seal, KeysAndRandomnessOfAnotherLengthAreRefused) {
  EXPECT_THAT(SealValue("short", "x", kRandomness).status(), HasCode(Code::kInvalidArgument));
  EXPECT_THAT(SealValue(kKey, "x", kRandomness.substr(1)).status(), HasCode(Code::kInvalidArgument));
  EXPECT_THAT(OpenSealed("short", "", "").status(), HasCode(Code::kInvalidArgument));
}

}  // namespace
}  // namespace duban::store
