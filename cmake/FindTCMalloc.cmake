# TCMalloc of gperftools, without its profilers. It defines tcmalloc::minimal: a program that links it allocates by it.
find_library(TCMALLOC_LIBRARY tcmalloc_minimal)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(TCMalloc REQUIRED_VARS TCMALLOC_LIBRARY)

if(TCMalloc_FOUND AND NOT TARGET tcmalloc::minimal)
  add_library(tcmalloc::minimal INTERFACE IMPORTED)
  # The program names none of its functions, so a linker that drops libraries without use would drop it.
  target_link_libraries(tcmalloc::minimal INTERFACE -Wl,--push-state,--no-as-needed ${TCMALLOC_LIBRARY} -Wl,--pop-state)
endif()
