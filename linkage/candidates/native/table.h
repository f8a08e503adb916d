// Records sorted into buckets by the first bits of their words.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace waylink {

struct Range {
  std::size_t begin, end;

  std::size_t size() const { return end - begin; }
};

// Columns of (word, record), by the highest `key_bits` bits of the word, then as they came in.
class Table {
 public:
  std::vector<std::uint64_t> words;
  std::vector<std::uint32_t> records;

  // Sorts `words` and `records`. key_bits: 0 .. 32.
  void sort(unsigned key_bits);

  std::uint32_t key_at(std::size_t place) const {
    return key_bits_ == 0 ? 0 : static_cast<std::uint32_t>(words[place] >> (64 - key_bits_));
  }
  // The places of a bucket; none where nobody has that key.
  Range bucket(std::uint32_t key) const { return {key == 0 ? 0 : ends_[key - 1], ends_[key]}; }
  // Records in the largest bucket.
  std::size_t largest() const;
  unsigned key_bits() const { return key_bits_; }

 private:
  void pass(const std::uint64_t* from_words, const std::uint32_t* from_records, Range range, unsigned shift,
            std::uint32_t* ends, std::size_t keys);

  unsigned key_bits_ = 0;
  std::vector<std::uint32_t> ends_;  // [key] -> one past its last place
  std::vector<std::uint64_t> other_words_;
  std::vector<std::uint32_t> other_records_;
};

}  // namespace waylink
