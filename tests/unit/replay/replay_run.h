// A series from its text to what is printed.
#pragma once

#include <unistd.h>

#include <cstdio>
#include <string>
#include <vector>

#include "exporter/replay/replay.h"

namespace bottleneck {

struct Replayed {
  int code = -1;
  std::vector<std::string> out;
  std::vector<std::string> complaints;
};

inline FileDescriptor file_of(const std::string& text) {
  std::FILE* file = std::tmpfile();
  std::fwrite(text.data(), 1, text.size(), file);
  std::fflush(file);
  std::rewind(file);
  const int fd = dup(fileno(file));
  std::fclose(file);
  lseek(fd, 0, SEEK_SET);
  return FileDescriptor(fd);
}

inline Replayed run(const std::string& text, ReplayOptions options = {}) {
  Replayed outcome;
  options.file = "f.csv";
  LineReader lines(file_of(text));
  outcome.code = replay(
      lines, ValidConfig(), options, [&](std::string_view line) { outcome.out.emplace_back(line); },
      [&](const std::string& line) { outcome.complaints.push_back(line); });
  return outcome;
}

inline std::string number(double value) {
  char text[64];
  std::snprintf(text, sizeof text, "%.9g", value);
  return text;
}

/// A container held by a quota: `d` of what it wants is taken.
inline std::string held_rows(double from, double to, double step, const std::string& name = "web") {
  std::string text;
  for (double t = from; t < to; t += step) {
    text += number(t) + "," + name + "," + number(0.5 * t) + "," + number(10 * t) + "," + number(8 * t) +
            "," + number(t / 3) + ",0.5,0\n";
  }
  return text;
}
inline constexpr const char* kHeldHeader =
    "time,container,cpu_usage,cpu_periods,cpu_throttled_periods,cpu_throttled,cpu_limit,pressure_cpu_some\n";

}  // namespace bottleneck
