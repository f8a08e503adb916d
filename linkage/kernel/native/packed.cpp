#include "packed.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <numeric>

namespace waylink {
namespace {

// Byte order inside a word does not matter: both lists are packed alike and only counts come out.
void pack(const List& list, std::size_t row, std::uint64_t* words) {
  std::memcpy(words, list.bits + row * list.bytes, list.bytes);
}

std::uint32_t count_ones(const std::uint64_t* words, std::size_t size) {
  return std::accumulate(words, words + size, std::uint32_t{0}, [](std::uint32_t ones, std::uint64_t word) {
    return ones + static_cast<std::uint32_t>(std::popcount(word));
  });
}

// The rows of a panel, shortest filter first; ties by row, so that the same list always packs alike.
std::vector<std::uint32_t> by_popcount(const Rows& rows, std::size_t begin, std::size_t end) {
  std::vector<std::uint32_t> order(end - begin);
  std::iota(order.begin(), order.end(), static_cast<std::uint32_t>(begin));
  std::stable_sort(order.begin(), order.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return rows.popcount[a] < rows.popcount[b]; });
  return order;
}

}  // namespace

std::size_t words_of(std::size_t bytes) {
  const std::size_t chunk = kChunkWords * sizeof(std::uint64_t);
  return (bytes + chunk - 1) / chunk * kChunkWords;
}

Rows::Rows(const List& list) : bits(list.count * words_of(list.bytes)), popcount(list.count) {
  const std::size_t words = words_of(list.bytes);
  for (std::size_t row = 0; list.bytes > 0 && row < list.count; ++row) {
    pack(list, row, &bits[row * words]);
    popcount[row] = count_ones(&bits[row * words], words);
  }
}

Panels::Panels(const List& list, std::size_t lanes, const Rule& rule)
    : count((list.count + kPanelRows - 1) / kPanelRows),
      groups(kPanelRows / lanes),
      bits(count * kPanelRows * words_of(list.bytes)),
      popcount(count * kPanelRows, no_popcount),
      row(count * kPanelRows),
      slack(count * kPanelRows, no_slack) {
  const std::size_t words = words_of(list.bytes);
  const Rows rows(list);
  for (std::size_t begin = 0; begin < list.count; begin += kPanelRows) {
    const auto order = by_popcount(rows, begin, std::min(begin + kPanelRows, list.count));
    for (std::size_t place = 0; place < order.size(); ++place) {
      const std::size_t at = begin + place, group = at / lanes, lane = at % lanes;
      popcount[at] = rows.popcount[order[place]];
      row[at] = order[place];
      slack[at] = rule.slack[popcount[at]];
      for (std::size_t word = 0; word < words; ++word)
        bits[(group * words + word) * lanes + lane] = rows.bits[order[place] * words + word];
    }
  }
}

}  // namespace waylink
