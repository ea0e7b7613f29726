// /api/v1/: every answer is what deploy/openapi.yaml says, and a wrong question gets a sentence.
#include "exporter/api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include "exporter/ask.h"
#include "exporter/expose/http_message.h"
#include "tests/unit/analyze/world.h"

namespace bottleneck {
namespace {

using testing::HasSubstr;

/// Holds JSON against a schema of the file: types, enumerations, required and unknown keys.
class Specification {
 public:
  Specification() : root_(YAML::LoadFile(std::string(TEST_SOURCE_DIR) + "/../deploy/openapi.yaml")) {}

  void check(const std::string& path, const std::string& code, const std::string& body) {
    const YAML::Node response = resolve(root_["paths"][path]["get"]["responses"][code]);
    ASSERT_TRUE(response.IsDefined() && response.IsMap()) << path << " " << code << " is not described";
    const OrderedJson json = OrderedJson::parse(body, nullptr, false);
    ASSERT_FALSE(json.is_discarded()) << body;
    match(response["content"]["application/json"]["schema"], json, path);
  }
  [[nodiscard]] std::vector<std::string> paths() const {
    std::vector<std::string> all;
    for (const auto& path : root_["paths"]) all.push_back(path.first.as<std::string>());
    return all;
  }

 private:
  YAML::Node resolve(const YAML::Node& node) const {
    if (!node.IsDefined() || !node["$ref"]) return node;
    const auto reference = node["$ref"].as<std::string>();
    const std::size_t slash = reference.rfind('/');
    const std::string group = reference.find("/responses/") != std::string::npos ? "responses" : "schemas";
    return root_["components"][group][reference.substr(slash + 1)];
  }

  void match(const YAML::Node& given, const OrderedJson& json, const std::string& where) const {
    const YAML::Node schema = resolve(given);
    ASSERT_TRUE(schema.IsDefined() && schema["type"]) << where << " has no schema";
    const auto type = schema["type"].as<std::string>();
    const bool fits = (type == "object" && json.is_object()) || (type == "array" && json.is_array()) ||
                      (type == "string" && json.is_string()) || (type == "boolean" && json.is_boolean()) ||
                      (type == "number" && json.is_number()) ||
                      (type == "integer" && json.is_number_integer());
    ASSERT_TRUE(fits) << where << " is no " << type << ": " << json.dump();
    if (schema["enum"]) {
      bool known = false;
      for (const auto& value : schema["enum"]) known |= value.as<std::string>() == json.get<std::string>();
      EXPECT_TRUE(known) << where << ": " << json;
    }
    if (type == "array") {
      for (const OrderedJson& item : json) match(schema["items"], item, where + "[]");
    }
    if (type == "object") match_object(schema, json, where);
  }

  void match_object(const YAML::Node& schema, const OrderedJson& json, const std::string& where) const {
    for (const auto& key : schema["required"])
      EXPECT_TRUE(json.contains(key.as<std::string>())) << where << " lacks " << key;
    for (const auto& [key, value] : json.items()) {
      const YAML::Node known = schema["properties"] ? schema["properties"][key] : YAML::Node();
      if (known.IsDefined() && !known.IsNull()) {
        match(known, value, where + "/" + key);
      } else {
        const YAML::Node others = schema["additionalProperties"];
        ASSERT_TRUE(others.IsMap()) << where << " has an undescribed key " << key;
        match(others, value, where + "/" + key);
      }
    }
  }

  YAML::Node root_;
};

struct Reply {
  int code = 0;
  std::string type;
  std::string body;
};

/// Three containers: one held by its quota, one calm and one that nobody has judged, with names that bite.
class Api : public testing::Test {
 protected:
  Api() {
    world_.add(held_);
    world_.throttle(held_, 0.5, 0.4);
    world_.add("calm");
    world_.run(420);
    identities_ = {{held_, "abc", Runtime::kDocker, {{"image", "nginx:1"}, {"workload", "shop"}}},
                   {"calm", "", Runtime::kCgroup, {}},
                   {"young", "", Runtime::kCgroup, {}}};
    ApiSources sources;
    sources.fleet = [this]() -> std::optional<ApiView> {
      if (!ready_) return std::nullopt;
      ApiView view;
      view.fleet.unix_seconds = world_.unix_seconds;
      view.fleet.engine_calls = {{"/containers/json", 0.2}, {"/info", kAbsent}};
      for (const Identity& identity : identities_) {
        view.fleet.containers.push_back(
            {&identity, world_.pipeline.judge().find(identity.name), "running", 1e9, 2.5});
      }
      return view;
    };
    sources.trends = [] {
      return std::make_shared<const std::vector<TrendView>>(
          std::vector<TrendView>{{"calm", {{420 * 3600.0 * 1000, 3600, 3600, 0.1, kAbsent, 1e6, 2e6}}, {}}});
    };
    routes_ = make_api_routes(sources);
  }

  Reply get(const std::string& path, const std::string& query = "") {
    TextBuffer body;
    HttpResponse response(body);
    const HttpRequest request{path, query, [](const char*) { return std::string_view(); }};
    for (const Route& route : routes_) {
      const bool below = route.path.ends_with('/') && path.starts_with(route.path);
      if (route.path == path || below) {
        route.handle(request, response);
        return {response.code, response.content_type, std::string(body.view())};
      }
    }
    return {404, "", "no route"};
  }
  OrderedJson json(const std::string& path, const std::string& query = "") {
    const Reply reply = get(path, query);
    EXPECT_EQ(reply.code, 200) << reply.body;
    return OrderedJson::parse(reply.body, nullptr, false);
  }

  const std::string held_ = "shop/web \"1\"\x1b";
  World world_;
  std::vector<Identity> identities_;
  std::vector<Route> routes_;
  bool ready_ = true;
  Specification specification_;
};

TEST_F(Api, AnswersAreAsDescribed) {
  for (const std::string& path : specification_.paths()) {
    if (path.ends_with("}")) continue;
    const Reply reply = get(path);
    EXPECT_EQ(reply.code, 200) << path << reply.body;
    EXPECT_EQ(reply.type, "application/json");
    specification_.check(path, "200", reply.body);
    specification_.check(path, "400", get(path, "what=1").body);
  }
  for (const Identity& identity : identities_) {
    const Reply reply = get("/api/v1/containers/" + identity.name);
    EXPECT_EQ(reply.code, 200);
    specification_.check("/api/v1/containers/{name}", "200", reply.body);
  }
  specification_.check("/api/v1/containers/{name}", "404", get("/api/v1/containers/nobody").body);
  EXPECT_EQ(specification_.paths().size(), routes_.size()) << "a route is not described, or the reverse";
}

TEST_F(Api, SaysSoBeforeTheFirstSample) {
  ready_ = false;
  for (const std::string& path : specification_.paths()) {
    const Reply reply = get(path);
    EXPECT_EQ(reply.code, 503) << path;
    specification_.check(path, "503", reply.body);
  }
}

TEST_F(Api, ListsTheWorstFirst) {
  const OrderedJson all = json("/api/v1/containers");
  EXPECT_EQ(all["count"], 3);
  EXPECT_EQ(all["containers"][0]["name"], held_.substr(0, held_.size()));
  EXPECT_EQ(all["containers"][0]["category"], "cpu_quota");
  EXPECT_EQ(all["containers"][1]["name"], "calm");
  EXPECT_EQ(all["containers"][2]["judged"], false);
}

TEST_F(Api, FindsBottlenecks) {
  EXPECT_EQ(json("/api/v1/bottlenecks")["bottlenecks"].size(), 1U);
  EXPECT_EQ(json("/api/v1/bottlenecks", "threshold=0.99")["bottlenecks"].size(), 0U);
  EXPECT_EQ(json("/api/v1/bottlenecks", "resource=memory")["bottlenecks"].size(), 0U);
  const OrderedJson all = json("/api/v1/bottlenecks", "threshold=0&limit=2");
  EXPECT_EQ(all["bottlenecks"].size(), 2U);
  EXPECT_GT(all["count"], 2);
  EXPECT_EQ(all["bottlenecks"][0]["is_cause"], true);
}

TEST_F(Api, FiltersRecommendations) {
  const OrderedJson all = json("/api/v1/recommendations");
  ASSERT_GE(all["count"], 1);
  EXPECT_EQ(all["recommendations"][0]["recommendation"], "CPU_LIMIT_RAISE");
  EXPECT_EQ(json("/api/v1/recommendations", "container=calm")["count"], 0);
  EXPECT_EQ(json("/api/v1/recommendations", "severity=critical")["count"], 0);
  EXPECT_GE(json("/api/v1/recommendations", "container=" + url_encode(held_))["count"], 1);
}

TEST_F(Api, SummarisesTheFleet) {
  const OrderedJson summary = json("/api/v1/summary");
  EXPECT_EQ(summary["by_cause"]["cpu_quota"], 1);
  EXPECT_EQ(summary["by_cause"]["none"], 1);
  EXPECT_EQ(summary["judged"], 2);
  EXPECT_EQ(summary["worst"].size(), 1U);
  EXPECT_GT(summary["held_back_seconds"]["cpu"], 300);
  const OrderedJson worst = json("/api/v1/worst", "limit=1");
  EXPECT_EQ(worst["slowest_starts"].size(), 1U);
  EXPECT_EQ(worst["longest_held_back"][0]["resource"], "cpu");
  EXPECT_EQ(worst["slowest_engine_calls"][0]["endpoint"], "/containers/json");
}

TEST_F(Api, RefusesWrongParameters) {
  const std::vector<std::tuple<std::string, std::string, std::string>> cases = {
      {"bottlenecks", "threshold=2", "threshold: '2' is no number from 0 to 1"},
      {"bottlenecks", "threshold=nan", "is no number"},
      {"bottlenecks", "threshold=", "is no number"},
      {"bottlenecks", "limit=0", "limit: '0' is no whole number from 1 to 10000"},
      {"bottlenecks", "limit=1.5", "is no whole number"},
      {"bottlenecks", "resource=disk", "resource: 'disk' is none of cpu, memory"},
      {"bottlenecks", "treshold=1", "did you mean \\\"threshold\\\""},
      {"bottlenecks", "limit=1&limit=2", "limit is given twice"},
      {"bottlenecks", "limit=%zz", "cannot be decoded"},
      {"recommendations", "severity=bad", "is none of low, medium, high, critical"},
      {"trends", "days=9", "from 1 to 8"},
      {"worst", "limit=-1", "is no whole number"},
      {"summary", "a=b", "there are none here"},
      {"containers/calm", "a=b", "unknown parameter 'a'"}};
  for (const auto& [path, query, sentence] : cases) {
    const Reply reply = get("/api/v1/" + path, query);
    EXPECT_EQ(reply.code, 400) << path << "?" << query;
    EXPECT_THAT(reply.body, HasSubstr(sentence));
  }
  EXPECT_THAT(get("/api/v1/containers/clam").body, HasSubstr("did you mean \\\"calm\\\""));
}

TEST(UrlEncode, LeavesOnlyWhatIsSafe) {
  EXPECT_EQ(url_encode("a-b_c.d~9"), "a-b_c.d~9");
  EXPECT_EQ(url_encode("a b/c%\xff"), "a%20b%2Fc%25%FF");
  const auto back = url_decode(url_encode("a b/c%+&=\xff"), true);
  ASSERT_TRUE(back);
  EXPECT_EQ(*back, "a b/c%+&=\xff");
}

TEST(Ask, SaysWhyThereIsNoAnswer) {
  const auto nobody = ask_explanation({"http://127.0.0.1:1", "", "", ""}, "web");
  ASSERT_FALSE(nobody);
  EXPECT_THAT(nobody.error().message, HasSubstr("no exporter answers at http://127.0.0.1:1"));
  EXPECT_FALSE(ask_advice({"nonsense", "", "", ""}, ""));
}

}  // namespace
}  // namespace bottleneck
