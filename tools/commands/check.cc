#include <cstdio>

#include "common/base/strings.h"
#include "common/config/job_config.h"
#include "tools/commands/command.h"
#include "tools/commands/flags.h"
#include "tools/commands/label_sample.h"
#include "tools/launch/check_log.h"
#include "worker/model/model.h"

namespace primacy {
// Everything that a job's workers would find wrong: the job, the three slices of the log, the join
// of both, the labels, the model.
Result<int> RunCheck(const std::vector<std::string>&) {
  PRIMACY_TRY(RequireFlag("job", FLAGS_job, "the job file"));
  PRIMACY_ASSIGN(const Job job, LoadJob(FLAGS_job, Overrides()));
  PRIMACY_ASSIGN(const CheckedLog log, CheckLog(job));
  const auto& [slices, input] = log;
  PRIMACY_ASSIGN(const auto model, Model::Create(job, input));
  std::vector<std::string> notes;
  for (size_t i = 0; i < slices.size(); ++i) {
    PRIMACY_ASSIGN(
        const auto found,
        CheckLabelSample(*slices[i], SlicePath(job.data().log(), kSliceNames[i]), input, job));
    notes.insert(notes.end(), found.begin(), found.end());
  }
  for (size_t i = 0; i < slices.size(); ++i) {
    std::printf("%-8s %12s rows in %zu parts\n", kSliceNames[i],
                WithCommas(slices[i]->rows()).c_str(), slices[i]->parts().size());
  }
  uint64_t floats = 0;
  for (const TensorSpec& tensor : model->parameters().tensor()) {
    floats += static_cast<uint64_t>(tensor.rows()) * static_cast<uint64_t>(tensor.cols());
  }
  std::printf("%zu slots, %zu dense features, %zu tasks; %s dense parameters\n", input.slots.size(),
              input.dense_columns.size(), input.tasks.size(), WithCommas(floats).c_str());
  for (const std::string& note : notes) std::printf("note: %s\n", note.c_str());
  std::printf("the job is fine\n");
  return 0;
}

}  // namespace primacy
