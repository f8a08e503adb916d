#include "join.h"

#include <algorithm>
#include <bit>
#include <numeric>

namespace waylink {
namespace {

// Near pairs that are scored at one go: filters lie anywhere in memory, so they are called for some pairs ahead, and
// the places where they lie some more pairs ahead.
constexpr std::size_t kBatch = 1024;
constexpr std::size_t kAhead = 12;
constexpr std::size_t kFarAhead = 24;
constexpr std::size_t kCacheLine = 64;

// A split bucket is cut into parts of about so many records, by at least and at most so many bits. Few bits cost little
// recall and many records little time; a part that is still popular is split again.
constexpr std::size_t kPartRecords = 256;
constexpr unsigned kLeastSplitBits = 6;
constexpr unsigned kMostSplitBits = 16;

unsigned split_bits(std::size_t records, std::size_t bits_left) {
  const auto wanted = static_cast<unsigned>(std::bit_width(records / kPartRecords));
  return static_cast<unsigned>(
      std::min<std::size_t>(std::clamp(wanted, kLeastSplitBits, kMostSplitBits), bits_left));
}

// All ways for keys to differ in at most `radius` bits, none first.
std::vector<std::uint32_t> masks_of(unsigned key_bits, unsigned radius) {
  std::vector<std::uint32_t> masks{0};
  std::size_t begin = 0;
  for (unsigned flips = 0; flips < radius; ++flips) {
    const std::size_t end = masks.size();
    for (; begin < end; ++begin)
      for (auto bit = static_cast<unsigned>(std::bit_width(masks[begin])); bit < key_bits; ++bit)
        masks.push_back(masks[begin] | std::uint32_t{1} << bit);
  }
  return masks;
}

void call_for(const std::uint8_t* filter, std::size_t bytes) {
  for (std::size_t byte = 0; byte < bytes; byte += kCacheLine) __builtin_prefetch(filter + byte);
}

// Least significant digit first; only the digits that a number under 2^bits has.
void sort_numbers(std::vector<std::uint64_t>& numbers, unsigned bits) {
  constexpr unsigned kDigitBits = 11;
  constexpr std::size_t kDigits = std::size_t{1} << kDigitBits;
  if (numbers.size() < kDigits) return std::sort(numbers.begin(), numbers.end());
  std::vector<std::uint64_t> other(numbers.size());
  for (unsigned shift = 0; shift < bits; shift += kDigitBits) {
    std::vector<std::size_t> place(kDigits + 1);
    for (const std::uint64_t number : numbers) ++place[((number >> shift) & (kDigits - 1)) + 1];
    std::partial_sum(place.begin(), place.end(), place.begin());
    for (const std::uint64_t number : numbers) other[place[(number >> shift) & (kDigits - 1)]++] = number;
    numbers.swap(other);
  }
}

}  // namespace

Join::Join(const Space& space, const std::uint32_t* positions, const Query& query, Table& table)
    : space_(space), positions_(positions), query_(query), table_(table) {
  near_.reserve(kBatch);
}

TableFound Join::run() && {
  space_.columns.read(positions_, word_bits(0), table_.words);
  table_.records.resize(space_.filters.at.size());
  std::iota(table_.records.begin(), table_.records.end(), 0u);
  table_.sort(query_.key_bits);
  join(table_, 0);
  score();
  sort_numbers(found_.pairs, 2 * space_.shift);
  return std::move(found_);
}

std::size_t Join::word_bits(std::size_t offset) const {
  return std::min(kWordBits, space_.filters.bits() - offset);
}

// Buckets by rising key. A popular one is split and met by no other, the rest meet those within the radius.
void Join::join(const Table& table, std::size_t offset) {
  const std::size_t agreed = offset + table.key_bits();
  const auto masks = masks_of(table.key_bits(), query_.radius);
  for (std::size_t place = 0; place < table.words.size();) {
    const Range range = table.bucket(table.key_at(place));
    place = range.end;
    if (range.size() > query_.popular) {
      split(table, range, agreed);
      continue;
    }
    if (offset > 0) {
      found_.split_record.insert(found_.split_record.end(), &table.records[range.begin],
                                 table.records.data() + range.end);
      found_.split_agreed.insert(found_.split_agreed.end(), range.size(), static_cast<std::uint32_t>(offset));
      found_.split_key.insert(found_.split_key.end(), range.size(), table.key_bits());
    }
    meet_all(table, range, masks);
  }
}

// A bucket as a table of its own, over the positions that come next. Filters are distinct, so there are some left.
void Join::split(const Table& table, Range range, std::size_t offset) {
  ++found_.split;
  const std::size_t bits_left = space_.filters.bits() - offset;
  Table part;
  part.records.assign(table.records.begin() + static_cast<std::ptrdiff_t>(range.begin),
                      table.records.begin() + static_cast<std::ptrdiff_t>(range.end));
  part.words.reserve(range.size());
  for (const std::uint32_t record : part.records)
    part.words.push_back(read_word(space_.filters.at[record], positions_ + offset, word_bits(offset)));
  part.sort(split_bits(range.size(), bits_left));
  join(part, offset);
}

void Join::meet_all(const Table& table, Range range, const std::vector<std::uint32_t>& masks) {
  const std::uint32_t key = table.key_at(range.begin);
  for (const std::uint32_t mask : masks) {
    const std::uint32_t other_key = key ^ mask;
    if (!space_.apart && other_key < key) continue;  // they met when the other one had its turn
    const Range other = table.bucket(other_key);
    if (other.size() > 0 && other.size() <= query_.popular) meet(table, range, other, mask == 0);
  }
}

// Records rise inside a bucket, so those of the left list come first.
void Join::meet(const Table& table, Range left, Range right, bool same) {
  if (space_.apart) {
    const auto middle = [&](Range range) {
      const auto* all = table.records.data();
      return static_cast<std::size_t>(
          std::lower_bound(all + range.begin, all + range.end, space_.first_right) - all);
    };
    left.end = middle(left);
    if (left.size() == 0) return;
    right.begin = middle(right);
  }
  for (std::size_t place = left.begin; place < left.end; ++place) {
    if (same && !space_.apart) right.begin = place + 1;
    look(table, place, right);
  }
}

void Join::look(const Table& table, std::size_t place, Range others) {
  const std::uint64_t word = table.words[place];
  const std::uint64_t* words = table.words.data();
  found_.looked += others.size();
  for (std::size_t other = others.begin; other < others.end; ++other) {
    if (static_cast<unsigned>(std::popcount(word ^ words[other])) > query_.limit) continue;
    if (near_.size() == kBatch) score();
    near_.emplace_back(table.records[place], table.records[other]);
  }
}

void Join::score() {
  const auto& filters = space_.filters;
  found_.scored += near_.size();
  for (std::size_t i = 0; i < near_.size(); ++i) {
    if (i + kFarAhead < near_.size()) {
      __builtin_prefetch(&filters.at[near_[i + kFarAhead].first]);
      __builtin_prefetch(&filters.at[near_[i + kFarAhead].second]);
    }
    if (i + kAhead < near_.size()) {
      call_for(filters.at[near_[i + kAhead].first], filters.bytes);
      call_for(filters.at[near_[i + kAhead].second], filters.bytes);
    }
    const auto [left, right] = std::minmax(near_[i].first, near_[i].second);
    const Overlap both = overlap(filters.at[left], filters.at[right], filters.bytes);
    if (both.common >= space_.rule.needed[both.sum])
      found_.pairs.push_back(std::uint64_t{left} << space_.shift | right);
  }
  near_.clear();
}

}  // namespace waylink
