// Student's t, for intervals of means whose spread is estimated too.
#pragma once

#include <cstdint>

namespace primacy {

// The 97.5 % quantile with `degrees` of freedom (at least 1): half of a two-sided 95 % interval, in
// standard errors. To 2e-6.
double StudentQuantile(int64_t degrees);

}  // namespace primacy
