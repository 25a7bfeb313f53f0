// Forward passes over a slice of the log, spread over the workers by blocks and merged on worker 0.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/cluster/cluster.h"
#include "common/protocol/messages.pb.h"
#include "worker/client/parameter_client.h"
#include "worker/data/input_spec.h"
#include "worker/metrics/loss_difference.h"
#include "worker/model/model.h"
#include "worker/trainer/worker_log.h"

namespace primacy {

// Collective over the workers. The result is whole on worker 0 and empty elsewhere; `memory` is
// worker 0's, and follows the directive.
Result<EvaluateResult> RunEvaluation(const EvaluateDirective& directive, const InputSpec& input,
                                     const WorkerLog::Slice& slice, Cluster& group, Model& model,
                                     ParameterClient& client, LossMemory& memory);

}  // namespace primacy
