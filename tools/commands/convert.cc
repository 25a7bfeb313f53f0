#include "tools/convert/convert.h"

#include <algorithm>
#include <cstdio>
#include <thread>

#include "common/base/strings.h"
#include "tools/commands/command.h"
#include "tools/commands/flags.h"

DEFINE_string(schema, "", "what the columns mean (protobuf text, docs/convert.md)");
DEFINE_string(input, "", "files to convert, separated by commas; - is the standard input");
DEFINE_int32(threads, 0, "threads that convert; 0: as many as there are cores");

namespace primacy {

Result<int> RunConvert(const std::vector<std::string>&) {
  PRIMACY_TRY(RequireFlag("schema", FLAGS_schema, "the file that says what the columns mean"));
  PRIMACY_TRY(
      RequireFlag("input", FLAGS_input, "the files to convert, or - for the standard input"));
  PRIMACY_TRY(RequireFlag("out", FLAGS_out, "the directory for the log"));
  ConvertOptions options;
  options.schema_file = FLAGS_schema;
  for (const std::string_view input : Split(FLAGS_input, ',')) options.inputs.emplace_back(input);
  options.out_dir = FLAGS_out;
  options.parts = FLAGS_parts;
  options.threads = FLAGS_threads;
  if (FLAGS_threads == 0) {
    options.threads = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  }
  PRIMACY_ASSIGN(const ConvertReport report, Convert(options));
  std::fputs(DescribeReport(report).c_str(), stdout);
  return 0;
}

}  // namespace primacy
