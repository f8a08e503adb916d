#include "distinct.h"

#include <algorithm>
#include <cstring>

namespace waylink {
namespace {

struct Row {
  std::uint64_t digest;
  std::uint32_t row, list;
};

// Mixes well enough for sorting; equality is decided on the filters (the finaliser of MurmurHash3).
std::uint64_t digest(const std::uint8_t* filter, std::size_t bytes) {
  std::uint64_t state = bytes;
  for (std::size_t word = 0; word * 8 < bytes; ++word) {
    state = (state ^ word_of(filter, bytes, word)) * 0xff51afd7ed558ccd;
    state = (state ^ (state >> 33)) * 0xc4ceb9fe1a85ec53;
    state ^= state >> 33;
  }
  return state;
}

std::vector<const std::uint8_t*> places_of(const std::vector<List>& lists) {
  std::vector<const std::uint8_t*> at;
  for (const List& list : lists)
    for (std::size_t row = 0; row < list.count; ++row) at.push_back(list.bits + row * list.bytes);
  return at;
}

std::vector<Row> digests_of(const std::vector<List>& lists, bool apart) {
  std::vector<Row> found;
  for (std::size_t list = 0; list < lists.size(); ++list)
    for (std::size_t row = 0; row < lists[list].count; ++row)
      found.push_back({digest(lists[list].bits + row * lists[list].bytes, lists[list].bytes),
                       static_cast<std::uint32_t>(found.size()), apart ? static_cast<std::uint32_t>(list) : 0u});
  return found;
}

}  // namespace

Distinct::Distinct(const std::vector<List>& lists, bool apart) {
  filters.bytes = lists.empty() ? 0 : lists[0].bytes;
  const auto at = places_of(lists);
  auto sorted = digests_of(lists, apart);
  const auto order = [&](const Row& a, const Row& b) {
    if (a.digest != b.digest) return a.digest < b.digest ? -1 : 1;
    if (a.list != b.list) return a.list < b.list ? -1 : 1;
    return filters.bytes == 0 ? 0 : std::memcmp(at[a.row], at[b.row], filters.bytes);
  };
  std::sort(sorted.begin(), sorted.end(), [&](const Row& a, const Row& b) {
    const int sign = order(a, b);
    return sign != 0 ? sign < 0 : a.row < b.row;
  });
  // [row] -> the first row of its set
  std::vector<std::uint32_t> first(at.size());
  for (std::size_t i = 0; i < sorted.size(); ++i)
    first[sorted[i].row] = i > 0 && order(sorted[i - 1], sorted[i]) == 0 ? first[sorted[i - 1].row] : sorted[i].row;
  std::vector<std::uint32_t> set(at.size());
  for (std::size_t row = 0; row < at.size(); ++row) {
    if (first[row] == row) {
      set[row] = static_cast<std::uint32_t>(filters.at.size());
      filters.at.push_back(at[row]);
      if (apart && row < lists[0].count) first_right = filters.at.size();
    }
  }
  begin.assign(filters.at.size() + 1, 0);
  for (std::size_t row = 0; row < at.size(); ++row) ++begin[set[first[row]] + 1];
  for (std::size_t i = 1; i < begin.size(); ++i) begin[i] += begin[i - 1];
  rows.resize(at.size());
  auto next = begin;
  for (std::size_t row = 0; row < at.size(); ++row) rows[next[set[first[row]]]++] = static_cast<std::uint32_t>(row);
}

}  // namespace waylink
