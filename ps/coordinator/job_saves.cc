#include "ps/coordinator/job_saves.h"

#include <algorithm>
#include <utility>

#include "common/agent/agent.h"
#include "ps/checkpoint/generation.h"

namespace primacy {

JobSaves::JobSaves(const Options& options)
    : options_(options), whole_at_(Clock::now()), publisher_([this] { PublishLoop(); }) {}

JobSaves::~JobSaves() {
  {
    MutexLock lock(mutex_);
    ending_ = true;
    changed_.NotifyAll();
  }
  publisher_.join();
}

Result<std::string> JobSaves::Begin(uint64_t generation) {
  PRIMACY_TRY(Wait());
  PRIMACY_ASSIGN(std::string directory, BeginGeneration(options_.root, generation));
  MutexLock lock(mutex_);
  generation_ = generation;
  files_.assign(static_cast<size_t>(options_.servers), std::nullopt);
  return directory;
}

void JobSaves::Publish(Plan plan) {
  MutexLock lock(mutex_);
  CHECK(!in_flight_);
  CHECK_EQ(plan.manifest.generation(), generation_);
  CHECK_EQ(plan.files.size(), files_.size());
  for (size_t server = 0; server < files_.size(); ++server) {
    if (plan.files[server].has_value()) files_[server] = std::move(plan.files[server]);
  }
  plan_ = std::move(plan);
  in_flight_ = true;
  changed_.NotifyAll();
}

Status JobSaves::Wait() {
  MutexLock lock(mutex_);
  while (in_flight_ && !failure_.has_value()) changed_.Wait(mutex_);
  if (failure_.has_value()) return *failure_;
  return Ok();
}

JobSaves::Figures JobSaves::TakeFigures() {
  MutexLock lock(mutex_);
  return std::exchange(figures_, Figures());
}

bool JobSaves::in_flight() const {
  MutexLock lock(mutex_);
  return in_flight_;
}

JobSaves::Clock::time_point JobSaves::whole_at() const {
  MutexLock lock(mutex_);
  return whole_at_;
}

void JobSaves::OnSaved(const SavedReport& report) {
  std::optional<Error> error;
  {
    MutexLock lock(mutex_);
    if (report.generation() != generation_ || report.server() < 0 ||
        report.server() >= options_.servers) {
      return;
    }
    if (report.has_error()) {
      error = Error(report.usage_error() ? ErrorKind::kUsage : ErrorKind::kFailure,
                    ProcessName(ROLE_SERVER, report.server()) + ": " + report.error());
    } else {
      files_[static_cast<size_t>(report.server())] = report.file();
    }
    changed_.NotifyAll();
  }
  if (error.has_value()) options_.on_failure(*error);
}

void JobSaves::Fail(const Error& error) {
  MutexLock lock(mutex_);
  if (!failure_.has_value()) failure_ = error;
  changed_.NotifyAll();
}

bool JobSaves::AllWritten() const {
  return plan_.has_value() && !failure_.has_value() &&
         std::all_of(files_.begin(), files_.end(),
                     [](const auto& file) { return file.has_value(); });
}

std::optional<JobSaves::Plan> JobSaves::NextWritten() {
  MutexLock lock(mutex_);
  while (!ending_ && !AllWritten()) changed_.Wait(mutex_);
  if (ending_) return std::nullopt;
  Plan plan = *std::exchange(plan_, std::nullopt);
  plan.files = files_;
  return plan;
}

void JobSaves::PublishLoop() {
  while (std::optional<Plan> plan = NextWritten()) {
    const Result<Figures> published = PublishOne(*plan);
    if (published.ok()) {
      NoteWhole(*published);
      options_.on_whole();
    } else {
      options_.on_failure(published.error());
    }
  }
}

Result<JobSaves::Figures> JobSaves::PublishOne(const Plan& plan) {
  Manifest manifest = plan.manifest;
  Figures figures;
  for (const std::optional<CheckpointFile>& file : plan.files) {
    *manifest.add_file() = *file;
    figures.bytes += static_cast<int64_t>(file->bytes());
  }
  PRIMACY_TRY(PublishGeneration(plan.directory, manifest));
  PRIMACY_TRY(RemoveOldGenerations(
      options_.root, options_.keep_generations,
      GenerationsInUse(options_.root, options_.keep_generations, manifest.state())));
  figures.seconds = std::chrono::duration<double>(Clock::now() - plan.began).count();
  JsonWriter event = EventLog::Begin("checkpoint");
  event.Field("generation", manifest.generation())
      .Field("stage", manifest.state().stage())
      .Field("step", manifest.state().step())
      .Field("pinned", manifest.pinned())
      .Field("pause_seconds", plan.pause_seconds)
      .Field("seconds", figures.seconds)
      .Field("bytes", figures.bytes);
  PRIMACY_TRY(options_.events->Append(event));
  return figures;
}

void JobSaves::NoteWhole(const Figures& figures) {
  MutexLock lock(mutex_);
  whole_at_ = Clock::now();
  figures_.seconds += figures.seconds;
  figures_.bytes += figures.bytes;
  in_flight_ = false;
  changed_.NotifyAll();
}

std::vector<uint64_t> GenerationsInUse(const std::string& root, int keep, const JobState& state) {
  std::vector<uint64_t> used;
  if (state.base_generation() != 0) used.push_back(state.base_generation());
  if (state.has_best()) used.push_back(state.best().generation());
  for (const StageSummary& summary : state.finished_stage()) {
    used.push_back(summary.model().generation());
  }
  // Should the newest generation be found damaged, an older one goes on from its own best model.
  const Result<std::vector<uint64_t>> generations = ListGenerations(root);
  if (!generations.ok()) return used;
  const size_t kept = std::min(generations->size(), static_cast<size_t>(std::max(1, keep)));
  for (size_t back = 1; back <= kept; ++back) {
    const uint64_t generation = (*generations)[generations->size() - back];
    const Result<Manifest> manifest = ReadManifest(root + "/" + GenerationName(generation));
    if (manifest.ok() && manifest->state().has_best()) {
      used.push_back(manifest->state().best().generation());
    }
  }
  return used;
}

}  // namespace primacy
