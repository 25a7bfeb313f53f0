// How many tasks a stage trains at once, and how fast the rows that they share learn.
//
// Adagrad and Adam bring every update of a row to about the same length, however large the gradient
// is. Tasks that share a row share that length: with weights w_t that sum to 1 and gradients of
// like size, task t gets its w_t of it, and a stage of three tasks takes three times as many steps
// as one task alone. So a stage multiplies the tables' learning rate by the effective number of
// tasks,
//
//     n = (Σ w_t)² / Σ w_t²
//
// the participation ratio of the weights (Bell and Dean 1970): 1 for one task, T for T equal ones,
// and little above 1 where one weight is far above the others. Dense tensors keep their rate: most
// of them belong to one task alone. That a rate should follow the number of tasks is Primacy's own
// rule, by the evidence in docs/results.md.
#pragma once

#include <span>

#include "common/config/job.pb.h"
#include "ps/priority/stage.h"

namespace primacy {

// n of weights that are not negative, one of them above 0.
double EffectiveTasks(std::span<const double> weights);

// Factor on the tables' learning rate in a stage of the job: n of the weights it begins with, where
// the first tier's multiplier begins at `lambda_start`; 1 without training.rate_by_tasks.
double TableRate(const Job& job, const Stage& stage, double lambda_start);

}  // namespace primacy
