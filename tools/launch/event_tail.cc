#include "tools/launch/event_tail.h"

#include <filesystem>
#include <fstream>
#include <utility>

#include "common/base/json_value.h"

namespace primacy {

EventTail::EventTail(std::string path) : path_(std::move(path)) {
  std::error_code code;
  const auto bytes = std::filesystem::file_size(path_, code);
  if (!code) read_bytes_ = static_cast<int64_t>(bytes);
}

std::vector<std::string> EventTail::Messages(const std::string& event) {
  std::vector<std::string> messages;
  std::ifstream file(path_, std::ios::binary);
  file.seekg(read_bytes_);
  for (std::string line; std::getline(file, line) && !file.eof();) {
    read_bytes_ += static_cast<int64_t>(line.size()) + 1;
    const Result<JsonValue> value = ParseJson(line);
    if (!value.ok() || value->TextOr("event", "") != event) continue;
    messages.push_back(value->TextOr("message", ""));
  }
  return messages;
}

}  // namespace primacy
