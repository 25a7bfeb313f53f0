// What servers send the boards beside a request.
#pragma once

#include <algorithm>
#include <vector>

#include "common/transport/message.h"

namespace primacy::testing_support {

inline RawBuffer RawDoubles(const std::vector<double>& values) {
  RawBuffer raw(values.size() * sizeof(double));
  std::copy(values.begin(), values.end(), raw.As<double>(0, values.size()).begin());
  return raw;
}

}  // namespace primacy::testing_support
