#include "tools/inspect/inspect.h"

#include <cstdio>

#include "tools/commands/command.h"
#include "tools/commands/flags.h"

DEFINE_bool(verify, false, "read everything and check every checksum");

namespace primacy {

Result<int> RunInspect(const std::vector<std::string>& arguments) {
  if (arguments.size() != 1) return UsageError("give one file or directory to inspect");
  InspectOptions options;
  options.path = arguments[0];
  options.verify = FLAGS_verify;
  options.json = FLAGS_json;
  PRIMACY_ASSIGN(const std::string text, Inspect(options));
  std::printf("%s\n", text.c_str());
  return 0;
}

}  // namespace primacy
