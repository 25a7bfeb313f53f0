// PRIMACY_VECTORIZED before a function: the compiler builds it for AVX-512, for AVX2 and for any
// x86-64, and the loader picks the best one the processor has. Use it on short loops over floats
// that call nothing. Results are the same bits in all variants as long as the loop does no
// reduction (contraction to fused multiply-add is off for the whole project).
#pragma once

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_THREAD__)
#define PRIMACY_VECTORIZED \
  __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define PRIMACY_VECTORIZED
#endif

// A function of a PRIMACY_VECTORIZED one's loop: compiled with it, for each kind of processor.
#define PRIMACY_IN_LOOP inline __attribute__((always_inline))
