#include "greedy.h"

#include <cstddef>
#include <utility>

#include "big_vector.h"
#include "grouping.h"
#include "pair_table.h"

namespace waylink {
namespace {

constexpr std::size_t kBetweenLooks = std::size_t{1} << 16;  // pairs between two looks for an interrupt: milliseconds

// How many pairs ahead memory is asked for: records first, then what hangs on their groups.
constexpr std::size_t kRecordsAhead = 32, kGroupsAhead = 16;

class Greedy {
 public:
  Greedy(std::size_t pairs, const Records& records, const GreedyRule& rule)
      : rule_(rule), groups_(records) {
    seen_.reset(pairs);  // most pairs are spurious and stay: growing on the way would cost more than the room
    links_.reserve(2 * pairs);
  }

  void prefetch_records(Record left, Record right) const {
    groups_.prefetch_record(left);
    groups_.prefetch_record(right);
  }

  void prefetch_groups(Record left, Record right) const {
    const Record a = groups_.group_of(left), b = groups_.group_of(right);
    seen_.prefetch(a, b);
    groups_.prefetch_group(a);
    groups_.prefetch_group(b);
  }

  // anonlink makes a group when it first meets a record; a record alone behaves the same.
  void meet(Record left, Record right) {
    const Record a = groups_.group_of(left), b = groups_.group_of(right);
    if (a == b) return;
    // Groups that share a member never merge, nor does anything they become part of: anonlink counts on, in vain.
    if (rule_.deduplicated && groups_.share_member(a, b)) return;
    // In anonlink's order of multiplication, so that both round alike.
    const double wanted =
        rule_.merge_threshold * static_cast<double>(groups_.size(a)) * static_cast<double>(groups_.size(b));
    if (1.0 >= wanted) return merge(a, b);
    const auto [count, fresh] = seen_.at(a, b);
    if (static_cast<double>(++count) >= wanted) return merge(a, b);
    if (fresh) {
      link(a, b);
      link(b, a);
    }
  }

  const Grouping& groups() const { return groups_; }

 private:
  // The groups that a group has pairs with. A name may be outdated: its group was absorbed; it stands for that one.
  struct Link {
    Record other, next;
  };

  // The first link of a group, or kNone.
  Record& head(Record group) { return groups_.note(group); }

  void link(Record group, Record other) {
    links_.push_back({other, kNone});
    attach(group, static_cast<Record>(links_.size() - 1));
  }

  void attach(Record group, Record link) { links_[link].next = std::exchange(head(group), link); }

  // The smaller group moves, so that no record and no link moves more than log2 times.
  void merge(Record a, Record b) {
    const bool swapped = groups_.size(a) < groups_.size(b);
    const Record into = swapped ? b : a, absorbed = swapped ? a : b;
    if (head(absorbed) != kNone) seen_.take(into, absorbed);
    for (Record link = std::exchange(head(absorbed), kNone); link != kNone;)
      move(std::exchange(link, links_[link].next), absorbed, into);
    groups_.absorb(into, absorbed);
  }

  void move(Record link, Record absorbed, Record into) {
    const Record other = groups_.group_of(links_[link].other);
    if (other == absorbed || other == into) return;
    const auto count = seen_.take(absorbed, other);
    if (!count) return;  // an outdated name of a group that was met before
    const auto [total, fresh] = seen_.at(into, other);
    total += *count;
    if (fresh) attach(into, link);
  }

  GreedyRule rule_;
  Grouping groups_;
  PairTable<std::uint32_t> seen_;  // by pair of groups that are not merged: candidate pairs between them so far
  BigVector<Link> links_;
};

}  // namespace

std::vector<std::int64_t> greedy(const Pairs& pairs, const Records& records, const GreedyRule& rule, const Stop& stop) {
  for (std::size_t i = 0; i < pairs.count; ++i) {
    require_record(pairs.left[i], records.count);
    require_record(pairs.right[i], records.count);
  }
  const auto left = [&](std::size_t i) { return static_cast<Record>(pairs.left[i]); };
  const auto right = [&](std::size_t i) { return static_cast<Record>(pairs.right[i]); };
  Greedy solver(pairs.count, records, rule);
  for (std::size_t i = 0; i < pairs.count; ++i) {
    if (i % kBetweenLooks == 0) heed(stop);
    if (i + kRecordsAhead < pairs.count) solver.prefetch_records(left(i + kRecordsAhead), right(i + kRecordsAhead));
    if (i + kGroupsAhead < pairs.count) solver.prefetch_groups(left(i + kGroupsAhead), right(i + kGroupsAhead));
    solver.meet(left(i), right(i));
  }
  std::vector<std::int64_t> label(records.count);
  solver.groups().write_first(label.data());
  return label;
}

}  // namespace waylink
