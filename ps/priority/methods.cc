#include "ps/priority/methods.h"

#include <glog/logging.h>

#include <utility>
#include <vector>

#include "ps/priority/cagrad.h"
#include "ps/priority/dwa.h"
#include "ps/priority/emtl.h"
#include "ps/priority/famo.h"
#include "ps/priority/gradnorm.h"
#include "ps/priority/imtl_g.h"
#include "ps/priority/metabalance.h"
#include "ps/priority/mgda.h"
#include "ps/priority/nash_mtl.h"
#include "ps/priority/pcgrad.h"
#include "ps/priority/pe_ltr.h"
#include "ps/priority/uncertainty.h"

namespace primacy {
namespace {

std::vector<double> Floors(const Job& job) {
  const PriorityConfig& priority = job.priority();
  if (!priority.pe_ltr_floor().empty())
    return {priority.pe_ltr_floor().begin(), priority.pe_ltr_floor().end()};
  const size_t tasks = static_cast<size_t>(job.task_size());
  return std::vector<double>(tasks, 0.5 / static_cast<double>(tasks));
}

std::unique_ptr<GramWeighing> MakeGramWeighing(const Job& job, std::vector<double> saved) {
  const PriorityConfig& priority = job.priority();
  switch (priority.method()) {
    case PriorityConfig::GRADNORM:
      return MakeGradnorm(job.task_size(), priority.gradnorm_alpha(), priority.gradnorm_rate(),
                          std::move(saved));
    case PriorityConfig::MGDA:
      return MakeMgda();
    case PriorityConfig::PCGRAD:
      return MakePcgrad(job.training().seed());
    case PriorityConfig::CAGRAD:
      return MakeCagrad(priority.cagrad_c());
    case PriorityConfig::IMTL_G:
      return MakeImtlG();
    case PriorityConfig::NASH_MTL:
      return MakeNashMtl();
    case PriorityConfig::METABALANCE:
      return MakeMetabalance(job.task_size(), priority.metabalance_r(), priority.metabalance_beta(),
                             std::move(saved));
    case PriorityConfig::PE_LTR:
      return MakePeLtr(Floors(job));
    case PriorityConfig::EMTL:
      return MakeEmtl(priority.emtl_rho());
    default:
      LOG(FATAL) << PriorityConfig::Method_Name(priority.method()) << " does not weigh gradients";
  }
}

}  // namespace

WeighingKind WeighingKindOf(PriorityConfig::Method method) {
  switch (method) {
    case PriorityConfig::NMT:
    case PriorityConfig::SINGLE:
    case PriorityConfig::WEIGHTED:
      return WeighingKind::kMultipliers;
    case PriorityConfig::UNCERTAINTY:
    case PriorityConfig::DWA:
    case PriorityConfig::FAMO:
      return WeighingKind::kLosses;
    default:
      return WeighingKind::kGradients;
  }
}

bool NeedsPlanes(const PriorityConfig& priority) {
  return priority.planes() || WeighingKindOf(priority.method()) == WeighingKind::kGradients;
}

std::unique_ptr<LossWeighing> MakeLossWeighing(const Job& job, int64_t steps_per_pass,
                                               WeighingState saved) {
  const PriorityConfig& priority = job.priority();
  switch (priority.method()) {
    case PriorityConfig::UNCERTAINTY: {
      std::vector<bool> squared;
      for (const TaskConfig& task : job.task())
        squared.push_back(task.loss() == TaskConfig::SQUARED);
      return MakeUncertainty(std::move(squared), priority.uncertainty_rate(), std::move(saved));
    }
    case PriorityConfig::DWA:
      return MakeDwa(job.task_size(), steps_per_pass, std::move(saved));
    case PriorityConfig::FAMO:
      return MakeFamo(job.task_size(), priority.famo_rate(), priority.famo_decay(),
                      std::move(saved));
    default:
      LOG(FATAL) << PriorityConfig::Method_Name(priority.method()) << " does not weigh losses";
  }
}

std::unique_ptr<UpdateWeigher> MakeUpdateWeigher(const Job& job, const WeighingState& saved) {
  const int tasks = job.task_size();
  std::vector<double> own;
  if (saved.values.size() > static_cast<size_t>(tasks))
    own.assign(saved.values.begin() + tasks, saved.values.end());
  return std::make_unique<UpdateWeigher>(tasks, MakeGramWeighing(job, std::move(own)), saved);
}

}  // namespace primacy
