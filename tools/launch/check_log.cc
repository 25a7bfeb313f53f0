#include "tools/launch/check_log.h"

#include <string>

#include "common/clicklog/reader.h"
#include "worker/data/input_spec.h"

namespace primacy {

Status CheckLog(const Job& job) {
  const std::string& log = job.data().log();
  LogSchema schema;
  for (const char* slice : {"train", "holdout", "test"}) {
    PRIMACY_ASSIGN(const auto directory, LogDirectory::Open(log + "/" + slice));
    const std::string bytes = directory->schema().SerializeAsString();
    if (slice == std::string("train")) {
      schema = directory->schema();
      if (directory->rows() == 0) return UsageError("data.log has no rows in train/: " + log);
    } else if (bytes != schema.SerializeAsString()) {
      return UsageError(log + ": train, holdout and test have different schemas");
    }
  }
  PRIMACY_TRY(MakeInputSpec(schema, job));
  return Ok();
}

}  // namespace primacy
