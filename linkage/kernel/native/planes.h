// The sieve of instruction sets with byte vectors: one right record a byte lane. The logic, once; an instruction set
// says how to look up and add (sieve_avx2.cpp, sieve_avx512.cpp, sieve_neon.cpp).
//
// Prefixes are cut into symbols of some bits. The right panel is laid out symbol by symbol, many records side by side,
// so one instruction finds the distances of all of them from one symbol of the left record, in most sets by looking
// them up in a table that the left symbol chose (Andre, Kermarrec and Le Scouarnec, "Cache locality is not enough:
// High-performance nearest neighbor search with product quantization fast scan", VLDB 9(4), 2015). Distances add up in
// bytes, which are widened to 16 bits before they overflow. kRows left records share each load of the right ones.
//
// An Isa has: kLanes, kSymbolBits, kRows, kVectors (of right records at once); Vec; Left, what a left symbol becomes,
// and left(symbol); zero, load, add(sum, left symbol, right), low16 and high16 (the bytes as two vectors of int16),
// place(half, lane) (which record a lane of those is), add16, min16, set16, any_within(sums, bounds) and
// within(sums, bounds), a bit for each lane, kMaskStep bits apart.
#pragma once

#include "prefix_bounds.h"
#include "sieve.h"

namespace waylink {

// The distances of all symbols of so many bits from one: what a byte shuffle looks up.
template <unsigned kBits>
struct alignas(1u << kBits) Distances {
  std::uint8_t from[1u << kBits];  // [right symbol]
};

template <unsigned kBits>
struct Tables {
  Distances<kBits> of[1u << kBits] = {};  // [left symbol]

  constexpr Tables() {
    for (unsigned a = 0; a < 1u << kBits; ++a)
      for (unsigned b = 0; b < 1u << kBits; ++b)
        for (unsigned bit = 0; bit < kBits; ++bit) of[a].from[b] += ((a ^ b) >> bit) & 1u;
  }
};

template <class Isa>
struct Planes {
  using Vec = typename Isa::Vec;
  static constexpr std::size_t kGroup = Isa::kLanes * Isa::kVectors;        // right records looked at together
  static constexpr std::size_t kHalf = Isa::kLanes / 2;                     // lanes of 16 bits
  static constexpr std::size_t kRows = Isa::kRows, kVectors = Isa::kVectors, kSegment = Isa::kSegment;

  static constexpr std::size_t symbols_of(std::size_t words) {
    return (words * 64 + Isa::kSymbolBits - 1) / Isa::kSymbolBits;
  }
  static constexpr std::size_t groups_of(std::size_t count) { return (count + kGroup - 1) / kGroup; }
  static constexpr std::size_t up_to_line(std::size_t bytes) { return (bytes + 63) / 64 * 64; }

  // Where things stand in the space: the panel's symbols, its bounds, the tile's symbols.
  std::size_t words, symbols, groups;
  std::uint8_t* right;      // [group][symbol][record of the group]
  std::int16_t* bounds;     // [group][vector][half][lane]
  typename Isa::Left* left; // [symbol][row]
  std::int16_t left_bound[kRows];

  static std::size_t space(std::size_t words, std::size_t count) {
    const std::size_t group_bytes = kGroup * (symbols_of(words) + sizeof(std::int16_t));
    return groups_of(count) * group_bytes + up_to_line(symbols_of(words) * kRows * sizeof(typename Isa::Left));
  }

  Planes(const Block& block, std::byte* space)
      : words(block.words), symbols(symbols_of(words)), groups(groups_of(block.right_count)) {
    right = reinterpret_cast<std::uint8_t*>(space);
    bounds = reinterpret_cast<std::int16_t*>(right + groups * kGroup * symbols);
    left = reinterpret_cast<typename Isa::Left*>(bounds + groups * kGroup);
  }

  // Symbol by number out of a prefix; the last one may be cut short by the prefix's end.
  std::uint8_t symbol_of(const std::uint64_t* bits, std::size_t symbol) const {
    constexpr unsigned mask = (1u << Isa::kSymbolBits) - 1;
    const std::size_t at = symbol * Isa::kSymbolBits, shift = at % 64;
    std::uint64_t value = bits[at / 64] >> shift;
    if constexpr (64 % Isa::kSymbolBits != 0)
      if (shift + Isa::kSymbolBits > 64 && at / 64 + 1 < words) value |= bits[at / 64 + 1] << (64 - shift);
    return static_cast<std::uint8_t>(value & mask);
  }

  void lay_out_right(const Block& block) {
    for (std::size_t i = 0; i < groups * kGroup; ++i) {
      std::uint8_t* lane = right + i / kGroup * symbols * kGroup + i % kGroup;
      const std::uint64_t* bits = block.right_bits + i * words;
      const bool there = i < block.right_count;
      for (std::size_t symbol = 0; symbol < symbols; ++symbol)
        lane[symbol * kGroup] = there ? symbol_of(bits, symbol) : std::uint8_t{0};
    }
    for (std::size_t i = 0; i < groups * kGroup; ++i) {  // i counts lanes here
      const std::size_t vector = i / Isa::kLanes, half = i % Isa::kLanes / kHalf, lane = i % kHalf;
      const std::size_t record = vector * Isa::kLanes + Isa::place(half, lane);
      bounds[i] = record < block.right_count ? block.right_bound[record] : kNobody;
    }
  }

  void lay_out_left(const Block& block, std::uint32_t first) {
    for (std::size_t row = 0; row < kRows; ++row) {
      const bool there = first + row < block.left_count;
      const std::uint64_t* bits = block.left_bits + (there ? first + row : first) * words;
      left_bound[row] = there ? block.left_bound[first + row] : kNobody;
      for (std::size_t symbol = 0; symbol < symbols; ++symbol)
        left[symbol * kRows + row] = Isa::left(symbol_of(bits, symbol));
    }
  }

  // Distances minus the left bounds: a pair may be near when that is at most its right bound.
  struct Sums {
    Vec half[2][kRows][kVectors];
  };

  void add_segment(const std::uint8_t* group, std::size_t begin, std::size_t end, Sums& sums) const {
    Vec bytes[kRows][kVectors];
#pragma GCC unroll 8
    for (std::size_t row = 0; row < kRows; ++row)
#pragma GCC unroll 8
      for (std::size_t v = 0; v < kVectors; ++v) bytes[row][v] = Isa::zero();
    for (std::size_t symbol = begin; symbol < end; ++symbol) {
      Vec here[kVectors];
#pragma GCC unroll 8
      for (std::size_t v = 0; v < kVectors; ++v) here[v] = Isa::load(group + symbol * kGroup + v * Isa::kLanes);
#pragma GCC unroll 8
      for (std::size_t row = 0; row < kRows; ++row) {
        const auto other = Isa::prepare(left[symbol * kRows + row]);
#pragma GCC unroll 8
        for (std::size_t v = 0; v < kVectors; ++v) bytes[row][v] = Isa::add(bytes[row][v], other, here[v]);
      }
    }
#pragma GCC unroll 8
    for (std::size_t row = 0; row < kRows; ++row)
#pragma GCC unroll 8
      for (std::size_t v = 0; v < kVectors; ++v) {
        sums.half[0][row][v] = Isa::add16(sums.half[0][row][v], Isa::low16(bytes[row][v]));
        sums.half[1][row][v] = Isa::add16(sums.half[1][row][v], Isa::high16(bytes[row][v]));
      }
  }

  Sums sums_of(std::size_t group) const {
    Sums sums;
    for (auto& half : sums.half)
      for (std::size_t row = 0; row < kRows; ++row)
        for (Vec& sum : half[row]) sum = Isa::set16(static_cast<std::int16_t>(-left_bound[row]));
    const std::size_t segments = (symbols + kSegment - 1) / kSegment, step = (symbols + segments - 1) / segments;
    for (std::size_t begin = 0; begin < symbols; begin += step)
      add_segment(right + group * kGroup * symbols, begin, begin + step < symbols ? begin + step : symbols, sums);
    return sums;
  }

  const std::int16_t* bounds_of(std::size_t group, std::size_t vector, std::size_t half) const {
    return bounds + group * kGroup + vector * Isa::kLanes + half * kHalf;
  }

  // One question for all pairs of the tile and the group; its answer is nearly always no.
  bool any_near(const Sums& sums, std::size_t group) const {
    bool any = false;
    for (std::size_t half = 0; half < 2; ++half)
      for (std::size_t v = 0; v < kVectors; ++v) {
        Vec least = sums.half[half][0][v];
        for (std::size_t row = 1; row < kRows; ++row) least = Isa::min16(least, sums.half[half][row][v]);
        any |= Isa::any_within(least, bounds_of(group, v, half));
      }
    return any;
  }

  void tell(const Sums& sums, std::uint32_t first, std::size_t group, Near& near) const {
    for (std::size_t row = 0; row < kRows; ++row)
      for (std::size_t v = 0; v < kVectors; ++v)
        for (std::size_t half = 0; half < 2; ++half) {
          std::uint64_t mask = Isa::within(sums.half[half][row][v], bounds_of(group, v, half));
          for (; mask != 0; mask &= mask - 1) {
            const std::size_t lane = static_cast<std::size_t>(__builtin_ctzll(mask)) / Isa::kMaskStep;
            const std::size_t record = group * kGroup + v * Isa::kLanes + Isa::place(half, lane);
            add_near(near, first + static_cast<std::uint32_t>(row), static_cast<std::uint32_t>(record));
          }
        }
  }
};

template <class Isa>
void sieve_planes(const Block& block, std::byte* space, Near& near) {
  using P = Planes<Isa>;
  P planes(block, space);
  planes.lay_out_right(block);
  for (std::uint32_t first = 0; first < block.left_count; first += P::kRows) {
    const Range look = block.looks[first / P::kRows];
    if (look.begin >= look.end) continue;
    planes.lay_out_left(block, first);
    for (std::size_t group = look.begin / P::kGroup; group < P::groups_of(look.end); ++group) {
      const typename P::Sums sums = planes.sums_of(group);
      if (planes.any_near(sums, group)) planes.tell(sums, first, group, near);
    }
  }
}

}  // namespace waylink
