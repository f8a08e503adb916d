// What a threshold asks of a pair, in integers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace waylink {

// Tables by popcount, or by the sum of two popcounts, for filters of `bits` bits.
struct Rule {
  Rule(std::size_t bits, double threshold);

  // [sum of popcounts] -> the least common count that makes a candidate, by the very float64 expression that scores:
  // 2.0 * common / sum >= threshold. So ties on the threshold are decided as the score itself decides them.
  std::vector<std::uint32_t> needed;

  // [popcount] -> the least and the greatest popcount a candidate's other filter can have (shortest > longest: none).
  // From min(popcounts) >= common >= needed.
  std::vector<std::uint32_t> shortest, longest;

  // [popcount] -> a share of the Hamming distance: a candidate's distance is at most slack[left] + slack[right].
  // Generous by a bit or two, never mean: it throws out, `needed` decides.
  std::vector<std::int64_t> slack;
};

}  // namespace waylink
