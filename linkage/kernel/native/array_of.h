// A column handed to Python.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <utility>
#include <vector>

namespace waylink {

// A vector as a NumPy array that owns it.
template <class T>
nanobind::object array_of(std::vector<T>&& column) {
  auto* kept = new std::vector<T>(std::move(column));
  nanobind::capsule owner(kept, [](void* memory) noexcept { delete static_cast<std::vector<T>*>(memory); });
  return nanobind::cast(nanobind::ndarray<nanobind::numpy, T, nanobind::ndim<1>>(kept->data(), {kept->size()}, owner));
}

}  // namespace waylink
