#include "tools/compare/compare.h"

#include <unistd.h>

#include <cstdio>

#include "common/base/atomic_file.h"
#include "common/config/job_config.h"
#include "tools/commands/command.h"
#include "tools/commands/flags.h"
#include "tools/commands/label_sample.h"

DEFINE_string(methods, "single,ratio:1,ratio:2,ratio:4,ratio:8,ratio:16,nmt",
              "what to compare: nmt, single, weighted:W:W:..., ratio:R, pcgrad and other methods "
              "of docs/methods.md");
DEFINE_int32(seeds, 3, "trainings of each method");

namespace primacy {

Result<int> RunCompare(const std::vector<std::string>&) {
  PRIMACY_TRY(RequireFlag("job", FLAGS_job, "the job file"));
  PRIMACY_TRY(RequireFlag("run_dir", FLAGS_run_dir, "the directory for the comparison"));
  if (FLAGS_seeds < 1) return UsageError("--seeds must be at least 1");
  PRIMACY_TRY(RequireProcesses());
  CompareOptions options;
  PRIMACY_ASSIGN(options.job, LoadJob(FLAGS_job, Overrides()));
  PRIMACY_ASSIGN(options.methods, ParseMethods(FLAGS_methods, options.job));
  PRIMACY_TRY(CheckLogAndLabels(options.job));
  options.seeds = FLAGS_seeds;
  options.servers = FLAGS_servers;
  options.workers = FLAGS_workers;
  options.run_dir = FLAGS_run_dir;
  PRIMACY_TRY(MakeDirectories(FLAGS_run_dir));
  const bool terminal = ::isatty(STDERR_FILENO);
  options.progress = [&](const std::string& training) {
    std::fprintf(stderr, terminal ? "\r\x1b[Ktraining %s" : "training %s\n", training.c_str());
  };
  PRIMACY_ASSIGN(const Comparison comparison, Compare(options));
  if (terminal) std::fputs("\r\x1b[K", stderr);
  const std::string table = FormatComparison(comparison);
  PRIMACY_TRY(WriteFileAtomically(FLAGS_run_dir + "/compare.txt", table));
  PRIMACY_TRY(WriteFileAtomically(FLAGS_run_dir + "/compare.json", ComparisonJson(comparison)));
  PRIMACY_TRY(WriteFileAtomically(FLAGS_run_dir + "/compare.svg", ComparisonSvg(comparison)));
  std::fputs(table.c_str(), stdout);
  std::printf("\n%s/compare.txt, compare.json, compare.svg\n", FLAGS_run_dir.c_str());
  return 0;
}

}  // namespace primacy
