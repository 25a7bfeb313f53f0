// The proof that both ends of a connection know the job's secret. Bytes only, no I/O. Format:
// docs/formats/wire.md.
//
//   client → server   hello      client nonce, client name
//   server → client   challenge  server nonce, HMAC-SHA256(secret, "…server" · both nonces · client
//   name) client → server   proof      HMAC-SHA256(secret, "…client" · both nonces · client name)
//
// The role in the proofs keeps one from being sent back as the other.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "common/base/result.h"

namespace primacy::transport {

inline constexpr size_t kNonceBytes = 32;
inline constexpr size_t kProofBytes = 32;
inline constexpr size_t kNameBytesMax = 128;
// Of a whole frame, before the proof is given.
inline constexpr size_t kHandshakeFrameBytesMax = 256;

using Nonce = std::array<std::byte, kNonceBytes>;
using Proof = std::array<std::byte, kProofBytes>;

enum class Prover { kServer, kClient };

struct Hello {
  Nonce nonce;
  std::string name;
};
struct Challenge {
  Nonce nonce;
  Proof proof;
};

// 256 bits from the system's generator.
Nonce RandomNonce();
Proof Prove(Prover prover, std::string_view secret, const Hello& hello, const Nonce& server_nonce);
// Takes the same time wherever they differ.
bool SameProof(const Proof& a, const Proof& b);

// 1 to kNameBytesMax printable ASCII characters: names end up in logs.
bool IsPeerName(std::string_view name);

std::string EncodeHello(const Hello& hello);
std::string EncodeChallenge(const Challenge& challenge);
std::string EncodeProof(const Proof& proof);
Result<Hello> DecodeHello(std::span<const std::byte> payload);
Result<Challenge> DecodeChallenge(std::span<const std::byte> payload);
Result<Proof> DecodeProof(std::span<const std::byte> payload);

}  // namespace primacy::transport
