// Makes click logs with a planted, adjustable conflict between tasks: for trying the trainer out,
// and for tests that need to know the truth. Everything is a pure function of the options;
// docs/generate.md explains the model at more length.
//
// Users and items are drawn from power laws. A user has a segment, an item a category, one to three
// tags, and a price. There are T *bundles* b = 0 .. T−1, independent of each other, and in each one
//
//   z_b(u) = √(1−n)·segment centroid + √n·own noise                             [factors], unit
//   variance x_b(i) = √(1−n−g)·category centroid + √g·mean of its tags + √n·own noise    [factors],
//   unit variance taste_b(u, i)  = ⟨z_b(u), x_b(i)⟩ / √factors appeal_b(u, i) = (pull of the item +
//   eagerness of the user) / √2            made like one coordinate of x_b and z_b
//
// with n = own_share and g = tag_share. Bundle 0 is the first task's; task t > 0 mixes it with a
// bundle of its own:
//
//   q = 1 − conflict,  p = 1 − 2·conflict
//   logit_0 = c_0 + s·( √(1−a)·taste_0                      + √a·appeal_0 )                      +
//   context_0 logit_t = c_t + s·( √(1−a)·(q·taste_0 + √(1−q²)·taste_t) + √a·(p·appeal_0 +
//   √(1−p²)·appeal_t) ) + context_t
//
// with s = strength and a = appeal_share. So conflict 0 gives tasks that want the same; with rising
// conflict the tastes become unrelated, which makes the tasks compete for a small shared network,
// and the appeal turns around: at conflict 1 what draws the first task's label repels the others'.
// (Tastes do not turn around, because a task that wants exactly the opposite can use the very same
// shared features with the sign changed in its own layers: opposite is not in the way.)
//
// context_t = sign·0.3·price(i) − 0.1·position + 0.2·sin(2π·hour/24) − 0.3·age, where sign is 1 for
// task 0 and p for others. The intercepts c_t are set so that the base rates are those of
// GenerateBaseRate. Labels are independent given the logits.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "common/base/result.h"

namespace primacy {

inline constexpr int kGenerateTasksMax = 5;
inline constexpr int kGenerateSlotsBase = 7;

struct GenerateOptions {
  std::string out;  // directory, made when it is not there
  uint64_t rows =
      250'000;  // of train, hold-out and test together: 80 %, 10 %, 10 %, in the order of time
  uint64_t seed = 1;
  int tasks = 3;          // 2 to 5
  double conflict = 1.0;  // 0: the tasks want the same .. 1: they compete
  uint64_t users = 2'000;
  uint64_t items = 1'000;
  double zipf = 0.8;    // popularity of the k-th user or item falls as k^−zipf; 0 to 3
  int segments = 40;    // of users
  int categories = 40;  // of items
  int tags = 60;
  int parts = 8;  // files of train; hold-out and test have an eighth of them, at least one
  int slots =
      kGenerateSlotsBase;  // more than the base seven: further slots that tell nothing, up to 256
  bool mask_last =
      false;  // the last task's label is known only where the label of the task before it is 1
  int factors = 6;        // of each bundle: what a task needs of the shared network
  double strength = 2.5;  // standard deviation of the logits, but for the context
  double appeal_share = 0.2;
  double own_share = 0.1;  // n
  double tag_share = 0.2;  // g
  uint32_t rows_per_block = 4096;
  bool truth = false;  // the planted probabilities of every row too, in OUT/truth
};

// Rows written so far and rows in all; called now and then from the calling thread.
using GenerateProgress = std::function<void(uint64_t done, uint64_t total)>;

// Usage errors name the option.
Status CheckGenerateOptions(const GenerateOptions& options);

// Writes OUT/train, OUT/holdout and OUT/test, OUT/job.txt (a job ready to train) and OUT/truth.txt
// (what was planted, and the AUC that knowing it gives), on request OUT/truth (truth_writer.h). A
// log that was generated into OUT before is replaced; any other log there is left alone and is a
// usage error. `progress` may be empty.
Status Generate(const GenerateOptions& options, const GenerateProgress& progress);

// Name and base rate of task t, in the order of priority: like 0.15, click 0.35, stay 0.3, share
// 0.2, follow 0.1.
const char* GenerateTaskName(int task);
double GenerateBaseRate(int task);

}  // namespace primacy
