#include "leaf/pools/numpy_random.h"

#include <bit>

namespace leaf {

uint64_t NumpyRandom::interval(uint64_t most) {
  if (most == 0) return 0;  // without a draw
  const uint64_t mask = most > (~uint64_t{0} >> 1) ? ~uint64_t{0} : std::bit_ceil(most + 1) - 1;
  for (;;) {
    uint64_t bits = engine_();
    if (most > 0xffffffff) bits = bits << 32 | engine_();
    if ((bits & mask) <= most) return bits & mask;
  }
}

}  // namespace leaf
