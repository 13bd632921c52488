#pragma once

#include <string>

#include "leaf/config/config.h"
#include "leaf/train/observer.h"

namespace leaf::app {

/// A source that can be read: of "photos:FOLDER" the faces are found first (or what changed since the last time) and kept in
/// runs/faces, aligned with that margin; others stay as they are. Throws Error.
std::string with_faces_found(const std::string& source, double margin, Observer& observer);

/// The same for what a run is told; where its faces were found in photos, views.faces and views.margin say so, so that its model
/// does the same.
void find_faces(Config& config, Observer& observer);

}  // namespace leaf::app
