// The converter on several threads: the same files as on one, and the parts that make it so.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <atomic>
#include <filesystem>
#include <map>
#include <numeric>

#include "common/base/atomic_file.h"
#include "common/base/strings.h"
#include "tests/tools/convert/convert_support.h"
#include "tools/convert/read_ahead.h"
#include "tools/convert/record_batch.h"
#include "tools/convert/worker_threads.h"

namespace primacy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing_support::TextConversion;
using testing_support::WriteText;

void WriteGzip(const std::string& path, const std::string& text) {
  const gzFile file = ::gzopen(path.c_str(), "wb1");
  CHECK(file != nullptr);
  CHECK_EQ(::gzwrite(file, text.data(), static_cast<unsigned>(text.size())),
           static_cast<int>(text.size()));
  CHECK_EQ(::gzclose(file), Z_OK);
}

// Rows [begin, end) of groups of 7, with quoted fields that hold line ends, and a bad row in 200.
std::string Rows(int begin, int end) {
  std::string csv = "user,tags,x,y,t,g\n";
  for (int i = begin; i < end; ++i) {
    csv += Format(i % 11 == 0 ? "\"line\none, %d\"" : "%d", i % 90);
    csv += Format(i % 200 == 13 ? ",%d|%d,number %d" : ",%d|%d,%d.5", i % 5, i % 37, i % 17);
    csv += Format(",%d,%d,%d\n", i % 2, (i * 7919) % 5000, i / 7);
  }
  return csv;
}

constexpr char kSpec[] = R"(
  join { file: "side.csv" key: "g" columns: "town" }
  slot { column: "user" }
  slot { column: "tags" value_separator: "|" }
  slot { column: "town" }
  dense { column: "x" }
  label { column: "y" }
  label { name: "late" is { column: "t" op: ">" number: 2500 } present_if { column: "y" op: "==" number: 1 } }
  timestamp: "t"
  group_id: "g"
  row_number_as_id: true
)";

// Every file of the log by its name, and what the report says.
std::map<std::string, std::string> Outcome(const TextConversion& conversion, int threads) {
  ConvertOptions options = conversion.options;
  options.threads = threads;
  options.out_dir = conversion.dir / ("out" + std::to_string(threads));
  Result<ConvertReport> report = Convert(options);
  CHECK(report.ok()) << report.error().trace();
  report->seconds = 1;
  std::map<std::string, std::string> files{{"report", DescribeReport(*report)}};
  for (const auto& entry : std::filesystem::recursive_directory_iterator(options.out_dir)) {
    if (!entry.is_regular_file()) continue;
    const auto name = std::filesystem::relative(entry.path(), options.out_dir).string();
    files[name] = *ReadFile(entry.path().string(), uint64_t{1} << 30);
  }
  return files;
}

struct SplitCase {
  const char* split;
  uint64_t memory_bytes_max;
};

class ConvertThreadsTest : public testing::TestWithParam<SplitCase> {};

TEST_P(ConvertThreadsTest, WriteTheSameBytesAsOne) {
  TextConversion conversion(std::string(kSpec) + "split { " + GetParam().split + " }",
                            Rows(0, 20000));
  std::string side = "g,town\n";
  for (int g = 0; g < 5000; g += 2) side += Format("%d,%d\n", g, g % 13);
  WriteText(conversion.dir / "side.csv", side);
  WriteGzip(conversion.dir / "second.csv.gz", Rows(20000, 40000));
  WriteText(conversion.dir / "third.csv", Rows(40000, 43000));
  conversion.options.inputs.push_back(conversion.dir / "second.csv.gz");
  conversion.options.inputs.push_back(conversion.dir / "third.csv");
  conversion.options.parts = 3;
  conversion.options.rows_per_block = 512;
  conversion.options.memory_bytes_max = GetParam().memory_bytes_max;
  const auto one = Outcome(conversion, 1);
  EXPECT_GE(one.size(), 5u);
  EXPECT_THAT(one.at("report"), HasSubstr("43,000 rows read, 215 bad"));
  EXPECT_THAT(one.at("report"), HasSubstr("input.csv:17: not a number"));
  for (const int threads : {2, 3, 8}) EXPECT_TRUE(Outcome(conversion, threads) == one) << threads;
}

INSTANTIATE_TEST_SUITE_P(
    Splits, ConvertThreadsTest,
    testing::Values(SplitCase{"by: HASH", 1 << 30}, SplitCase{"by: HASH", 1 << 19},
                    SplitCase{"by: TIME", 1 << 30}, SplitCase{"by: TIME", 1 << 19},
                    SplitCase{"by: ORDER", 1 << 30}, SplitCase{"by: NONE", 1 << 19}));

class ConvertDamageTest : public testing::TestWithParam<int> {};

// What is in the files is no mistake on the command line: a failure, exit code 1.
TEST_P(ConvertDamageTest, ACutGzipFileIsAFailureThatNamesIt) {
  TextConversion conversion("slot { column: 'user' } label { column: 'y' } split { by: NONE }",
                            Rows(0, 30000));
  const std::string path = conversion.dir / "second.csv.gz";
  WriteGzip(path, Rows(0, 30000));
  std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
  conversion.options.inputs.push_back(path);
  conversion.options.threads = GetParam();
  const auto report = conversion.Run();
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error().kind(), ErrorKind::kFailure);
  EXPECT_EQ(report.error().message(), path + ": the gzip stream is cut off");
  EXPECT_FALSE(std::filesystem::exists(conversion.options.out_dir));
}

TEST_P(ConvertDamageTest, TooManyBadRowsAreAFailure) {
  TextConversion conversion("dense { column: 'x' } label { column: 'y' } bad_row_share_max: 0.001",
                            Rows(0, 30000));
  conversion.options.threads = GetParam();
  const auto report = conversion.Run();
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error().kind(), ErrorKind::kFailure);
  EXPECT_THAT(report.error().message(), HasSubstr("150 of 30,000 rows are bad"));
  EXPECT_EQ(report.error().message().find('\n'), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(conversion.options.out_dir));
}

INSTANTIATE_TEST_SUITE_P(Threads, ConvertDamageTest, testing::Values(1, 3));

TEST(ConvertThreadsUsageTest, ZeroAndThousandsAreRefused) {
  TextConversion conversion("slot { column: 'user' } label { column: 'y' }", Rows(0, 10));
  for (const int threads : {0, -1, 5000}) {
    conversion.options.threads = threads;
    const auto report = conversion.Run();
    ASSERT_FALSE(report.ok());
    EXPECT_EQ(report.error().kind(), ErrorKind::kUsage);
    EXPECT_THAT(report.error().message(), HasSubstr("threads must lie between 1 and"));
  }
}

TEST(WorkerThreadsTest, EveryJobIsDoneByAThreadOfTheirs) {
  for (const int count : {1, 4}) {
    WorkerThreads threads(count);
    std::vector<std::future<int>> results;
    std::atomic<int> strangers = 0;
    for (int i = 0; i < 200; ++i) {
      results.push_back(threads.Run([&, i](int thread) {
        if (thread < 0 || thread >= count) ++strangers;
        return i * i;
      }));
    }
    for (int i = 0; i < 200; ++i) EXPECT_EQ(results[static_cast<size_t>(i)].get(), i * i);
    EXPECT_EQ(strangers, 0);
  }
}

TEST(WorkerThreadsTest, ForgetsWhatWasNotBegunWhenItEnds) {
  std::atomic<int> begun = 0;
  std::promise<void> first_runs;
  {
    WorkerThreads threads(2);
    for (int i = 0; i < 1000; ++i) {
      threads.Run([&](int) {
        if (begun++ == 0) first_runs.set_value();
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
        return 0;
      });
    }
    first_runs.get_future().wait();
  }
  EXPECT_GE(begun, 1);
  EXPECT_LT(begun, 1000);
}

// Gives `pieces` pieces of 100,000 bytes, then an error.
class FailingSource : public ByteSource {
 public:
  explicit FailingSource(int pieces) : left_(pieces) {}
  Result<size_t> Read(std::span<char> out) override {
    if (left_-- == 0) return Failure("worn out");
    const size_t size = std::min<size_t>(out.size(), 100'000);
    std::fill_n(out.begin(), size, 'x');
    return size;
  }

 private:
  int left_;
};

TEST(ReadAheadTest, GivesTheBytesAndThenTheError) {
  const auto source = ReadAhead(std::make_unique<FailingSource>(30));
  std::vector<char> buffer(77'777);
  size_t total = 0;
  while (true) {
    const auto size = source->Read(buffer);
    if (!size.ok()) {
      EXPECT_EQ(size.error().message(), "worn out");
      break;
    }
    ASSERT_GT(*size, 0u);
    total += *size;
  }
  EXPECT_EQ(total, 3'000'000u);
}

TEST(ReadAheadTest, MayBeLeftInTheMiddleAndKeepsItsEnd) {
  testing_support::TempDir dir;
  std::string text(20'000'000, ' ');
  for (size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>('a' + i * i % 23);
  WriteText(dir / "text", text);
  for (const size_t wanted : {size_t{0}, size_t{5}, text.size()}) {
    const auto source = ReadAhead(*OpenFileSource(dir / "text"));
    std::string read;
    std::vector<char> buffer(1 << 20);
    while (read.size() < wanted) {
      const auto size = source->Read(buffer);
      ASSERT_OK(size);
      ASSERT_GT(*size, 0u);
      read.append(buffer.data(), *size);
    }
    EXPECT_TRUE(text.starts_with(read));
    if (wanted < text.size()) continue;
    for (int again = 0; again < 2; ++again) {
      const auto end = source->Read(buffer);
      ASSERT_OK(end);
      EXPECT_EQ(*end, 0u);
    }
  }
}

TEST(RecordBatchTest, KeepsFieldsInsideAndOutsideTheText) {
  RecordBatch batch("day.csv");
  for (int i = 0; i < 100; ++i) {
    const std::string text = "first,\"sec\"\"ond\"," + std::to_string(i);
    const std::string unquoted = "sec\"ond";
    const std::string_view view(text);
    const std::vector<std::string_view> fields = {view.substr(0, 5), unquoted, view.substr(17), {}};
    batch.Add(10 + static_cast<uint64_t>(i), 20, text, fields);
  }
  batch.AddBad(110, 21, {kBadQuote, "detail"});
  ASSERT_EQ(batch.records().size(), 101u);
  std::vector<std::string_view> fields;
  batch.FieldsOf(batch.records()[42], fields);
  EXPECT_THAT(fields, ElementsAre("first", "sec\"ond", "42", ""));
  EXPECT_EQ(batch.TextOf(batch.records()[42]), "first,\"sec\"\"ond\",42");
  EXPECT_EQ(batch.records()[42].number, 52u);
  EXPECT_FALSE(batch.records()[42].fault.has_value());
  ASSERT_TRUE(batch.records()[100].fault.has_value());
  EXPECT_EQ(batch.records()[100].fault->detail, "detail");
}

}  // namespace
}  // namespace primacy
