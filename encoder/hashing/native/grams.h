// Texts cut into n-grams, and every different n-gram numbered.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "texts.h"

namespace waylink {

using GramId = std::int32_t;

// The n-grams of clkhash/comparators.py, NgramComparison: a text that is not empty has n - 1 spaces on either side, and
// a positional n-gram is another one at another place.
class Grams {
 public:
  // n is at least 1.
  Grams(std::size_t n, bool positional);

  // How many n-grams a text of that many code points has.
  std::size_t count_in(std::size_t length) const { return length == 0 ? 0 : length + n_ - 1; }

  // Writes the numbers of the text's n-grams, count_in(text.length) of them, in order, repeats kept.
  // Numbers go by first appearance. Throws std::length_error where they no longer fit.
  void cut(const Text& text, GramId* out);

  std::size_t size() const { return positions_.size(); }
  std::span<const char32_t> gram(std::size_t id) const { return {&points_[id * n_], n_}; }
  std::size_t position(std::size_t id) const { return positions_[id]; }  // from 1; 0 where it does not count

 private:
  // An open address; `id` is kNone where it is free. The tag is the part of the hash that did not choose the slot.
  struct Slot {
    std::uint32_t tag;
    GramId id;
  };

  GramId id_of(const char32_t* gram, std::size_t position);
  GramId add(const char32_t* gram, std::size_t position);
  bool is(GramId id, const char32_t* gram, std::size_t position) const;
  std::uint64_t hash(const char32_t* gram, std::size_t position) const;
  std::size_t free_slot(std::uint64_t hash) const;
  void grow();

  std::size_t n_;
  bool positional_;
  std::vector<char32_t> padded_;        // the text at hand
  std::vector<char32_t> points_;        // (size, n)
  std::vector<std::size_t> positions_;  // (size,)
  std::vector<Slot> slots_;             // a power of two, at most half of them taken
};

}  // namespace waylink
