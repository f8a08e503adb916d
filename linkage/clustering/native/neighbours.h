// The candidate graph by record: each record's neighbours and the scores, held to 2^-31.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <vector>

#include "big_vector.h"
#include "pairs.h"

namespace waylink {

// A score in units of 2^-31. Sums of whole numbers do not depend on their order, so neither do averages and ties.
// Two Dice coefficients of filters of b bits that differ do so by 1 / (2b)^2 or more: 2^-22 at 1024 bits, kept apart.
using Score = std::uint32_t;
inline constexpr double kScoreUnits = 2147483648.0;

// Half to even, as Python's round() does.
inline Score fixed(double score) {
  if (!(score >= 0.0 && score <= 1.0)) throw std::invalid_argument("a score is not between 0 and 1");
  return static_cast<Score>(std::nearbyint(score * kScoreUnits));
}

struct Neighbour {
  Record record;
  Score score;
};

class Neighbours {
 public:
  // Throws std::invalid_argument for a pair that is not left < right < records, or a score that is none.
  Neighbours(const Pairs& pairs, const double* score, std::size_t records);

  std::span<const Neighbour> of(Record record) const {
    return {all_.data() + start_[record], all_.data() + start_[record + 1]};
  }

  std::size_t records() const { return start_.size() - 1; }

 private:
  std::vector<std::uint32_t> start_;  // by record, and the end: twice the pairs fit 32 bits
  BigVector<Neighbour> all_;
};

}  // namespace waylink
