#include "app/tensor/resident.h"

#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>

namespace leaf::app {
namespace {

/// The parts that the program headers call writable are left alone: the loader has changed them.
int release_library(dl_phdr_info* library, size_t /*size*/, void* /*data*/) {
  const auto page = static_cast<uintptr_t>(::sysconf(_SC_PAGESIZE));
  for (int i = 0; i < library->dlpi_phnum; ++i) {
    const auto& part = library->dlpi_phdr[i];
    if (part.p_type != PT_LOAD || (part.p_flags & PF_W) != 0) continue;
    const uintptr_t begin = library->dlpi_addr + part.p_vaddr, first = begin / page * page;
    // Advice: nothing depends on its being taken.
    ::madvise(reinterpret_cast<void*>(first), begin + part.p_memsz - first, MADV_DONTNEED);
  }
  return 0;
}

}  // namespace

void release_loaded_pages() {
#ifdef NDEBUG
  ::dl_iterate_phdr(release_library, nullptr);
#endif
}

}  // namespace leaf::app
