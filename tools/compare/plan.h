// What a comparison has to train: models × methods × seeds.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/config/job.pb.h"
#include "tools/compare/method.h"

namespace primacy {

struct ComparisonPlan {
  std::vector<Job> models;  // the job with each model.kind, checked and filled; at least one
  std::vector<Method> methods;
  int seeds = 3;  // training.seed, training.seed + 1, …
  int servers = 1;
  int workers = 1;
  // Holds RUN_DIR/MODEL/TRAINING/seed-N for every training, RUN_DIR/MODEL/job.txt, and the results.
  std::string run_dir;
};

struct PlannedTraining {
  std::string group;    // "mmoe/weighted_4_2_1": trainings that cost about the same
  std::string name;     // "mmoe/weighted_4_2_1, seed 3"
  std::string run_dir;  // of this training
  Job job;
};

std::vector<uint64_t> PlannedSeeds(const ComparisonPlan& plan);

// Where a training of `model` with that seed is.
std::string TrainingDirectory(const ComparisonPlan& plan, const Job& model,
                              const Training& training, uint64_t seed);

// Model by model and seed by seed: what was interrupted leaves whole seeds behind. Every job has a
// log that does not depend on the working directory and a port that nobody else has.
std::vector<PlannedTraining> PlanTrainings(const ComparisonPlan& plan);

}  // namespace primacy
