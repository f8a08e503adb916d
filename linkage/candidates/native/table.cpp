#include "table.h"

#include <algorithm>

namespace waylink {
namespace {

// Key bits of the first pass: 2048 places to write to, as many as a second-level TLB usually holds pages. What is left
// of the key is sorted inside each of these parts, which fits in the cache.
constexpr unsigned kFirstBits = 11;

}  // namespace

// One stable counting sort by the low bits of (word >> shift) into words/records; leaves each key's end.
void Table::pass(const std::uint64_t* from_words, const std::uint32_t* from_records, Range range, unsigned shift,
                 std::uint32_t* ends, std::size_t keys) {
  const std::uint64_t mask = keys - 1;
  std::fill_n(ends, keys, 0u);
  for (std::size_t i = range.begin; i < range.end; ++i) ++ends[(from_words[i] >> shift) & mask];
  auto place = static_cast<std::uint32_t>(range.begin);
  for (std::size_t key = 0; key < keys; ++key) {
    const std::uint32_t size = ends[key];
    ends[key] = place;
    place += size;
  }
  for (std::size_t i = range.begin; i < range.end; ++i) {
    const std::uint32_t to = ends[(from_words[i] >> shift) & mask]++;
    words[to] = from_words[i];
    records[to] = from_records[i];
  }
}

void Table::sort(unsigned key_bits) {
  key_bits_ = key_bits;
  ends_.resize(std::size_t{1} << key_bits);
  const auto turn = [&] {
    other_words_.resize(words.size());
    other_records_.resize(records.size());
    words.swap(other_words_);
    records.swap(other_records_);
  };
  if (key_bits == 0) {
    ends_[0] = static_cast<std::uint32_t>(words.size());
    return;
  }
  const unsigned first = std::min(key_bits, kFirstBits), rest = key_bits - first;
  std::vector<std::uint32_t> parts(std::size_t{1} << first);
  turn();
  pass(other_words_.data(), other_records_.data(), {0, words.size()}, 64 - first, parts.data(), parts.size());
  if (rest == 0) {
    ends_ = std::move(parts);
    return;
  }
  turn();
  for (std::size_t part = 0; part < parts.size(); ++part)
    pass(other_words_.data(), other_records_.data(), {part == 0 ? 0 : parts[part - 1], parts[part]}, 64 - key_bits,
         &ends_[part << rest], std::size_t{1} << rest);
}

std::size_t Table::largest() const {
  std::uint32_t before = 0, most = 0;
  for (const std::uint32_t end : ends_) {
    most = std::max(most, end - before);
    before = end;
  }
  return most;
}

}  // namespace waylink
