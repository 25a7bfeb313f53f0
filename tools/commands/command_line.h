// The command line of `primacy COMMAND --flag=value ...`: sets the flags of the command and refuses
// what it would not read.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "tools/commands/command.h"

namespace primacy {

struct CommandLine {
  std::vector<std::string> operands;   // what is no flag
  std::vector<std::string> overrides;  // the values of every --set, in order
  bool help = false;                   // --help: nothing else was looked at
};

// Reads what follows the command's name and sets its gflags. Flags are --name=value or --name
// value; switches --name, --noname or --name=false; "--" ends the flags. Usage errors are one line:
// a flag that `command` does not read, one that does not exist (with the nearest name), a value of
// the wrong kind, an operand too many.
Result<CommandLine> ReadCommandLine(const Command& command, std::span<char* const> arguments);

// The flags of the command with their meanings and defaults.
std::string DescribeCommand(const Command& command);

}  // namespace primacy
