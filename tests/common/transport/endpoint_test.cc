// How processes tell each other where a server listens.
#include <gtest/gtest.h>

#include <string>

#include "common/transport/transport.h"
#include "tests/support/result_matchers.h"

namespace primacy {
namespace {

TEST(Endpoint, Parses) {
  const Result<Endpoint> endpoint = ParseEndpoint("node-3.local:8470");
  ASSERT_OK(endpoint);
  EXPECT_EQ(endpoint->host, "node-3.local");
  EXPECT_EQ(endpoint->port, 8470);
  EXPECT_EQ(endpoint->ToString(), "node-3.local:8470");
  EXPECT_EQ(endpoint->Encode(), "node-3.local:8470");
  EXPECT_EQ(ParseEndpoint("[::1]:80")->host, "::1");
  for (const char* wrong :
       {"", "host", ":80", "host:", "host:0", "host:65536", "host:x", "host:-1"}) {
    const Result<Endpoint> refused = ParseEndpoint(wrong);
    ASSERT_FALSE(refused.ok()) << wrong;
    EXPECT_EQ(refused.error().kind(), ErrorKind::kUsage);
  }
}

TEST(Endpoint, CarriesTheUnixSocket) {
  Endpoint endpoint{"node-3.local", 8470, "/tmp/a b:c unix=d/wire", "0123456789abcdef"};
  EXPECT_EQ(endpoint.Encode(), "node-3.local:8470 unix=0123456789abcdef:/tmp/a b:c unix=d/wire");
  EXPECT_EQ(endpoint.ToString(), "node-3.local:8470");
  const Result<Endpoint> parsed = ParseEndpoint(endpoint.Encode());
  ASSERT_OK(parsed);
  EXPECT_EQ(parsed->host, endpoint.host);
  EXPECT_EQ(parsed->port, endpoint.port);
  EXPECT_EQ(parsed->unix_path, endpoint.unix_path);
  EXPECT_EQ(parsed->host_id, endpoint.host_id);
  const std::string longest = "/" + std::string(kUnixPathBytesMax - 1, 'p');
  EXPECT_OK(ParseEndpoint("host:1 unix=id:" + longest));
  for (const std::string& wrong :
       {std::string("host:1 unix="), std::string("host:1 unix=id"),
        std::string("host:1 unix=:/tmp/wire"), std::string("host:1 unix=id:tmp/wire"),
        "host:1 unix=id:" + longest + "p"}) {
    const Result<Endpoint> refused = ParseEndpoint(wrong);
    ASSERT_FALSE(refused.ok()) << wrong;
    EXPECT_EQ(refused.error().kind(), ErrorKind::kUsage);
  }
}

}  // namespace
}  // namespace primacy
