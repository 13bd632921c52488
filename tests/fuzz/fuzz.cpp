#include "tests/fuzz/fuzz.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include "leaf/base/limits.h"
#include "leaf/base/text.h"
#include "tests/temporary.h"

// What libFuzzer calls.

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t most);

namespace leaf::fuzz {
namespace {

/// Below those of a user: an input is to end within 5 s and 512 MB, though everything is instrumented.
Limits small_limits() {
  return parse_limits(
      "picture.pixels=1000000,picture.memory=64000000,picture.work=10000000,archive.file_bytes=16000000,"
      "archive.bytes=64000000,archive.unsuspected=4000000,list.rows=100000,model.view_cost=262144");
}

void write_seeds(const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  const auto seeds = target.seeds();
  for (size_t i = 0; i < seeds.size(); ++i) std::ofstream(folder / fmt::format("seed{:03}", i), std::ios::binary) << seeds[i];
}

/// Changes one of the blocks, and keeps its size.
void mutate_block(std::string& input, unsigned seed) {
  const size_t begin = seed % (input.size() / target.block) * target.block;
  auto* const block = reinterpret_cast<uint8_t*>(input.data()) + begin;
  const size_t size = LLVMFuzzerMutate(block, target.block, target.block);
  std::fill(block + size, block + target.block, uint8_t{0});
}

}  // namespace

std::filesystem::path as_file(std::string_view content) {
  static const int descriptor = ::memfd_create("input", MFD_CLOEXEC);
  expect(::ftruncate(descriptor, 0) == 0, "a file in memory");
  expect(::pwrite(descriptor, content.data(), content.size(), 0) == static_cast<ssize_t>(content.size()), "a file in memory");
  return fmt::format("/proc/self/fd/{}", descriptor);
}

std::filesystem::path scratch_folder() {
  static const TemporaryFolder folder;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) std::filesystem::remove_all(entry.path());
  return folder.path();
}

void check_refusal(const Error& error) {
  expect(printable(error.what()) == error.what(), fmt::format("a message is one printable line: {}", printable(error.what())));
}

void expect(bool holds, std::string_view what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", std::string(what).c_str());
  std::abort();
}

}  // namespace leaf::fuzz

extern "C" {

/// --seeds=FOLDER writes the inputs to begin with.
int LLVMFuzzerInitialize(int* argc, char*** argv) {
  constexpr std::string_view kSeeds = "--seeds=";
  if (*argc == 2 && std::string_view((*argv)[1]).starts_with(kSeeds)) {
    leaf::fuzz::write_seeds(std::string_view((*argv)[1]).substr(kSeeds.size()));
    std::exit(0);
  }
  leaf::set_limits(leaf::fuzz::small_limits());
  return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    leaf::fuzz::target.take({reinterpret_cast<const char*>(data), size});
  } catch (const leaf::Error& error) {
    leaf::fuzz::check_refusal(error);
  }
  return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t most, unsigned seed) {
  const auto& target = leaf::fuzz::target;
  std::string input(reinterpret_cast<const char*>(data), size);
  if (target.block > 0 && size >= target.block && seed % 2 == 0) {
    leaf::fuzz::mutate_block(input, seed / 2);
  } else {
    input.resize(most);
    input.resize(LLVMFuzzerMutate(reinterpret_cast<uint8_t*>(input.data()), size, most));
  }
  if (target.repair != nullptr && seed % 16 < 14) target.repair(input);
  const size_t length = std::min(input.size(), most);
  std::memcpy(data, input.data(), length);
  return length;
}
}
