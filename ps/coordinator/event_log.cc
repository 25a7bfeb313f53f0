#include "ps/coordinator/event_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <ctime>

#include "common/base/strings.h"

namespace primacy {

std::string UtcNow() {
  const auto now = std::chrono::system_clock::now();
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  const auto milliseconds =
      std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count() % 1000;
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  return Format("%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", utc.tm_year + 1900, utc.tm_mon + 1,
                utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, static_cast<int>(milliseconds));
}

Result<std::unique_ptr<EventLog>> EventLog::Open(const std::string& path) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (fd < 0) return Failure("cannot open " + path + ": " + std::strerror(errno));
  return std::unique_ptr<EventLog>(new EventLog(path, fd));
}

EventLog::~EventLog() { ::close(fd_); }

JsonWriter EventLog::Begin(const std::string& event) {
  JsonWriter json;
  json.BeginObject().Field("time", UtcNow()).Field("event", event);
  return json;
}

Status EventLog::Append(JsonWriter& event) {
  event.EndObject();
  const std::string line = event.Take() + "\n";
  MutexLock lock(mutex_);
  if (::write(fd_, line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
    return Failure("cannot append to " + path_ + ": " + std::strerror(errno));
  }
  return Ok();
}

}  // namespace primacy
