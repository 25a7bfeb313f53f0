#include "tools/launch/check_log.h"

#include <filesystem>

namespace primacy {

std::string SlicePath(const std::string& log, const char* slice) {
  return std::filesystem::path(log) / slice;
}

Result<CheckedLog> CheckLog(const Job& job) {
  const std::string& log = job.data().log();
  CheckedLog checked;
  for (size_t i = 0; i < kSliceNames.size(); ++i) {
    const std::string slice = kSliceNames[i];
    PRIMACY_ASSIGN(checked.slices[i], LogDirectory::Open(SlicePath(log, kSliceNames[i])));
    if (checked.slices[i]->rows() == 0 && slice != "test")
      return UsageError("data.log has no rows in " + slice + "/: " + log);
    if (checked.slices[i]->schema().SerializeAsString() !=
        checked.slices[0]->schema().SerializeAsString()) {
      return UsageError(log + ": " + kSliceNames[0] + " and " + slice + " have different schemas");
    }
  }
  PRIMACY_ASSIGN(checked.input, MakeInputSpec(checked.slices[0]->schema(), job));
  return checked;
}

}  // namespace primacy
