// What workers would find wrong with the log of a job, found before any process starts.
#pragma once

#include "common/base/result.h"
#include "common/config/job.pb.h"

namespace primacy {

// The three slices are there with one schema, train has rows, and the job's tasks and slots suit.
Status CheckLog(const Job& job);

}  // namespace primacy
