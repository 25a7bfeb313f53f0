// Generations in a run directory: gen-NNNNNNNN/ with one file per server and MANIFEST last.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "ps/checkpoint/manifest.pb.h"

namespace primacy {

// "gen-00000042".
std::string GenerationName(uint64_t generation);

// Makes the directory of a new generation under `root` and returns its path. What an interrupted save left there is removed.
Result<std::string> BeginGeneration(const std::string& root, uint64_t generation);
// Writes MANIFEST atomically (checksummed): from here on the generation exists.
Status PublishGeneration(const std::string& directory, const Manifest& manifest);

// Reads and verifies MANIFEST, and that the files it names are there with their sizes. Errors name the file.
Result<Manifest> ReadManifest(const std::string& directory);
// All whole generations under `root`, rising. Directories without a MANIFEST are not listed.
Result<std::vector<uint64_t>> ListGenerations(const std::string& root);
// The newest whole generation. A usage error when there is none.
Result<uint64_t> NewestGeneration(const std::string& root);
// `path` may be a generation or a run directory (then its newest generation, or the final one where the run is finished).
Result<std::string> ResolveCheckpoint(const std::string& path);

// Removes generations other than the newest `keep`, those in `pinned`, and unfinished directories older than the newest.
Status RemoveOldGenerations(const std::string& root, int keep, const std::vector<uint64_t>& pinned);

// Reads every file of a generation wholly and verifies all checksums and counts.
Status VerifyGeneration(const std::string& directory);
// Order- and server-independent digest of all parameters (weights and slots), equal for equal bits: 16 hex digits.
Result<std::string> GenerationDigest(const std::string& directory);

}  // namespace primacy
