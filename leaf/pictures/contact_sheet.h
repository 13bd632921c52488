#pragma once

#include <cstdint>
#include <vector>

#include "leaf/pictures/image.h"

namespace leaf {

/// Pictures side by side in rows of `columns` ≥ 1, two white pixels between them; each has the room of the largest one.
/// Nothing for no picture.
Image contact_sheet(const std::vector<Image>& faces, int64_t columns);

}  // namespace leaf
