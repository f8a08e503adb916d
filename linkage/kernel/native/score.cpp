#include "score.h"

namespace waylink {

std::uint32_t common_ones(const std::uint64_t* left, const std::uint64_t* right, std::size_t words) {
  std::uint32_t common = 0;
  for (std::size_t word = 0; word < words; ++word)
    common += static_cast<std::uint32_t>(__builtin_popcountll(left[word] & right[word]));
  return common;
}

}  // namespace waylink
