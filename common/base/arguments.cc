#include "common/base/arguments.h"

namespace primacy {
namespace {

// The value in "--name=value", or nothing when `argument` is something else.
std::optional<std::string> ValueOf(const std::string& argument, const std::string& flag) {
  if (argument.size() <= flag.size() || !argument.starts_with(flag)) return std::nullopt;
  if (argument[flag.size()] != '=') return std::nullopt;
  return argument.substr(flag.size() + 1);
}

}  // namespace

std::vector<std::string> Arguments::TakeAll(std::string_view name) {
  const std::string flag = "--" + std::string(name);
  std::vector<std::string> values, kept;
  for (size_t i = 0; i < left_.size(); ++i) {
    if (const auto value = ValueOf(left_[i], flag)) {
      values.push_back(*value);
    } else if (left_[i] == flag) {
      values.push_back(i + 1 < left_.size() ? left_[++i] : "");
    } else {
      kept.push_back(left_[i]);
    }
  }
  left_ = std::move(kept);
  return values;
}

std::string Arguments::Take(std::string_view name, std::string_view otherwise) {
  const std::vector<std::string> values = TakeAll(name);
  return values.empty() ? std::string(otherwise) : values.back();
}

std::optional<bool> Arguments::TakeSwitch(std::string_view name) {
  const std::string flag = "--" + std::string(name);
  std::optional<bool> state = false;
  std::vector<std::string> kept;
  for (const std::string& argument : left_) {
    const auto value = ValueOf(argument, flag);
    if (argument == flag || value == "true") {
      state = true;
    } else if (value == "false") {
      state = false;
    } else if (value.has_value()) {
      state = std::nullopt;
    } else {
      kept.push_back(argument);
    }
  }
  left_ = std::move(kept);
  return state;
}

}  // namespace primacy
