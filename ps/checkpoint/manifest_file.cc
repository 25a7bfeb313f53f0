#include "ps/checkpoint/manifest_file.h"

#include <cstring>
#include <span>

#include "common/base/atomic_file.h"
#include "common/base/strings.h"
#include "ps/checkpoint/shard_format.h"

namespace primacy {
namespace {

constexpr uint64_t kManifestMagic = 0x464E414D'4D525050;  // "PPRMMANF"
constexpr uint32_t kManifestVersion = 1;

struct ManifestHeader {
  uint64_t magic = kManifestMagic;
  uint32_t version = kManifestVersion;
  uint32_t bytes = 0;       // of the protobuf that follows
  uint32_t crc = 0;         // of it
  uint32_t header_crc = 0;  // of all before
};
static_assert(sizeof(ManifestHeader) == 24);

std::span<const std::byte> AsBytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

}  // namespace

std::string EncodeManifest(const Manifest& manifest) {
  const std::string text = manifest.SerializeAsString();
  ManifestHeader header;
  header.bytes = static_cast<uint32_t>(text.size());
  header.crc = Crc32c(0, AsBytes(text));
  header.header_crc = shard_format::CrcBefore(header, header.header_crc);
  std::string bytes(sizeof(header), '\0');
  std::memcpy(bytes.data(), &header, sizeof(header));
  return bytes + text;
}

Result<Manifest> DecodeManifest(std::string_view bytes, const std::string& path) {
  ManifestHeader header;
  if (bytes.size() < sizeof(header)) return Failure(path + ": cut off");
  std::memcpy(&header, bytes.data(), sizeof(header));
  if (header.magic != kManifestMagic) return Failure(path + ": not a manifest (wrong magic)");
  if (header.version != kManifestVersion) {
    return Failure(Format("%s: version %u of the format; this program reads version %u",
                          path.c_str(), header.version, kManifestVersion));
  }
  if (header.header_crc != shard_format::CrcBefore(header, header.header_crc)) {
    return Failure(path + ": header: checksum differs");
  }
  const std::string_view text = bytes.substr(sizeof(header));
  if (text.size() != header.bytes) {
    return Failure(
        Format("%s: %zu bytes where its header says %u", path.c_str(), text.size(), header.bytes));
  }
  if (Crc32c(0, AsBytes(text)) != header.crc) return Failure(path + ": checksum differs");
  Manifest manifest;
  if (!manifest.ParseFromArray(text.data(), static_cast<int>(text.size()))) {
    return Failure(path + ": cannot be parsed");
  }
  return manifest;
}

Result<Manifest> ReadManifestAlone(const std::string& directory) {
  const std::string path = directory + "/" + std::string(kManifestName);
  PRIMACY_ASSIGN(const std::string bytes, ReadFile(path, kManifestBytesMax));
  return DecodeManifest(bytes, path);
}

}  // namespace primacy
