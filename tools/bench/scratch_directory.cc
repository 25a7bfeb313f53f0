#include "tools/bench/scratch_directory.h"

#include <stdlib.h>

#include <filesystem>
#include <system_error>

namespace primacy {

Result<std::unique_ptr<ScratchDirectory>> ScratchDirectory::Create() {
  std::error_code code;
  const std::filesystem::path root = std::filesystem::temp_directory_path(code);
  std::string pattern = (code ? "/tmp" : root.string()) + "/primacy-bench-XXXXXX";
  if (::mkdtemp(pattern.data()) == nullptr) return Failure("cannot create a directory " + pattern);
  return std::unique_ptr<ScratchDirectory>(new ScratchDirectory(pattern));
}

ScratchDirectory::~ScratchDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace primacy
