#include "tools/evaluate/evaluate.h"

#include <google/protobuf/text_format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>
#include <utility>

#include "common/base/atomic_file.h"
#include "common/base/scratch_dir.h"
#include "common/base/strings.h"
#include "common/clicklog/reader.h"
#include "common/clicklog/slices.h"
#include "ps/checkpoint/generation.h"
#include "tools/launch/local_job.h"
#include "worker/data/input_spec.h"
#include "worker/trainer/prediction_file.h"

namespace primacy {
namespace {

// The workers' files one after the other, with one heading.
Status JoinPredictions(const std::string& directory, int workers, AtomicFile& out) {
  std::vector<char> buffer(1 << 20);
  for (int worker = 0; worker < workers; ++worker) {
    const std::string path = directory + "/" + PredictionFileName(worker);
    std::ifstream in(path, std::ios::binary);
    std::string heading;
    if (!std::getline(in, heading)) return Failure(path + " cannot be read");
    heading += "\n";
    if (worker == 0) PRIMACY_TRY(out.Append(std::as_bytes(std::span(heading))));
    while (in) {
      in.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
      PRIMACY_TRY(
          out.Append(std::as_bytes(std::span(buffer.data(), static_cast<size_t>(in.gcount())))));
    }
    if (in.bad()) return Failure(path + " cannot be read to its end");
  }
  return out.Commit();
}

// Ends a job as soon as somebody wants it to end, on a thread of its own.
class CancelWatch {
 public:
  explicit CancelWatch(std::function<bool()> cancelled) : cancelled_(std::move(cancelled)) {}

  void Begin(Coordinator& coordinator) {
    if (!cancelled_) return;
    thread_ = std::jthread([this, &coordinator](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        if (cancelled_()) return coordinator.Fail(Failure("cancelled"));
        std::this_thread::sleep_for(kPollEvery);
      }
    });
  }
  void End() {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
  }

 private:
  static constexpr std::chrono::milliseconds kPollEvery{50};
  const std::function<bool()> cancelled_;
  std::jthread thread_;
};

Status CheckSlice(const std::string& slice) {
  if (std::find(kSliceNames.begin(), kSliceNames.end(), slice) != kSliceNames.end()) return Ok();
  return UsageError("--slice must be train, holdout or test, is \"" + slice + "\"");
}

// That the log is there and has the columns the model reads, before any thread starts.
Status CheckLog(const Job& job, const std::string& slice) {
  const std::string path = slice == "." ? job.data().log() : job.data().log() + "/" + slice;
  const std::filesystem::path test = std::filesystem::path(path) / "test";
  if (std::filesystem::is_directory(test)) {
    return UsageError(path + " holds slices, not parts: give one of them, such as " +
                      test.string());
  }
  PRIMACY_ASSIGN(const auto log, LogDirectory::Open(path));
  PRIMACY_TRY(MakeInputSpec(log->schema(), job));
  return Ok();
}

std::string Number(bool present, double value) {
  return present ? Format("%10.4f", value) : Format("%10s", "-");
}

}  // namespace

Result<EvaluateReport> EvaluateCheckpoint(const EvaluateOptions& options) {
  CHECK_GE(options.servers, 1);
  CHECK_GE(options.workers, 1);
  EvaluateReport report;
  if (options.log.empty()) PRIMACY_TRY(CheckSlice(options.slice));
  PRIMACY_ASSIGN(report.generation, ResolveCheckpoint(options.checkpoint));
  PRIMACY_ASSIGN(const Manifest manifest, ReadManifest(report.generation));
  if (!google::protobuf::TextFormat::ParseFromString(manifest.job_text(), &report.job)) {
    return Failure(report.generation + "/MANIFEST holds a job that cannot be read");
  }
  LocalJobOptions local;
  local.job.job = report.job;
  if (!options.log.empty()) local.job.job.mutable_data()->set_log(options.log);
  local.job.servers = options.servers;
  local.job.workers = options.workers;
  JobOptions::Evaluation evaluation;
  evaluation.restore_from = report.generation;
  evaluation.slice = options.log.empty() ? options.slice : ".";
  PRIMACY_TRY(CheckLog(local.job.job, evaluation.slice));
  std::unique_ptr<AtomicFile> predictions;
  std::unique_ptr<ScratchDir> parts;
  if (!options.predictions.empty()) {
    PRIMACY_ASSIGN(predictions, AtomicFile::Create(options.predictions));
    PRIMACY_ASSIGN(parts, ScratchDir::Create(options.predictions + ".parts-"));
    evaluation.predictions_dir = parts->path();
  }
  local.job.evaluation = evaluation;
  CancelWatch watch(options.cancelled);
  local.started = [&watch](Coordinator& coordinator) { watch.Begin(coordinator); };
  local.ended = [&watch] { watch.End(); };
  PRIMACY_ASSIGN(const LocalJobResult ended, RunLocalJob(local));
  if (options.cancelled && options.cancelled()) return Failure("cancelled");
  report.result = ended.evaluation;
  if (predictions != nullptr) {
    PRIMACY_TRY(JoinPredictions(evaluation.predictions_dir, options.workers, *predictions));
  }
  return report;
}

std::string FormatEvaluation(const EvaluateReport& report) {
  std::string text = Format("%-16s %10s %10s %10s %12s %12s\n", "task", "AUC", "GAUC", "loss",
                            "calibration", "rows");
  for (const TaskMetrics& task : report.result.task()) {
    if (!task.has_loss()) continue;
    text += Format("%-16s %s %s %s %12s %12s\n", task.task().c_str(),
                   Number(task.has_auc(), task.auc()).c_str(),
                   Number(task.has_gauc(), task.gauc()).c_str(), Number(true, task.loss()).c_str(),
                   Number(task.has_calibration(), task.calibration()).c_str(),
                   WithCommas(static_cast<uint64_t>(task.rows())).c_str());
  }
  return text;
}

}  // namespace primacy
