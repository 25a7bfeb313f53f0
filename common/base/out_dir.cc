#include "common/base/out_dir.h"

#include <filesystem>
#include <system_error>

#include "common/base/atomic_file.h"
#include "common/base/strings.h"

namespace primacy {
namespace fs = std::filesystem;

Result<std::unique_ptr<OutDir>> OutDir::Create(const std::string& given) {
  if (given.empty()) return UsageError("no output directory is given");
  std::error_code error;
  fs::path path = fs::absolute(given, error).lexically_normal();
  if (!path.has_filename()) path = path.parent_path();  // a slash at the end
  if (!path.has_filename())
    return UsageError("output " + given + " is no place for a new directory");
  if (fs::exists(path, error)) {
    if (!fs::is_directory(path, error))
      return UsageError("output " + given + " is not a directory");
    if (!fs::is_empty(path, error) || error) {
      return UsageError("output directory " + given + " is not empty");
    }
  }
  const std::string parent = path.parent_path().string();
  PRIMACY_TRY(MakeDirectories(parent));
  const fs::path prefix = path.parent_path() / Format(".%s.partial-", path.filename().c_str());
  PRIMACY_ASSIGN(auto scratch, ScratchDir::Create(prefix.string()));
  return std::unique_ptr<OutDir>(new OutDir(path.string(), std::move(scratch)));
}

}  // namespace primacy
