#include "tools/launch/report_file.h"

#include "common/base/atomic_file.h"

namespace primacy {
namespace {

constexpr uint64_t kReportBytesMax = 64 << 20;

}  // namespace

Result<JsonValue> ReadReport(const std::string& run_dir) {
  PRIMACY_ASSIGN(const std::string text, ReadFile(run_dir + "/report.json", kReportBytesMax));
  return ParseJson(text);
}

}  // namespace primacy
