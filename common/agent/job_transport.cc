#include "common/agent/job_transport.h"

#include <openssl/rand.h>

#include <array>
#include <chrono>

#include "common/base/strings.h"

namespace primacy {

std::string MakeSecret() {
  std::array<unsigned char, 32> bytes;
  CHECK_EQ(RAND_bytes(bytes.data(), bytes.size()), 1);
  std::string secret;
  for (unsigned char byte : bytes) secret += Format("%02x", byte);
  return secret;
}

TransportOptions MakeTransportOptions(const Job& job, const std::string& secret) {
  TransportOptions transport;
  transport.secret = secret;
  transport.frame_bytes_max = static_cast<uint64_t>(job.runtime().frame_bytes_max());
  transport.request_timeout = std::chrono::milliseconds(job.runtime().request_timeout_ms());
  transport.spin = std::chrono::microseconds(job.runtime().spin_us());
  return transport;
}

}  // namespace primacy
