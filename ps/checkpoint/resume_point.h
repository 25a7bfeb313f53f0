// From which of its generations a job goes on: the newest whose bytes, and those of the generations
// it will restore later, are all there.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "ps/checkpoint/manifest.pb.h"

namespace primacy {

enum class CheckDepth {
  kManifests,  // manifests, and that files are there with their sizes
  kEveryByte,  // every checksum too
};

struct ResumePoint {
  // A newer generation that the job cannot go on from.
  struct PassedOver {
    uint64_t generation = 0;
    Manifest manifest;   // empty where it cannot be read
    std::string reason;  // names the damaged file
  };
  uint64_t generation = 0;
  Manifest manifest;
  std::vector<PassedOver> passed_over;  // falling
};

// Reads only. A usage error where `root` holds no generation; where none can be gone on from, what
// is wrong with the newest.
Result<ResumePoint> FindResumePoint(const std::string& root, CheckDepth depth);

// Renames a generation, so that it no longer counts as one, and returns its new name below `root`:
// "gen-00000042.damaged". It is never removed by a job.
Result<std::string> SetAside(const std::string& root, uint64_t generation);
// The names of those that were set aside, rising; none where `root` does not exist.
Result<std::vector<std::string>> ListSetAside(const std::string& root);
// A number above those of all generations, also of those set aside.
Result<uint64_t> NextGeneration(const std::string& root);

}  // namespace primacy
