#include "exporter/model/explain.h"

#include <array>
#include <charconv>
#include <cmath>

namespace bottleneck {
namespace {

/// Three significant digits.
std::string shown(double value) {
  if (std::isnan(value)) return "unknown";
  if (std::isinf(value)) return "never";
  std::array<char, 64> buffer{};
  const auto end =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::general, 3);
  return {buffer.data(), end.ptr};
}
std::string shown(float value) { return shown(static_cast<double>(value)); }

std::string factor_text(const Term& term) {
  return term.factor == 1 ? std::string() : shown(term.factor) + " ";
}

std::string formula_text(const Term& term, std::string_view name, float value) {
  const std::string x(name);
  const std::string bounds = "; " + shown(term.low) + ", " + shown(term.high) + ")";
  const std::string result = " = " + shown(value);
  switch (term.shape) {
    case Shape::kLog:
      return factor_text(term) + "L(" + x + bounds + " = " + factor_text(term) + "L(" + shown(term.x) +
             bounds + result;
    case Shape::kLinear:
      return factor_text(term) + "R(" + x + bounds + " = " + factor_text(term) + "R(" + shown(term.x) +
             bounds + result;
    case Shape::kStep:
      return x + " >= " + shown(term.low) + " ? " + shown(term.factor) + " : 0, " + x + " = " +
             shown(term.x) + result;
    case Shape::kFade:
      return "1 while " + x + " <= " + shown(term.low) + ", falling to " + shown(term.factor) + " at " +
             shown(term.high) + ", then 0; " + x + " = " + shown(term.x) + result;
    case Shape::kNothing:
      return is_present(term.x) ? "0: " + x + " = " + shown(term.x) + " does not count here" : std::string();
  }
  return {};
}

}  // namespace

std::string_view name_of(InputUnit unit) {
  static constexpr std::array<std::string_view, 8> kNames = {
      "ratio", "cores", "bytes", "bytes_per_second", "per_second", "per_hour", "seconds", "count"};
  return kNames[static_cast<std::size_t>(unit)];
}

Explanation explain(Signal signal, const SignalReading& reading, double threshold) {
  const SignalInfo& info = info_of(signal);
  Explanation out;
  out.signal = info.name;
  out.resource = name_of(info.resource);
  out.title = info.title;
  out.threshold = threshold;
  for (std::size_t i = 0; i < kSignalInputs; ++i) {
    if (info.inputs[i].name.empty() || !is_present(reading.inputs[i])) continue;
    out.inputs.push_back({info.inputs[i].name, info.inputs[i].text, static_cast<double>(reading.inputs[i]),
                          info.inputs[i].unit});
  }
  if (!is_present(reading.value)) return out;
  out.value = static_cast<double>(reading.value);
  out.source = name_of(reading.kind);
  out.quality = static_cast<double>(reading.quality);
  const std::string_view input = info.inputs[reading.term.input].name;
  out.formula = formula_text(reading.term, input, reading.value);
  if (!(out.value >= threshold)) return out;
  const float x = x_for(reading.term, static_cast<float>(threshold));
  if (!is_present(x)) return out;
  out.input_at_threshold = static_cast<double>(x);
  const bool fades = reading.term.shape == Shape::kFade;  // a kill grows old, the time to a limit grows long
  out.clears = std::string(input) + (fades ? " above " : " below ") + shown(x);
  return out;
}

}  // namespace bottleneck
