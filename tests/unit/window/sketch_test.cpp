#include "exporter/window/sketch.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

namespace bottleneck {
namespace {

double exact(std::vector<double> values, double q) {
  std::sort(values.begin(), values.end());
  const auto rank = static_cast<std::size_t>(std::ceil(q * static_cast<double>(values.size())));
  return values[std::max<std::size_t>(rank, 1) - 1];
}

// The promise of the data structure, over shapes that CPU and memory really have.
TEST(Sketch, QuantilesAreRightWithinOnePercent) {
  std::mt19937 random(7);
  std::lognormal_distribution<double> cpu(-2, 0.7);
  std::normal_distribution<double> memory(800e6, 5e6);
  std::uniform_real_distribution<double> flat(1, 4);
  for (int kind = 0; kind < 3; ++kind) {
    Sketch sketch;
    std::vector<double> values;
    for (int i = 0; i < 360; ++i) {
      values.push_back(kind == 0 ? cpu(random) : kind == 1 ? memory(random) : flat(random));
      sketch.add(values.back());
    }
    for (const double q : {0.5, 0.9, 0.98, 1.0}) {
      const double wanted = exact(values, q);
      EXPECT_NEAR(sketch.quantile(q), wanted, 0.0101 * wanted) << kind << " " << q;
    }
    EXPECT_EQ(sketch.count(), 360U);
  }
}

TEST(Sketch, ZeroNegativeAndAbsentValues) {
  Sketch sketch;
  EXPECT_TRUE(std::isnan(sketch.quantile(0.5)));
  sketch.add(-1);
  sketch.add(std::nan(""));
  EXPECT_TRUE(sketch.empty());
  sketch.add(0);
  sketch.add(1e-12);
  sketch.add(5);
  EXPECT_EQ(sketch.quantile(0.5), 0);
  EXPECT_NEAR(sketch.quantile(1), 5, 0.05);
  sketch.add(1e300);  // out of every range, but no crash
  EXPECT_GT(sketch.quantile(1), 1e14);
}

// A bounded size must not cost the upper quantiles, which sizes are made of.
TEST(Sketch, StaysSmallAndKeepsTheTop) {
  Sketch sketch;
  std::vector<double> values;
  for (int i = 0; i < 2000; ++i) {
    values.push_back(std::pow(1.02, i % 1000) * 1e-4);
    sketch.add(values.back());
  }
  EXPECT_LE(sketch.buckets(), Sketch::kMostBuckets);
  EXPECT_NEAR(sketch.quantile(0.98), exact(values, 0.98), 0.02 * exact(values, 0.98));
}

TEST(Sketch, MergingIsAddingAll) {
  Sketch one;
  Sketch other;
  Sketch both;
  for (int i = 1; i <= 100; ++i) {
    (i % 2 == 0 ? one : other).add(i);
    both.add(i);
  }
  one.merge(other);
  EXPECT_EQ(one.count(), both.count());
  for (const double q : {0.1, 0.5, 0.9}) EXPECT_EQ(one.quantile(q), both.quantile(q));
}

TEST(Sketch, WeightsMoveQuantiles) {
  Sketch old;
  Sketch fresh;
  for (int i = 0; i < 100; ++i) old.add(10);
  for (int i = 0; i < 100; ++i) fresh.add(1);
  WeightedSketch all;
  all.add(old, 0.1F);
  all.add(fresh, 1);
  EXPECT_NEAR(all.quantile(0.5), 1, 0.01);
  EXPECT_NEAR(all.quantile(0.99), 10, 0.1);
  all.clear();
  EXPECT_TRUE(all.empty());
}

TEST(Sketch, ComesBackFromBytesAndRefusesNonsense) {
  Sketch sketch;
  for (int i = 0; i < 50; ++i) sketch.add(i * 0.1);
  StateWriter writer;
  sketch.write(writer);
  const std::string bytes = writer.take();
  StateReader reader(bytes);
  Sketch back;
  back.read(reader);
  EXPECT_FALSE(reader.failed());
  EXPECT_EQ(back.quantile(0.5), sketch.quantile(0.5));
  EXPECT_EQ(back.count(), sketch.count());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string bad = bytes;
    bad[i] = static_cast<char>(bad[i] ^ 0x55);
    StateReader again(bad);
    Sketch any;
    any.read(again);  // may fail or give other numbers, but nothing else
  }
  StateReader cut(std::string_view(bytes).substr(0, 20));
  back.read(cut);
  EXPECT_TRUE(cut.failed());
}

}  // namespace
}  // namespace bottleneck
