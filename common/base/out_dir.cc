#include "common/base/out_dir.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "common/base/atomic_file.h"
#include "common/base/path_error.h"
#include "common/base/strings.h"

namespace primacy {
namespace fs = std::filesystem;

OutDir::OutDir(std::string path, std::string folder)
    : path_(std::move(path)), folder_(std::move(folder)) {}

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
  const std::string name =
      Format(".%s.partial-%d", path.filename().c_str(), static_cast<int>(::getpid()));
  const std::string folder = (path.parent_path() / name).string();
  if (::mkdir(folder.c_str(), 0777) != 0) {
    return PathError("create directory", folder, std::error_code(errno, std::generic_category()));
  }
  return std::unique_ptr<OutDir>(new OutDir(path.string(), folder));
}

OutDir::~OutDir() {
  if (published_) return;
  std::error_code error;
  fs::remove_all(folder_, error);
}

Status OutDir::Publish() {
  CHECK(!published_);
  PRIMACY_TRY(SyncDirectory(folder_));
  // Replaces an empty directory, and fails on one that has been filled meanwhile.
  if (::rename(folder_.c_str(), path_.c_str()) != 0) {
    return Failure("renaming " + folder_ + " to " + path_ + ": " + ::strerror(errno));
  }
  published_ = true;
  return SyncDirectory(fs::path(path_).parent_path().string());
}

}  // namespace primacy
