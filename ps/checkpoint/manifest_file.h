// The bytes of MANIFEST: a small frame (magic, version, length, CRC-32C) around a protobuf.
// docs/formats/checkpoint.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "ps/checkpoint/manifest.pb.h"

namespace primacy {

inline constexpr std::string_view kManifestName = "MANIFEST";
inline constexpr uint64_t kManifestBytesMax = 64 << 20;

std::string EncodeManifest(const Manifest& manifest);
// `path` is for errors only.
Result<Manifest> DecodeManifest(std::string_view bytes, const std::string& path);

// What the MANIFEST of a generation's directory says; its files are not looked at.
Result<Manifest> ReadManifestAlone(const std::string& directory);

}  // namespace primacy
