// Long work in a thread of its own, so that the caller's thread can listen for an interrupt.
#pragma once

#include <atomic>
#include <functional>

namespace waylink {

// Work looks at it now and then, and ends early by throwing Stopped.
using Stop = std::atomic<bool>;

struct Stopped {};

inline void heed(const Stop& stop) {
  if (stop.load(std::memory_order_relaxed)) throw Stopped{};
}

// Does the work and asks `interrupted` about ten times a second whether to go on. Returns whether the work was done to
// its end; what it throws is thrown here. Where the system gives no thread, nobody listens.
bool supervise(const std::function<void(const Stop&)>& work, const std::function<bool()>& interrupted);

}  // namespace waylink
