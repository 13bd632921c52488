#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "leaf/photos/album.h"
#include "leaf/photos/sighting.h"

namespace leaf {

/// Photos and videos made ready to learn from: a folder with
///   faces/…        each face as an aligned square, under the path of its photo
///   faces.csv      a row for each face, and one for each picture without one, in the order of the pictures
///                  (docs/formats.md); its column `label` is the photo's, so that leaf train csv:faces.csv learns from it
///   faces.png      the first faces side by side, to look at
///   prepared.json  how they were made: detector, size, margin
///   found.jsonl    what was found so far, from which a stopped preparation goes on
struct PrepareOptions {
  SightingOptions sighting;
  int64_t every = 1;  ///< of a video's frames one in so many
};

/// What became of the pictures.
struct Prepared {
  int64_t pictures = 0, faces = 0, without = 0, broken = 0;
  int64_t known = 0;  ///< of the pictures, those that had been looked at before
};

using PrepareProgress = std::function<void(int64_t done, int64_t total)>;

/// Looks for faces in the pictures of the inputs. Where the folder holds such a preparation already, pictures that have not
/// changed since are not looked at again, and what is no longer among the inputs is taken out. A picture's label is the folder
/// that it lies in, below the input; or that of its row in the input's labels.csv (columns path and label). Stopped by a signal
/// it keeps what it has and throws Stopped. Throws Error: a folder that holds something else, or was made in another way.
Prepared prepare(const std::vector<std::string>& inputs, const std::filesystem::path& folder, const PrepareOptions& options,
                 const Album::Note& note, const PrepareProgress& progress);

/// The margin of the faces that a source holds, "csv:FOLDER/faces.csv" or "folder:FOLDER/faces", where prepare() made them.
std::optional<double> prepared_margin(const std::string& source);

}  // namespace leaf
