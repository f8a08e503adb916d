// Numbered pieces of work, done by some threads.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace waylink {

// Calls work(0) .. work(pieces - 1), each once, in any order; the first exception ends it all and comes out here.
template <class Work>
void work_through(std::size_t pieces, unsigned threads, Work work) {
  std::atomic<std::size_t> next{0};
  std::exception_ptr failure;
  std::mutex failing;
  const auto take = [&]() noexcept {
    try {
      for (std::size_t piece = next++; piece < pieces; piece = next++) work(piece);
    } catch (...) {
      next = pieces;
      const std::lock_guard<std::mutex> lock(failing);
      if (!failure) failure = std::current_exception();
    }
  };
  {
    std::vector<std::jthread> crew;
    const std::size_t helpers = std::min<std::size_t>(threads, pieces);
    try {
      for (std::size_t i = 1; i < helpers; ++i) crew.emplace_back(take);
    } catch (const std::system_error&) {
      // The system gives no more threads: those that run, and this one, do it all.
    }
    take();
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace waylink
