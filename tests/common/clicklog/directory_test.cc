#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "common/clicklog/reader.h"
#include "common/clicklog/writer.h"
#include "tests/common/clicklog/log_fixtures.h"
#include "tests/support/result_matchers.h"
#include "tests/support/temp_dir.h"

namespace primacy {
namespace {

using testing::HasSubstr;
using testing_support::FullRow;
using testing_support::FullSchema;
using testing_support::TempDir;

void WriteRows(const std::string& path, const LogSchema& schema, uint64_t first, uint64_t rows) {
  LogWriterOptions options;
  options.rows_per_block = 4;
  auto writer = LogPartWriter::Create(path, schema, options);
  ASSERT_OK(writer);
  for (uint64_t r = first; r < first + rows; ++r) ASSERT_OK((*writer)->AppendRow(FullRow(r)));
  ASSERT_OK((*writer)->Finish());
}

TEST(LogDirectory, PartsAreOneSequenceOfBlocks) {
  const TempDir dir;
  WriteRows(dir / PartName(3), FullSchema(), 9, 1);
  WriteRows(dir / PartName(2), FullSchema(), 6, 3);
  WriteRows(dir / PartName(0), FullSchema(), 0, 6);
  WriteRows(dir / PartName(1), FullSchema(), 6, 0);
  std::ofstream(dir / "part-00003.clog.tmp") << "left over";
  std::ofstream(dir / "README") << "no part";
  const auto log = LogDirectory::Open(dir.path());
  ASSERT_OK(log);
  EXPECT_EQ((*log)->parts().size(), 4u);
  EXPECT_EQ((*log)->rows(), 10u);
  ASSERT_EQ((*log)->block_count(), 4u);
  std::vector<uint64_t> row_ids;
  uint64_t bytes = 0;
  for (uint32_t b = 0; b < (*log)->block_count(); ++b) {
    const Result<LogBlock> block = (*log)->ReadBlock(b);
    ASSERT_OK(block);
    EXPECT_EQ(block->rows, (*log)->block_rows(b));
    row_ids.insert(row_ids.end(), block->row_ids.begin(), block->row_ids.end());
  }
  for (const auto& part : (*log)->parts()) bytes += part->file_bytes();
  EXPECT_EQ(row_ids,
            (std::vector<uint64_t>{7000, 7001, 7002, 7003, 7004, 7005, 7006, 7007, 7008, 7009}));
  EXPECT_EQ((*log)->file_bytes(), bytes);
}

TEST(LogDirectory, AMissingPartIsNamed) {
  const TempDir dir;
  const auto message = [&] {
    const auto log = LogDirectory::Open(dir.path());
    CHECK(!log.ok());
    EXPECT_EQ(log.error().kind(), ErrorKind::kUsage);
    return log.error().message();
  };
  WriteRows(dir / PartName(2), FullSchema(), 0, 2);
  EXPECT_EQ(message(), "log directory " + dir.path() +
                           ": part-00000.clog is missing, the next part there is part-00002.clog");
  WriteRows(dir / PartName(0), FullSchema(), 0, 2);
  EXPECT_THAT(message(), HasSubstr("part-00001.clog is missing"));
  WriteRows(dir / PartName(1), FullSchema(), 0, 2);
  EXPECT_OK(LogDirectory::Open(dir.path()));
  WriteRows(dir / PartName(100000), FullSchema(), 0, 2);
  EXPECT_THAT(message(), HasSubstr("part-00003.clog is missing"));
}

TEST(LogDirectory, PartsOfAnotherSchemaAreRefused) {
  const TempDir dir;
  LogSchema other = FullSchema();
  other.mutable_slot(1)->set_name("article");
  WriteRows(dir / PartName(0), FullSchema(), 0, 2);
  WriteRows(dir / PartName(1), other, 2, 2);
  const auto log = LogDirectory::Open(dir.path());
  ASSERT_FALSE(log.ok());
  EXPECT_EQ(log.error().kind(), ErrorKind::kUsage);
  EXPECT_THAT(log.error().message(), HasSubstr("part-00001.clog: its schema differs from that of"));
  EXPECT_THAT(log.error().message(), HasSubstr("article"));
}

TEST(LogDirectory, WithoutPartsIsAUsageError) {
  const TempDir dir;
  const auto empty = LogDirectory::Open(dir.path());
  ASSERT_FALSE(empty.ok());
  EXPECT_EQ(empty.error().kind(), ErrorKind::kUsage);
  EXPECT_EQ(empty.error().message(), "no part-NNNNN.clog in log directory " + dir.path());
  const auto missing = LogDirectory::Open(dir / "nowhere");
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().kind(), ErrorKind::kUsage);
  EXPECT_THAT(missing.error().message(), HasSubstr("nowhere"));
}

TEST(LogDirectory, ADamagedPartIsNamed) {
  const TempDir dir;
  WriteRows(dir / PartName(0), FullSchema(), 0, 2);
  std::ofstream(dir / PartName(1)) << "nonsense";
  const auto log = LogDirectory::Open(dir.path());
  ASSERT_FALSE(log.ok());
  EXPECT_EQ(log.error().message(), dir / "part-00001.clog: not a click log part");
}

}  // namespace
}  // namespace primacy
