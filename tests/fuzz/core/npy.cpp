#include "leaf/data/npy.h"

#include "tests/data/trees.h"
#include "tests/fuzz/fuzz.h"

namespace leaf::fuzz {
namespace {

void take(std::string_view input) {
  const auto array = parse_npy(input);
  int64_t count = 1;
  for (const auto side : array.shape) count *= side;
  expect(count == std::ssize(array.values), "as many values as the shape says");
}

std::vector<std::string> seeds() {
  const std::string eight("\1\0\0\0\2\0\0\0", 8);
  auto second = npy("<i4", "2,", eight);
  second.replace(6, 4, std::string("\2\0", 2) + second.substr(8, 2) + std::string(2, '\0'));
  return {npy("<i8", "1,", eight),
          npy("<i4", "2,", eight),
          npy("|u1", "2, 4", eight),
          npy("<f4", "", eight),
          npy("<f8", "1,", eight),
          npy("<U1", "2,", eight),
          npy("|S3", "2,", "abcdef"),
          npy("|b1", "3,", "\1\1\1"),
          npy("<i2", "0,", ""),
          npy("|O", "1,", eight),
          npy("<U2", "1, 1", "\x7f\xf6\1\0\xac\x20\0\0"),
          second};
}

}  // namespace

const Target target = {take, seeds};

}  // namespace leaf::fuzz
