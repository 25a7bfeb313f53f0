// What every Cluster promises, as checks that all members run at once.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/cluster/cluster.h"
#include "tests/support/result_matchers.h"

namespace primacy::testing_support {

// Checks expect and never assert: a member that leaves early would keep the others waiting.
struct ClusterCheck {
  std::string name;
  void (*run)(Cluster& member);
};

// Bytes that differ by member and by place, zeros included.
std::string PatternBytes(int rank, size_t size);

const std::vector<ClusterCheck>& ClusterContract();

// The last member broadcasts `size` bytes and has them gathered.
void CheckBytesArriveWhole(Cluster& member, size_t size);

// The last member aborts while the others wait in a barrier. Nothing works afterwards, so it is not
// part of the list.
void CheckAbort(Cluster& member);

inline std::string CheckName(const testing::TestParamInfo<ClusterCheck>& info) {
  return info.param.name;
}

}  // namespace primacy::testing_support
