#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <thread>

#include "common/base/strings.h"
#include "common/config/job_config.h"
#include "tools/commands/command.h"
#include "tools/commands/flags.h"
#include "tools/commands/label_sample.h"
#include "tools/compare/comparison.h"
#include "tools/compare/model_names.h"
#include "tools/compare/output.h"
#include "tools/compare/progress.h"
#include "tools/compare/run_directory.h"
#include "tools/compare/runner.h"
#include "tools/compare/table.h"
#include "tools/launch/interrupt.h"

DEFINE_string(methods, "single,diagonal,nmt",
              "what to compare: nmt, single, weighted:W:W:..., ratio:R, pcgrad and other methods "
              "of docs/methods.md; diagonal, grid, rivals, all");
DEFINE_string(models, "", "values of model.kind: SHARED_BOTTOM,MMOE,...; empty: the job's own");
DEFINE_int32(seeds, 3, "trainings of each method");
DEFINE_int32(jobs, 0, "trainings at a time; 0: as many as the cores have room for");

namespace primacy {
namespace {

constexpr size_t kFailuresNamed = 3;

// The job with each model.kind that was asked for, as if the file said so: other kinds have other
// defaults.
Result<std::vector<Job>> LoadModels(const std::vector<ModelConfig::Kind>& kinds) {
  std::vector<Job> models;
  for (const ModelConfig::Kind kind : kinds) {
    std::vector<std::string> overrides = Overrides();
    overrides.push_back("model.kind=" + ModelConfig::Kind_Name(kind));
    PRIMACY_ASSIGN(Job job, LoadJob(FLAGS_job, overrides));
    models.push_back(std::move(job));
  }
  if (!models.empty()) return models;
  PRIMACY_ASSIGN(Job job, LoadJob(FLAGS_job, Overrides()));
  return std::vector<Job>{std::move(job)};
}

Result<ComparisonPlan> ReadPlan() {
  PRIMACY_TRY(RequireFlag("job", FLAGS_job, "the job file"));
  PRIMACY_TRY(RequireFlag("run_dir", FLAGS_run_dir, "the directory for the comparison"));
  if (FLAGS_seeds < 1) return UsageError("--seeds must be at least 1");
  if (FLAGS_jobs < 0) return UsageError("--jobs must be at least 1, or 0 to follow the cores");
  PRIMACY_TRY(RequireProcesses());
  ComparisonPlan plan;
  PRIMACY_ASSIGN(const std::vector<ModelConfig::Kind> kinds, ParseModels(FLAGS_models));
  PRIMACY_ASSIGN(plan.models, LoadModels(kinds));
  PRIMACY_ASSIGN(plan.methods, ParseMethods(FLAGS_methods, plan.models[0]));
  for (const Job& model : plan.models) PRIMACY_TRY(CheckLogAndLabels(model));
  plan.seeds = FLAGS_seeds;
  plan.servers = FLAGS_servers;
  plan.workers = FLAGS_workers;
  plan.run_dir = FLAGS_run_dir;
  return plan;
}

// Workers compute; servers mostly wait for them.
int JobsFor(const ComparisonPlan& plan) {
  if (FLAGS_jobs > 0) return FLAGS_jobs;
  const int threads = plan.workers * plan.models[0].runtime().compute_threads();
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()) / std::max(1, threads));
}

Result<RunnerOutcome> Train(const ComparisonPlan& plan) {
  CompareProgress progress(stderr);
  RunnerOptions options;
  options.program = std::filesystem::read_symlink("/proc/self/exe").string();
  options.jobs = JobsFor(plan);
  options.show = [&](const RunnerOptions::Progress& now) { progress.Show(now); };
  return RunTrainings(plan, options);
}

Error Explain(const std::vector<Error>& failures) {
  std::string text;
  for (size_t i = 0; i < std::min(failures.size(), kFailuresNamed); ++i) {
    text += (i == 0 ? "" : "; ") + failures[i].message();
  }
  if (failures.size() > kFailuresNamed) {
    text += Format("; and %zu more", failures.size() - kFailuresNamed);
  }
  for (const Error& failure : failures) {
    if (failure.kind() == ErrorKind::kUsage) return UsageError(text);
  }
  return Failure(text + " (the same command with --resume keeps the others and tries again)");
}

}  // namespace

Result<int> RunCompare(const std::vector<std::string>&) {
  PRIMACY_ASSIGN(const ComparisonPlan plan, ReadPlan());
  PRIMACY_ASSIGN(const auto lock, OpenRunDirectory(plan, FLAGS_resume));
  CountInterrupts();
  PRIMACY_ASSIGN(const RunnerOutcome outcome, Train(plan));
  if (outcome.stopped) {
    std::fprintf(stderr, "stopped: the same command with --resume goes on from here\n");
    return kStoppedExitCode;
  }
  if (!outcome.failures.empty()) return Explain(outcome.failures);
  PRIMACY_ASSIGN(const Comparison comparison, CollectComparison(plan));
  PRIMACY_ASSIGN(const std::string note, WriteComparison(comparison, plan.run_dir));
  std::fputs(ComparisonTable(comparison).c_str(), stdout);
  std::printf("\n%s/compare.html, compare.txt, compare.json, plots/\n", plan.run_dir.c_str());
  if (!note.empty()) std::printf("%s\n", note.c_str());
  return 0;
}

}  // namespace primacy
