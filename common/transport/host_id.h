// Which processes may meet at a Unix socket.
#pragma once

#include <string>

namespace primacy::transport {

// The same text in all processes of one boot of one host that share a network namespace: 16 hex
// digits. A namespace of its own counts as a host of its own, so that whoever separates processes
// by network finds them talking over that network. Empty where the system does not tell.
const std::string& HostId();

}  // namespace primacy::transport
