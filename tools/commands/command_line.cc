#include "tools/commands/command_line.h"

#include <gflags/gflags.h>

#include <algorithm>
#include <optional>
#include <string_view>

#include "common/base/strings.h"
#include "common/config/job_fields.h"

namespace primacy {
namespace {

// Not a gflag: it may be given more than once.
constexpr char kSet[] = "set";
constexpr char kSetMeaning[] =
    "change one field of the job: --set=training.seed=3; may be given more than once";
// Of the log library, for looking into a run that goes wrong.
constexpr std::string_view kLogFlags[] = {"minloglevel", "v", "vmodule"};

std::vector<std::string> FlagsOf(const Command& command) {
  std::vector<std::string> flags;
  for (const std::string_view name : Split(command.flags, ' ')) {
    if (!name.empty()) flags.emplace_back(name);
  }
  return flags;
}

std::optional<gflags::CommandLineFlagInfo> FindFlag(const std::string& name) {
  gflags::CommandLineFlagInfo info;
  if (!gflags::GetCommandLineFlagInfo(name.c_str(), &info)) return std::nullopt;
  return info;
}

const char* KindOf(const std::string& type) {
  if (type == "bool") return "true or false";
  if (type == "double") return "a number";
  if (type == "uint32" || type == "uint64") return "a whole number, 0 or above";
  return type == "string" ? "a text" : "a whole number";
}

Error NotRead(const Command& command, const std::string& name) {
  const std::vector<std::string> flags = FlagsOf(command);
  const std::string nearest = NearestName(name, flags);
  std::string message = FindFlag(name).has_value() || name == kSet ? "does not read --" + name
                                                                   : "there is no flag --" + name;
  if (!nearest.empty()) return UsageError(message + " (did you mean --" + nearest + "?)");
  message += "; its flags are";
  for (const std::string& flag : flags) message += " --" + flag;
  return UsageError(message);
}

// One flag as it is written: "--name=value", "--name" or "--noname".
struct Written {
  std::string name;
  std::optional<std::string> value;
};

Written ReadWritten(std::string_view argument) {
  argument.remove_prefix(argument.starts_with("--") ? 2 : 1);
  const size_t equals = argument.find('=');
  if (equals == std::string_view::npos) return {std::string(argument), std::nullopt};
  return {std::string(argument.substr(0, equals)), std::string(argument.substr(equals + 1))};
}

class Reader {
 public:
  Reader(const Command& command, std::span<char* const> arguments)
      : command_(command), flags_(FlagsOf(command)), arguments_(arguments) {}

  Result<CommandLine> Read() {
    bool flags_ended = false;
    for (; next_ < arguments_.size(); ++next_) {
      const std::string_view argument = arguments_[next_];
      if (argument == "--" && !flags_ended) {
        flags_ended = true;
      } else if (flags_ended || argument.size() < 2 || argument[0] != '-') {
        PRIMACY_TRY(TakeOperand(argument));
      } else if (argument == "--help" || argument == "-h") {
        line_.help = true;
        return line_;
      } else {
        PRIMACY_TRY(TakeFlag(ReadWritten(argument)));
      }
    }
    return line_;
  }

 private:
  Status TakeOperand(std::string_view operand) {
    if (command_.operand == nullptr) {
      return UsageError("does not know what to do with \"" + std::string(operand) +
                        "\": it takes flags only");
    }
    line_.operands.emplace_back(operand);
    return Ok();
  }

  bool Reads(const std::string& name) const {
    return std::find(flags_.begin(), flags_.end(), name) != flags_.end() ||
           std::find(std::begin(kLogFlags), std::end(kLogFlags), name) != std::end(kLogFlags);
  }

  Status TakeFlag(Written flag) {
    std::optional<gflags::CommandLineFlagInfo> info = FindFlag(flag.name);
    if (!info.has_value() && !flag.value.has_value() && flag.name.starts_with("no")) {
      info = FindFlag(flag.name.substr(2));
      if (info.has_value() && info->type == "bool") flag = {info->name, "false"};
    }
    if (!Reads(flag.name)) return NotRead(command_, flag.name);
    const bool is_switch = info.has_value() && info->type == "bool";
    if (!flag.value.has_value() && is_switch) flag.value = "true";
    if (!flag.value.has_value()) {
      if (++next_ >= arguments_.size()) return UsageError("--" + flag.name + " has no value");
      flag.value = arguments_[next_];
    }
    if (flag.name == kSet) {
      line_.overrides.push_back(*flag.value);
      return Ok();
    }
    CHECK(info.has_value()) << command_.name << " is said to read --" << flag.name;
    if (gflags::SetCommandLineOption(flag.name.c_str(), flag.value->c_str()).empty()) {
      return UsageError("--" + flag.name + " must be " + KindOf(info->type) + ", is \"" +
                        *flag.value + "\"");
    }
    return Ok();
  }

  const Command& command_;
  const std::vector<std::string> flags_;
  const std::span<char* const> arguments_;
  size_t next_ = 0;
  CommandLine line_;
};

}  // namespace

Result<CommandLine> ReadCommandLine(const Command& command, std::span<char* const> arguments) {
  return Reader(command, arguments).Read();
}

std::string DescribeCommand(const Command& command) {
  std::string text = std::string("primacy ") + command.name;
  if (command.operand != nullptr) text += std::string(" ") + command.operand;
  text += std::string(" --flag=value ...: ") + command.summary + "\n\n";
  for (const std::string& name : FlagsOf(command)) {
    if (name == kSet) {
      text += Format("  --%-18s %s\n", "set=FIELD=VALUE", kSetMeaning);
      continue;
    }
    const std::optional<gflags::CommandLineFlagInfo> info = FindFlag(name);
    CHECK(info.has_value()) << command.name << " is said to read --" << name;
    text += Format("  --%-18s %s", name.c_str(), info->description.c_str());
    if (!info->default_value.empty()) text += " (" + info->default_value + ")";
    text += "\n";
  }
  return text;
}

}  // namespace primacy
