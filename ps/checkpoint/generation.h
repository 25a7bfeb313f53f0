// Generations in a run directory: DIR/checkpoints/gen-NNNNNNNN/ with one shard file per server, and
// MANIFEST last. What a crash leaves at any moment is either a whole generation or a directory
// without a MANIFEST, which does not count as one.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "ps/checkpoint/manifest.pb.h"
#include "ps/checkpoint/shard_file.h"

namespace primacy {

inline constexpr std::string_view kGenerationPrefix = "gen-";
// "gen-00000042".
std::string GenerationName(uint64_t generation);
// "DIR/checkpoints": the root of the generations of a run.
std::string CheckpointRoot(const std::string& run_dir);

// Makes the directory of a new generation under `root` and returns its path. What an interrupted
// save left there is removed; a whole generation of that number is an error.
Result<std::string> BeginGeneration(const std::string& root, uint64_t generation);
// Checks that the files `manifest` names are there with their sizes and cover every shard once,
// then writes MANIFEST atomically (checksummed): from here on the generation exists.
Status PublishGeneration(const std::string& directory, const Manifest& manifest);

// Reads and verifies MANIFEST, and that the files it names are there with their sizes and cover
// every virtual shard once. Errors name the file.
Result<Manifest> ReadManifest(const std::string& directory);
// All generations with a MANIFEST under `root`, rising; none where `root` does not exist.
Result<std::vector<uint64_t>> ListGenerations(const std::string& root);
// `path` may be a generation, a run directory, or the latter's checkpoints directory: then its
// newest generation, or the final one where the run is finished. Those whose MANIFEST cannot be
// read or whose files are not there are passed over with a warning. A usage error when there is
// none, the newest one's error when none is whole.
Result<std::string> ResolveCheckpoint(const std::string& path);

// Removes generations other than the newest `keep` (at least one), those in `pinned`, and
// unfinished directories older than the newest. Interrupted, it leaves no half generation that
// looks whole.
Status RemoveOldGenerations(const std::string& root, int keep, const std::vector<uint64_t>& pinned);

// The shard files of a generation by rising shard, opened and compared with what the manifest says
// of them.
Result<std::vector<std::unique_ptr<ShardFileReader>>> OpenShardFiles(const std::string& directory,
                                                                     const Manifest& manifest);
// Reads every file of a generation wholly and verifies all checksums and counts.
Status VerifyGeneration(const std::string& directory);
// Order- and server-independent digest of all parameters (weights and slots), equal for equal bits:
// 16 hex digits. Verifies every block it reads. Counters and keys that are not admitted yet are no
// parameters.
Result<std::string> GenerationDigest(const std::string& directory);

}  // namespace primacy
