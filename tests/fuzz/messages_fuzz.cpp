// What runtimes, browsers, scrapers and people write: answers of engines, files of runtimes, HTTP,
// configuration, kept state.
#include <sys/mman.h>
#include <unistd.h>

#include <string>
#include <string_view>

#include "exporter/analyze/budgets.h"
#include "exporter/base/kernel_log.h"
#include "exporter/config/load.h"
#include "exporter/config/yaml.h"
#include "exporter/discover/disk_names.h"
#include "exporter/discover/engine/engine_json.h"
#include "exporter/discover/events/oom_line.h"
#include "exporter/discover/json_text.h"
#include "exporter/discover/runtimes.h"
#include "exporter/expose/http_message.h"
#include "exporter/expose/web_config.h"
#include "exporter/window/demand_store.h"
#include "tests/fuzz/fuzz_table.h"

namespace bottleneck {
namespace {

const LabelOptions kLabels{{"team", "com.example.*"}, "team"};

/// A file with that text, for what reads files only.
class TextFile {
 public:
  explicit TextFile(std::string_view text) : descriptor_(memfd_create("fuzz", 0)) {
    if (write(descriptor_, text.data(), text.size()) != static_cast<ssize_t>(text.size())) _exit(1);
    path_ = "/proc/self/fd/" + std::to_string(descriptor_);
  }
  TextFile(const TextFile&) = delete;
  TextFile& operator=(const TextFile&) = delete;
  ~TextFile() { close(descriptor_); }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  int descriptor_;
  std::string path_;
};

void fuzz_config(std::string_view text) {
  const TextFile file(text);
  ConfigInputs inputs;
  inputs.file = file.path();
  ignore(load_config(inputs));
}

void fuzz_web_file(std::string_view text) {
  const TextFile file(text);
  ignore(load_web_file(file.path()));
}

void fuzz_demand(std::string_view text) {
  DemandStore store{StorageConfig{}};
  if (store.parse(text)) ignore(store.serialise());
}

constexpr FuzzRow kRows[] = {
    {"parse_engine_version", [](std::string_view text) { ignore(parse_engine_version(text)); }},
    {"parse_image_inspect", [](std::string_view text) { ignore(parse_image_inspect(text)); }},
    {"parse_engine_info", [](std::string_view text) { ignore(parse_engine_info(text)); }},
    {"parse_container_list", [](std::string_view text) { ignore(parse_container_list(text, kLabels)); }},
    {"parse_container_inspect",
     [](std::string_view text) { ignore(parse_container_inspect(text, kLabels)); }},
    {"parse_docker_config", [](std::string_view text) { ignore(parse_docker_config(text, kLabels)); }},
    {"parse_engine_event", [](std::string_view text) { ignore(parse_engine_event(text, kLabels)); }},
    {"parse_run_state", [](std::string_view text) { ignore(parse_run_state(text)); }},
    {"parse_health", [](std::string_view text) { ignore(parse_health(text)); }},
    {"parse_podman_containers",
     [](std::string_view text) { ignore(parse_podman_containers(text, kLabels)); }},
    {"parse_containerd_bundle",
     [](std::string_view text) { ignore(parse_containerd_bundle(text, "0123456789ab", kLabels)); }},
    {"parse_kubernetes_log_name", [](std::string_view text) { ignore(parse_kubernetes_log_name(text)); }},
    {"parse_docker_data_root", [](std::string_view text) { ignore(parse_docker_data_root(text)); }},
    {"parse_json", [](std::string_view text) { ignore(parse_json(text)); }},
    {"parse_rfc3339", [](std::string_view text) { ignore(parse_rfc3339(text)); }},
    {"parse_oom_line", [](std::string_view text) { ignore(parse_oom_line(text)); }},
    {"parse_kernel_record", [](std::string_view text) { ignore(parse_kernel_record(text)); }},
    {"parse_budget", [](std::string_view text) { ignore(parse_budget(text)); }},
    {"recognise_path", [](std::string_view text) { ignore(recognise_path(text)); }},
    {"unescape_unit", [](std::string_view text) { ignore(unescape_unit(text)); }},
    {"negotiate_format", [](std::string_view text) { ignore(negotiate_format(text)); }},
    {"accepts_gzip", [](std::string_view text) { ignore(accepts_gzip(text)); }},
    {"parse_query", [](std::string_view text) { ignore(parse_query(text)); }},
    {"base64_decode", [](std::string_view text) { ignore(base64_decode(text)); }},
    {"html_escape", [](std::string_view text) { ignore(html_escape(text)); }},
    {"parse_yaml", [](std::string_view text) { ignore(parse_yaml(std::string(text), "file")); }},
    {"load_config", fuzz_config},
    {"load_web_file", fuzz_web_file},
    {"demand_store", fuzz_demand},
};

}  // namespace
}  // namespace bottleneck

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return bottleneck::run_fuzz_row(bottleneck::kRows, data, size);
}
