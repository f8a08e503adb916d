#include "values.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <stdexcept>

namespace waylink {
namespace {

constexpr std::size_t kMostValues = std::numeric_limits<std::int32_t>::max();

// Eight bytes at a time through the finaliser of MurmurHash3; the upper half is used. Equality is decided on the bytes.
std::uint32_t digest(std::string_view text) {
  std::uint64_t state = text.size();
  for (std::size_t at = 0; at < text.size(); at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, text.size() - at < 8 ? text.size() - at : 8);
    state = (state ^ word) * 0xff51afd7ed558ccd;
    state = (state ^ (state >> 33)) * 0xc4ceb9fe1a85ec53;
    state ^= state >> 33;
  }
  return static_cast<std::uint32_t>(state >> 32);
}

}  // namespace

void Values::number(const std::vector<std::string_view>& texts, std::vector<std::int32_t>& numbers) {
  std::uint64_t signs[kAhead];
  for (std::size_t first = 0; first < texts.size(); first += kAhead) {
    const std::size_t count = std::min(kAhead, texts.size() - first);
    for (std::size_t i = 0; i < count; ++i) signs[i] = digest(texts[first + i]);
    call_for_memory(signs, count);
    for (std::size_t i = 0; i < count; ++i) numbers.push_back(number_of(texts[first + i], signs[i]));
  }
}

// A value's slot, end and bytes are three places in memory, each known from the one before: waiting for them one value
// after the other took two thirds of the time of reading a million records.
void Values::call_for_memory(const std::uint64_t* signs, std::size_t count) const {
  const std::size_t mask = slots_.size() - 1;
  const auto number = [&](std::size_t i) { return static_cast<std::uint32_t>(slots_[signs[i] & mask]); };
  for (std::size_t i = 0; i < count; ++i) __builtin_prefetch(&slots_[signs[i] & mask]);
  for (std::size_t i = 0; i < count; ++i)
    if (number(i) > 1) __builtin_prefetch(&ends_[number(i) - 2]);
  for (std::size_t i = 0; i < count; ++i)
    if (number(i) > 1) __builtin_prefetch(bytes_.data() + ends_[number(i) - 2]);
}

std::int32_t Values::number_of(std::string_view text, std::uint64_t sign) {
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = sign & mask;
  for (; slots_[slot] != 0; slot = (slot + 1) & mask) {
    const std::size_t number = (slots_[slot] & 0xffffffff) - 1;
    if (slots_[slot] >> 32 == sign && this->text(number) == text) return static_cast<std::int32_t>(number);
  }
  if (size() == kMostValues) throw std::length_error("a column has too many different values");
  bytes_.append(text);
  ends_.push_back(bytes_.size());
  slots_[slot] = sign << 32 | size();
  if (size() * 4 > slots_.size() * 3) grow();
  return static_cast<std::int32_t>(size() - 1);
}

void Values::grow() {
  std::vector<std::uint64_t> old(slots_.size() * 2);
  old.swap(slots_);
  const std::size_t mask = slots_.size() - 1;
  for (const std::uint64_t entry : old) {
    if (entry == 0) continue;
    std::size_t slot = (entry >> 32) & mask;
    while (slots_[slot] != 0) slot = (slot + 1) & mask;
    slots_[slot] = entry;
  }
}

}  // namespace waylink
