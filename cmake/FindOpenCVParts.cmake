# OpenCV by its parts: Debian's full libopencv-dev, which brings OpenCVConfig.cmake, pulls in 1.5 GB that LEAF has no use for.
find_path(OPENCV_INCLUDE_DIR opencv2/core.hpp PATH_SUFFIXES opencv4)
set(OPENCV_PART_LIBRARIES)
set(OPENCV_PART_VARIABLES)
foreach(part IN LISTS OpenCVParts_FIND_COMPONENTS)
  find_library(OPENCV_${part}_LIBRARY opencv_${part})
  list(APPEND OPENCV_PART_LIBRARIES ${OPENCV_${part}_LIBRARY})
  list(APPEND OPENCV_PART_VARIABLES OPENCV_${part}_LIBRARY)
endforeach()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(OpenCVParts REQUIRED_VARS OPENCV_INCLUDE_DIR ${OPENCV_PART_VARIABLES})

if(OpenCVParts_FOUND AND NOT TARGET OpenCVParts)
  add_library(OpenCVParts INTERFACE)
  target_include_directories(OpenCVParts SYSTEM INTERFACE ${OPENCV_INCLUDE_DIR})
  target_link_libraries(OpenCVParts INTERFACE ${OPENCV_PART_LIBRARIES})
endif()
