#include "common/base/crc32c.h"

#include <array>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace primacy {
namespace {

constexpr std::array<uint32_t, 256> MakeTable() {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) ? 0x82F63B78u : 0u);
    table[i] = value;
  }
  return table;
}
constexpr std::array<uint32_t, 256> kTable = MakeTable();

uint32_t UpdateTable(uint32_t state, const std::byte* data, size_t size) {
  for (size_t i = 0; i < size; ++i) {
    state = kTable[(state ^ static_cast<uint8_t>(data[i])) & 0xFF] ^ (state >> 8);
  }
  return state;
}

#if defined(__x86_64__)

// The instruction has a latency of three cycles and a throughput of one: three streams of kLane
// bytes run side by side, and the state of one is carried over the bytes of the next by a table of
// "append kLane zero bytes", which is linear.
constexpr size_t kLane = 1024;

struct ZeroShift {
  std::array<std::array<uint32_t, 256>, 4> table{};
};

uint32_t AppendZeros(uint32_t state, size_t bytes) {
  for (size_t i = 0; i < bytes; ++i) state = kTable[state & 0xFF] ^ (state >> 8);
  return state;
}

ZeroShift MakeZeroShift() {
  std::array<uint32_t, 32> basis{};
  for (uint32_t bit = 0; bit < 32; ++bit) basis[bit] = AppendZeros(1u << bit, kLane);
  ZeroShift shift;
  for (uint32_t byte = 0; byte < 4; ++byte) {
    for (uint32_t value = 0; value < 256; ++value) {
      uint32_t sum = 0;
      for (uint32_t bit = 0; bit < 8; ++bit) {
        if (value >> bit & 1) sum ^= basis[8 * byte + bit];
      }
      shift.table[byte][value] = sum;
    }
  }
  return shift;
}

uint32_t Shift(const ZeroShift& shift, uint32_t state) {
  return shift.table[0][state & 0xFF] ^ shift.table[1][state >> 8 & 0xFF] ^
         shift.table[2][state >> 16 & 0xFF] ^ shift.table[3][state >> 24];
}

uint64_t Load64(const std::byte* data) {
  uint64_t value;
  std::memcpy(&value, data, sizeof(value));
  return value;
}

__attribute__((target("sse4.2"))) uint32_t UpdateInstruction(uint32_t state, const std::byte* data,
                                                             size_t size) {
  static const ZeroShift shift = MakeZeroShift();
  while (size >= 3 * kLane) {
    uint64_t a = state, b = 0, c = 0;
    for (size_t i = 0; i < kLane; i += 8) {
      a = _mm_crc32_u64(a, Load64(data + i));
      b = _mm_crc32_u64(b, Load64(data + kLane + i));
      c = _mm_crc32_u64(c, Load64(data + 2 * kLane + i));
    }
    state = Shift(shift, Shift(shift, static_cast<uint32_t>(a)) ^ static_cast<uint32_t>(b)) ^
            static_cast<uint32_t>(c);
    data += 3 * kLane;
    size -= 3 * kLane;
  }
  uint64_t wide = state;
  for (; size >= 8; size -= 8, data += 8) wide = _mm_crc32_u64(wide, Load64(data));
  state = static_cast<uint32_t>(wide);
  for (; size > 0; --size, ++data) state = _mm_crc32_u8(state, static_cast<uint8_t>(*data));
  return state;
}

#endif

}  // namespace

uint32_t Crc32c(uint32_t crc, std::span<const std::byte> bytes) {
  const uint32_t state = ~crc;
#if defined(__x86_64__)
  static const bool has_instruction = __builtin_cpu_supports("sse4.2");
  if (has_instruction) return ~UpdateInstruction(state, bytes.data(), bytes.size());
#endif
  return ~UpdateTable(state, bytes.data(), bytes.size());
}

}  // namespace primacy
