#include "ps/checkpoint/resume_point.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <system_error>
#include <utility>

#include "common/base/atomic_file.h"
#include "common/base/path_error.h"
#include "common/base/strings.h"
#include "ps/checkpoint/generation.h"
#include "ps/checkpoint/manifest_file.h"

namespace primacy {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSetAside = ".damaged";

// What a job that goes on from `state` will restore: the stage's candidate, and what the next
// stages start from.
std::vector<uint64_t> NeededBy(const JobState& state) {
  std::vector<uint64_t> needed;
  if (state.point() == JobState::FINISHED) return needed;
  if (state.has_best()) needed.push_back(state.best().generation());
  if (state.base_generation() != 0) needed.push_back(state.base_generation());
  return needed;
}

class Search {
 public:
  Search(std::string root, CheckDepth depth) : root_(std::move(root)), depth_(depth) {}

  // That the job can go on from a generation.
  Status Suits(uint64_t generation) {
    PRIMACY_TRY(Whole(generation));
    PRIMACY_ASSIGN(const Manifest manifest, ReadManifest(DirectoryOf(generation)));
    for (const uint64_t needed : NeededBy(manifest.state())) {
      const Status whole = Whole(needed);
      if (!whole.ok()) {
        return Error(GenerationName(generation) + " needs " + GenerationName(needed),
                     whole.error());
      }
    }
    return Ok();
  }

  // As far as the manifest itself can be read.
  Manifest ManifestOf(uint64_t generation) const {
    const std::string path = DirectoryOf(generation) + "/" + std::string(kManifestName);
    const Result<std::string> bytes = ReadFile(path, kManifestBytesMax);
    if (!bytes.ok()) return Manifest();
    const Result<Manifest> manifest = DecodeManifest(*bytes, path);
    return manifest.ok() ? *manifest : Manifest();
  }

 private:
  std::string DirectoryOf(uint64_t generation) const {
    return root_ + "/" + GenerationName(generation);
  }

  // A generation is read once, however many need it.
  Status Whole(uint64_t generation) {
    const auto known = whole_.find(generation);
    if (known != whole_.end()) return known->second;
    const std::string directory = DirectoryOf(generation);
    Status status;
    if (depth_ == CheckDepth::kEveryByte) {
      status = VerifyGeneration(directory);
    } else if (const auto manifest = ReadManifest(directory); !manifest.ok()) {
      status = manifest.error();
    }
    return whole_[generation] = status;
  }

  const std::string root_;
  const CheckDepth depth_;
  std::map<uint64_t, Status> whole_;
};

}  // namespace

Result<ResumePoint> FindResumePoint(const std::string& root, CheckDepth depth) {
  PRIMACY_ASSIGN(std::vector<uint64_t> generations, ListGenerations(root));
  if (generations.empty()) return UsageError("no checkpoint in " + root);
  std::reverse(generations.begin(), generations.end());
  Search search(root, depth);
  ResumePoint point;
  for (const uint64_t generation : generations) {
    const Status suits = search.Suits(generation);
    if (suits.ok()) {
      point.generation = generation;
      point.manifest = search.ManifestOf(generation);
      return point;
    }
    point.passed_over.push_back(
        {generation, search.ManifestOf(generation), suits.error().message()});
  }
  return Failure(point.passed_over.front().reason);
}

Result<std::string> SetAside(const std::string& root, uint64_t generation) {
  const std::string from = GenerationName(generation);
  const std::string to = from + std::string(kSetAside);
  std::error_code code;
  fs::rename(root + "/" + from, root + "/" + to, code);
  if (code) return PathError("rename", root + "/" + from, code);
  PRIMACY_TRY(SyncDirectory(root));
  return to;
}

Result<std::vector<std::string>> ListSetAside(const std::string& root) {
  std::vector<std::string> names;
  std::error_code code;
  fs::directory_iterator entry(root, code);
  if (code == std::errc::no_such_file_or_directory) return names;
  for (; !code && entry != fs::directory_iterator(); entry.increment(code)) {
    std::string name = entry->path().filename().string();
    if (name.starts_with(kGenerationPrefix) && name.ends_with(kSetAside))
      names.push_back(std::move(name));
  }
  if (code) return PathError("list", root, code);
  std::sort(names.begin(), names.end());
  return names;
}

Result<uint64_t> NextGeneration(const std::string& root) {
  PRIMACY_ASSIGN(const std::vector<uint64_t> generations, ListGenerations(root));
  uint64_t last = generations.empty() ? 0 : generations.back();
  PRIMACY_ASSIGN(const std::vector<std::string> set_aside, ListSetAside(root));
  for (const std::string_view name : set_aside) {
    const size_t digits = name.size() - kGenerationPrefix.size() - kSetAside.size();
    const auto number = ParseInt(name.substr(kGenerationPrefix.size(), digits));
    if (number && *number > 0) last = std::max(last, static_cast<uint64_t>(*number));
  }
  return last + 1;
}

}  // namespace primacy
