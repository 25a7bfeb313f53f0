#include "common/config/job_config.h"

#include <filesystem>

#include "common/base/atomic_file.h"

namespace primacy {
namespace {

constexpr uint64_t kJobFileBytesMax = 1 << 20;

}  // namespace

Result<Job> LoadJob(const std::string& path, const std::vector<std::string>& overrides) {
  const Result<std::string> text = ReadFile(path, kJobFileBytesMax);
  if (!text.ok()) return UsageError("job file: " + text.error().message());
  PRIMACY_ASSIGN(Job job, ParseJob(*text, path));
  for (const std::string& assignment : overrides) {
    PRIMACY_ASSIGN(job, OverrideJob(std::move(job), assignment));
  }
  const Status valid = ValidateJob(job);
  if (!valid.ok()) return Error(path, valid.error());
  // Absolute, so that what is written of the job (job.txt, checkpoints) holds from any directory.
  const std::filesystem::path folder = std::filesystem::absolute(path).parent_path();
  std::string log = (folder / job.data().log()).lexically_normal().string();
  while (log.size() > 1 && log.back() == '/') log.pop_back();
  job.mutable_data()->set_log(log);
  return FillDefaults(std::move(job));
}

}  // namespace primacy
