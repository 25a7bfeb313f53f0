// One method at work on a job's updates: leaves out tasks that have nothing to say, asks the
// method, and stands in where it has no answer.
#pragma once

#include <memory>
#include <vector>

#include "ps/priority/gram_weighing.h"
#include "ps/priority/loss_weighing.h"

namespace primacy {

// An update as the servers know it.
struct PlaneProducts {
  Step step = 0;
  std::vector<int> tasks;      // [n] of which there is a plane, rising
  std::vector<double> losses;  // [n] means over the update's rows
  SquareMatrix gram;           // [n, n]
};

// Not thread safe.
class UpdateWeigher {
 public:
  // saved: values are the last weight of every task, then the method's own.
  UpdateWeigher(int tasks, std::unique_ptr<GramWeighing> method, WeighingState saved);

  // [n] weights of update.tasks.
  //
  // A task whose gradient is 0 takes no part and has weight 0; a task that is left alone has weight
  // 1. Where the method does not converge the weights are those of the update before, or 1 / n
  // when there is none, and the update counts as a fallback. REQUIRES: a Gram matrix that is
  // finite.
  std::vector<double> Weigh(const PlaneProducts& update);

  WeighingState Saved() const;

 private:
  std::vector<double> FallBack(const std::vector<int>& tasks);

  const std::unique_ptr<GramWeighing> method_;
  std::vector<double> last_;  // [task] weights of the latest update it took part in
  int64_t updates_ = 0;
  int64_t fallbacks_ = 0;
};

}  // namespace primacy
