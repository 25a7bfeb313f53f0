// Sets of methods under one name.
#pragma once

#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/config/job.pb.h"

namespace primacy {

// The methods, as ParseMethod reads them, that `word` stands for; `word` itself when it is no
// group.
// - diagonal: ratio:R for R = 1, 2, 4, 8, 16: the same ratio for every pair of neighbours.
// - grid: every weighting whose neighbours' ratios are each one of 1, 2, 4, 8, 16: 5 for two tasks,
//   25 for three, 125 for four.
// - rivals: every value of priority.method but NMT, SINGLE and WEIGHTED.
// - all: single, diagonal, rivals, nmt.
// Usage error: a grid of more weightings than anyone would train.
Result<std::vector<std::string>> ExpandGroup(const std::string& word, const Job& job);

}  // namespace primacy
