// The dense tensors, put together from their blocks.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/protocol/messages.pb.h"
#include "ps/checkpoint/shard_file.h"
#include "tools/export/npy.h"

namespace primacy {

// "bottom/0/weight" as a relative path without suffix: slashes are folders, and whatever is not a
// letter, a digit, '.', '_' or
// '-', or would leave the folder, is %XX.
std::string TensorPath(const std::string& name);

// Not thread safe.
class DenseExport {
 public:
  struct Tensor {
    std::string name;
    uint64_t rows = 0;
    uint64_t cols = 0;
    std::string weights_path;  // relative to the directory of the export
    std::string slots_path;    // empty without slots
    uint64_t slot_planes = 0;  // slots are [slot_planes, rows, cols]
  };

  // Files go to `out`/dense.
  DenseExport(std::string out, const ParameterSpec& parameters, bool slots);

  Status Add(const StoredBlock& block);
  // Fails when a part of a tensor did not come.
  Status Finish();
  const std::vector<Tensor>& tensors() const { return tensors_; }

 private:
  struct Files {
    std::optional<NpyPatchwork> weights;
    std::optional<NpyPatchwork> slots;
    std::vector<bool> seen;  // [block]
  };
  Status Create(size_t tensor, uint64_t slot_planes);

  const std::string out_;
  const bool want_slots_;
  std::vector<Tensor> tensors_;
  std::vector<Files> files_;  // [tensor], made when the first block of it comes
};

}  // namespace primacy
