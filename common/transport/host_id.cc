#include "common/transport/host_id.h"

#include <unistd.h>

#include <array>
#include <fstream>
#include <string_view>

#include "common/base/hash.h"
#include "common/base/strings.h"

namespace primacy::transport {
namespace {

std::string FindHostId() {
  std::string boot;
  std::getline(std::ifstream("/proc/sys/kernel/random/boot_id"), boot);
  std::array<char, 64> network{};  // "net:[4026531840]"
  const ssize_t size = ::readlink("/proc/self/ns/net", network.data(), network.size());
  if (boot.empty() || size <= 0) return "";
  const std::string_view network_name(network.data(), static_cast<size_t>(size));
  const uint64_t id = HashCombine(HashBytes(boot), HashBytes(network_name));
  return Format("%016llx", static_cast<unsigned long long>(id));
}

}  // namespace

const std::string& HostId() {
  static const std::string id = FindHostId();
  return id;
}

}  // namespace primacy::transport
