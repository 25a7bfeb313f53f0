#include "ps/checkpoint/generation.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>
#include <system_error>

#include "common/base/atomic_file.h"
#include "common/base/path_error.h"
#include "common/base/strings.h"
#include "ps/checkpoint/manifest_file.h"

namespace primacy {
namespace fs = std::filesystem;
namespace {

std::string ManifestPath(const std::string& directory) {
  return directory + "/" + std::string(kManifestName);
}

bool Exists(const std::string& path) {
  std::error_code code;
  return fs::exists(path, code);
}

// The number of a directory "gen-NNNNNNNN", or nothing.
std::optional<uint64_t> GenerationOf(const std::string& name) {
  if (!name.starts_with(kGenerationPrefix)) return std::nullopt;
  const std::optional<int64_t> number =
      ParseInt(std::string_view(name).substr(kGenerationPrefix.size()));
  if (!number || *number < 0 || GenerationName(static_cast<uint64_t>(*number)) != name)
    return std::nullopt;
  return static_cast<uint64_t>(*number);
}

// All generation directories under `root`, whole or not, rising.
Result<std::vector<uint64_t>> ListDirectories(const std::string& root) {
  std::vector<uint64_t> generations;
  std::error_code code;
  fs::directory_iterator entry(root, code);
  if (code == std::errc::no_such_file_or_directory) return generations;
  for (; !code && entry != fs::directory_iterator(); entry.increment(code)) {
    const std::optional<uint64_t> generation = GenerationOf(entry->path().filename().string());
    if (generation) generations.push_back(*generation);
  }
  if (code) return PathError("list", root, code);
  std::sort(generations.begin(), generations.end());
  return generations;
}

Status CheckFile(const std::string& directory, const CheckpointFile& file) {
  const fs::path name(file.name());
  if (file.name().empty() || name != name.filename() || file.name() == "." || file.name() == "..") {
    return Failure(ManifestPath(directory) + ": names the file '" + file.name() + "'");
  }
  const std::string path = directory + "/" + file.name();
  std::error_code code;
  const uint64_t bytes = fs::file_size(path, code);
  if (code) return Failure("checkpoint file " + path + ": " + code.message());
  if (bytes != file.bytes()) {
    return Failure(Format("checkpoint file %s: %llu bytes where MANIFEST says %llu", path.c_str(),
                          static_cast<unsigned long long>(bytes),
                          static_cast<unsigned long long>(file.bytes())));
  }
  return Ok();
}

Status CheckFiles(const std::string& directory, const Manifest& manifest) {
  std::vector<std::pair<uint64_t, uint64_t>> ranges;
  for (const CheckpointFile& file : manifest.file()) {
    PRIMACY_TRY(CheckFile(directory, file));
    ranges.emplace_back(file.first_shard(), uint64_t{file.first_shard()} + file.shard_count());
  }
  std::sort(ranges.begin(), ranges.end());
  uint64_t covered = 0;
  bool once = true;
  for (const auto& [begin, end] : ranges) {
    once = once && begin == covered && end > begin;
    covered = end;
  }
  if (!once || covered != kVirtualShards) {
    return Failure(ManifestPath(directory) + ": its files do not cover every shard once");
  }
  return Ok();
}

// Generations of `root` from the newest on whose manifest and files are there, with their
// manifests, until `enough` says so.
template <typename Enough>
Status VisitWhole(const std::string& root, const Enough& enough) {
  PRIMACY_ASSIGN(std::vector<uint64_t> generations, ListGenerations(root));
  std::optional<Error> first_error;
  bool any = false;
  for (auto generation = generations.rbegin(); generation != generations.rend(); ++generation) {
    const auto manifest = ReadManifest(root + "/" + GenerationName(*generation));
    if (manifest.ok()) {
      any = true;
      if (enough(*generation, *manifest)) return Ok();
    } else {
      LOG(WARNING) << "passed over: " << manifest.error().message();
      if (!first_error) first_error = manifest.error();
    }
  }
  if (!any && first_error) return *first_error;
  return Ok();
}

Status RemoveGeneration(const std::string& directory) {
  if (::unlink(ManifestPath(directory).c_str()) != 0 && errno != ENOENT) {
    return Failure("cannot remove " + ManifestPath(directory) + ": " + std::strerror(errno));
  }
  // Without its MANIFEST on disk too, before the first of its files goes.
  PRIMACY_TRY(SyncDirectory(directory));
  std::error_code code;
  fs::remove_all(directory, code);
  if (code) return Failure("cannot remove " + directory + ": " + code.message());
  return Ok();
}

}  // namespace

std::string GenerationName(uint64_t generation) {
  return Format("gen-%08llu", static_cast<unsigned long long>(generation));
}

std::string CheckpointRoot(const std::string& run_dir) { return run_dir + "/checkpoints"; }

Result<std::string> BeginGeneration(const std::string& root, uint64_t generation) {
  PRIMACY_TRY(MakeDirectories(root));
  const std::string directory = root + "/" + GenerationName(generation);
  if (Exists(ManifestPath(directory))) return Failure(directory + " is a whole generation already");
  std::error_code code;
  fs::remove_all(directory, code);
  if (code)
    return Failure("cannot remove what an interrupted save left in " + directory + ": " +
                   code.message());
  // Training waits: PublishGeneration syncs the root.
  PRIMACY_TRY(MakeDirectories(directory));
  return directory;
}

Status PublishGeneration(const std::string& directory, const Manifest& manifest) {
  PRIMACY_TRY(CheckFiles(directory, manifest));
  const std::string bytes = EncodeManifest(manifest);
  if (bytes.size() > kManifestBytesMax)
    return Failure(Format("a manifest of %zu bytes", bytes.size()));
  PRIMACY_TRY(WriteFileAtomically(ManifestPath(directory), bytes));
  const fs::path root = fs::path(directory).parent_path();
  return SyncDirectory(root.empty() ? "." : root.string());
}

Result<Manifest> ReadManifest(const std::string& directory) {
  PRIMACY_ASSIGN(const std::string bytes, ReadFile(ManifestPath(directory), kManifestBytesMax));
  PRIMACY_ASSIGN(Manifest manifest, DecodeManifest(bytes, ManifestPath(directory)));
  PRIMACY_TRY(CheckFiles(directory, manifest));
  return manifest;
}

Result<std::vector<uint64_t>> ListGenerations(const std::string& root) {
  PRIMACY_ASSIGN(std::vector<uint64_t> generations, ListDirectories(root));
  std::erase_if(generations, [&root](uint64_t generation) {
    return !Exists(ManifestPath(root + "/" + GenerationName(generation)));
  });
  return generations;
}

Result<std::string> ResolveCheckpoint(const std::string& path) {
  if (Exists(ManifestPath(path))) return path;
  const std::string root = Exists(CheckpointRoot(path)) ? CheckpointRoot(path) : path;
  std::optional<uint64_t> chosen;
  PRIMACY_TRY(VisitWhole(root, [&chosen](uint64_t generation, const Manifest& manifest) {
    const bool finished = manifest.state().point() == JobState::FINISHED;
    if (!chosen || finished) chosen = generation;
    return finished;
  }));
  if (!chosen) {
    return UsageError(Exists(path) ? "no checkpoint in " + path
                                   : "no such checkpoint or run: " + path);
  }
  return root + "/" + GenerationName(*chosen);
}

Status RemoveOldGenerations(const std::string& root, int keep,
                            const std::vector<uint64_t>& pinned) {
  PRIMACY_ASSIGN(const std::vector<uint64_t> whole, ListGenerations(root));
  if (whole.empty()) return Ok();
  const size_t kept = std::min(whole.size(), static_cast<size_t>(std::max(keep, 1)));
  const uint64_t oldest_kept = whole[whole.size() - kept];
  PRIMACY_ASSIGN(const std::vector<uint64_t> directories, ListDirectories(root));
  bool removed = false;
  for (const uint64_t generation : directories) {
    const bool is_whole = std::binary_search(whole.begin(), whole.end(), generation);
    const bool is_pinned = std::find(pinned.begin(), pinned.end(), generation) != pinned.end();
    if (is_pinned || generation >= (is_whole ? oldest_kept : whole.back())) continue;
    PRIMACY_TRY(RemoveGeneration(root + "/" + GenerationName(generation)));
    removed = true;
  }
  return removed ? SyncDirectory(root) : Ok();
}

}  // namespace primacy
