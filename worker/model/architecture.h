// The network a job asks for, checked and with its defaults filled in.
#pragma once

#include <cstddef>
#include <vector>

#include "common/base/result.h"
#include "common/config/job.pb.h"
#include "worker/data/input_spec.h"
#include "worker/nn/matrix.h"

namespace primacy {

struct Architecture {
  ModelConfig::Kind kind = ModelConfig::SHARED_BOTTOM;
  std::vector<size_t>
      bottom;  // hidden layers below everything; may be empty for kinds with experts
  std::vector<size_t> expert;  // layers of each expert, at least one
  std::vector<size_t> tower;   // hidden layers of each tower; empty for linear towers
  int shared_experts = 0;      // OMOE, MMOE: all of them
  int task_experts = 0;        // PLE
  int levels = 0;              // of experts; 0 for SHARED_BOTTOM
  bool linear_bottom = false;  // no ReLU after the last layer of `bottom`
  double dropout = 0;
  double embedding_stddev = 0;
  bool mean_pooling = true;
  Element compute = Element::kFp32;  // what products read: Job.runtime.compute
};

// Usage errors name the field of the job.
Result<Architecture> MakeArchitecture(const ModelConfig& config, const InputSpec& input);

}  // namespace primacy
