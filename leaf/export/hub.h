#pragma once

#include <filesystem>
#include <string>

#include "leaf/model/formats/safetensors.h"
#include "leaf/recognize/model_file.h"

namespace leaf {

/// A folder as hubs of models expect it: model.safetensors (which LEAF reads as it is), config.json, preprocessor_config.json
/// and README.md, the card. What the card says of data, labels and figures is what the run's folder says; a model that is a file
/// alone has a card that says so.
struct HubFolder {
  TensorFile model;                        ///< of the run, without the path of the weights that it began with
  std::string config, preprocessor, card;  ///< the contents of the other files
};

/// `name` is the model's on the hub; `source` the folder of a run or a model.safetensors, which `file` was loaded from. Throws
/// Error where the run's report is damaged.
HubFolder hub_folder(const std::string& name, const std::filesystem::path& source, const ModelFile& file);

/// Writes the files into a folder, which is made when it is not there, the card last. Throws Error.
void write_hub_folder(const std::filesystem::path& folder, const HubFolder& files);

}  // namespace leaf
