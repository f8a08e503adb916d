#include "average.h"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>

#include "components.h"
#include "grouping.h"
#include "neighbours.h"

namespace waylink {
namespace {

// Components that a thread takes at once. Most have two or three records, so a thousand are about a millisecond.
constexpr std::size_t kComponentsTaken = 1024;

// Threads over components, which have no record in common.
class Crew {
 public:
  Crew(const Neighbours& neighbours, const Components& components, const AverageRule& rule, Grouping& groups,
       const Stop& stop)
      : neighbours_(neighbours), components_(components), rule_(rule), groups_(groups), stop_(stop) {}

  void run(unsigned threads) {
    const std::size_t most = components_.count() / kComponentsTaken + 1;
    {
      std::vector<std::jthread> others;
      try {
        for (std::size_t i = 1; i < std::min<std::size_t>(threads, most); ++i) others.emplace_back([this] { work(); });
      } catch (const std::system_error&) {
        // The system gives no more threads: those that run, and this one, do all the components.
      }
      work();
    }
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  // An exception ends the work of all and is kept for the caller's thread.
  void work() noexcept {
    try {
      Merging merging(neighbours_, components_, rule_, groups_);
      const std::size_t count = components_.count();
      for (std::size_t begin = take(); begin < count; begin = take())
        for (std::size_t component = begin; component < std::min(begin + kComponentsTaken, count); ++component)
          merging.run(component, stop_);
    } catch (...) {
      next_ = components_.count();
      const std::lock_guard<std::mutex> lock(failing_);
      if (!failure_) failure_ = std::current_exception();
    }
  }

  std::size_t take() { return next_.fetch_add(kComponentsTaken); }

  const Neighbours& neighbours_;
  const Components& components_;
  const AverageRule rule_;
  Grouping& groups_;
  const Stop& stop_;
  std::atomic<std::size_t> next_{0};
  std::mutex failing_;
  std::exception_ptr failure_;
};

}  // namespace

std::vector<std::int64_t> average(const Pairs& pairs, const double* score, const Records& records,
                                  const AverageRule& rule, unsigned threads, const Stop& stop) {
  const Neighbours neighbours(pairs, score, records.count);
  heed(stop);
  const Components components(neighbours, rule.threshold);
  heed(stop);
  Grouping groups(records);
  Crew(neighbours, components, rule, groups, stop).run(threads);
  std::vector<std::int64_t> label(records.count);
  groups.write_first(label.data());
  return label;
}

}  // namespace waylink
