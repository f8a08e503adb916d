// Filters as they come in, and what can be asked of one or two of them.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "list.h"

namespace waylink {

// Some filters of one length, wherever they lie; a record is its place among them.
struct Filters {
  std::vector<const std::uint8_t*> at;
  std::size_t bytes = 0;

  std::size_t bits() const { return bytes * 8; }
};

// Bytes word * 8 .. word * 8 + 7 of a filter, the first one lowest; beyond the end, zeros.
inline std::uint64_t word_of(const std::uint8_t* filter, std::size_t bytes, std::size_t word) {
  std::uint64_t found = 0;
  const std::size_t begin = word * 8, size = bytes - begin < 8 ? bytes - begin : 8;
  if (size == 8) {
    std::memcpy(&found, filter + begin, 8);
    if constexpr (std::endian::native == std::endian::big) found = __builtin_bswap64(found);
  } else {
    for (std::size_t i = 0; i < size; ++i) found |= std::uint64_t{filter[begin + i]} << (8 * i);
  }
  return found;
}

// Bits in common, and the sum of the two popcounts.
struct Overlap {
  std::uint32_t common, sum;
};

inline Overlap overlap(const std::uint8_t* left, const std::uint8_t* right, std::size_t bytes) {
  Overlap found{0, 0};
  for (std::size_t word = 0; word * 8 < bytes; ++word) {
    const std::uint64_t a = word_of(left, bytes, word), b = word_of(right, bytes, word);
    found.common += static_cast<std::uint32_t>(std::popcount(a & b));
    found.sum += static_cast<std::uint32_t>(std::popcount(a) + std::popcount(b));
  }
  return found;
}

}  // namespace waylink
