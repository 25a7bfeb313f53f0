// Jobs for tests.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "common/config/job.pb.h"

namespace primacy::testing_support {

// The least that is valid: a log and two tasks, "click" and "like".
Job SmallJob();

// SmallJob with overrides, each of which must apply.
Job SmallJobWith(const std::vector<std::string>& overrides);

// SmallJob with one entry in every list of messages, so that every field of job.proto has a path in
// it.
Job FullJob();

// Calls `visit` with each field that is no message, and the path of it that an override takes.
void ForEachValue(const google::protobuf::Message& message,
                  const std::function<void(const google::protobuf::FieldDescriptor& field,
                                           const std::string& path)>& visit);

}  // namespace primacy::testing_support
