#include "exporter/discover/runtimes.h"

#include <array>
#include <limits>

#include "exporter/base/text.h"

namespace bottleneck {
namespace {

// The first row that fits wins. What looks alike and is no container has no row: libpod-conmon-<id>.scope and
// crio-conmon-<id>.scope (monitors), lxc.monitor.<name>, <scope>/init and <scope>/init.scope (an init
// inside).
constexpr std::array kRules = {
    PathRule{Runtime::kDocker, "docker-<id>.scope", true},
    PathRule{Runtime::kPodman, "libpod-<id>.scope", true},
    PathRule{Runtime::kPodman, "libpod-<id>"},          // cgroupfs manager: /libpod_parent/...
    PathRule{Runtime::kPodman, "libpod-payload-<id>"},  // --cgroups=split, below a unit
    PathRule{Runtime::kContainerd, "cri-containerd-<id>.scope", true},
    PathRule{Runtime::kCrio, "crio-<id>.scope", true},
    PathRule{Runtime::kCrio, "crio-<id>"},
    PathRule{Runtime::kNerdctl, "nerdctl-<id>.scope", true},
    // A runtime that was given a systemd path and manages cgroupfs makes one directory of "slice:prefix:id".
    PathRule{Runtime::kDocker, "<any>:docker:<id>"},
    PathRule{Runtime::kContainerd, "<any>:cri-containerd:<id>"},
    PathRule{Runtime::kCrio, "<any>:crio:<id>"},
    PathRule{Runtime::kPodman, "<any>:libpod:<id>"},
    PathRule{Runtime::kNerdctl, "<any>:nerdctl:<id>"},
    // The path is the same for every CRI runtime: an engine that knows the id corrects it.
    PathRule{Runtime::kContainerd, "kubepods/<any>/pod<any>/<id>"},
    PathRule{Runtime::kContainerd, "kubepods/pod<any>/<id>"},
    PathRule{Runtime::kEcs, "ecs/<any>/<id>"},
    PathRule{Runtime::kNerdctl, "/default/<id>"},  // containerd's namespace is the parent
    PathRule{Runtime::kDocker, "docker/<id>"},
    PathRule{Runtime::kDocker, "<any>/<id>"},  // --cgroup-parent
    PathRule{Runtime::kDocker, "/<id>"},       // --cgroup-parent=/
    PathRule{Runtime::kLxc, "lxc.payload.<name>"},
    PathRule{Runtime::kLxc, "lxc.payload/<name>"},
    PathRule{Runtime::kLxc, "lxc/<name>"},
    PathRule{Runtime::kNspawn, "machine.slice/systemd-nspawn@<name>.service"},
    PathRule{Runtime::kNspawn, "machine.slice/machine-<name>.scope"},
    PathRule{Runtime::kNspawn, "machine.slice/<name>.service"},
};

constexpr std::size_t kIdLength = 64;
// Registered with machined like nspawn's, but virtual machines.
constexpr std::string_view kVirtualMachine = "qemu\\x2d";

bool fits_placeholder(std::string_view placeholder, std::string_view text) {
  if (placeholder == "<id>") return text.size() == kIdLength && is_hex(text);
  return !text.empty();
}

/// Matches one component; `captured` gets the text of <id> or <name>.
bool fits_component(std::string_view pattern, std::string_view text, std::string_view& captured) {
  const std::size_t open = pattern.find('<');
  if (open == std::string_view::npos) return pattern == text;
  const std::size_t close = pattern.find('>', open);
  const std::string_view prefix = pattern.substr(0, open);
  const std::string_view placeholder = pattern.substr(open, close + 1 - open);
  std::string_view rest = pattern.substr(close + 1);
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  if (rest.find('<') != std::string_view::npos) {
    // "<any>:docker:<id>": the text after the last occurrence of the literal between is the second
    // placeholder's.
    const std::string_view literal = rest.substr(0, rest.find('<'));
    const std::size_t at = text.rfind(literal);
    if (at == std::string_view::npos || at == 0) return false;
    return fits_component(rest, text.substr(at), captured);
  }
  if (!text.ends_with(rest) || text.size() <= rest.size()) return false;
  text.remove_suffix(rest.size());
  if (!fits_placeholder(placeholder, text)) return false;
  if (placeholder != "<any>") captured = text;
  return true;
}

std::string_view take_last(std::string_view& path) {
  const std::size_t slash = path.rfind('/');
  const std::string_view last = slash == std::string_view::npos ? path : path.substr(slash + 1);
  path = slash == std::string_view::npos ? std::string_view{} : path.substr(0, slash);
  return last;
}

bool fits(std::string_view pattern, std::string_view path, std::string_view& captured) {
  const bool whole = pattern.starts_with('/');
  if (whole) pattern.remove_prefix(1);
  if (path.starts_with('/')) path.remove_prefix(1);
  while (!pattern.empty()) {
    const std::string_view text = take_last(path);
    if (!fits_component(take_last(pattern), text, captured)) return false;
  }
  return !whole || path.empty();
}

bool is_virtual_machine(const PathRule& rule, std::string_view name) {
  return rule.runtime == Runtime::kNspawn && name.starts_with(kVirtualMachine);
}

}  // namespace

std::span<const PathRule> path_rules() { return kRules; }

std::optional<PathMatch> recognise_path(std::string_view path) {
  for (const PathRule& rule : kRules) {
    std::string_view captured;
    if (!fits(rule.pattern, path, captured) || is_virtual_machine(rule, captured)) continue;
    PathMatch match{.runtime = rule.runtime,
                    .id = rule.runtime == Runtime::kNspawn ? unescape_unit(captured) : std::string(captured),
                    .pod_uid = pod_uid_of_path(path),
                    .owner = owner_of_path(path),
                    .rule = &rule};
    return match;
  }
  return std::nullopt;
}

unsigned owner_of_path(std::string_view path) {
  constexpr std::string_view kStart = "/user-";
  constexpr std::string_view kEnd = ".slice";
  for (std::size_t at = path.find(kStart); at != std::string_view::npos; at = path.find(kStart, at + 1)) {
    const std::string_view rest = path.substr(at + kStart.size());
    const std::string_view component = rest.substr(0, rest.find('/'));
    if (!component.ends_with(kEnd)) continue;
    const auto uid = parse_u64(component.substr(0, component.size() - kEnd.size()));
    if (uid && *uid <= std::numeric_limits<unsigned>::max()) return static_cast<unsigned>(*uid);
  }
  return 0;
}

std::string pod_uid_of_path(std::string_view path) {
  // 8-4-4-4-12 with '-' or, in slices, '_'; pods from files on the node have 32 digits without any.
  constexpr std::size_t kShortest = 32;
  constexpr std::size_t kLongest = 36;
  constexpr std::string_view kDigits = "0123456789abcdef-_";
  while (!path.empty()) {
    std::string_view component = take_last(path);
    if (const std::size_t colon = component.find(':'); colon != std::string_view::npos) {
      component = component.substr(0, colon);
    }
    if (component.ends_with(".slice")) component.remove_suffix(6);
    const std::size_t at = component.rfind("pod");
    if (at == std::string_view::npos || (at > 0 && component[at - 1] != '-')) continue;
    const std::string_view uid = component.substr(at + 3);
    if (uid.size() < kShortest || uid.size() > kLongest) continue;
    if (uid.find_first_not_of(kDigits) != std::string_view::npos) continue;
    std::string text(uid);
    for (char& c : text) {
      if (c == '_') c = '-';
    }
    return text;
  }
  return {};
}

std::string unescape_unit(std::string_view text) {
  const auto digit = [](char c) -> int {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
  };
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 3 < text.size() && text[i + 1] == 'x' && digit(text[i + 2]) >= 0 &&
        digit(text[i + 3]) >= 0) {
      out += static_cast<char>(digit(text[i + 2]) * 16 + digit(text[i + 3]));
      i += 3;
    } else {
      out += text[i];
    }
  }
  return out;
}

}  // namespace bottleneck
