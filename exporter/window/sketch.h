// DDSketch: a distribution in buckets that grow by 2 %, so that every quantile is right within 1 %
// (Masson, Rim, Lee: "DDSketch", VLDB 2019). Mergeable, and small: only buckets that were hit are kept.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "exporter/base/codec.h"

namespace bottleneck {

class Sketch {
 public:
  /// Values from 2^-20 to 2^50 keep the promise; smaller ones count as 0.
  static constexpr double kRelativeError = 0.01;
  /// Buckets at most; beyond it the lowest are joined, so that the upper quantiles stay right.
  static constexpr std::size_t kMostBuckets = 160;

  /// Absent and negative values are ignored.
  void add(double value);
  void merge(const Sketch& other);
  void clear();
  /// Takes the memory of all that add() can ever need, so that it allocates nothing in a steady tick.
  void reserve() { buckets_.reserve(kMostBuckets + 1); }
  /// Gives back what reserve() took and nobody needs.
  void shrink() { buckets_.shrink_to_fit(); }
  [[nodiscard]] std::uint32_t count() const { return count_; }
  [[nodiscard]] bool empty() const { return count_ == 0; }
  /// NaN when empty.
  [[nodiscard]] double quantile(double q) const;
  [[nodiscard]] std::size_t buckets() const { return buckets_.size(); }

  void write(StateWriter& writer) const;
  /// Fails the reader when the bytes make no sketch.
  void read(StateReader& reader);

 private:
  friend class WeightedSketch;
  struct Bucket {
    std::int16_t index;   ///< values in (gamma^(index-1), gamma^index]
    std::uint16_t count;  ///< saturates
  };
  void add_bucket(std::int16_t index, std::uint32_t count);
  void join_lowest();

  std::vector<Bucket> buckets_;  ///< by index
  std::uint16_t zeros_ = 0;
  std::uint32_t count_ = 0;
};

/// The sum of sketches with weights; for quantiles of decayed history.
class WeightedSketch {
 public:
  WeightedSketch() : weights_(kIndices, 0.0F) {}
  void clear();
  void add(const Sketch& sketch, float weight);
  [[nodiscard]] bool empty() const { return total_ <= 0; }
  /// NaN when empty. 1 is the largest value.
  [[nodiscard]] double quantile(double q) const;

 private:
  static constexpr int kLeastIndex = -700;
  static constexpr std::size_t kIndices = 2450;
  std::vector<float> weights_;  ///< dense, by index
  double zeros_ = 0;
  double total_ = 0;
};

}  // namespace bottleneck
