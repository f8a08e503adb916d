// 128 right records at a time with AVX-512 and VBMI: a byte permutation looks up the distances of 64 symbols of 6 bits
// from one. 384 bits an instruction and an addition, where exclusive or, VPOPCNTB and addition do 512: two instructions
// on two ports against three.
#include <immintrin.h>

#include "planes.h"

namespace waylink {
namespace {

constexpr Tables<6> kTables;

struct Avx512 {
  using Vec = __m512i;
  using Left = std::uint16_t;  // where the table of the left symbol begins
  static constexpr std::size_t kLanes = 64, kSymbolBits = 6, kSegment = 42, kRows = kAvx512Rows, kVectors = 2,
                               kMaskStep = 1;

  static Left left(std::uint8_t symbol) { return static_cast<Left>(64u * symbol); }
  static Vec prepare(Left at) { return _mm512_load_si512(reinterpret_cast<const std::uint8_t*>(&kTables) + at); }
  static Vec zero() { return _mm512_setzero_si512(); }
  static Vec load(const std::uint8_t* from) { return _mm512_load_si512(from); }
  static Vec add(Vec sum, Vec table, Vec right) { return _mm512_add_epi8(sum, _mm512_permutexvar_epi8(right, table)); }

  static Vec low16(Vec bytes) { return _mm512_and_si512(bytes, _mm512_set1_epi16(0xff)); }
  static Vec high16(Vec bytes) { return _mm512_srli_epi16(bytes, 8); }
  static constexpr std::size_t place(std::size_t half, std::size_t lane) { return 2 * lane + half; }

  static Vec set16(std::int16_t value) { return _mm512_set1_epi16(value); }
  static Vec add16(Vec a, Vec b) { return _mm512_add_epi16(a, b); }
  static Vec min16(Vec a, Vec b) { return _mm512_min_epi16(a, b); }

  static std::uint64_t within(Vec sums, const std::int16_t* bounds) {
    return _mm512_cmple_epi16_mask(sums, _mm512_load_si512(bounds));
  }
  static bool any_within(Vec sums, const std::int16_t* bounds) { return within(sums, bounds) != 0; }
};

}  // namespace

void sieve_avx512(const Block& block, std::byte* space, Near& near) { sieve_planes<Avx512>(block, space, near); }

std::size_t space_avx512(std::size_t words, std::size_t right_count) {
  return Planes<Avx512>::space(words, right_count);
}

}  // namespace waylink
