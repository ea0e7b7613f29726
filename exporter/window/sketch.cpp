#include "exporter/window/sketch.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace bottleneck {
namespace {

constexpr double kGamma = (1 + Sketch::kRelativeError) / (1 - Sketch::kRelativeError);
constexpr int kLeast = -700;  // 2^-20 and a little
constexpr int kMost = 1749;   // 2^50 and a little
constexpr std::uint16_t kFull = std::numeric_limits<std::uint16_t>::max();

double log_gamma() {
  static const double value = std::log(kGamma);
  return value;
}

/// The value that stands for a bucket: within 1 % of all in it.
double value_of(int index) { return 2 * std::exp(log_gamma() * index) / (kGamma + 1); }

std::uint16_t saturated(std::uint32_t count) {
  return static_cast<std::uint16_t>(std::min<std::uint32_t>(count, kFull));
}

}  // namespace

void Sketch::add(double value) {
  if (!(value >= 0)) return;
  ++count_;
  const double index = value > 0 ? std::ceil(std::log(value) / log_gamma()) : kLeast - 1;
  if (index < kLeast) {
    zeros_ = saturated(zeros_ + 1U);
    return;
  }
  add_bucket(static_cast<std::int16_t>(std::min<double>(index, kMost)), 1);
}

void Sketch::add_bucket(std::int16_t index, std::uint32_t count) {
  const auto at =
      std::lower_bound(buckets_.begin(), buckets_.end(), index,
                       [](const Bucket& bucket, std::int16_t wanted) { return bucket.index < wanted; });
  if (at != buckets_.end() && at->index == index) {
    at->count = saturated(at->count + count);
    return;
  }
  buckets_.insert(at, {index, saturated(count)});
  if (buckets_.size() > kMostBuckets) join_lowest();
}

void Sketch::join_lowest() {
  buckets_[1].count = saturated(std::uint32_t{buckets_[0].count} + buckets_[1].count);
  buckets_.erase(buckets_.begin());
}

void Sketch::merge(const Sketch& other) {
  for (const Bucket& bucket : other.buckets_) add_bucket(bucket.index, bucket.count);
  zeros_ = saturated(std::uint32_t{zeros_} + other.zeros_);
  count_ += other.count_;
}

void Sketch::clear() {
  buckets_.clear();
  zeros_ = 0;
  count_ = 0;
}

double Sketch::quantile(double q) const {
  WeightedSketch all;
  all.add(*this, 1);
  return all.quantile(q);
}

void Sketch::write(StateWriter& writer) const {
  writer.put(count_);
  writer.put(zeros_);
  writer.put(static_cast<std::uint16_t>(buckets_.size()));
  for (const Bucket& bucket : buckets_) {
    writer.put(bucket.index);
    writer.put(bucket.count);
  }
}

void Sketch::read(StateReader& reader) {
  clear();
  count_ = reader.get<std::uint32_t>();
  zeros_ = reader.get<std::uint16_t>();
  const auto size = reader.get<std::uint16_t>();
  if (size > kMostBuckets) return reader.fail();
  buckets_.reserve(size);
  for (std::uint16_t i = 0; i < size && !reader.failed(); ++i) {
    const auto index = reader.get<std::int16_t>();
    const auto count = reader.get<std::uint16_t>();
    const bool rising = buckets_.empty() || buckets_.back().index < index;
    if (!rising || index < kLeast || index > kMost || count == 0) return reader.fail();
    buckets_.push_back({index, count});
  }
}

void WeightedSketch::clear() {
  std::fill(weights_.begin(), weights_.end(), 0.0F);
  zeros_ = total_ = 0;
}

void WeightedSketch::add(const Sketch& sketch, float weight) {
  static_assert(kLeastIndex == kLeast && kMost - kLeast + 1 == static_cast<int>(kIndices));
  for (const Sketch::Bucket& bucket : sketch.buckets_) {
    const float amount = weight * static_cast<float>(bucket.count);
    weights_[static_cast<std::size_t>(bucket.index - kLeastIndex)] += amount;
    total_ += static_cast<double>(amount);
  }
  const double zeros = static_cast<double>(weight) * sketch.zeros_;
  zeros_ += zeros;
  total_ += zeros;
}

double WeightedSketch::quantile(double q) const {
  if (empty()) return std::numeric_limits<double>::quiet_NaN();
  // Rounding in the sum must not push the largest value out of reach.
  const double wanted = std::clamp(q, 0.0, 1.0) * total_ * (1 - 1e-6);
  double seen = zeros_;
  if (seen > 0 && seen >= wanted) return 0;
  int last = kLeastIndex;
  for (std::size_t i = 0; i < weights_.size(); ++i) {
    if (weights_[i] <= 0) continue;
    last = kLeastIndex + static_cast<int>(i);
    seen += static_cast<double>(weights_[i]);
    if (seen >= wanted) break;
  }
  return value_of(last);
}

}  // namespace bottleneck
