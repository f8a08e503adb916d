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

// Two popular buckets, or one with itself, meet in spite of the work where a sample says that at least one pair in so
// many is a real one: then the work is that of what comes out, and splitting would lose it.
constexpr std::size_t kDense = 16;
constexpr std::size_t kDenseSample = 24;  // records of each side, evenly spread

unsigned split_bits(std::size_t records, std::size_t bits_left) {
  const auto wanted = static_cast<unsigned>(std::bit_width(records / kPartRecords));
  return static_cast<unsigned>(
      std::min<std::size_t>(std::clamp(wanted, kLeastSplitBits, kMostSplitBits), bits_left));
}

// All ways for keys to differ in some bits, at most `radius`.
std::vector<std::uint32_t> masks_of(unsigned key_bits, unsigned radius) {
  std::vector<std::uint32_t> masks{0};
  std::size_t begin = 0;
  for (unsigned flips = 0; flips < radius; ++flips) {
    const std::size_t end = masks.size();
    for (; begin < end; ++begin)
      for (auto bit = static_cast<unsigned>(std::bit_width(masks[begin])); bit < key_bits; ++bit)
        masks.push_back(masks[begin] | std::uint32_t{1} << bit);
  }
  masks.erase(masks.begin());  // no bit
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
    : space_(space), positions_(positions), query_(query), limit_(query.limit), table_(table) {
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

// Buckets by rising key. A popular one is split; the rest stay as they are.
void Join::join(const Table& table, std::size_t offset) {
  const auto masks = masks_of(table.key_bits(), query_.radius);
  const bool crowded = table.largest() > query_.popular;
  for (std::size_t place = 0; place < table.words.size();) {
    const Range range = table.bucket(table.key_at(place));
    place = range.end;
    const bool whole = range.size() <= query_.popular || is_dense(table, range, range);
    const bool met_all = meet_all(table, range, masks, crowded);
    if (whole) {
      meet(table, range, range, true);
      if (offset > 0 || !met_all) note(table, range, offset, met_all ? query_.radius : 0);
    } else {
      split(table, range, offset + table.key_bits());
    }
  }
}

void Join::note(const Table& table, Range range, std::size_t offset, unsigned radius) {
  found_.split_record.insert(found_.split_record.end(), &table.records[range.begin],
                             table.records.data() + range.end);
  found_.split_agreed.insert(found_.split_agreed.end(), range.size(), static_cast<std::uint32_t>(offset));
  found_.split_key.insert(found_.split_key.end(), range.size(), table.key_bits());
  found_.split_radius.insert(found_.split_radius.end(), range.size(), radius);
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
  // Those that agreed so far differ all the more in the bits that are left.
  const std::size_t limit = (query_.limit * space_.filters.bits() + bits_left - 1) / bits_left;
  const unsigned outer = std::exchange(limit_, static_cast<unsigned>(std::min(limit, kWordBits)));
  join(part, offset);
  limit_ = outer;
}

// A bucket with those around it. False where one of them was left out: buckets meet only where that is no more work
// than for two that are just not popular, or worth it. Where nobody is popular (not `crowded`), none is left out, and
// those that had their turn before need not be looked for.
bool Join::meet_all(const Table& table, Range range, const std::vector<std::uint32_t>& masks, bool crowded) {
  const std::uint32_t key = table.key_at(range.begin);
  bool met_all = true;
  for (const std::uint32_t mask : masks) {
    const std::uint32_t other_key = key ^ mask;
    const bool had_its_turn = !space_.apart && other_key < key;
    if (had_its_turn && !crowded) continue;
    const Range other = table.bucket(other_key);
    const bool too_much = range.size() * other.size() > query_.popular * query_.popular;
    if (too_much && !is_dense(table, range, other)) {
      met_all = false;
    } else if (!had_its_turn && other.size() > 0) {
      meet(table, range, other, false);
    }
  }
  return met_all;
}

// Whether many pairs of the two are real ones. The same whichever comes first, and whatever the threads.
bool Join::is_dense(const Table& table, Range left, Range right) const {
  std::size_t pairs = 0, real = 0;
  for (std::size_t i = 0; i < kDenseSample; ++i) {
    for (std::size_t j = 0; j < kDenseSample; ++j) {
      const std::uint32_t a = table.records[left.begin + i * left.size() / kDenseSample];
      const std::uint32_t b = table.records[right.begin + j * right.size() / kDenseSample];
      const bool wanted = space_.apart ? (a < space_.first_right) != (b < space_.first_right) : a != b;
      if (!wanted) continue;
      const Overlap both = overlap(space_.filters.at[a], space_.filters.at[b], space_.filters.bytes);
      ++pairs;
      if (both.common >= space_.rule.needed[both.sum]) ++real;
    }
  }
  return pairs > 0 && real * kDense >= pairs;
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
    if (static_cast<unsigned>(std::popcount(word ^ words[other])) > limit_) continue;
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
