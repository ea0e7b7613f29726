#include "exporter/discover/engine/engine_source.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "exporter/base/file.h"
#include "tests/unit/discover/fake_engine.h"
#include "tests/unit/discover/temp_tree.h"

namespace bottleneck {
namespace {

using bottleneck::testing::FakeEngine;
using bottleneck::testing::TempTree;
using Answer = FakeEngine::Answer;
using Kind = ContainerFact::Kind;

const std::string kWeb = std::string(63, 'a') + "1";
const std::string kJob = std::string(63, 'a') + "2";

Answer ok(std::string body) { return Answer{200, std::move(body), "", 0, false}; }

std::string listed(const std::string& id, const std::string& name, const std::string& state) {
  return R"({"Id":")" + id + R"(","Names":["/)" + name + R"("],"Image":"nginx:1","State":")" + state +
         R"("})";
}
std::string inspected(const std::string& id, const std::string& name, const std::string& state) {
  return R"({"Id":")" + id + R"(","Name":"/)" + name +
         R"(","Config":{"Image":"nginx:1"},"State":{"Status":")" + state +
         R"(","StartedAt":"2026-01-01T00:00:00Z"},"GraphDriver":{"Data":{"UpperDir":"/up"}}})";
}
std::string event(const std::string& action, const std::string& id, const std::string& name, long time) {
  return R"({"Type":"container","Action":")" + action + R"(","Actor":{"ID":")" + id +
         R"(","Attributes":{"name":")" + name + R"(","image":"nginx:1","exitCode":"3"}},"time":)" +
         std::to_string(time) + R"(,"timeNano":)" + std::to_string(time) + "000000000}\n";
}

class EngineSourceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    engine_.on_request([this](const std::string& path) { return normal(path); });
    EngineOptions options;
    options.endpoint.host = "unix://" + socket_;
    options.timeout_seconds = 0.25;
    options.ping_seconds = 0.05;
    options.backoff_seconds = 0.02;
    EngineSource::Callbacks callbacks;
    callbacks.wake = [this] { ++wakes_; };
    callbacks.on_request = [this](std::string_view, double, bool good) { ++(good ? good_ : bad_); };
    auto source = EngineSource::create(options, callbacks);
    ASSERT_TRUE(source) << source.error().message;
    source_ = std::move(*source);
  }
  void TearDown() override {
    if (source_) source_->stop();
  }
  static Answer normal(const std::string& path) {
    if (path == "/version") return ok(R"({"Version":"20.10.24"})");
    if (path == "/info") return ok(R"({"Driver":"overlay2","DockerRootDir":"/var/lib/docker"})");
    if (path == "/_ping") return ok("OK");
    if (path.starts_with("/events")) return ok("");
    if (path.starts_with("/containers/json")) return ok("[" + listed(kWeb, "web", "running") + "]");
    if (path == "/containers/" + kWeb + "/json") return ok(inspected(kWeb, "web", "running"));
    if (path.starts_with("/containers/" + kWeb + "/stats")) return ok(R"({"cpu_stats":{}})");
    return Answer{404, R"({"message":"No such container"})", "", 0, false};
  }
  template <class Condition>
  [[nodiscard]] bool eventually(Condition condition) const {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!condition()) {
      if (std::chrono::steady_clock::now() > until) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return true;
  }
  std::shared_ptr<const RuntimeInfo> find(const std::string& id) const {
    const auto state = source_->state();
    const auto found = state->containers->find(id);
    return found == state->containers->end() ? nullptr : found->second;
  }
  bool inspected_web() const { return find(kWeb) != nullptr && find(kWeb)->upper_dir == "/up"; }
  bool events_followed() {
    return eventually([&] { return engine_.count("/events") > 0 && source_->state()->answered; });
  }

  TempTree files_;
  const std::string socket_ = files_.at("s");
  FakeEngine engine_{socket_};
  std::atomic<int> wakes_{0};
  std::atomic<int> good_{0};
  std::atomic<int> bad_{0};
  std::unique_ptr<EngineSource> source_;
};

TEST_F(EngineSourceTest, NothingIsAskedBeforeTheStart) {
  EXPECT_FALSE(source_->state()->ok);
  EXPECT_TRUE(source_->state()->may_tell);
  EXPECT_TRUE(engine_.requests().empty());
}

TEST_F(EngineSourceTest, ListsInspectsAndDescribesItself) {
  source_->start();
  ASSERT_TRUE(eventually([&] { return inspected_web(); }));
  const auto state = source_->state();
  EXPECT_TRUE(state->ok);
  EXPECT_TRUE(state->answered);
  EXPECT_EQ(state->engine, "docker");
  EXPECT_EQ(state->engine_version, "20.10.24");
  EXPECT_EQ(state->storage_driver, "overlay2");
  EXPECT_EQ(state->runtime, Runtime::kDocker);
  EXPECT_GT(state->last_success_ns, 0);
  EXPECT_FALSE(state->remote);
  EXPECT_GT(wakes_, 0);
  EXPECT_GT(good_, 0);
  EXPECT_EQ(bad_, 0);
  EXPECT_EQ(engine_.count("/containers/" + kWeb + "/json"), 1U) << "an unchanged container is inspected once";
}

TEST_F(EngineSourceTest, AsksForEachImageOnce) {
  const std::string image = "sha256:" + std::string(64, 'c');
  const std::string path_of_image = "/images/" + image + "/json";
  engine_.on_request([=](const std::string& path) {
    if (path == path_of_image) return ok(R"({"Size":2500000000,"RootFS":{"Layers":["a","b"]}})");
    Answer answer = normal(path);
    if (path == "/containers/" + kWeb + "/json") answer.body.insert(1, R"("Image":")" + image + R"(",)");
    return answer;
  });
  source_->start();
  ASSERT_TRUE(eventually([&] { return find(kWeb) != nullptr && find(kWeb)->image_bytes.has_value(); }));
  EXPECT_EQ(find(kWeb)->image_bytes, 2.5e9);
  EXPECT_EQ(find(kWeb)->image_layers, 2);
  EXPECT_EQ(engine_.count(path_of_image), 1U);
}

TEST_F(EngineSourceTest, FollowsEvents) {
  source_->start();
  ASSERT_TRUE(events_followed());
  engine_.send_event(event("create", kJob, "job", 100));
  ASSERT_TRUE(eventually([&] { return find(kJob) != nullptr; }));
  EXPECT_EQ(find(kJob)->name, "job");
  // Pieces of any size make lines.
  const std::string story = event("start", kJob, "job", 101) + event("die", kJob, "job", 102);
  for (const char c : story) engine_.send_event(std::string(1, c));
  std::vector<Kind> kinds;
  ASSERT_TRUE(eventually([&] {
    for (const ContainerFact& fact : source_->take_facts()) {
      // An inspection finds it gone, sooner or later.
      if (fact.id == kJob && fact.kind != Kind::kRemoved) kinds.push_back(fact.kind);
    }
    return kinds.size() >= 2;
  }));
  EXPECT_EQ(kinds, (std::vector<Kind>{Kind::kStarted, Kind::kEnded}));
}

TEST_F(EngineSourceTest, AHungEngineKeepsTheLastState) {
  source_->start();
  ASSERT_TRUE(eventually([&] { return inspected_web(); }));
  engine_.on_request([](const std::string&) { return Answer{200, "", "", 0, true}; });
  ASSERT_TRUE(eventually([&] { return !source_->state()->ok; }));
  const auto state = source_->state();
  EXPECT_TRUE(inspected_web());
  EXPECT_TRUE(state->answered);
  EXPECT_FALSE(state->last_error.empty());
  EXPECT_GT(bad_, 0);
  const auto begin = std::chrono::steady_clock::now();
  source_->stop();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(2))
      << "the end does not wait for the engine";
}

TEST_F(EngineSourceTest, AnEngineThatWasKilledIsFoundAgain) {
  source_->start();
  ASSERT_TRUE(eventually([&] { return inspected_web(); }));
  engine_.stop();
  ASSERT_TRUE(eventually([&] { return !source_->state()->ok; }));
  EXPECT_TRUE(inspected_web());
  engine_.on_request([](const std::string& path) {
    if (path.starts_with("/containers/json")) return ok("[" + listed(kJob, "job", "created") + "]");
    if (path.starts_with("/containers/" + kJob)) return ok(inspected(kJob, "job", "created"));
    return normal(path);
  });
  engine_.start();
  ASSERT_TRUE(eventually([&] { return source_->state()->ok && find(kJob) != nullptr; }));
  EXPECT_EQ(find(kWeb), nullptr);
}

TEST_F(EngineSourceTest, AStreamCutInTheMiddleIsTakenUpWhereItEnded) {
  source_->start();
  ASSERT_TRUE(events_followed());
  engine_.send_event(event("create", kJob, "job", 100));
  ASSERT_TRUE(eventually([&] { return find(kJob) != nullptr; }));
  engine_.cut_events();
  ASSERT_TRUE(eventually([&] { return engine_.count("/events") >= 2; }));
  std::string second;
  for (const std::string& path : engine_.requests()) {
    if (path.starts_with("/events")) second = path;
  }
  EXPECT_NE(second.find("since=100.000000000"), std::string::npos) << second;
  ASSERT_TRUE(eventually([&] { return engine_.count("/containers/json") >= 2; }))
      << "and everything is listed again";
}

TEST_F(EngineSourceTest, GarbageAnswersAreErrorsAndNoCrash) {
  engine_.on_request([](const std::string& path) {
    if (path.starts_with("/containers/json")) return ok("[{\"Id\":\"" + kWeb + "\",\"Na");
    return normal(path);
  });
  source_->start();
  ASSERT_TRUE(eventually([&] { return !source_->state()->last_error.empty(); }));
  EXPECT_FALSE(source_->state()->ok);
  EXPECT_FALSE(source_->state()->answered);
  engine_.on_request([](const std::string& path) { return normal(path); });
  ASSERT_TRUE(eventually([&] { return source_->state()->ok && inspected_web(); }));
}

TEST_F(EngineSourceTest, AHugeListIsCutOff) {
  engine_.on_request([](const std::string& path) {
    if (path.starts_with("/containers/json"))
      return Answer{200, std::string(1 << 20, ' '), "", 100 << 20, false};
    return normal(path);
  });
  source_->start();
  ASSERT_TRUE(eventually([&] { return !source_->state()->last_error.empty(); }));
  EXPECT_FALSE(source_->state()->answered);
}

TEST_F(EngineSourceTest, AGarbageEventIsLeftOut) {
  source_->start();
  ASSERT_TRUE(events_followed());
  engine_.send_event("{\"Type\":\n\n[]\n" + event("create", kJob, "job", 100));
  ASSERT_TRUE(eventually([&] { return find(kJob) != nullptr; }));
}

TEST_F(EngineSourceTest, OneLockedContainerDoesNotStopTheRest) {
  engine_.on_request([](const std::string& path) {
    if (path.starts_with("/containers/json")) {
      return ok("[" + listed(kJob, "job", "running") + "," + listed(kWeb, "web", "running") + "]");
    }
    if (path == "/containers/" + kJob + "/json") return Answer{200, "", "", 0, true};
    return normal(path);
  });
  source_->start();
  ASSERT_TRUE(eventually([&] { return inspected_web(); }));
  ASSERT_TRUE(eventually([&] { return bad_ > 0; }));
  EXPECT_TRUE(source_->state()->ok);
  EXPECT_EQ(find(kJob)->name, "job") << "the list has named it";
}

TEST_F(EngineSourceTest, StatisticsAreAskedForAndKept) {
  source_->start();
  ASSERT_TRUE(eventually([&] { return source_->state()->ok; }));
  EXPECT_TRUE(source_->stats()->empty());
  source_->request_stats({kWeb, kJob, "../../etc", "abc"});
  ASSERT_TRUE(eventually([&] { return source_->stats()->contains(kWeb); }));
  EXPECT_EQ(*source_->stats()->at(kWeb).body, R"({"cpu_stats":{}})");
  EXPECT_GT(source_->stats()->at(kWeb).time_ns, 0);
  EXPECT_FALSE(source_->stats()->contains(kJob));
  for (const std::string& path : engine_.requests()) {
    EXPECT_EQ(path.find(".."), std::string::npos) << "only plain ids become part of a path";
  }
}

TEST_F(EngineSourceTest, ASlowStatisticDelaysNothing) {
  engine_.on_request([](const std::string& path) {
    if (path.find("/stats") != std::string::npos) return Answer{200, "", "", 0, true};
    return normal(path);
  });
  source_->start();
  ASSERT_TRUE(events_followed());
  source_->request_stats({kWeb});
  ASSERT_TRUE(eventually([&] { return engine_.count("/containers/" + kWeb + "/stats") > 0; }));
  engine_.send_event(event("create", kJob, "job", 100));
  ASSERT_TRUE(eventually([&] { return find(kJob) != nullptr; }));
}

}  // namespace
}  // namespace bottleneck
