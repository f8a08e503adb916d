// One pair at a time with 64-bit words: any processor (on x86-64 compiled for POPCNT).
#include "sieve.h"

namespace waylink {

void sieve_scalar(const Block& block, std::byte*, Near& near) {
  for (std::uint32_t i = 0; i < block.left_count; ++i) {
    const std::uint64_t* left = block.left_bits + i * block.words;
    for (std::uint32_t j = block.looks[i].begin; j < block.looks[i].end; ++j) {
      const std::uint64_t* right = block.right_bits + j * block.words;
      int distance = 0;
      for (std::size_t word = 0; word < block.words; ++word) distance += __builtin_popcountll(left[word] ^ right[word]);
      if (distance <= block.left_bound[i] + block.right_bound[j]) add_near(near, i, j);
    }
  }
}

std::size_t space_scalar(std::size_t, std::size_t) { return 0; }

}  // namespace waylink
