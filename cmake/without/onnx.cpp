// Stands in for export/onnx.cpp and what is behind it where LEAF is built without ONNX's messages.
#include "leaf/export/onnx.h"

#include "leaf/base/error.h"

namespace leaf {

std::string onnx_of(const ModelFile& /*file*/) {
  fail("no ONNX file can be written: this leaf was built without ONNX (LEAF_WITH_ONNX=OFF); export to a hub's folder instead");
}

}  // namespace leaf
