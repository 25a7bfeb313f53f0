#include "common/transport/handshake.h"

#include <gtest/gtest.h>

#include "tests/support/result_matchers.h"

namespace primacy::transport {
namespace {

std::span<const std::byte> Bytes(const std::string& text) { return std::as_bytes(std::span(text)); }

std::string Hex(const Proof& proof) {
  std::string text;
  for (std::byte byte : proof) {
    text += "0123456789abcdef"[std::to_integer<int>(byte) >> 4];
    text += "0123456789abcdef"[std::to_integer<int>(byte) & 15];
  }
  return text;
}

Hello ExampleHello() {
  Hello hello;
  hello.nonce.fill(std::byte{0x11});
  hello.name = "worker 1";
  return hello;
}

Nonce ServerNonce() {
  Nonce nonce;
  nonce.fill(std::byte{0x22});
  return nonce;
}

// Values from an independent HMAC-SHA256 (Python's hmac).
TEST(Handshake, ProofsHaveKnownValues) {
  EXPECT_EQ(Hex(Prove(Prover::kServer, "secret", ExampleHello(), ServerNonce())),
            "9bf7cdf54d321d1d027d30d5e208a704e6a0ed8a2df71860190c8150c1da0fb2");
  EXPECT_EQ(Hex(Prove(Prover::kClient, "secret", ExampleHello(), ServerNonce())),
            "615c5376529015a30b4f919e29ff6eb95ced5c6fc13eab184621c04c0c3e5fd3");
}

TEST(Handshake, ProofsDependOnEverything) {
  const Proof proof = Prove(Prover::kClient, "secret", ExampleHello(), ServerNonce());
  EXPECT_TRUE(SameProof(proof, Prove(Prover::kClient, "secret", ExampleHello(), ServerNonce())));
  EXPECT_FALSE(SameProof(proof, Prove(Prover::kServer, "secret", ExampleHello(), ServerNonce())));
  EXPECT_FALSE(SameProof(proof, Prove(Prover::kClient, "Secret", ExampleHello(), ServerNonce())));
  EXPECT_FALSE(SameProof(proof, Prove(Prover::kClient, "", ExampleHello(), ServerNonce())));
  Hello other = ExampleHello();
  other.name = "worker 2";
  EXPECT_FALSE(SameProof(proof, Prove(Prover::kClient, "secret", other, ServerNonce())));
  other = ExampleHello();
  other.nonce[31] ^= std::byte{1};
  EXPECT_FALSE(SameProof(proof, Prove(Prover::kClient, "secret", other, ServerNonce())));
  Nonce nonce = ServerNonce();
  nonce[0] ^= std::byte{1};
  EXPECT_FALSE(SameProof(proof, Prove(Prover::kClient, "secret", ExampleHello(), nonce)));
}

TEST(Handshake, NoncesDiffer) { EXPECT_NE(RandomNonce(), RandomNonce()); }

TEST(Handshake, DecodesWhatItEncodes) {
  const Result<Hello> hello = DecodeHello(Bytes(EncodeHello(ExampleHello())));
  ASSERT_OK(hello);
  EXPECT_EQ(hello->nonce, ExampleHello().nonce);
  EXPECT_EQ(hello->name, "worker 1");

  Challenge sent{ServerNonce(), {}};
  sent.proof.fill(std::byte{0x33});
  const Result<Challenge> challenge = DecodeChallenge(Bytes(EncodeChallenge(sent)));
  ASSERT_OK(challenge);
  EXPECT_EQ(challenge->nonce, sent.nonce);
  EXPECT_EQ(challenge->proof, sent.proof);

  const Result<Proof> proof = DecodeProof(Bytes(EncodeProof(sent.proof)));
  ASSERT_OK(proof);
  EXPECT_EQ(*proof, sent.proof);
}

TEST(Handshake, RefusesWrongSizes) {
  const std::string hello = EncodeHello(ExampleHello());
  EXPECT_FALSE(DecodeHello({}).ok());
  EXPECT_FALSE(DecodeHello(Bytes(hello).first(31)).ok());
  EXPECT_FALSE(DecodeHello(Bytes(hello).first(32)).ok());  // no name
  EXPECT_OK(DecodeHello(Bytes(hello).first(33)));
  EXPECT_FALSE(DecodeChallenge(Bytes(std::string(63, 'x'))).ok());
  EXPECT_FALSE(DecodeChallenge(Bytes(std::string(65, 'x'))).ok());
  EXPECT_FALSE(DecodeProof(Bytes(std::string(31, 'x'))).ok());
  EXPECT_FALSE(DecodeProof(Bytes(std::string(33, 'x'))).ok());
}

TEST(Handshake, NamesArePrintableAndBounded) {
  EXPECT_TRUE(IsPeerName("worker 1"));
  EXPECT_TRUE(IsPeerName(std::string(kNameBytesMax, 'n')));
  EXPECT_FALSE(IsPeerName(std::string(kNameBytesMax + 1, 'n')));
  EXPECT_FALSE(IsPeerName(""));
  EXPECT_FALSE(IsPeerName("two\nlines"));
  EXPECT_FALSE(IsPeerName("caf\xC3\xA9"));
}

}  // namespace
}  // namespace primacy::transport
