// Records' tokens -> filters: every token sets its bits, and the filter is folded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace waylink {

// One field, as encoder/hashing/tokens.py's FieldTokens says; the arrays are the caller's and outlive this.
struct Field {
  std::span<const std::int32_t> codes;         // (records,) which distinct value each has
  std::span<const std::int64_t> first;         // (values + 1,) where a value's tokens start
  std::span<const std::int32_t> token;         // which distinct token stands there
  std::span<const std::int32_t> least, extra;  // (values,) bits a token, and how many of the first set one more
  std::span<const std::int64_t> place;         // (distinct tokens + 1,) where a token's positions start
  std::span<const std::uint32_t> positions;    // bits in the unfolded filter

  // The span of a value's tokens.
  std::span<const std::int32_t> tokens_of(std::size_t value) const {
    return token.subspan(static_cast<std::size_t>(first[value]), static_cast<std::size_t>(first[value + 1] - first[value]));
  }
  std::int32_t bits_of(std::size_t value, std::size_t which) const {
    return least[value] + (which < static_cast<std::size_t>(extra[value]));
  }
};

// The most bits that each token sets anywhere: int32, one a distinct token. Throws std::invalid_argument for a field whose
// `first`, `token`, `least` or `extra` do not fit together.
void most_bits(const Field& field, std::span<std::int32_t> most);

class Filters {
 public:
  // `bits` is a multiple of 8 << folds. Throws std::invalid_argument.
  Filters(std::size_t bits, unsigned folds);

  // Throws std::invalid_argument for a field whose arrays do not fit together.
  void add(const Field& field);

  std::size_t records() const { return records_; }
  std::size_t folded_bytes() const { return bytes_ >> folds_; }

  // Writes the folded filters: record i's at out + to[i] * folded_bytes(), most significant bit first, as clkhash does.
  void write(const std::int64_t* to, std::uint8_t* out) const;

 private:
  // A field and, where its values repeat, the filter of each value: (values, bytes_).
  struct Column {
    Field field;
    std::vector<std::uint8_t> drawn;

    std::size_t value_of(std::size_t record) const { return static_cast<std::size_t>(field.codes[record]); }
  };

  std::vector<std::uint8_t> draw_all(const Field& field) const;
  static void draw(const Field& field, std::size_t value, std::uint8_t* filter);

  std::size_t bytes_;
  unsigned folds_;
  std::size_t records_ = 0;
  std::vector<Column> columns_;
};

}  // namespace waylink
