#include "tools/evaluate/evaluate.h"

#include <google/protobuf/text_format.h>
#include <stdlib.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "common/base/atomic_file.h"
#include "common/base/strings.h"
#include "ps/checkpoint/generation.h"
#include "tools/launch/local_job.h"
#include "worker/trainer/prediction_file.h"

namespace primacy {
namespace {

// The workers' files one after the other, with one heading.
Status JoinPredictions(const std::string& directory, int workers, const std::string& path) {
  PRIMACY_ASSIGN(auto out, AtomicFile::Create(path));
  for (int worker = 0; worker < workers; ++worker) {
    std::ifstream in(directory + "/" + PredictionFileName(worker));
    std::string heading;
    std::getline(in, heading);
    heading += "\n";
    if (worker == 0) PRIMACY_TRY(out->Append(std::as_bytes(std::span(heading.data(), heading.size()))));
    std::vector<char> buffer(1 << 20);
    while (in) {
      in.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
      PRIMACY_TRY(out->Append(std::as_bytes(std::span(buffer.data(), static_cast<size_t>(in.gcount())))));
    }
  }
  return out->Commit();
}

std::string Number(bool present, double value) { return present ? Format("%10.4f", value) : Format("%10s", "-"); }

}  // namespace

Result<EvaluateReport> EvaluateCheckpoint(const EvaluateOptions& options) {
  EvaluateReport report;
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
  if (!options.predictions.empty()) evaluation.predictions_dir = options.predictions + ".parts";
  local.job.evaluation = evaluation;
  const Result<LocalJobResult> ended = RunLocalJob(local);
  if (ended.ok()) report.result = ended->evaluation;
  if (!options.predictions.empty()) {
    const Status joined =
        ended.ok() ? JoinPredictions(evaluation.predictions_dir, options.workers, options.predictions) : Ok();
    std::error_code ignored;
    std::filesystem::remove_all(evaluation.predictions_dir, ignored);
    PRIMACY_TRY(joined);
  }
  if (!ended.ok()) return ended.error();
  return report;
}

std::string FormatEvaluation(const EvaluateReport& report) {
  std::string text = Format("%-16s %10s %10s %10s %12s %12s\n", "task", "AUC", "GAUC", "loss", "calibration", "rows");
  for (const TaskMetrics& task : report.result.task()) {
    if (!task.has_loss()) continue;
    text += Format("%-16s %s %s %s %12s %12s\n", task.task().c_str(), Number(task.has_auc(), task.auc()).c_str(),
                   Number(task.has_gauc(), task.gauc()).c_str(), Number(true, task.loss()).c_str(),
                   Number(task.has_calibration(), task.calibration()).c_str(),
                   WithCommas(static_cast<uint64_t>(task.rows())).c_str());
  }
  return text;
}

}  // namespace primacy
