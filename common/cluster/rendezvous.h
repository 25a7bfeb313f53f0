// How the ranks of a job meet: each offers what the others need to know, or says why it cannot take
// part; then all know the same.
//
// A job that cannot start is found out by all ranks together, so that each can leave in order and
// one of them can say why.
#pragma once

#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/cluster/cluster.h"

namespace primacy {

// All members get all offers, by rank in `world`; or, when a member offers an error, all get the
// error of the first such member. It begins with `name` ("server 1 (host)") of that member, unless
// all members offer the same error. A usage error anywhere makes it one.
Result<std::vector<std::string>> Exchange(Cluster& world, const std::string& name,
                                          const Result<std::string>& offer);

}  // namespace primacy
