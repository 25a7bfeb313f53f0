#include "common/transport/handshake_io.h"

#include "common/transport/handshake.h"

namespace primacy::transport {
namespace {

// The raw part of the next frame, which must be of the handshake and nothing else.
asio::awaitable<Result<RawBuffer>> Receive(Connection& connection) {
  Result<Message> message = co_await connection.Read(kHandshakeFrameBytesMax);
  if (!message.ok()) co_return message.error();
  if (message->header.type != MessageType::kHandshake || !message->proto.empty()) {
    co_return Failure("a frame came before the handshake");
  }
  co_return std::move(message->raw);
}

}  // namespace

asio::awaitable<Result<std::string>> Admit(Connection& connection, const std::string& secret) {
  const Result<RawBuffer> hello_bytes = co_await Receive(connection);
  if (!hello_bytes.ok()) co_return hello_bytes.error();
  Result<Hello> hello = DecodeHello(hello_bytes->bytes());
  if (!hello.ok()) co_return hello.error();

  Challenge challenge;
  challenge.nonce = RandomNonce();
  challenge.proof = Prove(Prover::kServer, secret, *hello, challenge.nonce);
  connection.writer()->Send(MakeHandshakeFrame(EncodeChallenge(challenge)));

  const Result<RawBuffer> proof_bytes = co_await Receive(connection);
  if (!proof_bytes.ok()) co_return Error("no proof of the secret", proof_bytes.error());
  const Result<Proof> proof = DecodeProof(proof_bytes->bytes());
  if (!proof.ok()) co_return proof.error();
  if (!SameProof(*proof, Prove(Prover::kClient, secret, *hello, challenge.nonce))) {
    co_return Failure("the peer's secret differs");
  }
  co_return std::move(hello->name);
}

asio::awaitable<Status> Introduce(Connection& connection, const std::string& name,
                                  const std::string& secret) {
  const Hello hello{RandomNonce(), name};
  connection.writer()->Send(MakeHandshakeFrame(EncodeHello(hello)));

  const Result<RawBuffer> challenge_bytes = co_await Receive(connection);
  if (!challenge_bytes.ok()) co_return Error("no handshake", challenge_bytes.error());
  const Result<Challenge> challenge = DecodeChallenge(challenge_bytes->bytes());
  if (!challenge.ok()) co_return challenge.error();
  if (!SameProof(challenge->proof, Prove(Prover::kServer, secret, hello, challenge->nonce))) {
    co_return UsageError("the secret differs: the server belongs to another job");
  }
  const Proof proof = Prove(Prover::kClient, secret, hello, challenge->nonce);
  connection.writer()->Send(MakeHandshakeFrame(EncodeProof(proof)));
  co_return Ok();
}

}  // namespace primacy::transport
