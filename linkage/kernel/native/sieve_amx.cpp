// 32 x 32 pairs at a time with AMX: a matrix product of bits counts the ones in common.
//
// Bits stand as bytes 0 and 1. TDPBUUD multiplies 16 left records with 16 right ones over 64 bits, in 16 cycles; two by
// two of these share their loads. The sums start at minus the left bound, so that one comparison with the right bound
// decides, and only the greatest sum of a column is compared. While one block of pairs is multiplied, the processor
// reduces the block before, which stands in the other of two buffers.
#include <immintrin.h>

#include "prefix_bounds.h"
#include "sieve.h"

namespace waylink {
namespace {

constexpr std::size_t kSide = 16;          // records of a tile
constexpr std::size_t kTile = 1024;        // its bytes: 16 rows of 64
constexpr std::size_t kPair = 2 * kSide;   // records of two tiles: a block has as many rows and columns
static_assert(kPair == kAmxRows);

// The tiles: sums of two by two, two of left records, two of right ones.
struct alignas(64) TileConfig {
  std::uint8_t palette = 1, start_row = 0, reserved[14] = {};
  std::uint16_t row_bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
  std::uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};
static_assert(sizeof(TileConfig) == 64);

// Bounds on the count of ones in common, halves of (ones of the prefix - bound on the distance): a pair may be near
// when common >= half(left) + half(right). Rounded down, so generous.
std::int32_t least_common(const std::uint64_t* bits, std::size_t words, std::int16_t bound) {
  std::int32_t ones = 0;
  for (std::size_t word = 0; word < words; ++word) ones += __builtin_popcountll(bits[word]);
  return (ones - bound) >> 1;
}

struct Amx {
  std::size_t words, pairs;  // pairs of right tiles
  std::uint8_t* right;       // [pair][word][tile of the pair][4 bits][record][bit of 4]
  std::int32_t* right_least; // [pair][tile][record]
  std::uint8_t* left;        // [word][tile][record][bit]
  std::int32_t* start;       // [left tile][record][column]: minus the left record's bound
  std::int32_t* sums;        // [buffer][right tile][left tile][record][column]

  static std::size_t pairs_of(std::size_t count) { return (count + kPair - 1) / kPair; }
  static std::size_t space(std::size_t words, std::size_t count) {
    return pairs_of(count) * (words * 2 * kTile + kPair * sizeof(std::int32_t)) + words * 2 * kTile + 2 * kTile +
           2 * 4 * kTile;
  }

  Amx(const Block& block, std::byte* space) : words(block.words), pairs(pairs_of(block.right_count)) {
    right = reinterpret_cast<std::uint8_t*>(space);
    left = right + pairs * words * 2 * kTile;
    start = reinterpret_cast<std::int32_t*>(left + words * 2 * kTile);
    sums = start + 2 * kTile / sizeof(std::int32_t);
    right_least = sums + 2 * 4 * kTile / sizeof(std::int32_t);
  }

  std::int32_t* sums_of(std::size_t pair, std::size_t right_tile, std::size_t left_tile) const {
    return sums + ((pair % 2 * 2 + right_tile) * 2 + left_tile) * (kTile / sizeof(std::int32_t));
  }

  void lay_out_right(const Block& block) const;
  void lay_out_left(const Block& block, std::uint32_t first) const;
  void multiply(std::size_t pair) const;
  void tell(std::size_t pair, std::uint32_t first, Near& near) const;
};

// One word of 16 records as a right tile: a row holds 4 bits of each record, a byte a bit.
void lay_out_tile(const std::uint64_t* const* records, std::size_t word, std::uint8_t* tile) {
  const __m512i four_bytes = _mm512_setr_epi32(0x00000000, 0x00000001, 0x00000100, 0x00000101, 0x00010000, 0x00010001,
                                               0x00010100, 0x00010101, 0x01000000, 0x01000001, 0x01000100, 0x01000101,
                                               0x01010000, 0x01010001, 0x01010100, 0x01010101);  // [4 bits]
  alignas(64) std::uint64_t bits[kSide];
  for (std::size_t i = 0; i < kSide; ++i) bits[i] = records[i] ? records[i][word] : 0;
  __m512i low = _mm512_load_si512(bits), high = _mm512_load_si512(bits + 8);
  for (std::size_t row = 0; row < kSide; ++row) {
    const __m512i both = _mm512_inserti64x4(_mm512_castsi256_si512(_mm512_cvtepi64_epi32(low)),
                                            _mm512_cvtepi64_epi32(high), 1);
    const __m512i four_bits = _mm512_and_si512(both, _mm512_set1_epi32(15));
    _mm512_store_si512(tile + row * 64, _mm512_permutexvar_epi32(four_bits, four_bytes));
    low = _mm512_srli_epi64(low, 4);
    high = _mm512_srli_epi64(high, 4);
  }
}

void Amx::lay_out_right(const Block& block) const {
  for (std::size_t tile = 0; tile < 2 * pairs; ++tile) {
    const std::uint64_t* records[kSide];
    for (std::size_t i = 0; i < kSide; ++i) {
      const std::size_t record = tile * kSide + i;
      const bool there = record < block.right_count;
      records[i] = there ? block.right_bits + record * words : nullptr;
      right_least[record] = there ? least_common(records[i], words, block.right_bound[record]) : -kNobody / 2;
    }
    for (std::size_t word = 0; word < words; ++word)
      lay_out_tile(records, word, right + ((tile / 2 * words + word) * 2 + tile % 2) * kTile);
  }
}

void Amx::lay_out_left(const Block& block, std::uint32_t first) const {
  const __m512i ones = _mm512_set1_epi8(1);
  for (std::size_t i = 0; i < kPair; ++i) {
    const bool there = first + i < block.left_count;
    const std::uint64_t* bits = block.left_bits + (there ? first + i : first) * words;
    const std::int32_t least = there ? least_common(bits, words, block.left_bound[first + i]) : -kNobody / 2;
    _mm512_store_si512(start + i * kSide, _mm512_set1_epi32(-least));
    for (std::size_t word = 0; word < words; ++word)
      _mm512_store_si512(left + word * 2 * kTile + i * 64, _mm512_maskz_mov_epi8(there ? bits[word] : 0, ones));
  }
}

// All pairs of the left tiles and one pair of right ones.
void Amx::multiply(std::size_t pair) const {
  const std::uint8_t* a = left;
  const std::uint8_t* b = right + pair * words * 2 * kTile;
  const std::int32_t* second = start + kTile / sizeof(std::int32_t);
  _tile_loadd(0, start, 64);
  _tile_loadd(1, start, 64);
  _tile_loadd(2, second, 64);
  _tile_loadd(3, second, 64);
  for (std::size_t word = 0; word < words; ++word, a += 2 * kTile, b += 2 * kTile) {
    _tile_loadd(4, a, 64);
    _tile_loadd(6, b, 64);
    _tile_dpbuud(0, 4, 6);
    _tile_loadd(7, b + kTile, 64);
    _tile_dpbuud(1, 4, 7);
    _tile_loadd(5, a + kTile, 64);
    _tile_dpbuud(2, 5, 6);
    _tile_dpbuud(3, 5, 7);
  }
  _tile_stored(0, sums_of(pair, 0, 0), 64);
  _tile_stored(1, sums_of(pair, 1, 0), 64);
  _tile_stored(2, sums_of(pair, 0, 1), 64);
  _tile_stored(3, sums_of(pair, 1, 1), 64);
}

void Amx::tell(std::size_t pair, std::uint32_t first, Near& near) const {
  for (std::size_t tile = 0; tile < 2; ++tile) {
    const std::int32_t* rows = sums_of(pair, tile, 0);
    const __m512i least = _mm512_load_si512(right_least + pair * kPair + tile * kSide);
    __m512i most = _mm512_load_si512(rows), more = _mm512_load_si512(rows + kSide);
    for (std::size_t row = 2; row < kPair; row += 2) {  // two chains: one waits for itself
      most = _mm512_max_epi32(most, _mm512_load_si512(rows + row * kSide));
      more = _mm512_max_epi32(more, _mm512_load_si512(rows + (row + 1) * kSide));
    }
    if (_mm512_cmpge_epi32_mask(_mm512_max_epi32(most, more), least) == 0) continue;
    for (std::size_t row = 0; row < kPair; ++row) {
      unsigned mask = _mm512_cmpge_epi32_mask(_mm512_load_si512(rows + row * kSide), least);
      for (; mask != 0; mask &= mask - 1) {
        const std::size_t record = pair * kPair + tile * kSide + static_cast<std::size_t>(__builtin_ctz(mask));
        add_near(near, first + static_cast<std::uint32_t>(row), static_cast<std::uint32_t>(record));
      }
    }
  }
}

}  // namespace

void sieve_amx(const Block& block, std::byte* space, Near& near) {
  const Amx amx(block, space);
  const TileConfig config;
  _tile_loadconfig(&config);
  amx.lay_out_right(block);
  for (std::uint32_t first = 0; first < block.left_count; first += kPair) {
    const Range look = block.looks[first / kPair];
    if (look.begin >= look.end) continue;
    amx.lay_out_left(block, first);
    const std::size_t begin = look.begin / kPair, end = (look.end + kPair - 1) / kPair;
    for (std::size_t pair = begin; pair < end; ++pair) {
      amx.multiply(pair);
      if (pair > begin) amx.tell(pair - 1, first, near);
    }
    amx.tell(end - 1, first, near);
  }
  _tile_release();
}

std::size_t space_amx(std::size_t words, std::size_t right_count) { return Amx::space(words, right_count); }

}  // namespace waylink
