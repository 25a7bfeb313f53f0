// A parameter server for benches: one table behind the transport, in threads of this process that
// keep to one core.
#pragma once

#include <memory>
#include <set>

#include "common/base/result.h"
#include "common/config/job.pb.h"
#include "common/protocol/messages.pb.h"
#include "common/transport/transport.h"
#include "ps/service/parameter_service.h"

namespace primacy::bench {

// Grants every step at once, in place of a coordinator, and is otherwise a server of a job with one
// server and one worker.
class RowsServer {
 public:
  // `job` is checked; `parameters` has no dense tensors.
  static Result<std::unique_ptr<RowsServer>> Start(const Job& job, const ParameterSpec& parameters,
                                                   const TransportOptions& transport, int core);

  Endpoint endpoint() const { return transport_->endpoint(); }
  // Processor time of its threads so far, in seconds: see CpuSecondsOf.
  Result<double> CpuSeconds() const;

 private:
  explicit RowsServer(const Job& job);
  void Handle(Message request, Responder responder);

  ParameterService service_;
  std::unique_ptr<TransportServer> transport_;
  std::set<int> threads_;
};

}  // namespace primacy::bench
