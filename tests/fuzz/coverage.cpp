#include <cstddef>
#include <cstdint>

// GCC calls __sanitizer_cov_trace_pc() at each branch; libFuzzer counts in tables that clang would have made. So the calls are
// counted in one table, by their place.

extern "C" {

void __sanitizer_cov_8bit_counters_init(uint8_t* begin, uint8_t* end);  // libFuzzer's

static uint8_t counters[1 << 17];

void __sanitizer_cov_trace_pc() {
  const auto place = reinterpret_cast<uintptr_t>(__builtin_return_address(0));
  ++counters[(place ^ place >> 17) % sizeof(counters)];
}

// libFuzzer has no use for comparisons of fractions.
void __sanitizer_cov_trace_cmpf(float /*a*/, float /*b*/) {}
void __sanitizer_cov_trace_cmpd(double /*a*/, double /*b*/) {}

__attribute__((constructor)) static void tell_libfuzzer() {
  __sanitizer_cov_8bit_counters_init(counters, counters + sizeof(counters));
}
}
