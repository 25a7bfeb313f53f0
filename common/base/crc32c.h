// CRC-32C (Castagnoli), the checksum of every block, frame and file of the project.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace primacy {

// Continues `crc` (0 to begin) over `bytes`; so Crc32c(Crc32c(0, a), b) is the checksum of a
// followed by b. Uses the processor's instruction where there is one. Crc32c(0, "123456789") is
// 0xE3069283.
uint32_t Crc32c(uint32_t crc, std::span<const std::byte> bytes);

}  // namespace primacy
