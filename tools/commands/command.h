// The commands of `primacy`. Each one reads its flags, calls one library and says how it went.
#pragma once

#include <string>
#include <vector>

#include "common/base/result.h"

namespace primacy {

// `arguments`: what stands beside the flags on the command line. Returns the exit code of success;
// errors become one line on the error output and exit code 2 (a user's mistake) or 1.
using CommandFunction = Result<int> (*)(const std::vector<std::string>& arguments);

struct Command {
  const char* name;
  const char* summary;  // one line
  const char* flags;    // names of the flags it reads, for help and for refusing others
  CommandFunction run;
  const char* operand = nullptr;  // what it takes beside flags; null: nothing
};

Result<int> RunGenerate(const std::vector<std::string>& arguments);
Result<int> RunConvert(const std::vector<std::string>& arguments);
Result<int> RunCheck(const std::vector<std::string>& arguments);
Result<int> RunTrain(const std::vector<std::string>& arguments);
Result<int> RunEval(const std::vector<std::string>& arguments);
Result<int> RunPredict(const std::vector<std::string>& arguments);
Result<int> RunExport(const std::vector<std::string>& arguments);
Result<int> RunInspect(const std::vector<std::string>& arguments);
Result<int> RunCompare(const std::vector<std::string>& arguments);
Result<int> RunBench(const std::vector<std::string>& arguments);
// What it reads, of all its benches: fields of its Command.
const char* BenchFlags();
const char* BenchOperand();

}  // namespace primacy
