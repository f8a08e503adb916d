// The exact decision, for the few pairs that pass the sieve.
#pragma once

#include <cstddef>
#include <cstdint>

namespace waylink {

// Ones that two filters have in common.
std::uint32_t common_ones(const std::uint64_t* left, const std::uint64_t* right, std::size_t words);

// The Dice coefficient, by the one float64 expression that reference and rule use.
inline double dice(std::uint32_t common, std::uint32_t sum_of_popcounts) {
  return 2.0 * common / static_cast<double>(sum_of_popcounts);
}

}  // namespace waylink
