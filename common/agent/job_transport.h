// How the processes of a job talk to each other: the secret they share and the transport's
// settings.
#pragma once

#include <string>

#include "common/config/job.pb.h"
#include "common/transport/transport.h"

namespace primacy {

// A new secret for a job: 64 hex digits from the system's generator.
std::string MakeSecret();

// The transport's settings of a job.
TransportOptions MakeTransportOptions(const Job& job, const std::string& secret);

}  // namespace primacy
