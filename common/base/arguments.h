// The flags of a command line, taken off it one by one, so that what is left over is known.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace primacy {

// Flags are written --name=value, or --name value; a switch is --name, --name=true or --name=false.
class Arguments {
 public:
  // `arguments` without the program's name.
  explicit Arguments(std::vector<std::string> arguments) : left_(std::move(arguments)) {}

  // All values of the flag, in order, and off the command line. A flag at the very end without a
  // value has an empty one.
  std::vector<std::string> TakeAll(std::string_view name);
  // The last value, or `otherwise` when the flag is not given.
  std::string Take(std::string_view name, std::string_view otherwise = "");
  // The last state of the switch; nothing when its value is neither true nor false.
  std::optional<bool> TakeSwitch(std::string_view name);

  // What nobody has taken.
  const std::vector<std::string>& left() const { return left_; }

 private:
  std::vector<std::string> left_;
};

}  // namespace primacy
