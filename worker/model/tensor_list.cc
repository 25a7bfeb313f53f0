#include "worker/model/tensor_list.h"

#include <cmath>
#include <utility>

namespace primacy {

int TensorList::AddWeight(const std::string& layer, size_t out, size_t in, int owner) {
  return Add(layer + "/weight", out, in, in, owner);
}

int TensorList::AddBias(const std::string& layer, size_t out, size_t in, int owner) {
  return Add(layer + "/bias", 1, out, in, owner);
}

int TensorList::Add(std::string name, size_t rows, size_t cols, size_t fan_in, int owner) {
  TensorSpec& tensor = *spec_.add_tensor();
  tensor.set_name(std::move(name));
  tensor.set_rows(static_cast<int64_t>(rows));
  tensor.set_cols(static_cast<int64_t>(cols));
  tensor.set_init_bound(static_cast<float>(1.0 / std::sqrt(static_cast<double>(fan_in))));
  tensor.set_owner_task(owner);
  return spec_.tensor_size() - 1;
}

}  // namespace primacy
