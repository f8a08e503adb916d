// Vectors that are read all over the place: on huge pages where the system gives them, so that an access far away does
// not cost a walk through the page tables as well.
#pragma once

#include <cstddef>
#include <new>
#include <vector>

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace waylink {

template <class T>
struct HugePageAllocator {
  using value_type = T;
  static constexpr std::size_t page = std::size_t{2} << 20;  // of x86-64, and of aarch64 with 4 KiB base pages

  HugePageAllocator() = default;
  template <class U>
  HugePageAllocator(const HugePageAllocator<U>&) {}

  T* allocate(std::size_t count) {
    const std::size_t bytes = count * sizeof(T);
    if (bytes < page) return static_cast<T*>(::operator new(bytes));
    void* memory = ::operator new(bytes, std::align_val_t{page});
#ifdef __linux__
    madvise(memory, bytes, MADV_HUGEPAGE);  // a wish: where it is refused, all is as before
#endif
    return static_cast<T*>(memory);
  }

  void deallocate(T* memory, std::size_t count) {
    if (count * sizeof(T) < page) return ::operator delete(memory);
    ::operator delete(memory, std::align_val_t{page});
  }

  bool operator==(const HugePageAllocator&) const { return true; }
};

template <class T>
using BigVector = std::vector<T, HugePageAllocator<T>>;

}  // namespace waylink
