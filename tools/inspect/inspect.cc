#include "tools/inspect/inspect.h"

#include <filesystem>
#include <fstream>
#include <functional>

#include "common/base/json_value.h"
#include "ps/checkpoint/generation.h"
#include "tools/inspect/describe.h"
#include "tools/inspect/render.h"

namespace primacy {
namespace {

namespace fs = std::filesystem;
using Describer = std::function<Status(const std::string& path, bool verify, JsonWriter& json)>;

// The first 8 bytes of each file format.
constexpr std::string_view kLogMagic = "PRIMCLOG";
constexpr std::string_view kShardFileMagic = "PPRMSHRD";
constexpr std::string_view kManifestMagic = "PPRMMANF";

bool Exists(const fs::path& path) {
  std::error_code code;
  return fs::exists(path, code);
}

std::string FirstBytes(const std::string& path) {
  std::string bytes(8, '\0');
  std::ifstream file(path, std::ios::binary);
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<size_t>(file.gcount()));
  return bytes;
}

std::string ParentOf(const std::string& path) {
  const fs::path parent = fs::path(path).parent_path();
  return parent.empty() ? "." : parent.string();
}

Status DescribeCheckpointRoot(const std::string& path, bool verify, JsonWriter& json) {
  json.Field("kind", "checkpoints").Field("path", path).Field("verified", verify);
  return DescribeGenerations(path, verify, json);
}

// By magic; by suffix where the magic is damaged, so that the reader can say what is wrong.
Result<Describer> RecogniseFile(const std::string& path) {
  const std::string magic = FirstBytes(path);
  const std::string suffix = fs::path(path).extension().string();
  if (magic == kLogMagic || suffix == ".clog") return Describer(DescribeLogPart);
  if (magic == kShardFileMagic || suffix == ".prm") return Describer(DescribeShardFile);
  if (magic == kManifestMagic) {
    return Describer([](const std::string& manifest, bool verify, JsonWriter& json) {
      return DescribeGeneration(ParentOf(manifest), verify, json);
    });
  }
  return UsageError(path + " is neither a part of a click log nor a file of a checkpoint");
}

Result<Describer> RecogniseDirectory(const std::string& path) {
  const fs::path directory(path);
  if (Exists(directory / "MANIFEST")) return Describer(DescribeGeneration);
  if (Exists(directory / "report.json") || Exists(directory / "events.jsonl") ||
      Exists(CheckpointRoot(path))) {
    return Describer(DescribeRun);
  }
  if (HasLogParts(path)) return Describer(DescribeLogDirectory);
  if (HasLogSlices(path)) return Describer(DescribeLog);
  PRIMACY_ASSIGN(const auto generations, ListGenerations(path));
  if (!generations.empty()) return Describer(DescribeCheckpointRoot);
  const fs::path named = directory.has_filename() ? directory : directory.parent_path();
  if (named.filename().string().starts_with("gen-")) {
    return Failure(path + " is an unfinished generation: it has no MANIFEST");
  }
  return UsageError(path + " is neither a click log, nor a checkpoint, nor a run directory");
}

}  // namespace

Result<std::string> Inspect(const InspectOptions& options) {
  std::error_code code;
  const fs::file_status status = fs::status(options.path, code);
  if (!fs::exists(status)) return UsageError("no such file or directory: " + options.path);
  PRIMACY_ASSIGN(const Describer describe, fs::is_directory(status)
                                               ? RecogniseDirectory(options.path)
                                               : RecogniseFile(options.path));
  JsonWriter json(JsonStyle::kIndented);
  json.BeginObject();
  PRIMACY_TRY(describe(options.path, options.verify, json));
  const std::string document = json.EndObject().Take();
  if (options.json) return document;
  PRIMACY_ASSIGN(const JsonValue tree, ParseJson(document));
  return RenderText(tree);
}

}  // namespace primacy
