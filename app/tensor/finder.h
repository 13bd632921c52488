#pragma once

#include "app/arguments.h"
#include "leaf/detection/face_finder.h"
#include "leaf/train/observer.h"

namespace leaf::app {

/// What finds faces, as the arguments say; the observer is told when it is only OpenCV's cascade. Throws Error.
FaceFinder face_finder(const FinderArguments& arguments, Observer& observer);

}  // namespace leaf::app
