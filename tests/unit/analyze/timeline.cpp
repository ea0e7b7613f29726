#include "tests/unit/analyze/timeline.h"

#include <cmath>
#include <fstream>
#include <set>
#include <sstream>

#include "tests/unit/analyze/timeline_scene.h"

namespace bottleneck {
namespace {

class Runner {
 public:
  explicit Runner(const std::string& path) : path_(path) {}

  std::vector<std::string> run() {
    std::ifstream file(path_);
    if (!file) return {path_ + ": cannot be read"};
    std::string text;
    while (std::getline(file, text)) {
      ++line_;
      try {
        take(text.substr(0, text.find('#')));
      } catch (const Bad& bad) {
        fail(bad.message);
      }
    }
    if (checks_ == 0) fail("expects nothing");
    return failures_;
  }

 private:
  void fail(const std::string& message) {
    const std::size_t slash = path_.rfind('/');
    failures_.push_back(path_.substr(slash + 1) + ":" + std::to_string(line_) + ": " + message);
  }

  void take(const std::string& text) {
    std::istringstream words(text);
    std::string verb;
    if (!(words >> verb)) return;
    std::vector<std::string> rest;
    for (std::string word; words >> word;) rest.push_back(word);
    if (verb == "host") {
      for (const std::string& word : rest) scene_.set_host(word);
    } else if (verb == "config") {
      for (const std::string& word : rest) scene_.set_config(word);
    } else if (verb == "container") {
      scene_.add_container(rest);
    } else if (verb == "set") {
      for (const std::string& word : rest) scene_.set(word);
    } else if (verb == "run") {
      scene_.advance(parse_value(rest.at(0)), rest.size() > 2 ? parse_value(rest[2]) : 1,
                     [this] { check_never(); });
    } else if (verb == "gone") {
      scene_.skip(parse_value(rest.at(0)));
    } else if (verb == "restart") {
      scene_.restart();
    } else if (verb == "stop") {
      scene_.stop();
    } else if (verb == "never") {
      never_.insert(advice(rest.at(0)));
      ++checks_;
    } else if (verb == "expect" || verb == "silent" || verb == "cleared" || verb == "unchanging") {
      check(verb, rest);
    } else {
      throw Bad{"unknown word " + verb};
    }
  }

  void check_never() {
    for (const AdviceId id : never_) {
      const Finding* finding = scene_.judgement().find(id);
      if (finding == nullptr || !finding->active()) continue;
      fail("given after " + std::to_string(scene_.now()) + " s: " + std::string(info_of(id).name));
      never_.clear();
      break;
    }
  }

  static AdviceId advice(const std::string& name) {
    const AdviceId id = advice_of(name);
    if (id == AdviceId::kCount) throw Bad{"no recommendation " + name};
    return id;
  }

  void check(const std::string& verb, const std::vector<std::string>& rest) {
    ++checks_;
    if (verb == "expect" && rest.at(0).find_first_of("=<>") != std::string::npos) {
      for (const std::string& word : rest) check_number(word);
      return;
    }
    const AdviceId id = advice(rest.at(0));
    const Finding* finding = scene_.judgement().find(id);
    const bool given = finding != nullptr && finding->active();
    if (verb == "silent") {
      if (given) fail(rest[0] + " is given: " + finding->text->description);
    } else if (verb == "cleared") {
      if (finding == nullptr || given) fail(rest[0] + (given ? " is still given" : " was never given"));
    } else if (!given) {
      fail(rest[0] + " is not given; " + summary());
    } else if (verb == "unchanging") {
      if (!finding->text->changes.empty()) fail(rest[0] + " offers " + finding->text->change);
    } else {
      const std::string wanted = rest.size() > 1 ? rest[1] : "any";
      if (wanted != "any" && wanted != name_of(finding->severity)) {
        fail(rest[0] + " is " + std::string(name_of(finding->severity)) + ", not " + wanted);
      }
      if (std::getenv("SHOW_TIMELINES") != nullptr && finding->text != nullptr) {
        std::printf("%s %s: %s\n  -> %s\n  clears: %s\n", rest[0].c_str(), name_of(finding->severity).data(),
                    finding->text->description.c_str(), finding->text->suggestion.c_str(),
                    finding->text->clears.c_str());
        for (const Change& change : finding->text->changes)
          std::printf("  %s: %s | undo: %s\n", change.target.data(), change.apply.c_str(),
                      change.undo.c_str());
      }
      if (finding->text == nullptr || finding->text->description.empty() ||
          finding->text->suggestion.empty() || finding->text->clears.empty()) {
        fail(rest[0] + " has no words");
      } else if (finding->text->description.find("unknown") != std::string::npos) {
        fail(rest[0] + " shows a number that is not there: " + finding->text->description);
      }
    }
  }

  std::string summary() {
    std::string text = "category " + std::string(name_of(scene_.judgement().category));
    for (std::size_t i = 0; i < kResourceCount; ++i) {
      text += ", " + std::string(name_of(static_cast<Resource>(i))) + " " +
              std::to_string(scene_.judgement().resources[i].score);
    }
    return text;
  }

  void check_number(const std::string& word) {
    const std::size_t at = word.find_first_of("=<>");
    const std::string key = word.substr(0, at);
    std::size_t end = at + 1;
    if (end < word.size() && word[end] == '=') ++end;
    const std::string sign = word.substr(at, end - at);
    const std::string wanted = word.substr(end);
    const Judgement& out = scene_.judgement();
    if (key == "category") {
      if (name_of(out.category) != wanted) fail("category is not " + wanted + "; " + summary());
      return;
    }
    if (key == "band") {
      if (name_of(out.band) != wanted) fail("band is " + std::string(name_of(out.band)));
      return;
    }
    double value = kAbsent;
    if (key == "overall") value = static_cast<double>(out.overall);
    if (key == "confidence") value = static_cast<double>(out.confidence);
    if (key == "cpu_size") value = out.cpu_size.recommended;
    if (key == "memory_size") value = out.memory_size.recommended;
    for (std::size_t i = 0; i < kResourceCount; ++i) {
      if (name_of(static_cast<Resource>(i)) == key) value = static_cast<double>(out.resources[i].score);
    }
    for (std::size_t i = 0; i < kSignalCount; ++i) {
      if (info_of(static_cast<Signal>(i)).name == key) value = static_cast<double>(out.signals[i].value);
    }
    const double bound = parse_value(wanted);
    const bool holds = sign == ">="  ? value >= bound
                       : sign == "<" ? value < bound
                                     : std::abs(value - bound) < 0.005;
    if (!holds) fail(word + " does not hold: " + std::to_string(value) + "; " + summary());
  }

  std::string path_;
  int line_ = 0;
  int checks_ = 0;
  std::vector<std::string> failures_;
  Scene scene_;
  std::set<AdviceId> never_;
};

}  // namespace

std::vector<std::string> run_timeline(const std::string& path) { return Runner(path).run(); }

}  // namespace bottleneck
