#include "grams.h"

#include <algorithm>
#include <limits>
#include <stdexcept>

namespace waylink {
namespace {

constexpr GramId kNone = -1;
constexpr std::size_t kFirstSlots = 1024;  // room for the bigrams of names in one script
constexpr char32_t kPad = U' ';

}  // namespace

Grams::Grams(std::size_t n, bool positional) : n_(n), positional_(positional), slots_(kFirstSlots, {0, kNone}) {}

void Grams::cut(const Text& text, GramId* out) {
  const std::size_t count = count_in(text.length);
  if (count == 0) return;
  padded_.assign(count + n_ - 1, kPad);
  widen(text, padded_.data() + n_ - 1);
  for (std::size_t i = 0; i < count; ++i) out[i] = id_of(&padded_[i], positional_ ? i + 1 : 0);
}

GramId Grams::id_of(const char32_t* gram, std::size_t position) {
  const std::uint64_t mixed = hash(gram, position);
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = mixed & mask; slots_[at].id != kNone; at = (at + 1) & mask) {
    const Slot slot = slots_[at];
    if (slot.tag == static_cast<std::uint32_t>(mixed >> 32) && is(slot.id, gram, position)) return slot.id;
  }
  return add(gram, position);
}

GramId Grams::add(const char32_t* gram, std::size_t position) {
  if (size() >= static_cast<std::size_t>(std::numeric_limits<GramId>::max()))
    throw std::length_error("too many different n-grams");
  const auto id = static_cast<GramId>(size());
  points_.insert(points_.end(), gram, gram + n_);
  positions_.push_back(position);
  if (2 * size() > slots_.size()) {
    grow();
  } else {
    const std::uint64_t mixed = hash(gram, position);
    slots_[free_slot(mixed)] = {static_cast<std::uint32_t>(mixed >> 32), id};
  }
  return id;
}

bool Grams::is(GramId id, const char32_t* gram, std::size_t position) const {
  const auto place = static_cast<std::size_t>(id);
  return positions_[place] == position && std::equal(gram, gram + n_, &points_[place * n_]);
}

// Multiply and shift by odd constants (those of MurmurHash3's finaliser): both halves of the word are used.
std::uint64_t Grams::hash(const char32_t* gram, std::size_t position) const {
  std::uint64_t mixed = position;
  for (std::size_t i = 0; i < n_; ++i) {
    mixed = (mixed ^ gram[i]) * 0xff51afd7ed558ccd;
    mixed ^= mixed >> 32;
  }
  mixed *= 0xc4ceb9fe1a85ec53;
  return mixed ^ (mixed >> 29);
}

std::size_t Grams::free_slot(std::uint64_t hash) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = hash & mask;
  while (slots_[at].id != kNone) at = (at + 1) & mask;
  return at;
}

void Grams::grow() {
  slots_.assign(2 * slots_.size(), {0, kNone});
  for (std::size_t id = 0; id < size(); ++id) {
    const std::uint64_t mixed = hash(&points_[id * n_], positions_[id]);
    slots_[free_slot(mixed)] = {static_cast<std::uint32_t>(mixed >> 32), static_cast<GramId>(id)};
  }
}

}  // namespace waylink
