// The benches of `primacy bench`: one function each, listed in bench.cc.
#pragma once

#include <gflags/gflags.h>

#include <string>
#include <vector>

#include "common/base/result.h"
#include "tools/bench/record.h"

DECLARE_int32(dim);
DECLARE_int32(runs);
DECLARE_double(seconds);

namespace primacy {

struct Bench {
  const char* name;
  const char* summary;  // one line
  const char* flags;    // names of those it reads, beside --json
  Status (*run)();
};

// Prints a record as its bench ends: a line of text, or of JSON with --json.
void ShowRecord(const BenchRecord& record);

// The choices that `value` of the flag `name` stands for: one of them, or "all".
Result<std::vector<std::string>> ChosenOf(const std::string& name, const std::string& value,
                                          const std::vector<std::string>& choices);

// `value` of the flag `name` must be one of `choices`.
Status CheckChoice(const std::string& name, const std::string& value,
                   const std::vector<std::string>& choices);

Status BenchStep();
Status BenchTable();
Status BenchCheckpoint();
Status BenchData();
Status BenchRows();
Status BenchWire();

}  // namespace primacy
