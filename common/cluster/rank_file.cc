#include "common/cluster/rank_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <optional>

#include "common/base/atomic_file.h"
#include "common/base/json.h"
#include "common/base/json_value.h"

namespace primacy {
namespace {

constexpr uint64_t kRankFileBytesMax = 1 << 20;

std::string RankDirectory(const std::string& run_dir) { return run_dir + "/ranks"; }

const char* RoleName(Role role) { return role == ROLE_SERVER ? "server" : "worker"; }

const char* StateName(RankRecord::State state) {
  switch (state) {
    case RankRecord::State::kRunning:
      return "running";
    case RankRecord::State::kFinished:
      return "finished";
    case RankRecord::State::kFailed:
      return "failed";
  }
  return "";
}

std::string Encode(const RankRecord& record) {
  JsonWriter json;
  json.BeginObject()
      .Field("role", RoleName(record.role))
      .Field("rank", record.rank)
      .Field("host", record.host)
      .Field("pid", record.pid)
      .Field("state", StateName(record.state));
  if (record.state == RankRecord::State::kFailed) {
    json.Field("reason", record.reason)
        .Field("usage", record.usage)
        .Field("by_signal", record.by_signal);
  }
  json.EndObject();
  return json.Take() + "\n";
}

std::optional<RankRecord> Read(const std::string& path) {
  const Result<std::string> text = ReadFile(path, kRankFileBytesMax);
  if (!text.ok()) return std::nullopt;
  const Result<JsonValue> json = ParseJson(*text);
  if (!json.ok() || json->object() == nullptr) return std::nullopt;
  RankRecord record;
  record.role = json->TextOr("role", "") == "worker" ? ROLE_WORKER : ROLE_SERVER;
  record.rank = static_cast<int>(json->IntegerOr("rank", 0));
  record.host = json->TextOr("host", "");
  record.pid = json->IntegerOr("pid", 0);
  const std::string state = json->TextOr("state", "");
  record.state = state == "finished" ? RankRecord::State::kFinished
                 : state == "failed" ? RankRecord::State::kFailed
                                     : RankRecord::State::kRunning;
  record.reason = json->TextOr("reason", "");
  record.usage = json->BooleanOr("usage", false);
  record.by_signal = json->BooleanOr("by_signal", false);
  return record;
}

}  // namespace

std::string RankRecord::Describe() const {
  return std::string(RoleName(role)) + " " + std::to_string(rank) + " (" + host + ", pid " +
         std::to_string(pid) + ")";
}

RankFile::RankFile(const std::string& run_dir, RankRecord record)
    : path_(RankDirectory(run_dir) + "/" + RoleName(record.role) + "-" +
            std::to_string(record.rank) + ".json"),
      identity_([&] {
        record.pid = ::getpid();
        return std::move(record);
      }()) {
  const Status made = MakeDirectories(RankDirectory(run_dir));
  if (!made.ok()) LOG(WARNING) << made.error().message();
  MutexLock lock(mutex_);
  Write(identity_);
}

void RankFile::Write(const RankRecord& record) {
  const Status written = ReplaceFile(path_, Encode(record), FileAccess::kPublic);
  if (!written.ok()) LOG(WARNING) << written.error().message();
}

void RankFile::End(const RankRecord& record) {
  MutexLock lock(mutex_);
  if (ended_) return;
  ended_ = true;
  Write(record);
}

void RankFile::Finish() {
  RankRecord record = identity_;
  record.state = RankRecord::State::kFinished;
  End(record);
}

void RankFile::Fail(const Error& error) {
  RankRecord record = identity_;
  record.state = RankRecord::State::kFailed;
  record.reason = error.message();
  record.usage = error.kind() == ErrorKind::kUsage;
  End(record);
}

void RankFile::FailBySignal() {
  RankRecord record = identity_;
  record.state = RankRecord::State::kFailed;
  record.reason = "terminated by a signal";
  record.by_signal = true;
  End(record);
}

std::vector<RankRecord> ReadRankFiles(const std::string& run_dir) {
  std::vector<RankRecord> records;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(RankDirectory(run_dir), error)) {
    if (entry.path().extension() != ".json") continue;
    if (auto record = Read(entry.path().string())) records.push_back(*std::move(record));
  }
  std::sort(records.begin(), records.end(), [](const RankRecord& a, const RankRecord& b) {
    return a.role != b.role ? a.role < b.role : a.rank < b.rank;
  });
  return records;
}

void RemoveRankFiles(const std::string& run_dir) {
  std::error_code error;
  std::filesystem::remove_all(RankDirectory(run_dir), error);
}

Status ReplaceFile(const std::string& path, const std::string& text, FileAccess access) {
  const std::string temporary = path + ".tmp";
  ::unlink(temporary.c_str());
  const mode_t mode = access == FileAccess::kPrivate ? 0600 : 0644;
  const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  bool written = fd >= 0;
  if (written) {
    written = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    ::close(fd);
  }
  if (written && std::rename(temporary.c_str(), path.c_str()) == 0) return Ok();
  const Error error = Failure("cannot write " + path + ": " + std::strerror(errno));
  ::unlink(temporary.c_str());
  return error;
}

}  // namespace primacy
