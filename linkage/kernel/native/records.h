// A list of filters as the kernel reads it: 64-bit words, shortest filter first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "aligned.h"
#include "list.h"

namespace waylink {

// Words of a filter of so many bytes.
constexpr std::size_t words_of(std::size_t bytes) { return (bytes + 7) / 8; }

// The filters that have a bit set (others score 0.0 with everything), ordered by popcount, ties by row. So the length
// bound leaves one run of a list, and whole blocks of pairs are never looked at. A record's number in this order is its
// place. A list against itself is compared place < place: each pair once.
struct Records {
  explicit Records(const List& list);

  std::size_t count, words;
  Words bits;                           // [place][word]
  std::vector<std::uint32_t> popcount;  // [place]
  std::vector<std::uint32_t> row;       // [place]
};

}  // namespace waylink
