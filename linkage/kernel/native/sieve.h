// A sieve finds the pairs of a block that may be candidates: those whose distance over the prefix is within the bound.
// It lets some others pass, never keeps one back; `score` decides. One file an instruction set.
//
// Those files are compiled with flags that not every processor obeys, and the linker keeps one copy of every inline
// function, from any file. So here are plain pointers, and nothing of the standard library that could leave such a copy
// behind.
#pragma once

#include <cstddef>
#include <cstdint>

namespace waylink {

class Near;

// Tells a pair that may be a candidate, by its places in the block. Not inline: see above.
void add_near(Near& near, std::uint32_t left, std::uint32_t right);

// Right records begin .. end - 1 of a block.
struct Range {
  std::uint32_t begin, end;
};

// Some left records against some right ones: their prefixes and bounds (prefix.h).
struct Block {
  const std::uint64_t* left_bits;   // [record][word]
  const std::int16_t* left_bound;   // [record]
  std::uint32_t left_count;
  const std::uint64_t* right_bits;  // [record][word]
  const std::int16_t* right_bound;  // [record]
  std::uint32_t right_count;
  std::size_t words;   // of a prefix
  const Range* looks;  // [left record / rows of a tile] -> right records that the length bound leaves
};

// `space`: a multiple of a cache line, and as large as the sieve's own function says.
using Sieve = void (*)(const Block& block, std::byte* space, Near& near);
using SpaceNeeded = std::size_t (*)(std::size_t words, std::size_t right_count);

void sieve_scalar(const Block&, std::byte*, Near&);
void sieve_avx2(const Block&, std::byte*, Near&);
void sieve_avx512(const Block&, std::byte*, Near&);
void sieve_amx(const Block&, std::byte*, Near&);
void sieve_neon(const Block&, std::byte*, Near&);

std::size_t space_scalar(std::size_t words, std::size_t right_count);
std::size_t space_avx2(std::size_t words, std::size_t right_count);
std::size_t space_avx512(std::size_t words, std::size_t right_count);
std::size_t space_amx(std::size_t words, std::size_t right_count);
std::size_t space_neon(std::size_t words, std::size_t right_count);

// Left records of a tile, for Block::looks.
inline constexpr std::uint32_t kScalarRows = 1, kAvx2Rows = 4, kAvx512Rows = 4, kAmxRows = 32, kNeonRows = 4;

}  // namespace waylink
