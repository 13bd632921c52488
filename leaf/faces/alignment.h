#pragma once

#include <cstdint>

#include "leaf/faces/face.h"
#include "leaf/pictures/image.h"

namespace leaf {

// One alignment for training and prediction: a face of a photo becomes a square, turned so that the eyes lie level, without
// distortion.

/// A square in a photo, perhaps a turned one, perhaps reaching beyond the photo.
struct FaceSquare {
  Point center;
  double side = 0;   ///< pixels
  double angle = 0;  ///< how far the face leans, degrees clockwise: 90 when the top of the head points right
};

/// The part of a photo that shows the face, and a rim of `margin` times its width on each side (below 0: less than the face). By
/// the landmarks: place and side follow from eyes and mouth and so bear a face turned aside; at a margin of 0 the square shows
/// what FER2013's pictures show. Without landmarks, by the box, upright. Throws std::logic_error for a number of landmarks but 0
/// and 68.
FaceSquare face_square(const Face& face, double margin);

/// Where a place of the square lies in the photo; (0, 0) is its center, (0.5, 0.5) its right lower corner.
Point place_in(const FaceSquare& square, Point share);

/// The square as a picture of `size` × `size` pixels, resampled without aliasing; beyond the photo its edge is repeated. The
/// photo is not empty, the square's side is above 0.
Image cut_out(const Image& photo, const FaceSquare& square, int64_t size);

}  // namespace leaf
