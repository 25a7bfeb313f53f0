// What is appended to a run's events.jsonl while somebody watches.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace primacy {

// Not thread safe. A file that is not there yet has no lines yet.
class EventTail {
 public:
  // From the present end of the file on.
  explicit EventTail(std::string path);
  // The "message" of every event of that name since the last call; half a line waits for its end.
  std::vector<std::string> Messages(const std::string& event);

 private:
  const std::string path_;
  int64_t read_bytes_ = 0;
};

}  // namespace primacy
