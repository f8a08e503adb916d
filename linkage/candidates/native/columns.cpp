#include "columns.h"

#include <algorithm>
#include <array>

#include "crew.h"

namespace waylink {
namespace {

// Records are turned over in groups of 64 (a square of bits), eight groups at a time: a cache line of each column.
constexpr std::size_t kGroup = 64;
constexpr std::size_t kGroups = 8;
constexpr std::size_t kLine = kGroup * kGroups;

using Square = std::array<std::uint64_t, kGroup>;

// Bit c of word r becomes bit r of word c (Warren, "Hacker's Delight", 2nd edition, section 7-3).
void transpose(Square& square) {
  std::uint64_t mask = 0x00000000ffffffff;
  for (std::size_t step = 32; step != 0; step >>= 1, mask ^= mask << step) {
    for (std::size_t row = 0; row < kGroup; row = ((row | step) + 1) & ~step) {
      const std::uint64_t swap = ((square[row] >> step) ^ square[row | step]) & mask;
      square[row] ^= swap << step;
      square[row | step] ^= swap;
    }
  }
}

std::size_t lines_of(std::size_t records) { return (records + kLine - 1) / kLine; }

}  // namespace

// An odd number of lines a column, so that columns do not fall on the same places of the cache.
Columns::Columns(const Filters& filters, unsigned threads)
    : records_(filters.at.size()),
      stride_((lines_of(records_) | 1) * kGroups),
      bits_((filters.bytes + 7) / 8 * kWordBits * stride_) {
  work_through(lines_of(records_), threads, [&](std::size_t line) { turn(filters, line); });
}

void Columns::turn(const Filters& filters, std::size_t line) {
  Square square;
  for (std::size_t group = line * kGroups; group < (line + 1) * kGroups; ++group) {
    const std::size_t begin = group * kGroup, end = std::min(begin + kGroup, records_);
    for (std::size_t word = 0; word * 8 < filters.bytes && begin < end; ++word) {
      square.fill(0);
      for (std::size_t record = begin; record < end; ++record)
        square[record - begin] = word_of(filters.at[record], filters.bytes, word);
      transpose(square);
      for (std::size_t bit = 0; bit < kWordBits; ++bit) bits_[(word * kWordBits + bit) * stride_ + group] = square[bit];
    }
  }
}

void Columns::read(const std::uint32_t* positions, std::size_t count, std::vector<std::uint64_t>& words) const {
  words.resize(records_);
  std::array<Square, kGroups> squares{};
  for (std::size_t line = 0; line < lines_of(records_); ++line) {
    for (auto& square : squares) square.fill(0);
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint64_t* column = &bits_[positions[i] * stride_ + line * kGroups];
      for (std::size_t group = 0; group < kGroups; ++group) squares[group][kWordBits - 1 - i] = column[group];
    }
    for (std::size_t group = 0; group < kGroups; ++group) {
      const std::size_t begin = line * kLine + group * kGroup;
      if (begin >= records_) return;
      transpose(squares[group]);
      std::copy_n(squares[group].begin(), std::min(kGroup, records_ - begin), words.begin() + begin);
    }
  }
}

std::uint64_t read_word(const std::uint8_t* filter, const std::uint32_t* positions, std::size_t count) {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t position = positions[i];
    word |= std::uint64_t{(filter[position / 8] >> (position % 8)) & 1u} << (kWordBits - 1 - i);
  }
  return word;
}

}  // namespace waylink
