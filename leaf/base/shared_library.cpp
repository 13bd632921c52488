#include "leaf/base/shared_library.h"

#include <dlfcn.h>

#include <filesystem>

#include "leaf/base/built.h"
#include "leaf/base/error.h"
#include "leaf/base/text.h"

namespace leaf {

const void* load_symbol(const char* library, const char* symbol, const char* without) {
  Dl_info self{};
  ::dladdr(reinterpret_cast<const void*>(&load_symbol), &self);
  const auto path = std::filesystem::canonical(self.dli_fname).parent_path() / library;
  void* const handle = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  const void* const found = handle == nullptr ? nullptr : ::dlsym(handle, symbol);
  if (found == nullptr && !built_with("opencv"))
    fail("{}: this leaf was built without OpenCV (LEAF_WITH_OPENCV=OFF); build it with OpenCV", without);
  if (found == nullptr)
    fail("{}, since {} cannot be loaded: {}; install LEAF again", without, printable(path.string()), ::dlerror());
  return found;
}

}  // namespace leaf
