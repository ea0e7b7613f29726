#include "exporter/standalone.h"

#include <chrono>
#include <thread>

#include "exporter/api.h"
#include "exporter/config/suggest.h"
#include "exporter/running.h"

namespace bottleneck {

Result<std::string> answer_here(ValidConfig config, SelfMetrics& self, double seconds,
                                const std::string& container, bool advice) {
  config.storage.path.clear();  // it is the running exporter's
  Running running(self);
  if (const Status started = running.replace(config); !started) return started.error();
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  const Sources sources = running.sources();
  const std::optional<ApiView> view = api_sources(sources, self).fleet();
  if (!view) return Error{ErrorCode::kTimeout, "no sample could be taken"};
  const ContainerView* found = find_container(view->fleet, container);
  if (found == nullptr && (!advice || !container.empty()))
    return Error{ErrorCode::kGone, "no container is called " + shown(container) + " here"};
  if (!advice) return container_answer(view->fleet, *found);
  RecommendationFilter filter;
  filter.container = container;
  return recommendations_answer(view->fleet, filter);
}

}  // namespace bottleneck
