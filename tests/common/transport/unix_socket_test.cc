// When a client takes a server's Unix socket, and when it does without.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include "common/transport/host_id.h"
#include "common/transport/socket_file.h"
#include "common/transport/transport.h"
#include "tests/common/transport/echo_handlers.h"
#include "tests/common/transport/raw_peer.h"
#include "tests/support/result_matchers.h"
#include "tests/support/temp_dir.h"

namespace primacy {
namespace {

using namespace testing_support;  // NOLINT
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::StartsWith;
using transport::HostId;
using transport::SocketFile;

static_assert(kUnixPathBytesMax == sizeof(sockaddr_un::sun_path) - 1);

// TMPDIR for the length of a test.
class TmpDirVariable {
 public:
  explicit TmpDirVariable(const std::string& value) {
    if (const char* before = std::getenv("TMPDIR")) before_ = before;
    ::setenv("TMPDIR", value.c_str(), 1);
  }
  ~TmpDirVariable() {
    if (before_.has_value()) {
      ::setenv("TMPDIR", before_->c_str(), 1);
    } else {
      ::unsetenv("TMPDIR");
    }
  }

 private:
  std::optional<std::string> before_;
};

std::string Ask(const Endpoint& endpoint) {
  auto client = TransportClient::Connect(endpoint, "worker 1", TestOptions());
  if (!client.ok()) return "error: " + client.error().message();
  return TextOf((*client)->CallAndWait(MessageType::kPull, 0, Text("hi")));
}

// The port is closed, so whoever is answered was answered over the Unix socket.
Endpoint WithoutTcp(Endpoint endpoint) {
  RawListener closed(SocketKind::kUnix);
  endpoint.port = closed.endpoint().port;
  return endpoint;
}

std::filesystem::perms AccessOf(const std::string& path) {
  return std::filesystem::status(path).permissions();
}

TEST(UnixSocket, IsTakenOnTheSameHost) {
  const auto server = StartServer();
  EXPECT_EQ(server->endpoint().host_id, HostId());
  EXPECT_EQ(Ask(WithoutTcp(server->endpoint())), "worker 1 said hi");
}

TEST(UnixSocket, IsNotTakenOnAnotherHost) {
  const auto server = StartServer();
  Endpoint elsewhere = server->endpoint();
  elsewhere.host_id = "0000000000000000";
  EXPECT_EQ(Ask(elsewhere), "worker 1 said hi");
  EXPECT_THAT(Ask(WithoutTcp(elsewhere)), HasSubstr("Connection refused"));
}

TEST(UnixSocket, TcpIsTakenWhenThePathHasVanished) {
  const auto server = StartServer();
  const Endpoint endpoint = server->endpoint();
  ASSERT_EQ(::unlink(endpoint.unix_path.c_str()), 0);
  EXPECT_EQ(Ask(endpoint), "worker 1 said hi");
  EXPECT_THAT(Ask(WithoutTcp(endpoint)), HasSubstr("Connection refused"));
}

TEST(UnixSocket, TcpIsTakenWhenTheSocketIsStale) {
  RawListener killed(SocketKind::kUnix);
  killed.Close();
  const auto server = StartServer();
  Endpoint endpoint = server->endpoint();
  endpoint.unix_path = killed.endpoint().unix_path;
  ASSERT_TRUE(std::filesystem::is_socket(endpoint.unix_path));
  EXPECT_EQ(Ask(endpoint), "worker 1 said hi");
}

TEST(UnixSocket, TcpIsTakenWhenThePathIsNoSocket) {
  const TempDir dir;
  std::ofstream(dir.path() + "/wire") << "text";
  const auto server = StartServer();
  Endpoint endpoint = server->endpoint();
  endpoint.unix_path = dir.path() + "/wire";
  EXPECT_EQ(Ask(endpoint), "worker 1 said hi");
  endpoint.unix_path = "/" + std::string(300, 'x');
  EXPECT_EQ(Ask(endpoint), "worker 1 said hi");
}

TEST(UnixSocket, ADifferentSecretIsRefusedThereToo) {
  const auto server = StartServer();
  TransportOptions options = TestOptions();
  options.secret = "another job's secret";
  const auto client = TransportClient::Connect(WithoutTcp(server->endpoint()), "worker 1", options);
  ASSERT_FALSE(client.ok());
  EXPECT_EQ(client.error().kind(), ErrorKind::kUsage);
  EXPECT_THAT(client.error().message(), HasSubstr("the secret differs"));
}

TEST(UnixSocket, LiesInADirectoryThatOnlyItsOwnerMayEnter) {
  const TempDir dir;
  const TmpDirVariable variable(dir.path());
  std::string directory;
  {
    const auto server = StartServer();
    const std::filesystem::path path = server->endpoint().unix_path;
    directory = path.parent_path();
    EXPECT_THAT(directory, StartsWith(dir.path() + "/primacy-wire-"));
    EXPECT_EQ(AccessOf(directory), std::filesystem::perms::owner_all);
    EXPECT_TRUE(std::filesystem::is_socket(path));
  }
  EXPECT_FALSE(std::filesystem::exists(directory));
}

TEST(UnixSocket, ServersOfOneMachineDoNotCollide) {
  const auto first = StartServer();
  const auto second = StartServer();
  EXPECT_NE(first->endpoint().unix_path, second->endpoint().unix_path);
  EXPECT_EQ(Ask(WithoutTcp(first->endpoint())), "worker 1 said hi");
  EXPECT_EQ(Ask(WithoutTcp(second->endpoint())), "worker 1 said hi");
}

TEST(SocketFile, GoesToTmpWhenTmpdirWillNotDo) {
  const TempDir dir;
  const std::string deep = dir.path() + "/" + std::string(kUnixPathBytesMax, 'd');
  ASSERT_TRUE(std::filesystem::create_directory(deep));
  for (const std::string& unfit :
       {deep, dir.path() + "/missing", std::string("relative"), std::string()}) {
    const TmpDirVariable variable(unfit);
    const auto file = SocketFile::Create();
    ASSERT_OK(file);
    EXPECT_THAT((*file)->path(), MatchesRegex("/tmp/primacy-wire-....../socket")) << unfit;
  }
  EXPECT_TRUE(std::filesystem::is_empty(deep));
}

TEST(SocketFile, TheLongestDirectoryThatFitsIsTaken) {
  const TempDir dir;
  const size_t rest = kUnixPathBytesMax - std::string("/primacy-wire-XXXXXX/socket").size();
  ASSERT_LT(dir.path().size() + 2, rest);
  const std::string fits = dir.path() + "/" + std::string(rest - dir.path().size() - 1, 'd');
  ASSERT_TRUE(std::filesystem::create_directory(fits));
  const TmpDirVariable variable(fits);
  const auto server = StartServer();
  EXPECT_EQ(server->endpoint().unix_path.size(), kUnixPathBytesMax);
  EXPECT_EQ(Ask(WithoutTcp(server->endpoint())), "worker 1 said hi");
}

// As mkdtemp would have named it, and `age` old.
std::string MakeDirectory(const std::string& path, std::chrono::minutes age) {
  std::filesystem::create_directory(path);
  std::ofstream(path + "/socket") << "";
  std::filesystem::last_write_time(path, std::filesystem::file_time_type::clock::now() - age);
  return path;
}

TEST(SocketFile, WhatKilledProcessesLeftIsRemoved) {
  const TempDir dir;
  const TmpDirVariable variable(dir.path());
  using std::chrono::minutes;
  const std::string abandoned = MakeDirectory(dir / "primacy-wire-killed", minutes(2));
  const std::string fresh = MakeDirectory(dir / "primacy-wire-fresh1", minutes(0));
  const std::string foreign = MakeDirectory(dir / "primacy-wire-of-others", minutes(2));
  const auto living = SocketFile::Create();
  ASSERT_OK(living);
  const std::string in_use = std::filesystem::path((*living)->path()).parent_path();
  std::filesystem::last_write_time(in_use,
                                   std::filesystem::file_time_type::clock::now() - minutes(2));
  ASSERT_OK(SocketFile::Create());
  EXPECT_FALSE(std::filesystem::exists(abandoned));
  EXPECT_TRUE(std::filesystem::exists(fresh));
  EXPECT_TRUE(std::filesystem::exists(foreign));
  EXPECT_TRUE(std::filesystem::exists(in_use));
}

TEST(HostId, IsTheSameEveryTimeAndShort) {
  EXPECT_THAT(HostId(), MatchesRegex("[0-9a-f]{16}"));
  EXPECT_EQ(HostId(), HostId());
}

}  // namespace
}  // namespace primacy
