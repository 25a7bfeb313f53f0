// DIR/ranks/server-0.json, worker-1.json …: what each rank of a run says of itself, so that whoever
// started the job can name the one that died.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/base/mutex.h"
#include "common/base/result.h"
#include "common/protocol/messages.pb.h"

namespace primacy {

struct RankRecord {
  enum class State { kRunning, kFinished, kFailed };

  Role role = ROLE_SERVER;
  int rank = 0;
  std::string host;
  int64_t pid = 0;
  State state = State::kRunning;
  std::string reason;      // of a failure
  bool usage = false;      // the failure is a user's mistake
  bool by_signal = false;  // it was told to end, which is not where the failure began

  // "worker 1 (host, pid 123)".
  std::string Describe() const;
};

// The file of this process. Thread safe. Trouble with the disk is a warning: a job does not fail
// because it cannot be described.
class RankFile {
 public:
  // Writes the record as running; its pid is filled in.
  RankFile(const std::string& run_dir, RankRecord record);

  const RankRecord& identity() const { return identity_; }
  // The final state. The first one stays.
  void Finish();
  void Fail(const Error& error);
  void FailBySignal();

 private:
  void Write(const RankRecord& record) REQUIRES(mutex_);
  void End(const RankRecord& record);

  const std::string path_;
  const RankRecord identity_;
  Mutex mutex_;
  bool ended_ GUARDED_BY(mutex_) = false;
};

// The records of a run, servers first, by rank. Files that cannot be read are left out.
std::vector<RankRecord> ReadRankFiles(const std::string& run_dir);
// Removes the records of an earlier start.
void RemoveRankFiles(const std::string& run_dir);

// `text` as `path` by renaming, without waiting for the disk. `private_file`: only its owner may
// read it.
enum class FileAccess { kPublic, kPrivate };
Status ReplaceFile(const std::string& path, const std::string& text, FileAccess access);

}  // namespace primacy
