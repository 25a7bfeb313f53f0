// Bringing memory towards the processor before it is used: into its second-level cache, because the
// first one has few lines on their way at a time.
//
// GCC takes a function that does nothing but prefetch for one without effect, and drops its calls;
// the empty statement keeps it from that.
#pragma once

namespace primacy {

inline void PrefetchToRead(const void* line) {
  __builtin_prefetch(line, 0, 2);
  asm volatile("");
}
inline void PrefetchToWrite(const void* line) {
  __builtin_prefetch(line, 1, 2);
  asm volatile("");
}

}  // namespace primacy
