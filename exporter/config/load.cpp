#include "exporter/config/load.h"

#include <map>

#include "exporter/config/checks.h"
#include "exporter/config/schema.h"
#include "exporter/config/suggest.h"
#include "exporter/config/yaml.h"

namespace bottleneck {
namespace {

constexpr std::size_t kMaxErrors = 50;

class Loader {
 public:
  explicit Loader(const ConfigInputs& inputs) : inputs_(inputs) {}

  LoadOutcome run() {
    if (!inputs_.file.empty()) take_file();
    take_flags();
    resolve();
    check_together();
    LoadOutcome outcome;
    outcome.errors = std::move(errors_);
    if (outcome.errors.empty()) outcome.config = std::move(config_);
    return outcome;
  }

 private:
  void fail(const std::string& where, const std::string& message) {
    if (errors_.size() < kMaxErrors) errors_.push_back(where + ": " + message);
    if (errors_.size() == kMaxErrors) errors_.push_back("... and more; mend these first");
  }

  void take_file() {
    const Result<YamlNode> root = read_yaml(inputs_.file);
    if (!root) {
      errors_.push_back(root.error().message);
    } else if (root->kind == YamlNode::Kind::kMap) {
      take_section("", *root);
    } else if (root->kind != YamlNode::Kind::kNull) {
      fail(yaml_position(inputs_.file, *root), "expected sections like \"web:\"");
    }
  }

  void take_section(const std::string& prefix, const YamlNode& section) {
    for (const auto& [name, value] : section.entries) {
      if (errors_.size() > kMaxErrors) return;
      const std::string key = prefix + name.text;
      const std::string where = yaml_position(inputs_.file, name) + ": " + (is_plain(key) ? key : shown(key));
      if (const SchemaRow* row = row_of(key)) {
        take_value(*row, value, yaml_position(inputs_.file, value) + ": " + key);
      } else if (!is_section(key + ".")) {
        fail(where, "unknown key" + suggest_key(key));
      } else if (value.kind == YamlNode::Kind::kMap) {
        take_section(key + ".", value);
      } else if (value.kind != YamlNode::Kind::kNull) {
        fail(where, "expected a section with keys below it");
      }
    }
  }

  void take_value(const SchemaRow& row, const YamlNode& value, const std::string& where) {
    std::vector<std::string> items;
    if (value.kind == YamlNode::Kind::kNull)
      return fail(where, "has no value; leave the key out for its default");
    if (value.kind == YamlNode::Kind::kMap) return fail(where, "expected a value, not keys below it");
    if (value.kind == YamlNode::Kind::kScalar) items.push_back(value.text);
    for (const YamlNode& item : value.items) {
      if (item.kind != YamlNode::Kind::kScalar) return fail(where, "expected a list of texts");
      items.push_back(item.text);
    }
    store(row, items, where);
  }

  /// A flag given once or more replaces what the file said; a list takes them all.
  void take_flags() {
    std::map<std::string, std::vector<std::string>> given;
    for (const FlagValue& flag : inputs_.flags) given[flag.flag].push_back(flag.value);
    for (const SchemaRow& row : schema()) {
      const auto found = row.flag.empty() ? given.end() : given.find(row.flag);
      if (found == given.end()) continue;
      std::vector<std::string>& values = found->second;
      ValidConfig scratch;
      const bool is_list = std::holds_alternative<std::vector<std::string>*>(row.slot(scratch));
      if (!is_list) values = {values.back()};
      if (is_list && values.size() == 1 && values.front().empty()) values.clear();
      store(row, values, row.flag);
      given.erase(found);
    }
    for (const auto& [flag, values] : given) fail(flag, "unknown flag");
  }

  void store(const SchemaRow& row, const std::vector<std::string>& items, const std::string& where) {
    const std::string wrong = store_value(row, items, config_);
    if (!wrong.empty()) fail(where, wrong);
    where_[row.key] = where;
  }

  void resolve() {
    if (config_.paths.cgroupfs.empty()) config_.paths.cgroupfs = join_path(config_.paths.sysfs, "fs/cgroup");
    std::vector<std::string> hosts;
    for (const std::string& host : config_.engine.hosts) {
      if (host != "auto") {
        hosts.push_back(host);
      } else if (inputs_.docker_host.empty()) {
        for (const char* socket : {"/var/run/docker.sock", "/run/podman/podman.sock"}) {
          if (inputs_.exists(socket)) hosts.push_back(std::string("unix://") + socket);
        }
      } else if (const std::string wrong = check_docker_host(inputs_.docker_host); !wrong.empty()) {
        fail("DOCKER_HOST", wrong + ", not " + shown(inputs_.docker_host));
      } else {
        hosts.push_back(inputs_.docker_host);
      }
    }
    config_.engine.hosts = std::move(hosts);
  }

  /// What no key can know alone.
  void check_together() {
    const SamplingConfig& sampling = config_.sampling;
    if (sampling.detail_seconds < sampling.pulse_seconds) {
      fail_at("sampling.detail_seconds", "expected at least sampling.pulse_seconds");
    }
    if (sampling.limits_seconds < sampling.detail_seconds) {
      fail_at("sampling.limits_seconds", "expected at least sampling.detail_seconds");
    }
    if (config_.engine.tls_cert.empty() != config_.engine.tls_key.empty()) {
      fail_at(config_.engine.tls_cert.empty() ? "docker.tls_key" : "docker.tls_cert",
              "expected docker.tls_cert and docker.tls_key together");
    }
    if (config_.web.listen_addresses.empty())
      fail_at("web.listen_addresses", "expected at least one address");
    check_order("_low", "_high");
    check_order("_out", "_in");
    check_order("_medium", "_high");
    check_order("_high", "_critical");
  }

  /// Of two keys that differ in their ending the first is to be less: a ramp has to rise, and a condition
  /// that ends before it begins would flicker.
  void check_order(std::string_view lesser, std::string_view greater) {
    for (const SchemaRow& row : schema()) {
      if (!row.key.ends_with(lesser) || row.key.starts_with("log.")) continue;
      const std::string other = row.key.substr(0, row.key.size() - lesser.size()) + std::string(greater);
      const SchemaRow* above = row_of(other);
      if (above == nullptr) continue;
      const Slot one = row.slot(config_);
      const Slot two = above->slot(config_);
      if (!std::holds_alternative<double*>(one) || !std::holds_alternative<double*>(two)) continue;
      if (*std::get<double*>(one) >= *std::get<double*>(two)) {
        const bool given = where_.contains(row.key);
        fail_at(given ? row.key : other,
                given ? "expected less than " + other : "expected more than " + row.key);
      }
    }
  }

  void fail_at(const std::string& key, const std::string& message) {
    const auto found = where_.find(key);
    fail(found == where_.end() ? key : found->second, message);
  }

  static const SchemaRow* row_of(const std::string& key) {
    for (const SchemaRow& row : schema()) {
      if (row.key == key) return &row;
    }
    return nullptr;
  }

  /// Fit for a message as it is.
  static bool is_plain(const std::string& key) {
    constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
    return key.size() <= 100 && key.find_first_not_of(kPlain) == std::string::npos;
  }

  static bool is_section(const std::string& prefix) {
    for (const SchemaRow& row : schema()) {
      if (row.key.starts_with(prefix)) return true;
    }
    return false;
  }

  /// The nearest key or section; for a part of a key ("profile", "sampling.cpu_budget") the whole.
  static std::string suggest_key(const std::string& key) {
    std::vector<std::string_view> known;
    for (const SchemaRow& row : schema()) {
      known.push_back(row.key);
      known.push_back(std::string_view(row.key).substr(0, row.key.find('.')));
      if (row.key.ends_with("." + key) || row.key.starts_with(key + "_"))
        return ", did you mean \"" + row.key + "\"?";
    }
    return did_you_mean(key, known);
  }

  const ConfigInputs& inputs_;
  ValidConfig config_ = default_config();
  std::map<std::string, std::string> where_;  ///< of each key that was given
  std::vector<std::string> errors_;
};

}  // namespace

LoadOutcome load_config(const ConfigInputs& inputs) { return Loader(inputs).run(); }

}  // namespace bottleneck
