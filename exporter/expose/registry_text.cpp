#include "exporter/expose/registry_text.h"

#include "exporter/expose/families.h"

namespace bottleneck {
namespace {

/// `name_suffix{labels,le="..."} value`
void append_sample(TextBuffer& out, std::string_view name, std::string_view suffix,
                   const std::vector<prometheus::ClientMetric::Label>& labels, const double* bound,
                   double value) {
  out.append(name);
  out.append(suffix);
  char before = '{';
  for (const auto& label : labels) {
    out.append(before);
    append_label(out, label.name, label.value);
    before = ',';
  }
  if (bound != nullptr) {
    out.append(before);
    out.append("le=\"");
    append_number(out, *bound);
    out.append('"');
    before = ',';
  }
  out.append(before == '{' ? " " : "} ");
  append_number(out, value);
  out.append('\n');
}

std::size_t append_histogram(TextBuffer& out, const std::string& name,
                             const prometheus::ClientMetric& metric) {
  for (const auto& bucket : metric.histogram.bucket) {
    append_sample(out, name, "_bucket", metric.label, &bucket.upper_bound,
                  static_cast<double>(bucket.cumulative_count));
  }
  append_sample(out, name, "_sum", metric.label, nullptr, metric.histogram.sample_sum);
  append_sample(out, name, "_count", metric.label, nullptr,
                static_cast<double>(metric.histogram.sample_count));
  return metric.histogram.bucket.size() + 2;
}

std::size_t append_family(TextBuffer& out, TextFormat format, const prometheus::MetricFamily& family) {
  using Type = prometheus::MetricType;
  const MetricType type = family.type == Type::Counter     ? MetricType::kCounter
                          : family.type == Type::Histogram ? MetricType::kHistogram
                                                           : MetricType::kGauge;
  append_head(out, format, family.name, type, family.help);
  std::size_t series = 0;
  for (const prometheus::ClientMetric& metric : family.metric) {
    if (type == MetricType::kHistogram) {
      series += append_histogram(out, family.name, metric);
      continue;
    }
    const double value = type == MetricType::kCounter ? metric.counter.value : metric.gauge.value;
    append_sample(out, family.name, "", metric.label, nullptr, value);
    ++series;
  }
  return series;
}

}  // namespace

std::size_t append_registry(TextBuffer& out, const ExpositionOptions& options,
                            std::vector<prometheus::MetricFamily> families) {
  std::size_t series = 0;
  for (prometheus::MetricFamily& family : families) {
    std::sort(family.metric.begin(), family.metric.end(),
              [](const auto& a, const auto& b) { return a.label < b.label; });
    if (!family.metric.empty() && options.wants(family.name))
      series += append_family(out, options.format, family);
  }
  return series;
}

}  // namespace bottleneck
