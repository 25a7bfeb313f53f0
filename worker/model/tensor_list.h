// The dense tensors of a model while it is built: each layer adds its own and remembers their
// numbers.
#pragma once

#include <cstddef>
#include <string>

#include "common/protocol/messages.pb.h"

namespace primacy {

class TensorList {
 public:
  // Weights [out, in] and biases [1, out] of a fully connected layer start uniform in ±1/sqrt(in),
  // as PyTorch's Linear. owner: the only task whose loss reaches the tensor, or -1. Both return the
  // tensor's index in ParameterSpec.
  int AddWeight(const std::string& layer, size_t out, size_t in, int owner);
  int AddBias(const std::string& layer, size_t out, size_t in, int owner);

  ParameterSpec& spec() { return spec_; }
  const ParameterSpec& spec() const { return spec_; }

 private:
  int Add(std::string name, size_t rows, size_t cols, size_t fan_in, int owner);

  ParameterSpec spec_;
};

}  // namespace primacy
