#include "records.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <numeric>

namespace waylink {
namespace {

// Byte order inside a word does not matter: all lists are packed alike and only counts come out.
void pack(const List& list, std::size_t row, std::uint64_t* words) {
  std::memcpy(words, list.bits + row * list.bytes, list.bytes);
}

std::vector<std::uint32_t> popcounts(const List& list) {
  std::vector<std::uint32_t> counts(list.count);
  std::vector<std::uint64_t> words(words_of(list.bytes));
  for (std::size_t row = 0; list.bytes > 0 && row < list.count; ++row) {
    pack(list, row, words.data());
    for (const std::uint64_t word : words) counts[row] += static_cast<std::uint32_t>(std::popcount(word));
  }
  return counts;
}

// The rows that have a bit, by popcount, then row: a counting sort, as popcounts are small numbers.
std::vector<std::uint32_t> by_popcount(const std::vector<std::uint32_t>& popcount, std::size_t most) {
  std::vector<std::uint32_t> next(most + 2);
  for (const std::uint32_t ones : popcount) ++next[ones + 1];
  next[1] = 0;  // the empty ones are left out
  std::partial_sum(next.begin(), next.end(), next.begin());
  std::vector<std::uint32_t> order(next.back());
  for (std::size_t row = 0; row < popcount.size(); ++row)
    if (popcount[row] > 0) order[next[popcount[row]]++] = static_cast<std::uint32_t>(row);
  return order;
}

}  // namespace

Records::Records(const List& list) : words(words_of(list.bytes)) {
  const std::vector<std::uint32_t> ones = popcounts(list);
  row = by_popcount(ones, 8 * list.bytes);
  count = row.size();
  bits.resize(count * words);
  popcount.resize(count);
  for (std::size_t place = 0; place < count; ++place) {
    popcount[place] = ones[row[place]];
    pack(list, row[place], &bits[place * words]);
  }
}

}  // namespace waylink
