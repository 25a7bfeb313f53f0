// The example of docs/formats/clicklog.md, byte for byte: when this fails, the format has changed.
#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "common/clicklog/block_codec.h"
#include "common/clicklog/format.h"

namespace primacy::clicklog {
namespace {

LogSchema ExampleSchema() {
  LogSchema schema;
  schema.add_slot()->set_name("user");
  schema.add_label()->set_name("click");
  return schema;
}

ByteVector Bytes(const std::vector<int>& values) {
  ByteVector bytes;
  for (const int value : values) bytes.push_back(static_cast<std::byte>(value));
  return bytes;
}

TEST(FormatPage, Head) {
  EXPECT_EQ(EncodeHead(ExampleSchema().SerializeAsString()),
            Bytes({0x50, 0x52, 0x49, 0x4d, 0x43, 0x4c, 0x4f, 0x47,        //
                   0x01, 0x00, 0x00, 0x00, 0x11, 0x00, 0x00, 0x00,        //
                   0x0a, 0x06, 0x0a, 0x04, 0x75, 0x73, 0x65, 0x72,        //
                   0x1a, 0x07, 0x0a, 0x05, 0x63, 0x6c, 0x69, 0x63, 0x6b,  //
                   0xfd, 0xb3, 0xf3, 0x69}));
}

TEST(FormatPage, Payload) {
  const LogSchema schema = ExampleSchema();
  LogBlock block = MakeBlock(schema);
  block.rows = 3;
  block.slots[0].keys = {0xaa, 0xbb, 0xaa};
  block.labels = {1, 0, 1};
  block.masks = {1, 1, 1};
  EXPECT_EQ(EncodeBlock(schema, block),
            Bytes({0x03, 0,    0,    0,                                         //
                   0x02, 0x02, 0,    0, 0x03, 0, 0,    0, 0x17, 0,    0, 0,     //
                   0x02, 0,    0,    0,                                         //
                   0xaa, 0,    0,    0, 0,    0, 0,    0,                       //
                   0xbb, 0,    0,    0, 0,    0, 0,    0,                       //
                   0x00, 0x01, 0x00,                                            //
                   0x04, 0x01, 0,    0, 0x03, 0, 0,    0, 0x0c, 0,    0, 0,     //
                   0,    0,    0,    0, 0,    0, 0x80, 0, 0x80, 0x3f, 0, 0x3f,  //
                   0x05, 0x01, 0,    0, 0x03, 0, 0,    0, 0x03, 0,    0, 0,     //
                   0x01, 0x01, 0x01}));
}

TEST(FormatPage, SizesOfTheFixedRecords) {
  EXPECT_EQ(EncodeBlockHead({}).size(), kBlockHeadBytes);
  EXPECT_EQ(EncodeFooter({}, 0).size(), kTailBytes);
  EXPECT_EQ(EncodeFooter({{}, {}}, 0).size(), kTailBytes + 2 * kIndexEntryBytes);
}

}  // namespace
}  // namespace primacy::clicklog
