// Talks to the coordinator of a running job through DIR/control.json.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "common/protocol/messages.pb.h"
#include "common/transport/transport.h"

namespace primacy {

// Not thread safe. Calls take about a second at most; a job that does not answer yet, or any more,
// is no error.
class ControlClient {
 public:
  explicit ControlClient(std::string run_dir) : run_dir_(std::move(run_dir)) {}

  std::optional<JobStatus> Status();
  // Asks for a stop at the next quiet point; whether the job has heard it.
  bool Stop();

 private:
  std::optional<Message> Call(MessageType type, const google::protobuf::MessageLite& request);

  const std::string run_dir_;
  std::unique_ptr<TransportClient> client_;
};

}  // namespace primacy
