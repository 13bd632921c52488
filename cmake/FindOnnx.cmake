# ONNX's messages as Debian's libonnx-dev compiles them: the library that libtorch loads anyway.
find_path(ONNX_INCLUDE_DIR onnx/onnx_pb.h)
find_library(ONNX_LIBRARY onnx_proto)
find_library(PROTOBUF_LIBRARY protobuf)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Onnx REQUIRED_VARS ONNX_LIBRARY PROTOBUF_LIBRARY ONNX_INCLUDE_DIR)

if(Onnx_FOUND AND NOT TARGET Onnx)
  add_library(Onnx INTERFACE)
  target_include_directories(Onnx SYSTEM INTERFACE ${ONNX_INCLUDE_DIR})
  target_link_libraries(Onnx INTERFACE ${ONNX_LIBRARY} ${PROTOBUF_LIBRARY})
endif()
