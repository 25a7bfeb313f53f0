#include "common/clicklog/block_codec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/strings.h"
#include "common/clicklog/format.h"
#include "common/clicklog/schema.h"
#include "tests/common/clicklog/log_fixtures.h"
#include "tests/support/result_matchers.h"

namespace primacy::clicklog {
namespace {

using testing::HasSubstr;
using testing_support::FullBlock;
using testing_support::FullSchema;
using testing_support::SameBlock;

TEST(BlockCodec, EveryColumnComesBack) {
  const LogBlock block = FullBlock(0, 37);
  const ByteVector payload = EncodeBlock(FullSchema(), block);
  const Result<LogBlock> back = DecodeBlock(FullSchema(), block.rows, payload);
  ASSERT_OK(back);
  EXPECT_TRUE(SameBlock(*back, block));
  EXPECT_OK(CheckBlock(FullSchema(), *back));
}

TEST(BlockCodec, OptionalColumnsAreAbsentWhenTheSchemaLacksThem) {
  LogSchema schema;
  schema.add_slot()->set_name("only");
  LogBlock block = MakeBlock(schema);
  LogRow row;
  row.slots = {{42}};
  AppendRow(schema, row, block);
  const Result<LogBlock> back = DecodeBlock(schema, 1, EncodeBlock(schema, block));
  ASSERT_OK(back);
  EXPECT_TRUE(SameBlock(*back, block));
  EXPECT_TRUE(back->weights.empty() && back->group_ids.empty() && back->timestamps.empty());
  EXPECT_EQ(back->slots[0].keys, std::vector<uint64_t>{42});
}

// No checksum protects the decoder here: whatever the bytes, it must refuse or give a block that
// matches the schema.
TEST(BlockCodec, SurvivesEveryFlippedByteAndEveryCut) {
  const LogSchema schema = FullSchema();
  const LogBlock block = FullBlock(0, 23);
  const ByteVector payload = EncodeBlock(schema, block);
  for (size_t cut = 0; cut < payload.size(); ++cut) {
    EXPECT_FALSE(DecodeBlock(schema, block.rows, std::span(payload).first(cut)).ok()) << cut;
  }
  for (size_t at = 0; at < payload.size(); ++at) {
    for (const int flip : {0x01, 0x10, 0x80, 0xFF}) {
      ByteVector damaged = payload;
      damaged[at] ^= static_cast<std::byte>(flip);
      const Result<LogBlock> back = DecodeBlock(schema, block.rows, damaged);
      if (back.ok()) {
        EXPECT_OK(CheckBlock(schema, *back)) << at;
      }
    }
  }
}

TEST(BlockCodec, RefusesTheWrongNumberOfRows) {
  const ByteVector payload = EncodeBlock(FullSchema(), FullBlock(0, 5));
  const Result<LogBlock> back = DecodeBlock(FullSchema(), 6, payload);
  ASSERT_FALSE(back.ok());
  EXPECT_THAT(back.error().message(), HasSubstr("5 values, the rows need 6"));
}

// A dictionary with one entry makes any number of values from a few bytes.
ByteVector OneEntryColumn(ColumnKind kind, uint16_t index, uint32_t values, uint64_t entry,
                          size_t entry_bytes) {
  ByteVector column;
  PutNumber<uint8_t>(static_cast<uint8_t>(kind), column);
  PutNumber<uint8_t>(2, column);
  PutNumber<uint16_t>(index, column);
  PutNumber<uint32_t>(values, column);
  PutNumber<uint32_t>(static_cast<uint32_t>(4 + entry_bytes), column);
  PutNumber<uint32_t>(1, column);
  PutBytes(std::as_bytes(std::span(&entry, 1)).first(entry_bytes), column);
  return column;
}

TEST(BlockCodec, RefusesAbsurdCountsBeforeAllocating) {
  LogSchema schema;
  LogSchema::Slot* slot = schema.add_slot();
  slot->set_name("bomb");
  slot->set_multi_valued(true);
  ByteVector payload;
  PutNumber<uint32_t>(2, payload);
  PutBytes(OneEntryColumn(ColumnKind::kSlotLengths, 0, 1000, 1'000'000, 4), payload);
  PutBytes(OneEntryColumn(ColumnKind::kSlotKeys, 0, 1'000'000'000, 1, 8), payload);
  const Result<LogBlock> back = DecodeBlock(schema, 1000, payload);
  ASSERT_FALSE(back.ok());
  EXPECT_THAT(back.error().message(), HasSubstr("absurd number of keys"));
}

TEST(BlockCodec, RefusesManyColumnsThatAreTogetherTooLarge) {
  // 257 columns of 2^20 floats are 4 MiB more than the 1 GiB that a block may have.
  LogSchema schema;
  ByteVector payload;
  PutNumber<uint32_t>(257, payload);
  for (int d = 0; d < 257; ++d) schema.add_dense()->set_name(Format("d%d", d));
  const Result<LogBlock> back = DecodeBlock(schema, kBlockRowsMax, payload);
  ASSERT_FALSE(back.ok());
  EXPECT_THAT(back.error().message(), HasSubstr("columns of more than 1073741824 bytes"));
}

TEST(BlockCodec, CountsTheKeysOfAllSlotsTogether) {
  // 10,000,000 keys and then 130,000,000: either fits alone, the second is refused before its keys
  // are read.
  LogSchema schema;
  for (const char* name : {"a", "b"}) {
    LogSchema::Slot* slot = schema.add_slot();
    slot->set_name(name);
    slot->set_multi_valued(true);
  }
  ByteVector payload;
  PutNumber<uint32_t>(4, payload);
  PutBytes(OneEntryColumn(ColumnKind::kSlotLengths, 0, 10, 1'000'000, 4), payload);
  PutBytes(OneEntryColumn(ColumnKind::kSlotKeys, 0, 10'000'000, 1, 8), payload);
  PutBytes(OneEntryColumn(ColumnKind::kSlotLengths, 1, 10, 13'000'000, 4), payload);
  const Result<LogBlock> back = DecodeBlock(schema, 10, payload);
  ASSERT_FALSE(back.ok());
  EXPECT_THAT(back.error().message(), HasSubstr("columns of more than"));
}

TEST(CheckBlock, NamesTheColumnThatDoesNotMatch) {
  const LogSchema schema = FullSchema();
  const auto error = [&](auto&& damage) {
    LogBlock block = FullBlock(0, 4);
    damage(block);
    const Status status = CheckBlock(schema, block);
    return status.ok() ? std::string() : status.error().message();
  };
  EXPECT_THAT(error([](LogBlock& b) { b.slots[1].keys.pop_back(); }),
              HasSubstr("slot 'item' has 3 values, not 4"));
  EXPECT_THAT(error([](LogBlock& b) { b.slots[2].offsets[1] = 9; }),
              HasSubstr("slot 'tags' do not rise"));
  EXPECT_THAT(error([](LogBlock& b) { b.dense[1].clear(); }), HasSubstr("dense 'age'"));
  EXPECT_THAT(error([](LogBlock& b) { b.labels.push_back(0); }),
              HasSubstr("labels has 9 values, not 8"));
  EXPECT_THAT(error([](LogBlock& b) { b.masks[3] = 2; }), HasSubstr("mask"));
  EXPECT_THAT(error([](LogBlock& b) { b.timestamps.clear(); }), HasSubstr("timestamp"));
  EXPECT_EQ(error([](LogBlock&) {}), "");
}

TEST(Schema, NamesTheColumnThatIsWrong) {
  LogSchema schema = FullSchema();
  EXPECT_OK(CheckSchema(schema));
  schema.add_slot()->set_name("user");
  EXPECT_EQ(CheckSchema(schema).error().message(), "schema: slot 'user' is there twice");
  EXPECT_EQ(CheckSchema(schema).error().kind(), ErrorKind::kUsage);
  LogSchema nameless;
  nameless.add_label();
  EXPECT_EQ(CheckSchema(nameless).error().message(), "schema: label 0 has no name");
}

TEST(Schema, AnAbsentFieldEqualsItsDefault) {
  LogSchema a = FullSchema();
  LogSchema b = FullSchema();
  a.mutable_slot(0)->set_multi_valued(false);
  EXPECT_EQ(SchemaDifference(a, b), "");
  b.mutable_slot(0)->set_name("account");
  EXPECT_THAT(SchemaDifference(a, b), HasSubstr("account"));
}

}  // namespace
}  // namespace primacy::clicklog
