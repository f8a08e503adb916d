// Four pairs at a time with AVX2. Ones are counted by looking up half bytes (Mula, Kurz and Lemire, "Faster Population
// Counts Using AVX2 Instructions", The Computer Journal 61(1), 2018, section 3).
#include <immintrin.h>

#include "tile.h"

namespace waylink {
namespace {

struct Avx2 {
  static constexpr std::size_t lanes = 4;

  static __m256i zero() { return _mm256_setzero_si256(); }

  // Ones of each byte: 0..8.
  static __m256i ones(__m256i bytes) {
    const __m256i table = _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4,  //
                                           0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
    const __m256i half = _mm256_set1_epi8(0x0f);
    const __m256i low = _mm256_and_si256(bytes, half);
    const __m256i high = _mm256_and_si256(_mm256_srli_epi16(bytes, 4), half);
    return _mm256_add_epi8(_mm256_shuffle_epi8(table, low), _mm256_shuffle_epi8(table, high));
  }

  static __m256i add_chunk(__m256i sum, const std::uint64_t* left, const std::uint64_t* right) {
    static_assert(kChunkWords * 8 < 256, "the ones of a chunk are added up in bytes");
    __m256i bytes = zero();
    for (std::size_t word = 0; word < kChunkWords; ++word) {
      const __m256i one = _mm256_set1_epi64x(static_cast<long long>(left[word]));
      const __m256i four = _mm256_load_si256(reinterpret_cast<const __m256i*>(right + word * lanes));
      bytes = _mm256_add_epi8(bytes, ones(_mm256_xor_si256(one, four)));
    }
    return _mm256_add_epi64(sum, _mm256_sad_epu8(bytes, zero()));
  }

  static unsigned within(__m256i sum, std::int64_t left, const std::int64_t* right) {
    const __m256i slack = _mm256_load_si256(reinterpret_cast<const __m256i*>(right));
    const __m256i too_far = _mm256_cmpgt_epi64(sum, _mm256_add_epi64(slack, _mm256_set1_epi64x(left)));
    return ~static_cast<unsigned>(_mm256_movemask_pd(_mm256_castsi256_pd(too_far))) & 0xfu;
  }

  static void store(__m256i sum, std::uint64_t* distance) {
    _mm256_store_si256(reinterpret_cast<__m256i*>(distance), sum);
  }
};

}  // namespace

void scan_tile_avx2(const Tile& tile, Hits& hits) { scan_tile<Avx2>(tile, hits); }

}  // namespace waylink
