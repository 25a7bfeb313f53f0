#include <cstdio>

#include "common/base/strings.h"
#include "common/clicklog/reader.h"
#include "common/config/job_config.h"
#include "tools/commands/command.h"
#include "tools/commands/flags.h"
#include "worker/data/input_spec.h"
#include "worker/model/model.h"

namespace primacy {

// Everything that a job's workers would find wrong: the job, the three slices of the log, the join of both, the model.
Result<int> RunCheck(const std::vector<std::string>&) {
  PRIMACY_TRY(RequireFlag("job", FLAGS_job, "the job file"));
  PRIMACY_ASSIGN(const Job job, LoadJob(FLAGS_job, Overrides()));
  std::string schema;
  for (const char* slice : {"train", "holdout", "test"}) {
    PRIMACY_ASSIGN(const auto log, LogDirectory::Open(job.data().log() + "/" + slice));
    if (schema.empty()) schema = log->schema().SerializeAsString();
    if (log->schema().SerializeAsString() != schema) {
      return UsageError(job.data().log() + ": train, holdout and test have different schemas");
    }
    if (log->rows() == 0) return UsageError(job.data().log() + "/" + slice + " has no rows");
    std::printf("%-8s %12s rows in %zu parts\n", slice, WithCommas(log->rows()).c_str(), log->parts().size());
  }
  LogSchema parsed;
  CHECK(parsed.ParseFromString(schema));
  PRIMACY_ASSIGN(const InputSpec input, MakeInputSpec(parsed, job));
  PRIMACY_ASSIGN(const auto model, Model::Create(job, input));
  int64_t floats = 0;
  for (const TensorSpec& tensor : model->parameters().tensor()) floats += tensor.rows() * tensor.cols();
  std::printf("%zu slots, %zu dense features, %zu tasks; %s dense parameters\n", input.slots.size(),
              input.dense_columns.size(), input.tasks.size(), WithCommas(static_cast<uint64_t>(floats)).c_str());
  std::printf("the job is fine\n");
  return 0;
}

}  // namespace primacy
