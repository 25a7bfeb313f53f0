#include "tools/compare/run_directory.h"

#include <google/protobuf/util/message_differencer.h>

#include <filesystem>
#include <vector>

#include "common/base/atomic_file.h"
#include "common/base/json_value.h"
#include "common/base/strings.h"
#include "common/config/job_config.h"
#include "ps/coordinator/prepare_run.h"
#include "tools/compare/model_names.h"
#include "tools/compare/run_report.h"
#include "tools/launch/report_file.h"

namespace primacy {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kJobBytesMax = 1 << 20;
constexpr char kAnother[] = "; give another --run_dir";

// What the trainings of one model have in common and what their figures depend on.
Job Essence(Job job) {
  job = FillDefaults(std::move(job));
  job.clear_name();
  job.mutable_priority()->clear_method();
  job.mutable_priority()->clear_weight();
  job.mutable_priority()->clear_single_task();
  job.mutable_training()->clear_seed();
  job.mutable_data()->clear_cache_bytes();
  job.mutable_data()->set_log(fs::absolute(job.data().log()).lexically_normal());
  RuntimeConfig runtime;
  runtime.set_consistency(job.runtime().consistency());
  runtime.set_staleness(job.runtime().staleness());
  runtime.set_compute(job.runtime().compute());
  runtime.set_wire(job.runtime().wire());
  *job.mutable_runtime() = runtime;
  return job;
}

Result<Job> ReadJob(const std::string& path) {
  PRIMACY_ASSIGN(const std::string text, ReadFile(path, kJobBytesMax));
  return ParseJob(text, path);
}

// The job.txt of every model that the directory has.
std::vector<std::string> ModelJobs(const std::string& run_dir) {
  std::vector<std::string> jobs;
  std::error_code ignored;
  for (int kind = ModelConfig::Kind_MIN; kind <= ModelConfig::Kind_MAX; ++kind) {
    if (!ModelConfig::Kind_IsValid(kind)) continue;
    const std::string folder = ModelFolder(static_cast<ModelConfig::Kind>(kind));
    const std::string job = run_dir + "/" + folder + "/job.txt";
    if (fs::exists(job, ignored)) jobs.push_back(job);
  }
  return jobs;
}

Status CheckSameJob(const ComparisonPlan& plan, const std::string& path) {
  PRIMACY_ASSIGN(const Job there, ReadJob(path));
  Job here = plan.models[0];
  for (const Job& model : plan.models) {
    if (model.model().kind() == there.model().kind()) here = model;
  }
  const std::string difference = DescribeJobDifference(there, here);
  if (difference.empty()) return Ok();
  return UsageError("--run_dir=" + plan.run_dir + " holds a comparison of another job (" +
                    difference + ")" + kAnother);
}

}  // namespace

std::string DescribeJobDifference(const Job& there, const Job& here) {
  Job a = Essence(there), b = Essence(here);
  // Another kind of model has other layers by default; they are its own.
  if (a.model().kind() != b.model().kind()) {
    for (Job* job : {&a, &b}) {
      job->mutable_model()->clear_kind();
      job->mutable_model()->clear_bottom();
      job->mutable_model()->clear_expert();
      job->mutable_model()->clear_tower();
    }
  }
  std::string differences;
  google::protobuf::util::MessageDifferencer differencer;
  differencer.ReportDifferencesToString(&differences);
  if (differencer.Compare(a, b)) return "";
  std::string first = differences.substr(0, differences.find('\n'));
  constexpr std::string_view kModified = "modified: ";
  if (first.starts_with(kModified)) first.erase(0, kModified.size());
  return first;
}

Result<std::unique_ptr<DirectoryLock>> OpenRunDirectory(const ComparisonPlan& plan, bool resume) {
  const std::string& run_dir = plan.run_dir;
  PRIMACY_ASSIGN(const bool holds_run, HoldsRun(run_dir));
  if (holds_run || fs::exists(run_dir + "/job.txt")) {
    return UsageError("--run_dir=" + run_dir + " is no directory of a comparison" + kAnother);
  }
  const std::vector<std::string> jobs = ModelJobs(run_dir);
  if (!jobs.empty() && !resume) {
    return UsageError("--run_dir=" + run_dir +
                      " holds a comparison already: give --resume to go on with it, or another "
                      "directory");
  }
  if (jobs.empty() && resume) {
    return UsageError("--resume: --run_dir=" + run_dir +
                      " holds no comparison: start without --resume");
  }
  for (const std::string& path : jobs) PRIMACY_TRY(CheckSameJob(plan, path));
  PRIMACY_TRY(MakeDirectories(run_dir));
  PRIMACY_ASSIGN(auto lock, DirectoryLock::Take(run_dir, kCompareLock));
  for (const Job& model : plan.models) {
    const std::string folder = run_dir + "/" + ModelFolder(model.model().kind());
    PRIMACY_TRY(MakeDirectories(folder));
    PRIMACY_TRY(WriteFileAtomically(folder + "/job.txt", model.DebugString()));
  }
  return lock;
}

Result<TrainingState> StateOf(const PlannedTraining& training, const ComparisonPlan& plan) {
  const auto held = HoldsRun(training.run_dir);
  if (!held.ok()) return held.error();
  if (!*held) return TrainingState::kAbsent;
  const std::string path = training.run_dir + "/job.txt";
  std::error_code ignored;
  if (!fs::exists(path, ignored)) return TrainingState::kAbsent;
  PRIMACY_ASSIGN(const Job trained, ReadJob(path));
  std::string difference = DescribeJobDifference(trained, training.job);
  if (difference.empty() && JobHash(trained, "") != JobHash(training.job, "")) {
    difference = "its method or seed";
  }
  const std::string report_path = training.run_dir + "/report.json";
  if (!fs::exists(report_path, ignored)) {
    if (difference.empty()) return TrainingState::kInterrupted;
  } else {
    const Result<JsonValue> report = ReadReport(training.run_dir);
    // A report that cannot be read is none.
    if (!report.ok() || !report->BooleanOr("finished", false)) return TrainingState::kAbsent;
    const int64_t servers = report->IntegerOr("servers", 0);
    const int64_t workers = report->IntegerOr("workers", 0);
    if (difference.empty() && (servers != plan.servers || workers != plan.workers)) {
      difference =
          Format("servers and workers: %lld and %lld -> %d and %d", static_cast<long long>(servers),
                 static_cast<long long>(workers), plan.servers, plan.workers);
    }
    if (difference.empty()) return TrainingState::kFinished;
  }
  return UsageError(training.run_dir + " was trained by another job (" + difference + ")" +
                    kAnother);
}

}  // namespace primacy
