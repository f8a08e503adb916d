// Runs the kernel with one sieve over the cases on standard input, and writes what it finds: for sieves of processors
// that this one is not. Built with -DSIEVE=<name>.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "scan.h"

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)

namespace {

constexpr std::size_t kPanelBytes = 256 << 10;

struct Case {
  std::uint64_t left, right, bytes, inside;
  double threshold;
  waylink::Costs costs;
};

bool read(void* to, std::size_t bytes) { return std::fread(to, 1, bytes, stdin) == bytes; }

std::vector<std::uint8_t> read_list(std::size_t bytes) {
  std::vector<std::uint8_t> bits(bytes);
  if (!read(bits.data(), bytes)) std::abort();
  return bits;
}

}  // namespace

int main() {
  for (Case one; read(&one, sizeof one);) {
    const std::vector<std::uint8_t> left = read_list(one.left * one.bytes), right = read_list(one.right * one.bytes);
    const waylink::Implementation implementation{
        "emulated", JOIN(waylink::sieve_, SIEVE), JOIN(waylink::space_, SIEVE), ROWS, BYTES_PER_WORD, kPanelBytes, one.costs};
    const waylink::List lists[] = {{left.data(), one.left, one.bytes}, {right.data(), one.right, one.bytes}};
    waylink::Scan scan(implementation, lists[0], one.inside ? nullptr : &lists[1], one.threshold);
    std::vector<waylink::Hit> hits;
    while (!scan.finished())
      for (const waylink::Hit& hit : scan.take(1e5, 1000, 1)) hits.push_back(hit);
    const std::uint64_t head[] = {hits.size(), scan.prefix_bits()};
    std::fwrite(head, sizeof head, 1, stdout);
    std::fwrite(hits.data(), sizeof(waylink::Hit), hits.size(), stdout);
  }
}
