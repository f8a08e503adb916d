#include "dispatch.h"

namespace waylink {
namespace {

std::vector<Implementation> probe() {
  std::vector<Implementation> found{{"scalar", 1, scan_tile_scalar}};
#ifdef WAYLINK_X86
  __builtin_cpu_init();
  // These ask the operating system too: it must save the wide registers.
  if (__builtin_cpu_supports("avx2")) found.push_back({"avx2", 4, scan_tile_avx2});
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vpopcntdq"))
    found.push_back({"avx512", 8, scan_tile_avx512});
#endif
  return found;
}

}  // namespace

const std::vector<Implementation>& available() {
  static const std::vector<Implementation> found = probe();
  return found;
}

const Implementation* find_implementation(std::string_view name) {
  for (const Implementation& implementation : available())
    if (implementation.name == name) return &implementation;
  return nullptr;
}

}  // namespace waylink
