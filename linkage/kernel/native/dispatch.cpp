#include "dispatch.h"

#if defined(WAYLINK_X86) && defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace waylink {
namespace {

#ifdef WAYLINK_X86
// AMX registers are large, so Linux gives them to a process that asks (Documentation/arch/x86/xstate.rst).
bool granted_tiles() {
#ifdef __linux__
  constexpr long request_permission = 0x1023, tile_data = 18;  // ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA
  return syscall(SYS_arch_prctl, request_permission, tile_data) == 0;
#else
  return false;
#endif
}

bool has_amx_int8() {
  unsigned eax = 7, ebx, ecx = 0, edx;
  __asm__("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
  constexpr unsigned amx_tile = 1u << 24, amx_int8 = 1u << 25;  // Intel SDM vol. 2A, CPUID leaf 7
  return (edx & amx_tile) != 0 && (edx & amx_int8) != 0;
}
#endif

// The second-level cache has 512 KiB on Zen 3, 1.25 MiB or more on the processors with AMX, whose panels are wide.
constexpr std::size_t kPanelBytes = 256 << 10;
[[maybe_unused]] constexpr std::size_t kWidePanelBytes = 1 << 20;

// Costs in cycles. `scalar` and `avx2` were tried out on a Zen 3 with the people of benchmarks/datasets.py: a survivor is
// dear because its filters are far away and no branch foresees it. The others are counted from the instructions
// (README.md), so they are estimates: a wrong one costs time, never a pair.
std::vector<Implementation> probe() {
  std::vector<Implementation> found{{"scalar", sieve_scalar, space_scalar, kScalarRows, 8, kPanelBytes, {0.022, 2.0, 40}}};
#ifdef WAYLINK_X86
  __builtin_cpu_init();
  // These ask the operating system too: it must save the wide registers.
  if (__builtin_cpu_supports("avx2"))
    found.push_back({"avx2", sieve_avx2, space_avx2, kAvx2Rows, 16, kPanelBytes, {0.0055, 0.3, 400}});
  const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                      __builtin_cpu_supports("avx512vbmi");
  if (avx512) found.push_back({"avx512", sieve_avx512, space_avx512, kAvx512Rows, 11, kPanelBytes, {0.003, 0.2, 400}});
  if (avx512 && has_amx_int8() && granted_tiles())
    found.push_back({"amx", sieve_amx, space_amx, kAmxRows, 64, kWidePanelBytes, {0.0015, 0.2, 500}});
#endif
#ifdef WAYLINK_NEON
  found.push_back({"neon", sieve_neon, space_neon, kNeonRows, 8, kPanelBytes, {0.0065, 0.3, 300}});
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
