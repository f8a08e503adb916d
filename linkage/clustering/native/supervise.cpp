#include "supervise.h"

#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>

namespace waylink {
namespace {

constexpr std::chrono::milliseconds kBetweenLooks{100};

class Supervised {
 public:
  explicit Supervised(const std::function<void(const Stop&)>& work) : work_(work) {}

  void run() noexcept {
    try {
      work_(stop_);
    } catch (const Stopped&) {
    } catch (...) {
      failure_ = std::current_exception();
    }
    const std::lock_guard<std::mutex> lock(changing_);
    done_ = true;
    changed_.notify_one();
  }

  void listen(const std::function<bool()>& interrupted) {
    std::unique_lock<std::mutex> lock(changing_);
    while (!changed_.wait_for(lock, kBetweenLooks, [this] { return done_; })) {
      if (stop_) continue;
      lock.unlock();  // asking may wait for the interpreter
      if (interrupted()) stop_ = true;
      lock.lock();
    }
  }

  bool finish() const {
    if (failure_) std::rethrow_exception(failure_);
    return !stop_;
  }

 private:
  const std::function<void(const Stop&)>& work_;
  Stop stop_{false};
  bool done_ = false;
  std::mutex changing_;
  std::condition_variable changed_;
  std::exception_ptr failure_;
};

}  // namespace

bool supervise(const std::function<void(const Stop&)>& work, const std::function<bool()>& interrupted) {
  Supervised supervised(work);
  std::jthread worker;
  try {
    worker = std::jthread([&supervised] { supervised.run(); });
  } catch (const std::system_error&) {
    supervised.run();
  }
  supervised.listen(interrupted);
  if (worker.joinable()) worker.join();
  return supervised.finish();
}

}  // namespace waylink
