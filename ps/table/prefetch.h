// Bringing memory towards the processor before it is used.
//
// GCC takes a function that does nothing but prefetch for one without effect, and drops its calls;
// the empty statement keeps it from that.
#pragma once

namespace primacy {

inline void PrefetchToRead(const void* line) {
  __builtin_prefetch(line);
  asm volatile("");
}
inline void PrefetchToWrite(const void* line) {
  __builtin_prefetch(line, 1);
  asm volatile("");
}

}  // namespace primacy
