// The host and the containers of a timeline: numbers that stand, grow and move, and the judge over them.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "exporter/pipeline.h"

namespace bottleneck {

/// What is wrong with a line.
struct Bad {
  std::string message;
};

/// "64Mi", "5%", "-" (absent); throws Bad.
double parse_value(std::string text);
/// "key=value"; throws Bad.
std::pair<std::string, std::string> split_word(const std::string& word);

/// Words are those of timeline.h; each throws Bad for one that makes no sense.
class Scene {
 public:
  Scene();
  void set_host(const std::string& word);
  void set_config(const std::string& word);
  void add_container(const std::vector<std::string>& words);
  void set(const std::string& word);
  /// A new cgroup of the container.
  void restart();
  void stop() { member().live = false; }
  /// Nothing is read for so long.
  void skip(double seconds) { now_ += seconds; }
  void advance(double seconds, double interval, const std::function<void()>& after_tick);

  /// Seconds since it began.
  [[nodiscard]] double now() const { return now_; }
  const Judgement& judgement();

 private:
  /// Where a number is.
  struct Target {
    std::function<double()> get;
    std::function<void(double)> set;
  };
  /// What a number does by itself.
  struct Motion {
    bool grows = false;
    std::function<double(double)> at;  ///< of the seconds since it was set
  };
  struct Moving {
    Motion motion;
    double since = 0;
    Target target;
  };

  Motion parse_motion(std::string text);
  template <class Where>
  static Target target_in(Where where, Field field);
  Target target_of(const std::string& key);
  Target extra_of(const std::string& key);
  Member& member();
  void move(const std::string& key, const std::string& value);

  ValidConfig config_;
  std::unique_ptr<Pipeline> pipeline_;
  bool is_v2_ = true;
  std::string driver_;
  HostValues host_;
  std::vector<HostDeviceSample> host_devices_;
  std::map<std::string, Member> members_;
  std::string name_;
  std::map<std::string, Moving> moving_;
  double now_ = 0;
  std::mt19937 random_{20240607};
};

}  // namespace bottleneck
