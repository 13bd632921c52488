#pragma once

#include <filesystem>

namespace leaf::app {

/// Where scripts/weights keeps the networks that anyone can fetch, and which files it makes there.
class FetchedWeights {
 public:
  /// In $LEAF_WEIGHTS, else $XDG_DATA_HOME/leaf, else $HOME/.local/share/leaf; without any of the three there is no folder.
  FetchedWeights();

  /// Empty where there is no folder.
  const std::filesystem::path& folder() const { return folder_; }
  std::filesystem::path expression() const { return folder_ / "expression.safetensors"; }  ///< a model of LEAF
  std::filesystem::path dlib() const { return folder_ / "dlib.safetensors"; }              ///< dlib_resnet_128
  std::filesystem::path dlib_256() const { return folder_ / "dlib_256.safetensors"; }      ///< dlib_resnet
  std::filesystem::path face_api() const { return folder_ / "face-api"; }                  ///< the package's own files

  /// Learned from drawn faces by `scripts/weights --drawn`: a model of LEAF.
  std::filesystem::path drawn() const { return folder_ / "drawn.safetensors"; }

  /// Whether all that is fetched is there.
  bool complete() const;

 private:
  std::filesystem::path folder_;
};

}  // namespace leaf::app
