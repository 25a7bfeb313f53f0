#include "tests/support/local_run.h"

#include <glog/logging.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <sstream>
#include <thread>

#include "common/base/atomic_file.h"
#include "common/base/strings.h"
#include "common/config/job_config.h"
#include "ps/checkpoint/generation.h"
#include "ps/checkpoint/resume_point.h"

namespace primacy::testing_support {
namespace {

constexpr char kTinyJob[] = R"(
  task { name: "like" } task { name: "view" } task { name: "click" }
  model { embedding_dim: 4 group_dim { group: "tags" dim: 6 } bottom: 8 tower: 4 }
  table_optimizer { learning_rate: 0.1 }
  dense_optimizer { learning_rate: 0.01 }
  training { batch_rows: 125 passes_max: 3 evaluations_per_pass: 2 seed: 7 }
  data { shuffle_window_rows: 400 }
  runtime { heartbeat_ms: 20000 checkpoint_every_seconds: 0 bsp_warmup_steps: 0 }
)";

std::string ReadText(const std::string& path) {
  std::ifstream in(path);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

template <typename T>
T Must(Result<T> result) {
  CHECK(result.ok()) << result.error().trace();
  return *std::move(result);
}

JobOptions OptionsOf(const RunSpec& run) {
  JobOptions options;
  options.job = run.job;
  options.run_dir = run.dir;
  options.servers = run.servers;
  options.workers = run.workers;
  options.resume = run.resume;
  options.init_from = run.init_from;
  options.join_timeout = std::chrono::milliseconds(60000);
  CHECK(MakeDirectories(run.dir).ok());
  return options;
}

// Appends every number, truth value and text below `value` as "path=value", but not times and
// places.
void Flatten(const JsonValue& value, const std::string& path, std::string& out) {
  if (const JsonValue::Array* array = value.array()) {
    for (size_t i = 0; i < array->size(); ++i)
      Flatten((*array)[i], path + "[" + std::to_string(i) + "]", out);
  } else if (const JsonValue::Object* object = value.object()) {
    for (const JsonMember& member : *object) {
      const bool incidental =
          member.name.find("seconds") != std::string::npos || member.name == "candidate_generation";
      if (!incidental) Flatten(member.value, path + "." + member.name, out);
    }
  } else {
    out += path + "=";
    if (value.number()) out += Format("%.17g", *value.number());
    if (value.boolean()) out += *value.boolean() ? "true" : "false";
    if (value.text() != nullptr) out += *value.text();
    out += "\n";
  }
}

}  // namespace

Job TinyJob(const std::string& log, const std::vector<std::string>& overrides) {
  Job job = Must(ParseJob(kTinyJob, "tiny job"));
  job.mutable_data()->set_log(log);
  for (const std::string& change : overrides) job = Must(OverrideJob(job, change));
  const Status valid = ValidateJob(job);
  CHECK(valid.ok()) << valid.error().trace();
  return FillDefaults(job);
}

std::vector<std::string> EverythingOn() {
  return {"training.clip_norm=0.2", "model.dropout=0.2", "table.admit_count=2",
          "table.evict_after_passes=1", "table.rows_per_shard_max=1"};
}

Result<JobOutcome> RunJob(const RunSpec& run) {
  LocalJobOptions options;
  options.job = OptionsOf(run);
  PRIMACY_ASSIGN(const LocalJobResult result, RunLocalJob(options));
  return result.outcome;
}

Result<JobOutcome> RunJobUntil(const RunSpec& run, StopPoint stop) {
  std::atomic<bool> ended = false;
  std::thread watcher;
  LocalJobOptions options;
  options.job = OptionsOf(run);
  options.started = [&](Coordinator& coordinator) {
    watcher = std::thread([&] {
      while (!ended) {
        const JobStatus status = coordinator.status();
        if (status.stage() > stop.stage ||
            (status.stage() == stop.stage && status.step() >= stop.step)) {
          return coordinator.RequestStop();
        }
        std::this_thread::sleep_for(std::chrono::microseconds(300));
      }
    });
  };
  options.ended = [&] {
    ended = true;
    watcher.join();
  };
  PRIMACY_ASSIGN(const LocalJobResult result, RunLocalJob(options));
  return result.outcome;
}

Result<EvaluateResult> EvaluateGeneration(const RunSpec& run, const std::string& generation_dir,
                                          const std::string& slice) {
  LocalJobOptions options;
  options.job = OptionsOf(run);
  options.job.evaluation = JobOptions::Evaluation{generation_dir, slice, ""};
  PRIMACY_ASSIGN(LocalJobResult result, RunLocalJob(options));
  return result.evaluation;
}

std::string NewestDirectory(const std::string& run_dir) {
  const std::string root = CheckpointRoot(run_dir);
  return root + "/" +
         GenerationName(Must(FindResumePoint(root, CheckDepth::kManifests)).generation);
}

std::string NewestDigest(const std::string& run_dir) {
  return Must(GenerationDigest(NewestDirectory(run_dir)));
}

Manifest NewestManifest(const std::string& run_dir) {
  return Must(ReadManifest(NewestDirectory(run_dir)));
}

JsonValue Report(const std::string& run_dir) {
  return Must(ParseJson(ReadText(run_dir + "/report.json")));
}

std::string StageFigures(const std::string& run_dir) {
  const JsonValue report = Report(run_dir);
  CHECK(report.Find("stages") != nullptr);
  std::string figures;
  Flatten(*report.Find("stages"), "stages", figures);
  return figures;
}

std::vector<JsonValue> Events(const std::string& run_dir, const std::string& event) {
  std::vector<JsonValue> found;
  std::istringstream lines(ReadText(run_dir + "/events.jsonl"));
  for (std::string line; std::getline(lines, line);) {
    JsonValue value = Must(ParseJson(line));
    if (value.TextOr("event", "") == event) found.push_back(std::move(value));
  }
  return found;
}

}  // namespace primacy::testing_support
