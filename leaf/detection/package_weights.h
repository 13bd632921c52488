#pragma once

#include <torch/nn/module.h>

#include <filesystem>
#include <string>

namespace leaf {

/// Fills `module` with the weights of the npm package @vladmandic/face-api that lie in `folder` under the name of their manifest,
/// "tiny_face_detector_model", and makes it ready to predict. Throws Error: a file that is missing, damaged or of another
/// network.
void load_package_weights(torch::nn::Module& module, const std::filesystem::path& folder, const std::string& name);

}  // namespace leaf
