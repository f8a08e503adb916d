// One tile: some left rows against one panel of right rows. The logic exists here once; an instruction set says how
// to add up distances (tile_scalar.cpp, tile_avx2.cpp, tile_avx512.cpp).
//
// Those files are compiled with flags that not every processor obeys, and the linker keeps one copy of every inline
// function, from any file. So here are plain pointers and templates of types that one file owns, and nothing of the
// standard library that could leave such a copy behind.
#pragma once

#include <cstddef>
#include <cstdint>

#include "packed.h"

namespace waylink {

class Hits;

// Adds a candidate pair. Not inline: see above.
void add_hit(Hits& hits, std::uint32_t left, std::uint32_t right, double score);

// Views into Rows, Panels and Rule; their shapes stand there.
struct Tile {
  const std::uint64_t* left_bits;
  const std::uint32_t* left_popcount;
  std::uint32_t left_begin, left_end;  // rows of the tile

  const std::uint64_t* right_bits;  // from here on, one panel
  const std::uint32_t* right_popcount;
  const std::uint32_t* right_row;
  const std::int64_t* right_slack;
  std::uint32_t right_end;  // one past the panel's last row
  std::size_t groups;

  std::size_t words;  // of a filter
  const std::uint32_t *needed, *shortest, *longest;
  const std::int64_t* slack;
  bool inside;  // one list against itself: only pairs left < right
};

using ScanTile = void (*)(const Tile&, Hits&);

void scan_tile_scalar(const Tile&, Hits&);
void scan_tile_avx2(const Tile&, Hits&);
void scan_tile_avx512(const Tile&, Hits&);

// The first group of which the row in `lane` has a popcount of at least `popcount`.
template <class Isa>
std::size_t first_group(const Tile& tile, std::size_t lane, std::uint32_t popcount) {
  std::size_t low = 0, high = tile.groups;
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    if (tile.right_popcount[middle * Isa::lanes + lane] < popcount) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

// The lanes of a group (one bit each) whose distance from the left row is within the slack, and all distances.
// The distance over the first words never exceeds the whole one: a group of which every lane is already too far is out.
template <class Isa>
unsigned near_lanes(const Tile& tile, std::uint32_t row, std::size_t group, std::uint64_t* distance) {
  const std::uint64_t* left = tile.left_bits + row * tile.words;
  const std::uint64_t* right = tile.right_bits + group * tile.words * Isa::lanes;
  const std::int64_t slack = tile.slack[tile.left_popcount[row]];
  auto sum = Isa::zero();
  unsigned near = 0;
  for (std::size_t word = 0; word < tile.words; word += kChunkWords) {
    sum = Isa::add_chunk(sum, left + word, right + word * Isa::lanes);
    near = Isa::within(sum, slack, tile.right_slack + group * Isa::lanes);
    if (near == 0) return 0;
  }
  Isa::store(sum, distance);
  return near;
}

// The exact decision, for the few that come so far.
template <class Isa>
void decide(const Tile& tile, std::uint32_t row, std::size_t place, std::uint64_t distance, Hits& hits) {
  const std::uint32_t sum = tile.left_popcount[row] + tile.right_popcount[place];
  const std::uint32_t common = (sum - static_cast<std::uint32_t>(distance)) / 2;
  if (common < tile.needed[sum]) return;
  if (tile.inside && tile.right_row[place] <= row) return;
  add_hit(hits, row, tile.right_row[place], 2.0 * common / static_cast<double>(sum));
}

template <class Isa>
void scan_tile(const Tile& tile, Hits& hits) {
  alignas(64) std::uint64_t distance[Isa::lanes];
  for (std::uint32_t row = tile.left_begin; row < tile.left_end; ++row) {
    if (tile.inside && tile.right_end <= row + 1) continue;
    const std::uint32_t popcount = tile.left_popcount[row];
    const std::size_t end = first_group<Isa>(tile, 0, tile.longest[popcount] + 1);
    for (std::size_t group = first_group<Isa>(tile, Isa::lanes - 1, tile.shortest[popcount]); group < end; ++group) {
      for (unsigned near = near_lanes<Isa>(tile, row, group, distance); near != 0; near &= near - 1) {
        const auto lane = static_cast<std::size_t>(__builtin_ctz(near));
        decide<Isa>(tile, row, group * Isa::lanes + lane, distance[lane], hits);
      }
    }
  }
}

}  // namespace waylink
