// Stands in for the compiler's header: AVX-512 by SIMDe in plain C++, and a model of the AMX tiles by Intel's
// description (Software Developer's Manual, vol. 2, TDPBUUD). Strict: a tile that was not configured as it is used
// ends the program.
#pragma once

#define SIMDE_ENABLE_NATIVE_ALIASES
#include <simde/x86/avx512.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace amx {

constexpr int kTiles = 8, kMostRows = 16, kMostBytes = 64;

struct Config {
  std::uint8_t palette, start_row, reserved[14];
  std::uint16_t row_bytes[16];
  std::uint8_t rows[16];
};

struct State {
  bool configured = false;
  Config config{};
  std::uint8_t data[kTiles][kMostRows][kMostBytes];
};

inline State& state() {
  static State one;
  return one;
}

inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "AMX model: %s\n", what);
  std::abort();
}

inline void load_config(const void* from) {
  Config config;
  std::memcpy(&config, from, sizeof config);
  require(config.palette == 1 && config.start_row == 0, "palette");
  for (const std::uint8_t byte : config.reserved) require(byte == 0, "reserved bytes");
  for (int i = 0; i < 16; ++i) {
    require(i < kTiles || (config.rows[i] == 0 && config.row_bytes[i] == 0), "a tile that there is not");
    require(config.rows[i] <= kMostRows && config.row_bytes[i] <= kMostBytes, "a tile too large");
  }
  state() = State{true, config, {}};
}

inline void require_tile(int tile) {
  require(state().configured && state().config.rows[tile] > 0, "a tile that is not configured");
}

inline void load(int tile, const void* from, std::size_t stride) {
  require_tile(tile);
  for (int row = 0; row < state().config.rows[tile]; ++row)
    std::memcpy(state().data[tile][row], static_cast<const char*>(from) + row * stride, state().config.row_bytes[tile]);
}

inline void store(int tile, void* to, std::size_t stride) {
  require_tile(tile);
  for (int row = 0; row < state().config.rows[tile]; ++row)
    std::memcpy(static_cast<char*>(to) + row * stride, state().data[tile][row], state().config.row_bytes[tile]);
}

inline void dot_product(int sums, int left, int right) {
  const Config& config = state().config;
  for (const int tile : {sums, left, right}) require_tile(tile);
  require(sums != left && sums != right && left != right, "one tile twice");
  require(config.rows[sums] == config.rows[left] && config.row_bytes[sums] == config.row_bytes[right] &&
              config.row_bytes[left] == 4 * config.rows[right],
          "tiles that do not fit each other");
  for (int m = 0; m < config.rows[sums]; ++m)
    for (int k = 0; k < config.row_bytes[left] / 4; ++k)
      for (int n = 0; n < config.row_bytes[sums] / 4; ++n) {
        std::uint32_t sum;
        std::memcpy(&sum, &state().data[sums][m][4 * n], 4);
        for (int i = 0; i < 4; ++i) sum += std::uint32_t{state().data[left][m][4 * k + i]} * state().data[right][k][4 * n + i];
        std::memcpy(&state().data[sums][m][4 * n], &sum, 4);
      }
}

}  // namespace amx

#define _tile_loadconfig(from) amx::load_config(from)
#define _tile_loadd(tile, from, stride) amx::load(tile, from, stride)
#define _tile_stored(tile, to, stride) amx::store(tile, to, stride)
#define _tile_dpbuud(sums, left, right) amx::dot_product(sums, left, right)
#define _tile_release() amx::state().configured = false
