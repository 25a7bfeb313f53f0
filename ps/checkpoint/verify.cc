#include <algorithm>
#include <cstring>
#include <string_view>

#include "common/base/crc32c.h"
#include "common/base/hash.h"
#include "common/base/strings.h"
#include "ps/checkpoint/generation.h"
#include "ps/checkpoint/input_file.h"

namespace primacy {
namespace {

constexpr ShardRange kAllShards{0, kVirtualShards};

// A sum of record hashes: what the order of the records and their division among files cannot
// change.
class DigestSum {
 public:
  enum class Kind : uint32_t { kRow = 0, kDense = 1 };

  void Add(Kind kind, int owner, uint64_t id, std::span<const float> floats) {
    const Head head{kind, static_cast<uint32_t>(owner), id};
    buffer_.resize(sizeof(head) + floats.size_bytes());
    std::memcpy(buffer_.data(), &head, sizeof(head));
    std::memcpy(buffer_.data() + sizeof(head), floats.data(), floats.size_bytes());
    sum_ += HashBytes(std::string_view(buffer_.data(), buffer_.size()));
  }
  std::string Hex() const { return Format("%016llx", static_cast<unsigned long long>(sum_)); }

 private:
  struct Head {
    Kind kind;
    uint32_t owner;  // table or tensor
    uint64_t id;     // key or block number
  };
  static_assert(sizeof(Head) == 16);

  std::vector<char> buffer_;
  uint64_t sum_ = 0;
};

Status VerifyFileChecksum(const std::string& path, uint32_t expected) {
  constexpr uint64_t kChunkBytes = 4 << 20;
  PRIMACY_ASSIGN(const auto file, InputFile::Open(path));
  const auto buffer =
      std::make_unique_for_overwrite<std::byte[]>(std::min(kChunkBytes, file->size()));
  uint32_t crc = 0;
  for (uint64_t at = 0; at < file->size(); at += kChunkBytes) {
    const std::span<std::byte> chunk(buffer.get(), std::min(kChunkBytes, file->size() - at));
    PRIMACY_TRY(file->ReadAt(at, chunk));
    crc = Crc32c(crc, chunk);
  }
  if (crc != expected) {
    return Failure(Format("checkpoint file %s: checksum is %08x where MANIFEST says %08x",
                          path.c_str(), crc, expected));
  }
  return Ok();
}

Status CompareWithManifest(const ShardFileReader& reader, const CheckpointFile& file,
                           const Manifest& manifest) {
  const ShardRange shards = reader.shards();
  if (shards.begin != file.first_shard() || shards.size() != file.shard_count()) {
    return Failure(Format("checkpoint file %s: shards %u to %u where MANIFEST says otherwise",
                          reader.path().c_str(), shards.begin, shards.end));
  }
  if (reader.rows() != file.rows()) {
    return Failure(Format("checkpoint file %s: %llu rows where MANIFEST says %llu",
                          reader.path().c_str(), static_cast<unsigned long long>(reader.rows()),
                          static_cast<unsigned long long>(file.rows())));
  }
  if (reader.parameters().SerializeAsString() != manifest.parameters().SerializeAsString()) {
    return Failure("checkpoint file " + reader.path() +
                   ": its parameters are not those of MANIFEST");
  }
  return Ok();
}

}  // namespace

Result<std::vector<std::unique_ptr<ShardFileReader>>> OpenShardFiles(const std::string& directory,
                                                                     const Manifest& manifest) {
  std::vector<std::unique_ptr<ShardFileReader>> readers;
  for (const CheckpointFile& file : manifest.file()) {
    PRIMACY_ASSIGN(auto reader, ShardFileReader::Open(directory + "/" + file.name()));
    PRIMACY_TRY(CompareWithManifest(*reader, file, manifest));
    readers.push_back(std::move(reader));
  }
  std::sort(readers.begin(), readers.end(),
            [](const auto& a, const auto& b) { return a->shards().begin < b->shards().begin; });
  return readers;
}

Status VerifyGeneration(const std::string& directory) {
  PRIMACY_ASSIGN(const Manifest manifest, ReadManifest(directory));
  PRIMACY_ASSIGN(const auto readers, OpenShardFiles(directory, manifest));
  for (const auto& reader : readers) PRIMACY_TRY(reader->Visit(kAllShards, {}));
  for (const CheckpointFile& file : manifest.file()) {
    PRIMACY_TRY(VerifyFileChecksum(directory + "/" + file.name(), file.crc32c()));
  }
  return Ok();
}

Result<std::string> GenerationDigest(const std::string& directory) {
  PRIMACY_ASSIGN(const Manifest manifest, ReadManifest(directory));
  PRIMACY_ASSIGN(const auto readers, OpenShardFiles(directory, manifest));
  DigestSum sum;
  ShardFileReader::Visitor visitor;
  visitor.row = [&sum](uint32_t, const StoredRow& row) {
    if (!row.floats.empty()) sum.Add(DigestSum::Kind::kRow, row.table, row.key, row.floats);
    return Ok();
  };
  visitor.block = [&sum](uint32_t, const StoredBlock& block) {
    sum.Add(DigestSum::Kind::kDense, block.tensor, block.number, block.floats);
    return Ok();
  };
  for (const auto& reader : readers) PRIMACY_TRY(reader->Visit(kAllShards, visitor));
  return sum.Hex();
}

}  // namespace primacy
