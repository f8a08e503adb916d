#include "merging.h"

#include <algorithm>
#include <stdexcept>
#include <tuple>

namespace waylink {
namespace {

__extension__ using WideSigned = __int128;

bool worse(const Queued& one, const Queued& other) { return better(other, one); }

}  // namespace

bool Queued::reaches(std::int64_t least) const { return excess >= WideSigned{least} * pairs; }

bool better(const Queued& one, const Queued& other) {
  const WideSigned ours = WideSigned{one.excess} * other.pairs, theirs = WideSigned{other.excess} * one.pairs;
  if (ours != theirs) return ours > theirs;
  return std::tie(one.a, one.b) < std::tie(other.a, other.b);
}

// Two entries with one stamp cost a second look at the pair, nothing else.
std::uint32_t Merging::stamp_of(const Queued& queued) {
  constexpr std::uint64_t kSpread = 0x9E3779B97F4A7C15;  // 2^64 over the golden ratio
  std::uint64_t mixed = static_cast<std::uint64_t>(queued.excess) * kSpread ^ queued.pairs;
  mixed = (mixed * kSpread ^ queued.a) * kSpread;
  mixed = (mixed ^ mixed >> 32 ^ queued.b) * kSpread;
  return static_cast<std::uint32_t>(mixed >> 32) | 1;
}

void Merging::run(std::size_t component, const Stop& stop) {
  load(components_.records(component), stop);
  Queued best;
  while (next(best)) {
    heed(stop);
    settle(best);
  }
}

std::size_t Merging::count_pairs(std::span<const Record> records) const {
  std::size_t ends = 0;
  for (const Record record : records)
    for (const Neighbour& neighbour : neighbours_.of(record)) ends += components_.together(record, neighbour.record);
  return ends / 2;
}

void Merging::load(std::span<const Record> records, const Stop& stop) {
  edges_.reset(count_pairs(records));
  singles_.clear();
  heap_.clear();
  for (const Record record : records) {
    heed(stop);
    for (const Neighbour& neighbour : neighbours_.of(record)) {
      if (neighbour.record < record || !components_.together(record, neighbour.record)) continue;
      const auto [edge, fresh] = edges_.at(record, neighbour.record);
      if (!fresh) throw std::invalid_argument("a pair is given twice");
      edge = {rule_.excess(neighbour.score), 0};
      if (neighbour.score < rule_.threshold) continue;
      singles_.push_back({neighbour.score - rule_.missing_score, record, neighbour.record});
      edge.stamp = stamp_of(widen(singles_.back()));
    }
  }
  std::sort(singles_.begin(), singles_.end(),
            [](const Single& one, const Single& other) { return worse(widen(one), widen(other)); });
}

// Takes out the best entry, if there is one.
bool Merging::next(Queued& best) {
  if (!heap_.empty() && (singles_.empty() || better(heap_.front(), widen(singles_.back())))) {
    std::pop_heap(heap_.begin(), heap_.end(), worse);
    best = heap_.back();
    heap_.pop_back();
    return true;
  }
  if (singles_.empty()) return false;
  best = widen(singles_.back());
  singles_.pop_back();
  return true;
}

void Merging::settle(const Queued& best) {
  const Record a = groups_.group_of(best.a), b = groups_.group_of(best.b);
  if (a == b) return;
  Edge* edge = edges_.find(a, b);
  if (edge == nullptr || edge->stamp != stamp_of(best)) return;  // another entry counts for this pair
  const Queued now = present(a, b, *edge);
  if (now != best) return queue(now, *edge);
  if (rule_.one_per_member && groups_.share_member(a, b)) return;  // for good: groups only grow
  merge(a, b);
}

Queued Merging::present(Record a, Record b, const Edge& edge) const {
  const Record one = groups_.first(a), other = groups_.first(b);
  return {edge.excess, groups_.size(a) * groups_.size(b), std::min(one, other), std::max(one, other)};
}

void Merging::queue(const Queued& queued, Edge& edge) {
  edge.stamp = 0;
  if (!queued.reaches(rule_.least())) return;
  edge.stamp = stamp_of(queued);
  if (heap_.size() == heap_.capacity()) make_room();
  heap_.push_back(queued);
  std::push_heap(heap_.begin(), heap_.end(), worse);
}

// Before the heap takes more memory, it loses what counts no longer; so it holds at most twice the edges there are.
void Merging::make_room() {
  constexpr std::size_t least = 64;
  std::erase_if(heap_, [this](const Queued& queued) { return !counts(queued); });
  std::make_heap(heap_.begin(), heap_.end(), worse);
  heap_.reserve(std::max(least, 2 * heap_.size()));
}

bool Merging::counts(const Queued& queued) {
  const Record a = groups_.group_of(queued.a), b = groups_.group_of(queued.b);
  if (a == b) return false;
  const Edge* edge = edges_.find(a, b);
  return edge != nullptr && edge->stamp == stamp_of(queued);
}

// The smaller group moves, so that no record's edges move more than log2 times.
void Merging::merge(Record a, Record b) {
  const bool swapped = groups_.size(a) < groups_.size(b);
  const Record into = swapped ? b : a, absorbed = swapped ? a : b;
  edges_.take(into, absorbed);
  moving_.clear();
  groups_.each(absorbed, [this](Record record) { moving_.push_back(record); });
  groups_.absorb(into, absorbed);
  for (const Record record : moving_)
    for (const Neighbour& neighbour : neighbours_.of(record))
      if (components_.together(record, neighbour.record)) move(groups_.group_of(neighbour.record), absorbed, into);
}

// The edge between `other` and what was absorbed, if it has not moved yet. Where there is one already, two queued
// entries become one: the average of both, which is queued now and may be above what the worse of them said.
void Merging::move(Record other, Record absorbed, Record into) {
  if (other == into) return;
  const auto moved = edges_.take(absorbed, other);
  if (!moved) return;
  const auto [edge, fresh] = edges_.at(into, other);
  if (fresh) {
    edge = *moved;
    return;
  }
  edge.excess += moved->excess;
  queue(present(into, other, edge), edge);
}

}  // namespace waylink
