// Elementary functions over arrays, fast because they are branch-free and the compiler vectorises
// them. The bits do not depend on the processor's vector width.
#pragma once

#include <cstddef>

namespace primacy {

// values[i] = e^values[i], within 2 units in the last place; below -87.3 the result is that of
// -87.3 (1e-38).
void ExpInPlace(float* values, size_t count);

// to[i] = 1 / (1 + e^-from[i]), within 4 units in the last place. May work in place.
void Sigmoid(const float* from, float* to, size_t count);

// to[i] = log(1 + e^from[i]) in double, within 1e-15 relative to max(1, from[i]).
void Softplus(const double* from, double* to, size_t count);

}  // namespace primacy
