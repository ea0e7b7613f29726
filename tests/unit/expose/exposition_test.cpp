#include "exporter/expose/exposition.h"

#include <gtest/gtest.h>

#include <limits>

#include "exporter/expose/judgement_families.h"
#include "tests/unit/expose/golden.h"
#include "tests/unit/expose/sample_snapshot.h"

namespace bottleneck {
namespace {

std::string number(double value) {
  TextBuffer out;
  append_number(out, value);
  return std::string(out.view());
}

std::string label(std::string_view value) {
  TextBuffer out;
  append_label_value(out, value);
  return std::string(out.view());
}

struct Written {
  std::string text;
  ExpositionCount count;
};

Written write(const Snapshot& snapshot, const ExpositionOptions& options) {
  TextBuffer out;
  ExpositionWriter writer;
  const ExpositionCount count = writer.write(snapshot, options, out);
  return {std::string(out.view()), count};
}

std::size_t samples(const std::string& text) {
  std::size_t lines = 0;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines += line.starts_with('#') ? 0U : 1U;
  return lines;
}

TEST(Numbers, AreExactAndWithoutLocale) {
  EXPECT_EQ(number(0), "0");
  EXPECT_EQ(number(-0.0), "0");
  EXPECT_EQ(number(100000000000), "100000000000");
  EXPECT_EQ(number(9007199254740991), "9007199254740991");
  EXPECT_EQ(number(9007199254740992), "9007199254740992");
  EXPECT_EQ(number(0.1), "0.1");
  EXPECT_EQ(number(1e-7), "1e-07");
  EXPECT_EQ(number(-2.5), "-2.5");
  EXPECT_EQ(number(1.8446744073709552e19), "18446744073709551616");
  EXPECT_EQ(number(std::numeric_limits<double>::infinity()), "+Inf");
  EXPECT_EQ(number(-std::numeric_limits<double>::infinity()), "-Inf");
  EXPECT_EQ(number(kAbsent), "NaN");
  for (const double value : {1.0 / 3, 5e-324, 1.7976931348623157e308, 123456.789e-30}) {
    EXPECT_LE(number(value).size(), kNumberBytes);
    EXPECT_EQ(std::strtod(number(value).c_str(), nullptr), value);
  }
}

TEST(LabelValues, AreEscapedAndAlwaysUtf8) {
  EXPECT_EQ(label("plain-1.2_3/x:y"), "plain-1.2_3/x:y");
  EXPECT_EQ(label("a\"b\\c\nd"), "a\\\"b\\\\c\\nd");
  EXPECT_EQ(label("\xe2\x82\xac"), "\xe2\x82\xac");
  EXPECT_EQ(label("\xe2\x82"), "\xef\xbf\xbd\xef\xbf\xbd");
  EXPECT_EQ(label("\xc0\xaf"), "\xef\xbf\xbd\xef\xbf\xbd");
  EXPECT_EQ(label("\xff"), "\xef\xbf\xbd");
  EXPECT_EQ(label(""), "");
}

TEST(LabelNames, AreMadeValid) {
  EXPECT_EQ(label_name("com.example/team"), "com_example_team");
  EXPECT_EQ(label_name("9lives"), "_9lives");
  EXPECT_EQ(label_name("__name__"), "_name__");
  EXPECT_EQ(label_name(""), "_");
  EXPECT_EQ(label_name("..."), "_");
}

TEST(Exposition, TextGolden) {
  const Written written = write(make_snapshot(), {});
  expect_golden(written.text, "expose-text.txt");
  EXPECT_EQ(written.count.series, samples(written.text));
}

TEST(Exposition, OpenMetricsGolden) {
  ExpositionOptions options;
  options.format = TextFormat::kOpenMetrics100;
  expect_golden(write(make_snapshot(), options).text, "expose-openmetrics.txt");
}

/// Every row of the catalogue, once.
Snapshot make_full_snapshot() {
  Snapshot snapshot;
  ContainerSnapshot container = make_container("web", "0123456789abcdef");
  container.sample.devices.push_back({"sda", {}});
  container.sample.interfaces.push_back({"eth0", {}});
  snapshot.host_devices.push_back({"sda", {}});
  const auto fill = [](Scope scope, auto& values) {
    const FieldRange range = fields_of(scope);
    for (std::size_t i = range.first; i < range.first + range.count; ++i)
      values.set(static_cast<Field>(i), 1.5);
  };
  fill(Scope::kContainer, container.sample.values);
  fill(Scope::kDevice, container.sample.devices.front().values);
  fill(Scope::kInterface, container.sample.interfaces.front().values);
  fill(Scope::kHost, snapshot.host);
  fill(Scope::kHostDevice, snapshot.host_devices.front().values);
  snapshot.containers.push_back(container);
  snapshot.container_count = 1;
  return snapshot;
}

// Names are an interface: a new row shows here, and a changed one is seen.
TEST(Exposition, EveryRowOfTheCatalogueGolden) {
  ExpositionOptions options;
  options.profile = Profile::kFull;
  const Written written = write(make_full_snapshot(), options);
  expect_golden(written.text, "expose-full-text.txt");
  EXPECT_EQ(written.count.series, kFieldCount + 1 + kAdviceCount);  // and the infos
}

TEST(Exposition, FullHasMoreAndFleetLess) {
  ExpositionOptions options;
  options.profile = Profile::kFull;
  EXPECT_NE(write(make_snapshot(), options).text.find("pressure_stalled_seconds_total"), std::string::npos);
  options.profile = Profile::kFleet;
  const std::string fleet = write(make_snapshot(), options).text;
  EXPECT_EQ(fleet.find("cpu_periods"), std::string::npos);
  EXPECT_NE(fleet.find("bottleneck_container_cpu_usage_seconds_total{name=\"web\"} 12.5"), std::string::npos);
}

TEST(Exposition, FiltersByCollectorAndName) {
  ExpositionOptions options;
  options.collectors.fill(false);
  options.collectors[static_cast<std::size_t>(Collector::kMemory)] = true;
  const std::string memory = write(make_snapshot(), options).text;
  EXPECT_EQ(memory.find("cpu_usage"), std::string::npos);
  EXPECT_NE(memory.find("memory_usage_bytes"), std::string::npos);

  ExpositionOptions named;
  named.names = {"bottleneck_container_cpu_usage_seconds", "bottleneck_container_info"};
  const Written written = write(make_snapshot(), named);
  EXPECT_EQ(written.count.series, 4U);  // two containers each
  named.names = {"bottleneck_container_cpu_usage_seconds_total"};
  EXPECT_EQ(write(make_snapshot(), named).count.series, 2U);
}

TEST(Exposition, IdLabelIsOnEveryContainerSeries) {
  ExpositionOptions options;
  options.id_label = true;
  options.names = {"bottleneck_container_cpu_usage_seconds_total"};
  EXPECT_NE(write(make_snapshot(), options).text.find("{name=\"web\",id=\"0123456789abcdef\"} 12.5"),
            std::string::npos);
}

TEST(Exposition, TheCapLeavesOutWholeContainersAndCountsThem) {
  Snapshot snapshot;
  for (int i = 0; i < 10; ++i) snapshot.containers.push_back(make_container("c" + std::to_string(i), "id"));
  snapshot.container_count = 10;
  ExpositionOptions options;
  // Three series each: info, cpu, memory; the catalogue of recommendations stands beside them.
  options.names = {"bottleneck_container_info", "bottleneck_container_cpu_usage_seconds_total",
                   "bottleneck_container_memory_usage_bytes"};
  options.max_series = 10;
  const Written written = write(snapshot, options);
  EXPECT_EQ(written.count.containers, 3U);
  EXPECT_EQ(written.count.containers_dropped, 7U);
  EXPECT_EQ(written.count.series_dropped, 21U);
  EXPECT_EQ(written.count.series, 9U);
  EXPECT_EQ(samples(written.text), 9U);
  EXPECT_EQ(written.text.find("c3"), std::string::npos);
  options.max_series = 30;
  EXPECT_EQ(write(snapshot, options).count.containers_dropped, 0U);
}

// What metrics.md promises to people who count series: fleet at most 30 a container, 10 of them raw and info.
TEST(Exposition, AJudgedContainerWithTwoRecommendationsStaysWithinItsProfile) {
  Judgement judgement;
  judgement.judged = true;
  judgement.unix_seconds = 1;
  judgement.overall = 0.8F;
  judgement.confidence = 0.9F;
  for (ResourceJudgement& resource : judgement.resources) resource.score = 0.2F;
  ResourceJudgement& sick = judgement.of(Resource::kCpu);
  sick.score = 0.8F;
  sick.confidence = 0.9F;
  sick.held_back_seconds = 100;
  for (SignalReading& signal : judgement.signals) signal.value = 0.1F;
  for (RightSize* size : {&judgement.cpu_size, &judgement.memory_size})
    size->recommended = size->lower = size->upper = 1;
  judgement.memory_growth = 1;
  for (const AdviceId id : {AdviceId::kCpuLimitRaise, AdviceId::kMemNearLimit}) {
    Finding finding;
    finding.id = id;
    finding.severity = Severity::kMedium;
    auto text = std::make_shared<FindingText>();
    text->change = "docker update";
    finding.text = text;
    judgement.findings.push_back(finding);
  }
  ExpositionOptions options;
  options.profile = Profile::kFleet;
  EXPECT_LE(judgement_series(judgement, options), 20U);
  options.profile = Profile::kStandard;
  EXPECT_LE(judgement_series(judgement, options), 60U);
  EXPECT_GE(judgement_series_bound(judgement), judgement_series(judgement, options));
}

TEST(Exposition, AnEmptySnapshotHasNoFamilies) {
  EXPECT_EQ(write({}, {}).text, "");
  EXPECT_EQ(write({}, {}).count.series, 0U);
}

// What the formats demand of the catalogue.
TEST(Catalogue, CountersAndOnlyCountersEndInTotal) {
  for (const FieldInfo& info : catalogue()) {
    EXPECT_EQ(info.family.ends_with("_total"), info.kind == Kind::kCounter) << info.family;
    EXPECT_FALSE(info.help.empty()) << info.family;
  }
}

TEST(Catalogue, RowsOfAFamilyStandTogetherAndDifferInLabels) {
  for (std::size_t i = 0; i < kFieldCount; ++i) {
    for (std::size_t j = i + 1; j < kFieldCount; ++j) {
      const FieldInfo& a = catalogue()[i];
      const FieldInfo& b = catalogue()[j];
      if (a.family != b.family) continue;
      EXPECT_NE(a.labels, b.labels) << a.family;
      EXPECT_EQ(a.help, b.help) << a.family;
      EXPECT_EQ(catalogue()[j - 1].family, a.family) << a.family << " is torn apart";
    }
  }
}

}  // namespace
}  // namespace bottleneck
