// The time line of a run: one JSON object a line, appended to DIR/events.jsonl.
#pragma once

#include <memory>
#include <string>

#include "common/base/json.h"
#include "common/base/mutex.h"
#include "common/base/result.h"

namespace primacy {

// The event of a damaged generation that a resumed job passed over; its "message" is for people.
inline constexpr char kSetAsideEvent[] = "set_aside";

// Thread safe. Lines are written whole and at once; a resumed run appends.
class EventLog {
 public:
  static Result<std::unique_ptr<EventLog>> Open(const std::string& path);
  ~EventLog();
  EventLog(const EventLog&) = delete;
  EventLog& operator=(const EventLog&) = delete;

  // Begins an event: an open JSON object that has "time" (UTC, ISO 8601) and "event" already.
  // Finish it with Append.
  static JsonWriter Begin(const std::string& event);
  // Closes the object and writes the line. A disk that is full fails the run.
  Status Append(JsonWriter& event);

 private:
  EventLog(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}
  const std::string path_;
  Mutex mutex_;
  const int fd_;
};

// "2026-03-01T12:00:00.123Z".
std::string UtcNow();

}  // namespace primacy
