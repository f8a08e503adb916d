#include "filters.h"

#include <algorithm>
#include <functional>
#include <stdexcept>
#include <utility>

namespace waylink {
namespace {

constexpr unsigned kByteBits = 8;

// Values that occur so often on average are drawn once and then merged: 64 bytes at a time, and no loop ends where it
// cannot be foreseen. A value that occurs once would be written and read again for nothing.
constexpr std::size_t kWorthwhile = 2;

// Drawn filters lie anywhere in memory, so they are called for some records ahead.
constexpr std::size_t kAhead = 4;
constexpr std::size_t kCacheLine = 64;

void prefetch(const std::uint8_t* from, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; i += kCacheLine) __builtin_prefetch(from + i);
}

template <class Operation>
void merge(std::uint8_t* into, const std::uint8_t* from, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; ++i) into[i] = Operation{}(into[i], from[i]);
}

void require(bool holds, const char* what) {
  if (!holds) throw std::invalid_argument(what);
}

template <class T>
bool all_under(std::span<const T> numbers, std::size_t limit) {
  return std::all_of(numbers.begin(), numbers.end(),
                     [limit](T number) { return number >= 0 && static_cast<std::size_t>(number) < limit; });
}

// Whether these are the starts of ranges, one after the other, that make up [0, end).
bool are_starts(std::span<const std::int64_t> starts, std::size_t end) {
  return !starts.empty() && starts.front() == 0 && std::is_sorted(starts.begin(), starts.end()) &&
         static_cast<std::size_t>(starts.back()) == end;
}

void require_values(const Field& field) {
  require(are_starts(field.first, field.token.size()), "values' tokens do not follow each other");
  require(field.least.size() + 1 == field.first.size() && field.extra.size() == field.least.size(),
          "a value has no number of bits");
}

}  // namespace

void most_bits(const Field& field, std::span<std::int32_t> most) {
  require_values(field);
  require(all_under(field.token, most.size()), "there is no such token");
  std::fill(most.begin(), most.end(), 0);
  for (std::size_t value = 0; value < field.least.size(); ++value) {
    const auto tokens = field.tokens_of(value);
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      auto& here = most[static_cast<std::size_t>(tokens[i])];
      here = std::max(here, field.bits_of(value, i));
    }
  }
}

Filters::Filters(std::size_t bits, unsigned folds) : bytes_(bits / kByteBits), folds_(folds) {
  require(bits > 0 && folds < 32 && bits % (std::size_t{kByteBits} << folds) == 0,
          "the filter cannot be folded so often into whole bytes");
}

void Filters::add(const Field& field) {
  // (1) rows have values, values have tokens, tokens have positions
  require(columns_.empty() || field.codes.size() == records_, "fields have different numbers of records");
  require_values(field);
  require(all_under(field.codes, field.least.size()), "there is no such value");
  require(are_starts(field.place, field.positions.size()), "tokens' positions do not follow each other");
  require(all_under(field.token, field.place.size() - 1), "there is no such token");
  require(all_under(field.positions, bytes_ * kByteBits), "there is no such bit");
  // (2) as many as the value sets
  for (std::size_t value = 0; value < field.least.size(); ++value) {
    const auto tokens = field.tokens_of(value);
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      const auto token = static_cast<std::size_t>(tokens[i]);
      require(field.bits_of(value, i) <= field.place[token + 1] - field.place[token], "a token has too few positions");
    }
  }
  records_ = field.codes.size();
  Column column{field, {}};
  if (records_ >= kWorthwhile * field.least.size()) column.drawn = draw_all(field);
  columns_.push_back(std::move(column));
}

std::vector<std::uint8_t> Filters::draw_all(const Field& field) const {
  std::vector<std::uint8_t> drawn(field.least.size() * bytes_);
  for (std::size_t value = 0; value < field.least.size(); ++value) draw(field, value, &drawn[value * bytes_]);
  return drawn;
}

void Filters::draw(const Field& field, std::size_t value, std::uint8_t* filter) {
  const auto tokens = field.tokens_of(value);
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const std::uint32_t* position = field.positions.data() + field.place[static_cast<std::size_t>(tokens[i])];
    const std::int32_t bits = field.bits_of(value, i);
    for (std::int32_t k = 0; k < bits; ++k)
      filter[position[k] / kByteBits] |= static_cast<std::uint8_t>(0x80u >> (position[k] % kByteBits));
  }
}

void Filters::write(const std::int64_t* to, std::uint8_t* out) const {
  std::vector<std::uint8_t> filter(bytes_);
  for (std::size_t record = 0; record < records_; ++record) {
    std::fill(filter.begin(), filter.end(), std::uint8_t{0});
    for (const Column& column : columns_) {
      if (column.drawn.empty()) {
        draw(column.field, column.value_of(record), filter.data());
        continue;
      }
      if (record + kAhead < records_) prefetch(&column.drawn[column.value_of(record + kAhead) * bytes_], bytes_);
      merge<std::bit_or<>>(filter.data(), &column.drawn[column.value_of(record) * bytes_], bytes_);
    }
    // Folding by XOR of the halves, again and again, is XOR of all pieces of the last length.
    std::uint8_t* folded = out + static_cast<std::size_t>(to[record]) * folded_bytes();
    std::copy_n(filter.data(), folded_bytes(), folded);
    for (std::size_t piece = folded_bytes(); piece < bytes_; piece += folded_bytes())
      merge<std::bit_xor<>>(folded, &filter[piece], folded_bytes());
  }
}

}  // namespace waylink
