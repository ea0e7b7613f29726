#include "exporter/discover/engine/http_client.h"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>

#include "tests/unit/discover/fake_engine.h"
#include "tests/unit/discover/temp_tree.h"

namespace bottleneck {
namespace {

using bottleneck::testing::FakeEngine;
using bottleneck::testing::TempTree;
using Answer = FakeEngine::Answer;

class HttpClientTest : public ::testing::Test {
 protected:
  void SetUp() override {
    EngineEndpoint endpoint;
    endpoint.host = "unix://" + socket_;
    auto client = EngineClient::create(endpoint, 1);
    ASSERT_TRUE(client) << client.error().message;
    client_ = std::move(*client);
  }
  void answer_with(Answer answer) {
    engine_.on_request([answer](const std::string&) { return answer; });
  }
  Result<EngineAnswer> get(double timeout = 5, std::size_t max_bytes = 1000) {
    std::optional<Result<EngineAnswer>> result;
    EngineRequest request;
    request.path = "/x";
    request.timeout_seconds = timeout;
    request.max_bytes = max_bytes;
    client_->get(request, [&](Result<EngineAnswer> r) { result = std::move(r); });
    while (!result) client_->poll(1);
    return *result;
  }

  TempTree files_;
  const std::string socket_ = files_.at("s");
  FakeEngine engine_{socket_};
  std::unique_ptr<EngineClient> client_;
};

TEST_F(HttpClientTest, ABodyComesWhole) {
  answer_with({.status = 200, .body = "hello", .raw = "", .repeat_to = 0, .hang = false});
  const auto result = get();
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->body, "hello");
}

TEST_F(HttpClientTest, StatusesHaveMeanings) {
  const auto code_of = [&](int status) {
    answer_with({.status = status, .body = R"({"message":"why"})", .raw = "", .repeat_to = 0, .hang = false});
    const auto result = get();
    EXPECT_FALSE(result);
    EXPECT_NE(result.error().message.find("why"), std::string::npos);
    return result.error().code;
  };
  EXPECT_EQ(code_of(404), ErrorCode::kGone);
  EXPECT_EQ(code_of(500), ErrorCode::kUnavailable);
  EXPECT_EQ(code_of(403), ErrorCode::kDenied);
  EXPECT_EQ(code_of(301), ErrorCode::kUnavailable) << "a redirect is not followed";
}

TEST_F(HttpClientTest, AHugeBodyIsCutOff) {
  answer_with(
      {.status = 200, .body = std::string(1 << 20, 'x'), .raw = "", .repeat_to = 100 << 20, .hang = false});
  const auto result = get(5, std::size_t{2} << 20U);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kMalformed);
  EXPECT_NE(result.error().message.find("larger than"), std::string::npos);
}

TEST_F(HttpClientTest, AHangIsATimeout) {
  answer_with({.status = 200, .body = "", .raw = "", .repeat_to = 0, .hang = true});
  const auto begin = std::chrono::steady_clock::now();
  const auto result = get(0.1);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kTimeout);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(2));
}

TEST_F(HttpClientTest, WhatIsNoHttpIsMalformed) {
  answer_with({.status = 200, .body = "", .raw = "SSH-2.0-OpenSSH_9.2\r\n", .repeat_to = 0, .hang = false});
  EXPECT_EQ(get().error().code, ErrorCode::kMalformed);
}

TEST_F(HttpClientTest, ATruncatedBodyIsMalformed) {
  answer_with({.status = 200,
               .body = "",
               .raw = "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{\"Id\":",
               .repeat_to = 0,
               .hang = false});
  EXPECT_EQ(get().error().code, ErrorCode::kMalformed);
}

TEST_F(HttpClientTest, ARefusedConnectionIsUnavailable) {
  engine_.stop();
  EXPECT_EQ(get().error().code, ErrorCode::kUnavailable);
}

TEST_F(HttpClientTest, AHungRequestDoesNotDelayOthers) {
  engine_.on_request([](const std::string& path) {
    return Answer{.status = 200, .body = "ok", .raw = "", .repeat_to = 0, .hang = path == "/hang"};
  });
  EngineRequest hang;
  hang.path = "/hang";
  hang.timeout_seconds = 30;
  bool hung_ended = false;
  const auto id = client_->get(hang, [&](const Result<EngineAnswer>&) { hung_ended = true; });
  EXPECT_TRUE(get());
  EXPECT_FALSE(hung_ended);
  client_->cancel(id);
  EXPECT_TRUE(get());
  EXPECT_FALSE(hung_ended) << "a cancelled request calls nobody";
}

TEST_F(HttpClientTest, AStreamHandsItsBodyOn) {
  engine_.on_request([](const std::string&) { return Answer{}; });
  std::string seen;
  bool accepted = false;
  std::optional<Result<EngineAnswer>> end;
  EngineRequest stream;
  stream.path = "/events";
  stream.on_headers = [&] { accepted = true; };
  stream.on_data = [&](std::string_view data) {
    seen += data;
    return true;
  };
  client_->get(stream, [&](Result<EngineAnswer> r) { end = std::move(r); });
  while (!accepted) client_->poll(1);
  EXPECT_EQ(seen, "");
  engine_.send_event("one\n");
  while (seen.empty()) client_->poll(1);
  EXPECT_EQ(seen, "one\n");
  EXPECT_FALSE(end);
  engine_.cut_events();
  while (!end) client_->poll(1);
  EXPECT_FALSE(*end) << "cut in the middle of a chunk";
}

TEST_F(HttpClientTest, AWakeEndsAWait) {
  std::thread waker([&] { client_->wake(); });
  const auto begin = std::chrono::steady_clock::now();
  client_->poll(30);
  waker.join();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
}

TEST(EngineEndpointTest, OnlyKnownFormsAreTaken) {
  const auto create = [](const std::string& host) {
    EngineEndpoint endpoint;
    endpoint.host = host;
    return EngineClient::create(endpoint, 1);
  };
  for (const char* host :
       {"unix:///run/docker.sock", "tcp://10.0.0.1:2375", "tcp://[::1]:2375", "https://host:2376/"}) {
    EXPECT_TRUE(create(host)) << host;
  }
  for (const char* host : {"", "unix://", "/run/docker.sock", "ssh://host", "tcp://", "tcp://user@host:1",
                           "tcp://host/path", "npipe:////./pipe/docker_engine"}) {
    const auto client = create(host);
    ASSERT_FALSE(client) << host;
    EXPECT_EQ(client.error().code, ErrorCode::kInvalid);
  }
}

}  // namespace
}  // namespace bottleneck
