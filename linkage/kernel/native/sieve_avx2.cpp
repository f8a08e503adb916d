// 64 right records at a time with AVX2: a byte shuffle looks up the distances of 32 half bytes from one.
#include <immintrin.h>

#include "planes.h"

namespace waylink {
namespace {

constexpr Tables<4> kTables;

struct Avx2 {
  using Vec = __m256i;
  using Left = Distances<4>;  // side by side for a tile: looking them up by symbol costs an instruction more in the loop
  static constexpr std::size_t kLanes = 32, kSymbolBits = 4, kSegment = 63, kRows = kAvx2Rows, kVectors = 2,
                               kMaskStep = 2;

  static Left left(std::uint8_t symbol) { return kTables.of[symbol]; }
  static Vec prepare(const Left& left) {
    return _mm256_broadcastsi128_si256(_mm_load_si128(reinterpret_cast<const __m128i*>(left.from)));
  }
  static Vec zero() { return _mm256_setzero_si256(); }
  static Vec load(const std::uint8_t* from) { return _mm256_load_si256(reinterpret_cast<const __m256i*>(from)); }
  static Vec add(Vec sum, Vec table, Vec right) { return _mm256_add_epi8(sum, _mm256_shuffle_epi8(table, right)); }

  static Vec low16(Vec bytes) { return _mm256_and_si256(bytes, _mm256_set1_epi16(0xff)); }
  static Vec high16(Vec bytes) { return _mm256_srli_epi16(bytes, 8); }
  static constexpr std::size_t place(std::size_t half, std::size_t lane) { return 2 * lane + half; }

  static Vec set16(std::int16_t value) { return _mm256_set1_epi16(value); }
  static Vec add16(Vec a, Vec b) { return _mm256_add_epi16(a, b); }
  static Vec min16(Vec a, Vec b) { return _mm256_min_epi16(a, b); }

  static std::uint64_t within(Vec sums, const std::int16_t* bounds) {
    const Vec bound = _mm256_load_si256(reinterpret_cast<const __m256i*>(bounds));
    const auto too_far = static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpgt_epi16(sums, bound)));
    return ~too_far & 0x55555555u;
  }
  static bool any_within(Vec sums, const std::int16_t* bounds) { return within(sums, bounds) != 0; }
};

}  // namespace

void sieve_avx2(const Block& block, std::byte* space, Near& near) { sieve_planes<Avx2>(block, space, near); }

std::size_t space_avx2(std::size_t words, std::size_t right_count) { return Planes<Avx2>::space(words, right_count); }

}  // namespace waylink
