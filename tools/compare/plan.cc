#include "tools/compare/plan.h"

#include <filesystem>

#include "tools/compare/model_names.h"

namespace primacy {
namespace {

Job TrainingJob(const Job& model, const Training& training, uint64_t seed) {
  Job job = model;
  *job.mutable_priority() = training.priority;
  job.mutable_training()->set_seed(seed);
  job.mutable_data()->set_log(std::filesystem::absolute(model.data().log()).lexically_normal());
  job.mutable_runtime()->set_port(0);  // one of its own, as others train at the same time
  return job;
}

std::string GroupOf(const Job& model, const Training& training) {
  return ModelFolder(model.model().kind()) + "/" + training.folder;
}

}  // namespace

std::vector<uint64_t> PlannedSeeds(const ComparisonPlan& plan) {
  std::vector<uint64_t> seeds;
  for (int i = 0; i < plan.seeds; ++i) {
    seeds.push_back(plan.models[0].training().seed() + static_cast<uint64_t>(i));
  }
  return seeds;
}

std::string TrainingDirectory(const ComparisonPlan& plan, const Job& model,
                              const Training& training, uint64_t seed) {
  return plan.run_dir + "/" + GroupOf(model, training) + "/seed-" + std::to_string(seed);
}

std::vector<PlannedTraining> PlanTrainings(const ComparisonPlan& plan) {
  std::vector<PlannedTraining> trainings;
  for (const Job& model : plan.models) {
    for (const uint64_t seed : PlannedSeeds(plan)) {
      for (const Method& method : plan.methods) {
        for (const Training& training : method.trainings) {
          const std::string group = GroupOf(model, training);
          trainings.push_back({group, group + ", seed " + std::to_string(seed),
                               TrainingDirectory(plan, model, training, seed),
                               TrainingJob(model, training, seed)});
        }
      }
    }
  }
  return trainings;
}

}  // namespace primacy
