#include "tools/export/export_npy.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "common/base/atomic_file.h"
#include "common/base/json_value.h"
#include "common/base/strings.h"
#include "ps/checkpoint/generation.h"
#include "tests/ps/checkpoint/sample_generation.h"
#include "tests/support/result_matchers.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_data.h"
#include "tests/tools/export/npy_reader.h"
#include "tools/export/dense_export.h"
#include "tools/export/npy.h"

namespace primacy {
namespace {

namespace fs = std::filesystem;
using testing_support::Npy;
using testing_support::ReadNpy;
using testing_support::SampleRow;
using testing_support::SampleRows;
using testing_support::TempDir;
using testing_support::WriteSampleGeneration;

using Shape = std::vector<uint64_t>;

// The rows of `table` that have weights, by rising key.
std::vector<SampleRow> Admitted(std::vector<SampleRow> rows, int table) {
  std::erase_if(rows,
                [table](const SampleRow& row) { return row.table != table || row.floats.empty(); });
  std::sort(rows.begin(), rows.end(),
            [](const SampleRow& a, const SampleRow& b) { return a.key < b.key; });
  return rows;
}

// Arrays of every sample parameter equal what the checkpoint was made of.
void ExpectSampleExport(const std::string& out, const std::vector<SampleRow>& rows, bool slots) {
  for (int table = 0; table < 2; ++table) {
    const std::vector<SampleRow> expected = Admitted(rows, table);
    const uint64_t dim = table == 0 ? 4 : 8;
    const std::string directory = out + "/tables/" + std::to_string(table);
    const auto keys = ReadNpy<uint64_t>(directory + "/keys.npy");
    const auto weights = ReadNpy<float>(directory + "/weights.npy");
    ASSERT_EQ(keys.shape, (Shape{expected.size()}));
    ASSERT_EQ(weights.shape, (Shape{expected.size(), dim}));
    Npy<float> slot_array;
    if (slots) {
      slot_array = ReadNpy<float>(directory + "/slots.npy");
      ASSERT_EQ(slot_array.shape, (Shape{expected.size(), dim}));
    }
    for (size_t i = 0; i < expected.size(); ++i) {
      EXPECT_EQ(keys.elements[i], expected[i].key);
      for (size_t d = 0; d < dim; ++d) {
        EXPECT_EQ(weights.elements[i * dim + d], expected[i].floats[d]);
        if (slots) {
          EXPECT_EQ(slot_array.elements[i * dim + d], expected[i].floats[dim + d]);
        }
      }
    }
  }
  const auto weight = ReadNpy<float>(out + "/dense/bottom/0/weight.npy");
  EXPECT_EQ(weight.shape, (Shape{70, 60}));
  for (size_t e = 0; e < weight.elements.size(); ++e)
    EXPECT_EQ(weight.elements[e], static_cast<float>(e));
  const auto bias = ReadNpy<float>(out + "/dense/bottom/0/bias.npy");
  EXPECT_EQ(bias.shape, (Shape{1, 60}));
  EXPECT_EQ(bias.elements[59], 1059.0f);
  EXPECT_EQ(fs::exists(out + "/dense/bottom/0/weight.slots.npy"), slots);
  if (!slots) return;
  const auto weight_slots = ReadNpy<float>(out + "/dense/bottom/0/weight.slots.npy");
  EXPECT_EQ(weight_slots.shape, (Shape{1, 70, 60}));
  for (size_t e = 0; e < weight_slots.elements.size(); ++e)
    EXPECT_EQ(weight_slots.elements[e], -static_cast<float>(e));
}

TEST(ExportNpyTest, WritesEveryParameter) {
  const TempDir dir;
  const std::vector<SampleRow> rows = SampleRows(6000);
  WriteSampleGeneration(dir / "checkpoints", 5, 3, rows);
  for (const bool slots : {false, true}) {
    const std::string out = dir / (slots ? "with/slots" : "without");
    const auto summary = ExportNpy({.checkpoint = dir.path(), .out = out, .slots = slots});
    ASSERT_OK(summary);
    EXPECT_EQ(summary->checkpoint, dir / "checkpoints/gen-00000005");
    EXPECT_EQ(summary->rows, 4800u);
    EXPECT_EQ(summary->tensors, 2u);
    EXPECT_EQ(summary->weights, 2400u * 12 + 4200 + 60);
    ExpectSampleExport(out, rows, slots);
  }
}

TEST(ExportNpyTest, ManifestTellsWhatIsWhere) {
  const TempDir dir;
  const std::string directory = *BeginGeneration(dir / "checkpoints", 5);
  Manifest manifest = testing_support::WriteSampleFiles(directory, 5, 1, SampleRows(100));
  manifest.set_job_text(R"(name: "demo" task { name: "pay" } training { seed: 9 }
                           data { ignore_slot: "noise" } model { embedding_dim: 4 group_dim { group: "tag" dim: 8 } })");
  for (const auto& [name, group] : {std::pair("user", ""), {"tags", "tag"}, {"noise", ""}}) {
    LogSchema::Slot* slot = manifest.mutable_schema()->add_slot();
    slot->set_name(name);
    slot->set_group(group);
  }
  ASSERT_OK(PublishGeneration(directory, manifest));
  ASSERT_OK(ExportNpy({.checkpoint = directory, .out = dir / "out", .slots = true}));
  const auto json = ParseJson(*ReadFile(dir / "out/manifest.json", 1 << 20));
  ASSERT_OK(json);
  EXPECT_EQ(json->IntegerOr("generation", 0), 5);
  EXPECT_EQ(json->IntegerOr("seed", 0), 9);
  const JsonValue::Array& slots = *json->Find("slots")->array();
  ASSERT_EQ(slots.size(), 2u);
  EXPECT_EQ(slots[0].TextOr("group", ""), "user");
  EXPECT_EQ(slots[0].IntegerOr("table", -1), 0);
  EXPECT_EQ(slots[1].IntegerOr("table", -1), 1);
  // XXH64 of "tag", seed 0.
  EXPECT_EQ(slots[1].TextOr("group_hash", ""),
            Format("%016llx", static_cast<unsigned long long>(HashBytes("tag"))));
  const JsonValue& table = (*json->Find("tables")->array())[1];
  EXPECT_EQ(table.IntegerOr("dim", 0), 8);
  EXPECT_EQ(table.IntegerOr("rows", 0), 40);
  const JsonValue& tensor = (*json->Find("tensors")->array())[0];
  EXPECT_EQ((*tensor.Find("shape")->array())[1].integer(), 60);
  for (const JsonValue* entry : {&table, &tensor}) {
    for (const char* array : {"weights", "slots"}) {
      EXPECT_TRUE(fs::exists(dir / ("out/" + entry->TextOr(array, "absent")))) << array;
    }
  }
}

TEST(ExportNpyTest, NumpyReadsIt) {
  const std::string python = "/usr/bin/python3";
  if (std::system((python + " -c 'import numpy' 2> /dev/null").c_str()) != 0)
    PRIMACY_END_TEST_WITHOUT("numpy");
  const TempDir dir;
  WriteSampleGeneration(dir / "checkpoints", 1, 2, SampleRows(1000));
  ASSERT_OK(ExportNpy({.checkpoint = dir.path(), .out = dir / "out", .slots = true}));
  const std::string script =
      "import numpy as np, sys\n"
      "out = sys.argv[1]\n"
      "keys, rows = np.load(out + '/tables/1/keys.npy'), np.load(out + '/tables/1/weights.npy')\n"
      "assert keys.dtype == np.uint64 and keys.shape == (400,) and (keys[1:] > keys[:-1]).all()\n"
      "assert rows.dtype == np.float32 and rows.shape == (400, 8) and rows.flags['C_CONTIGUOUS']\n"
      "weight = np.load(out + '/dense/bottom/0/weight.npy')\n"
      "assert (weight == np.arange(4200, dtype=np.float32).reshape(70, 60)).all()\n"
      "assert (np.load(out + '/dense/bottom/0/weight.slots.npy')[0] == -weight).all()\n";
  ASSERT_OK(WriteFileAtomically(dir / "check.py", script));
  EXPECT_EQ(std::system((python + " " + (dir / "check.py") + " " + (dir / "out")).c_str()), 0);
}

TEST(ExportNpyTest, TablesWithoutRowsAreEmptyArrays) {
  const TempDir dir;
  WriteSampleGeneration(dir / "checkpoints", 1, 1, {});
  ASSERT_OK(ExportNpy({.checkpoint = dir.path(), .out = dir / "out", .slots = true}));
  EXPECT_EQ(ReadNpy<uint64_t>(dir / "out/tables/0/keys.npy").shape, (Shape{0}));
  EXPECT_EQ(ReadNpy<float>(dir / "out/tables/0/weights.npy").shape, (Shape{0, 4}));
  EXPECT_EQ(ReadNpy<float>(dir / "out/tables/0/slots.npy").shape, (Shape{0, 0}));
}

TEST(ExportNpyTest, ADirectoryInUseIsTheUsersMistake) {
  const TempDir dir;
  WriteSampleGeneration(dir / "checkpoints", 1, 1, SampleRows(10));
  ASSERT_OK(WriteFileAtomically(dir / "file", std::string_view("x")));
  for (const std::string& out : {dir.path(), dir / "file", std::string()}) {
    const auto outcome = ExportNpy({.checkpoint = dir.path(), .out = out});
    ASSERT_FALSE(outcome.ok());
    EXPECT_EQ(outcome.error().kind(), ErrorKind::kUsage);
  }
  EXPECT_FALSE(fs::exists(dir / "tables"));
  fs::create_directory(dir / "empty");
  EXPECT_OK(ExportNpy({.checkpoint = dir.path(), .out = dir / "empty"}));
}

TEST(ExportNpyTest, ADamagedCheckpointLeavesNothing) {
  const TempDir dir;
  const std::string directory = WriteSampleGeneration(dir / "checkpoints", 1, 1, SampleRows(500));
  const std::string path = directory + "/shards-0000-4096.prm";
  std::string bytes = *ReadFile(path, 1 << 24);
  bytes[bytes.size() / 2] ^= 1;
  ASSERT_OK(WriteFileAtomically(path, bytes));
  const auto outcome = ExportNpy({.checkpoint = directory, .out = dir / "out"});
  ASSERT_FALSE(outcome.ok());
  EXPECT_NE(outcome.error().message().find(path), std::string::npos);
  EXPECT_FALSE(fs::exists(dir / "out"));
}

// Every shard is there, but one block of a tensor is in none.
TEST(ExportNpyTest, AMissingDenseBlockIsNamed) {
  const TempDir dir;
  const std::string directory = *BeginGeneration(dir / "checkpoints", 1);
  Manifest manifest;
  *manifest.mutable_parameters() = testing_support::SampleParameters();
  auto writer = *ShardFileWriter::Create(directory, {0, kVirtualShards}, manifest.parameters());
  const DenseLayout layout(manifest.parameters());
  for (const DenseBlock& block : layout.blocks()) {
    if (block.tensor == 0 && block.number == 1) continue;
    ASSERT_OK(writer->BeginShard(block.shard));
    const std::vector<float> floats = testing_support::SampleBlock(block);
    ASSERT_OK(writer->AddBlock({block.tensor, block.number, floats}));
  }
  *manifest.add_file() = *writer->Finish();
  ASSERT_OK(PublishGeneration(directory, manifest));
  const auto outcome = ExportNpy({.checkpoint = directory, .out = dir / "out"});
  ASSERT_FALSE(outcome.ok());
  EXPECT_NE(outcome.error().message().find(
                "bottom/0/weight.npy: the checkpoint holds 4096 of its 4200 elements"),
            std::string::npos)
      << outcome.error().message();
}

TEST(TensorPathTest, StaysBelowItsFolder) {
  EXPECT_EQ(TensorPath("bottom/0/weight"), "bottom/0/weight");
  EXPECT_EQ(TensorPath("../x"), "%2E%2E/x");
  EXPECT_EQ(TensorPath("/x"), "%/x");
  EXPECT_EQ(TensorPath("a//b"), "a/%/b");
  EXPECT_EQ(TensorPath("tower[pay] λ%"), "tower%5Bpay%5D%20%CE%BB%25");
  EXPECT_EQ(TensorPath("a.b-c_D"), "a.b-c_D");
}

TEST(NpyHeaderTest, HasThePublishedForm) {
  const std::string header = NpyHeader({NpyType::kFloat32, {3, 8}});
  EXPECT_EQ(header.size(), 128u);
  EXPECT_EQ(header.substr(0, 10), std::string("\x93NUMPY\x01\x00\x76\x00", 10));
  EXPECT_EQ(header.substr(10, 60), "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 8), } ");
  EXPECT_EQ(header.back(), '\n');
  EXPECT_NE(
      NpyHeader({NpyType::kUint64, {5}}).find("'<u8', 'fortran_order': False, 'shape': (5,), }"),
      std::string::npos);
}

}  // namespace
}  // namespace primacy
