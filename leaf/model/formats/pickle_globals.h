#pragma once

#include <string_view>

#include "leaf/model/formats/pickle_value.h"

namespace leaf {

/// The value that stands for a name of Python which a pickle mentions, if it is on the list. Else throws Error with the name;
/// `first` tells whether the pickle begins with it, and so is an object of that class as a whole.
PickleValue allowed_global(std::string_view module, std::string_view name, bool first);

/// What a call of the global would give. `budget` is how many items may still be copied. Throws Error for arguments that
/// PyTorch does not write.
PickleValue call_global(Pickle& pickle, const PickleValue& global, const PickleValue& arguments, size_t& budget);

/// The storage that a persistent id describes; throws Error when it is none.
PickledStorage pickled_storage(const Pickle& pickle, const PickleValue& id);

}  // namespace leaf
