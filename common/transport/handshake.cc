#include "common/transport/handshake.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <algorithm>

namespace primacy::transport {
namespace {

std::string_view AsText(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

template <size_t kSize>
std::array<std::byte, kSize> ArrayAt(std::span<const std::byte> bytes, size_t at) {
  std::array<std::byte, kSize> array;
  std::copy_n(bytes.begin() + at, kSize, array.begin());
  return array;
}

std::string_view Label(Prover prover) {
  return prover == Prover::kServer ? "primacy wire 1 server" : "primacy wire 1 client";
}

}  // namespace

Nonce RandomNonce() {
  Nonce nonce;
  CHECK_EQ(RAND_bytes(reinterpret_cast<unsigned char*>(nonce.data()), nonce.size()), 1);
  return nonce;
}

Proof Prove(Prover prover, std::string_view secret, const Hello& hello, const Nonce& server_nonce) {
  std::string text(Label(prover));
  text += AsText(hello.nonce);
  text += AsText(server_nonce);
  text += hello.name;  // last, so that every part has one length
  Proof proof;
  unsigned int size = 0;
  CHECK(HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
             reinterpret_cast<const unsigned char*>(text.data()), text.size(),
             reinterpret_cast<unsigned char*>(proof.data()), &size) != nullptr);
  CHECK_EQ(size, kProofBytes);
  return proof;
}

bool SameProof(const Proof& a, const Proof& b) {
  return CRYPTO_memcmp(a.data(), b.data(), kProofBytes) == 0;
}

bool IsPeerName(std::string_view name) {
  return !name.empty() && name.size() <= kNameBytesMax &&
         std::all_of(name.begin(), name.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
}

std::string EncodeHello(const Hello& hello) {
  return std::string(AsText(hello.nonce)) + hello.name;
}

std::string EncodeChallenge(const Challenge& challenge) {
  return std::string(AsText(challenge.nonce)) + std::string(AsText(challenge.proof));
}

std::string EncodeProof(const Proof& proof) { return std::string(AsText(proof)); }

Result<Hello> DecodeHello(std::span<const std::byte> payload) {
  if (payload.size() < kNonceBytes) return Failure("a hello is too short");
  Hello hello;
  hello.nonce = ArrayAt<kNonceBytes>(payload, 0);
  hello.name = AsText(payload.subspan(kNonceBytes));
  if (!IsPeerName(hello.name)) return Failure("a hello has no proper name");
  return hello;
}

Result<Challenge> DecodeChallenge(std::span<const std::byte> payload) {
  if (payload.size() != kNonceBytes + kProofBytes) return Failure("a challenge has a wrong size");
  return Challenge{ArrayAt<kNonceBytes>(payload, 0), ArrayAt<kProofBytes>(payload, kNonceBytes)};
}

Result<Proof> DecodeProof(std::span<const std::byte> payload) {
  if (payload.size() != kProofBytes) return Failure("a proof has a wrong size");
  return ArrayAt<kProofBytes>(payload, 0);
}

}  // namespace primacy::transport
