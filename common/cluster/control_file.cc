#include "common/cluster/control_file.h"

#include <unistd.h>

#include "common/base/atomic_file.h"
#include "common/base/json.h"
#include "common/base/json_value.h"
#include "common/cluster/rank_file.h"

namespace primacy {
namespace {

constexpr uint64_t kControlFileBytesMax = 1 << 16;

std::string PathIn(const std::string& run_dir) { return run_dir + "/control.json"; }

}  // namespace

Result<std::unique_ptr<ControlFile>> ControlFile::Create(const std::string& run_dir,
                                                         const ControlInfo& info) {
  JsonWriter json;
  json.BeginObject().Field("endpoint", info.endpoint).Field("secret", info.secret).EndObject();
  const std::string path = PathIn(run_dir);
  PRIMACY_TRY(ReplaceFile(path, json.Take() + "\n", FileAccess::kPrivate));
  return std::unique_ptr<ControlFile>(new ControlFile(path));
}

ControlFile::~ControlFile() { ::unlink(path_.c_str()); }

Result<ControlInfo> ReadControlFile(const std::string& run_dir) {
  PRIMACY_ASSIGN(const std::string text, ReadFile(PathIn(run_dir), kControlFileBytesMax));
  PRIMACY_ASSIGN(const JsonValue json, ParseJson(text));
  ControlInfo info{json.TextOr("endpoint", ""), json.TextOr("secret", "")};
  if (info.endpoint.empty() || info.secret.empty()) {
    return Failure(PathIn(run_dir) + " has no endpoint or no secret");
  }
  return info;
}

void RemoveControlFile(const std::string& run_dir) { ::unlink(PathIn(run_dir).c_str()); }

}  // namespace primacy
