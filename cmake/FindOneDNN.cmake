# oneDNN without its graphics part: Debian's dnnl-config.cmake asks for the development files of OpenCL, which LEAF has no
# use for.
find_path(ONEDNN_INCLUDE_DIR dnnl.hpp)
find_library(ONEDNN_LIBRARY dnnl)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(OneDNN REQUIRED_VARS ONEDNN_LIBRARY ONEDNN_INCLUDE_DIR)

if(OneDNN_FOUND AND NOT TARGET OneDNN)
  add_library(OneDNN INTERFACE)
  target_include_directories(OneDNN SYSTEM INTERFACE ${ONEDNN_INCLUDE_DIR})
  target_link_libraries(OneDNN INTERFACE ${ONEDNN_LIBRARY})
endif()
