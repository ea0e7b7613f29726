#include "exporter/api.h"

#include <array>
#include <utility>

#include "exporter/api_query.h"
#include "exporter/config/suggest.h"

namespace bottleneck {
namespace {

constexpr std::string_view kBase = "/api/v1/";
constexpr std::uint64_t kMostRows = 10'000;

void answer_json(HttpResponse& response, std::string_view json) {
  response.content_type = "application/json";
  response.headers.emplace_back("Cache-Control", "no-store");
  response.body.append(json);
}

void fail(HttpResponse& response, int code, std::string_view sentence) {
  response.code = code;
  answer_json(response, dump({{"error", sentence}}));
}

using Parameters = std::vector<std::string_view>;
/// Fills the answer or returns what is wrong with the query.
using Answer = std::function<Result<std::string>(const ApiQuery&, const ApiView&)>;

HttpHandler handler(const ApiSources& sources, Parameters known, Answer answer) {
  return [fleet = sources.fleet, known = std::move(known), answer = std::move(answer)](
             const HttpRequest& request, HttpResponse& response) {
    const auto query = ApiQuery::parse(request.query, known);
    if (!query) return fail(response, 400, query.error().message);
    const std::optional<ApiView> view = fleet();
    if (!view) return fail(response, 503, "no sample yet");
    const Result<std::string> text = answer(*query, *view);
    if (!text)
      return fail(response, text.error().code == ErrorCode::kTimeout ? 503 : 400, text.error().message);
    answer_json(response, *text);
  };
}

Result<std::string> bottlenecks(const ApiQuery& query, const ApiView& view) {
  BottleneckFilter filter;
  std::uint64_t limit = filter.limit;
  if (const Status taken = query.take_number("threshold", 0, 1, filter.threshold); !taken)
    return taken.error();
  if (const Status taken = query.take_count("limit", 1, kMostRows, limit); !taken) return taken.error();
  filter.limit = limit;
  if (const std::string* name = query.find("resource")) {
    filter.resource = resource_named(*name);
    if (!filter.resource)
      return Error{ErrorCode::kInvalid,
                   "resource: " + shown(*name) + " is none of cpu, memory, io, network, pids, lifecycle"};
  }
  return bottlenecks_answer(view.fleet, filter);
}

Result<std::string> recommendations(const ApiQuery& query, const ApiView& view) {
  RecommendationFilter filter;
  if (const std::string* name = query.find("container")) filter.container = *name;
  if (const std::string* name = query.find("severity")) {
    const auto least = severity_named(*name);
    if (!least)
      return Error{ErrorCode::kInvalid,
                   "severity: " + shown(*name) + " is none of low, medium, high, critical"};
    filter.least = *least;
  }
  return recommendations_answer(view.fleet, filter);
}

Result<std::string> worst(const ApiQuery& query, const ApiView& view) {
  std::uint64_t limit = 10;
  if (const Status taken = query.take_count("limit", 1, kMostRows, limit); !taken) return taken.error();
  return worst_answer(view.fleet, limit);
}

Result<std::string> trends(const ApiSources& sources, const ApiQuery& query, const ApiView& view) {
  std::uint64_t days = 1;
  if (const Status taken = query.take_count("days", 1, kMostTrendDays, days); !taken) return taken.error();
  const auto views = sources.trends ? sources.trends() : nullptr;
  if (views == nullptr) return Error{ErrorCode::kTimeout, "no distributions yet"};
  return trends_answer(*views, static_cast<int>(days), view.fleet.unix_seconds);
}

void one_container(const ApiSources& sources, const HttpRequest& request, HttpResponse& response) {
  const auto query = ApiQuery::parse(request.query, {});
  if (!query) return fail(response, 400, query.error().message);
  const std::optional<ApiView> view = sources.fleet();
  if (!view) return fail(response, 503, "no sample yet");
  const std::string_view name = request.path.substr(kBase.size() + std::string_view("containers/").size());
  const ContainerView* container = find_container(view->fleet, name);
  if (container != nullptr) return answer_json(response, container_answer(view->fleet, *container));
  std::vector<std::string_view> names;
  for (const ContainerView& other : view->fleet.containers) names.push_back(other.identity->name);
  fail(response, 404, "no container is called " + shown(name) + did_you_mean(name, names));
}

std::string_view state_of(const ContainerValues& values) {
  static constexpr std::array<std::pair<Field, std::string_view>, 6> kStates = {
      {{Field::state_created, "created"},
       {Field::state_running, "running"},
       {Field::state_paused, "paused"},
       {Field::state_restarting, "restarting"},
       {Field::state_exited, "exited"},
       {Field::state_dead, "dead"}}};
  for (const auto& [field, name] : kStates) {
    if (values.get(field) == 1) return name;
  }
  return {};
}

/// Null for one that was never judged.
const Judgement* judgement_of(const ContainerSnapshot& container) {
  return container.judgement.unix_seconds > 0 ? &container.judgement : nullptr;
}

}  // namespace

ApiSources api_sources(const Sources& sources, const SelfMetrics& self) {
  ApiSources api;
  api.fleet = [&sources, &self]() -> std::optional<ApiView> {
    const std::shared_ptr<const Snapshot> snapshot =
        sources.snapshot(true);  // none is made while nobody asks
    if (!snapshot) return std::nullopt;
    ApiView view{{}, snapshot};
    view.fleet.unix_seconds = snapshot->unix_seconds;
    view.fleet.parameters = sources.config()->judgement;
    for (SelfMetrics::RequestMean& mean : self.docker_request_means())
      view.fleet.engine_calls.push_back({std::move(mean.endpoint), mean.seconds});
    view.fleet.containers.reserve(snapshot->container_count);
    for (std::size_t i = 0; i < snapshot->container_count; ++i) {
      const ContainerSnapshot& container = snapshot->containers[i];
      const ContainerValues& values = container.sample.values;
      view.fleet.containers.push_back({container.identity.get(), judgement_of(container), state_of(values),
                                       values.get(Field::start_time), values.get(Field::startup)});
    }
    return view;
  };
  return api;
}

std::vector<Route> make_api_routes(const ApiSources& sources) {
  const std::string base(kBase);
  const auto list = [](std::string (*answer)(const FleetView&)) {
    return [answer](const ApiQuery&, const ApiView& view) { return Result<std::string>(answer(view.fleet)); };
  };
  return {
      {base + "containers", "api_containers", handler(sources, {}, list(containers_answer))},
      {base + "containers/", "api_container",
       [sources](const auto& request, auto& response) { one_container(sources, request, response); }},
      {base + "bottlenecks", "api_bottlenecks",
       handler(sources, {"threshold", "limit", "resource"}, bottlenecks)},
      {base + "recommendations", "api_recommendations",
       handler(sources, {"container", "severity"}, recommendations)},
      {base + "summary", "api_summary", handler(sources, {}, list(summary_answer))},
      {base + "worst", "api_worst", handler(sources, {"limit"}, worst)},
      {base + "trends", "api_trends",
       handler(
           sources, {"days"},
           [sources](const ApiQuery& query, const ApiView& view) { return trends(sources, query, view); })},
  };
}

}  // namespace bottleneck
