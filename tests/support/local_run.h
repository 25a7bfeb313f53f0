// Whole jobs in the test's process, over a tiny log.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/base/json_value.h"
#include "common/base/result.h"
#include "common/config/job.pb.h"
#include "ps/checkpoint/manifest.pb.h"
#include "tools/launch/local_job.h"

namespace primacy::testing_support {

// A small NMT job (like > view > click) with two embedding dimensions over the tiny log in `log`,
// checked and filled, after `overrides` ("training.seed=3"). 17 steps a pass, the last of one row.
Job TinyJob(const std::string& log, const std::vector<std::string>& overrides = {});

// Overrides that switch on all that could depend on order or placement: clipping, dropout,
// admission, caps, eviction.
std::vector<std::string> EverythingOn();

struct RunSpec {
  std::string dir;
  Job job;
  int servers = 1;
  int workers = 1;
  bool resume = false;
  std::string init_from;
};
Result<JobOutcome> RunJob(const RunSpec& run);

// Runs until the stage and step are reached (or a few steps later, as it happens), then asks for a
// stop. The outcome is kFinished when the job was faster.
struct StopPoint {
  int stage = 0;
  Step step = 0;
};
Result<JobOutcome> RunJobUntil(const RunSpec& run, StopPoint stop);

// Forward passes of a generation over one slice.
Result<EvaluateResult> EvaluateGeneration(const RunSpec& run, const std::string& generation_dir,
                                          const std::string& slice);

// Of the run's newest generation.
std::string NewestDirectory(const std::string& run_dir);
std::string NewestDigest(const std::string& run_dir);
Manifest NewestManifest(const std::string& run_dir);
// report.json, parsed.
JsonValue Report(const std::string& run_dir);
// The report's "stages", without what depends on time: the metrics, λ, bounds and steps, one number
// a line.
std::string StageFigures(const std::string& run_dir);
// Lines of events.jsonl of one kind, parsed.
std::vector<JsonValue> Events(const std::string& run_dir, const std::string& event);

}  // namespace primacy::testing_support
