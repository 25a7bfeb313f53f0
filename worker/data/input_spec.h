// What of the log the model reads: the join of the log's schema and the job.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/clicklog/schema.pb.h"
#include "common/config/job.pb.h"

namespace primacy {

struct InputSlot {
  std::string name;
  std::string group;
  uint64_t group_hash = 0;  // HashBytes(group)
  int column = 0;           // index in the schema's slots
  bool multi_valued = false;
  int table = 0;  // index into table_dims
};

struct InputTask {
  std::string name;
  int label_column = 0;
  TaskConfig::Loss loss = TaskConfig::LOGISTIC;
  int classes = 0;  // SOFTMAX
  int tier = 0;     // from 0, rising, without gaps

  // Whether the loss is defined for the label; a row with another one is bad and left out.
  bool Suits(float label) const;
};

struct InputSpec {
  std::vector<InputSlot> slots;
  std::vector<int> dense_columns;  // indices in the schema's dense features
  std::vector<InputTask> tasks;    // in order of priority
  std::vector<int> table_dims;     // distinct embedding dimensions, in order of first use
};

// Usage errors name the field: an unknown label, slot or group, a job without inputs.
Result<InputSpec> MakeInputSpec(const LogSchema& schema, const Job& job);

}  // namespace primacy
