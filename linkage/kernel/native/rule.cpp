#include "rule.h"

#include <algorithm>
#include <cmath>

namespace waylink {
namespace {

// A correctly rounded quotient never falls when its numerator rises, nor rises with its denominator: so the least
// count never falls from one sum to the next, and one walk finds all of them.
std::vector<std::uint32_t> needed_counts(std::size_t bits, double threshold) {
  std::vector<std::uint32_t> needed(2 * bits + 1);
  std::uint32_t count = 1;  // two empty filters score 0.0: their common count, 0, must not do
  needed[0] = count;
  for (std::size_t sum = 1; sum < needed.size(); ++sum) {
    while (2.0 * count / static_cast<double>(sum) < threshold) ++count;
    needed[sum] = count;
  }
  return needed;
}

}  // namespace

Rule::Rule(std::size_t bits, double threshold)
    : needed(needed_counts(bits, threshold)), shortest(bits + 1, 1), longest(bits + 1, 0), slack(bits + 1) {
  std::uint32_t low = 1, high = 0;
  for (std::uint32_t popcount = 1; popcount <= bits; ++popcount) {
    while (low < popcount && needed[popcount + low] > low) ++low;
    high = std::max(high, popcount);
    while (high < bits && needed[popcount + high + 1] <= popcount) ++high;
    shortest[popcount] = low;
    longest[popcount] = high;
  }
  // distance = sum - 2 * common <= (1 - threshold) * sum, up to rounding. Two shares rounded down are one bit short of
  // their sum at most, so half a bit each would do, and a whole one pays for the errors of the floating-point arithmetic
  // too (below 1e-9 at any length).
  for (std::size_t popcount = 0; popcount <= bits; ++popcount)
    slack[popcount] = static_cast<std::int64_t>(std::floor((1.0 - threshold) * static_cast<double>(popcount))) + 1;
}

}  // namespace waylink
