// Groups under way: which group each record is in, and which records each group has.
#pragma once

#include <cstddef>
#include <cstdint>

#include "big_vector.h"
#include "pairs.h"

namespace waylink {

// Every record starts as a group of its own. A group is named by one of its records; which one is no promise.
// Two threads may work on it at once if they touch different records.
class Grouping {
 public:
  // With members, `share_member` may be asked.
  explicit Grouping(const Records& records);

  Record group_of(Record record) const { return group_[record]; }
  std::uint64_t size(Record group) const { return about_[group].size; }
  Record first(Record group) const { return about_[group].first; }

  // A number that the user keeps for a group, beside what is read with it anyway; kNone at first.
  Record& note(Record group) { return about_[group].note; }

  // Calls `visit` with each record of a group.
  template <class Visit>
  void each(Record group, Visit visit) const {
    Record record = group;
    do {
      visit(record);
      record = next_[record];
    } while (record != group);
  }

  // Puts the records of one group into another; costs as much as `absorbed` has records.
  void absorb(Record into, Record absorbed);

  // Whether some member has a record in both.
  bool share_member(Record a, Record b) const;

  // Asks for the memory of a record, or of a group, ahead of its use.
  void prefetch_record(Record record) const { __builtin_prefetch(&group_[record]); }
  void prefetch_group(Record group) const { __builtin_prefetch(&about_[group]); }

  // int64 (records,): the lowest record of each record's group.
  void write_first(std::int64_t* label) const;

 private:
  struct About {
    std::uint64_t members;  // bit m % 64 for each of its members m
    Record size, first, note;
  };

  bool find_member(std::int64_t member, Record group) const;

  BigVector<Record> group_, next_;  // by record; `next_` goes round each group
  BigVector<About> about_;          // by group
  const std::int64_t* member_;
  bool few_members_ = true;  // every member has a bit of its own
};

}  // namespace waylink
