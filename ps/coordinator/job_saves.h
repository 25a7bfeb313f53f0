// The saves of a job, one at a time: a generation is begun at a quiet point, written by the servers
// while training goes on, and published when all of them have.
//
//     script                              servers                    publishing thread
//     Begin: directory                    copy their parameters
//     Publish: where the job stands       write their files
//     trains on                           OnSaved, each ───────────▶ MANIFEST, old generations,
//     event Wait, before whatever needs it
//
// What is published is the job of the quiet point, parameters and JobState: one cut. A job that
// ends in between has not saved that generation. When a file cannot be written, or the generation
// cannot be published, the job fails.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "common/base/mutex.h"
#include "common/base/result.h"
#include "common/protocol/messages.pb.h"
#include "ps/checkpoint/manifest.pb.h"
#include "ps/coordinator/event_log.h"

namespace primacy {

// Thread safe; Begin, Publish, Wait and TakeFigures are for the script's thread.
class JobSaves {
 public:
  using Clock = std::chrono::steady_clock;

  struct Options {
    std::string root;  // of the generations
    int servers = 1;
    int keep_generations = 1;
    EventLog* events = nullptr;  // outlives this
    // Called without locks held, on the publishing thread or that of OnSaved.
    std::function<void(const Error&)> on_failure;
    // Called when a generation is whole, without locks held.
    std::function<void()> on_whole;
  };
  // A generation whose parameters the servers hold.
  struct Plan {
    std::string directory;
    Manifest manifest;                                 // but for its files
    std::vector<std::optional<CheckpointFile>> files;  // [server], of those written already
    Clock::time_point began;   // of the save: since then training waited …
    double pause_seconds = 0;  // … for so long
  };
  // Of the generations that became whole.
  struct Figures {
    double seconds = 0;  // Σ from the quiet point until whole
    int64_t bytes = 0;
  };

  explicit JobSaves(const Options& options);
  // A save in flight is given up.
  ~JobSaves();

  // Waits for the save in flight, makes the new generation's directory, and expects the servers'
  // files of it.
  Result<std::string> Begin(uint64_t generation);
  // The save is in flight from here on. REQUIRES: Begin came before, for this generation.
  void Publish(Plan plan);
  // Returns when no save is in flight, or why none can be.
  Status Wait();
  Figures TakeFigures();

  bool in_flight() const;
  // When the last generation became whole; the time of construction when none has.
  Clock::time_point whole_at() const;

  // A server has written its file, or cannot. Files of other generations than the one begun are
  // none of the job's.
  void OnSaved(const SavedReport& report);
  // The job cannot go on: a save in flight is given up, Wait returns `error`.
  void Fail(const Error& error);

 private:
  bool AllWritten() const REQUIRES(mutex_);
  void PublishLoop();
  // The plan with all its files; nothing when this is to end.
  std::optional<Plan> NextWritten();
  Result<Figures> PublishOne(const Plan& plan);
  void NoteWhole(const Figures& figures);

  const Options options_;
  mutable Mutex mutex_;
  CondVar changed_;
  bool ending_ GUARDED_BY(mutex_) = false;
  std::optional<Error> failure_ GUARDED_BY(mutex_);
  uint64_t generation_ GUARDED_BY(mutex_) = 0;                           // begun
  std::vector<std::optional<CheckpointFile>> files_ GUARDED_BY(mutex_);  // [server]
  std::optional<Plan> plan_ GUARDED_BY(mutex_);
  bool in_flight_ GUARDED_BY(mutex_) = false;
  Figures figures_ GUARDED_BY(mutex_);
  Clock::time_point whole_at_ GUARDED_BY(mutex_);
  std::thread publisher_;
};

// What `state`, and the newest `keep` generations below `root`, may have to restore.
std::vector<uint64_t> GenerationsInUse(const std::string& root, int keep, const JobState& state);

}  // namespace primacy
