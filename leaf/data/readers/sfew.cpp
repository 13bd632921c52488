#include "leaf/base/error.h"
#include "leaf/base/text.h"
#include "leaf/data/reader.h"
#include "leaf/data/readers/class_folders.h"

namespace leaf {
namespace {

/// The folder with the class folders: the part's own, or the only one inside it (Train/Train_Aligned_Faces/Angry).
std::string class_base(const Source& source, const std::string& part) {
  for (const std::string& folder :
       {part, child_folder(source, part, {"train_aligned_faces", "val_aligned_faces", "val_aligned_faces_new"})}) {
    if (!folder.empty() && !child_folder(source, folder, {"angry"}).empty()) return folder;
  }
  return "";
}

Listing list(const Source& source, const DataOptions&) {
  Listing listing;
  listing.classes = {"anger", "disgust", "fear", "happiness", "neutral", "sadness", "surprise"};
  const auto train = child_folder(source, "", {"train"}), val = child_folder(source, "", {"val"}),
             test = child_folder(source, "", {"test"});
  const auto train_base = class_base(source, train), val_base = class_base(source, val);
  if (train.empty() || val.empty() || train_base.empty() || val_base.empty()) {
    fail("{} does not look like SFEW 2.0: expected {}", source.name(), readers().at("sfew").layout);
  }
  add_class_folders(source, {{train_base, Part::train}, {val_base, Part::test}}, {}, listing);
  if (!test.empty()) {
    const auto count = add_pictures(source, test, kUnlabeled, Part::train, listing);
    if (count > 0)
      listing.dropped.push_back(fmt::format("{} faces of {} without a label, used as unlabeled", grouped(count), test));
  }
  return listing;
}

bool recognizes(const Source& source) {
  if (!source.has_folder("Train") || !source.has_folder("Val")) return false;
  return !class_base(source, "Train").empty() && !class_base(source, "Val").empty();
}

const Registration kSfew{
    readers(), "sfew",
    Reader{.help = "SFEW 2.0: stills of films, 7 classes; its Val is tested on, as in all papers, since Test has no labels",
           .layout = "Train and Val with the folders Angry, Disgust, Fear, Happy, Neutral, Sad, Surprise (or Train_Aligned_Faces "
                     "and Val_Aligned_Faces_new inside them), perhaps Test",
           .citation = "Dhall et al., Static Facial Expression Analysis in Tough Conditions, ICCV workshops 2011",
           .recognizes = recognizes,
           .list = list}};

}  // namespace
}  // namespace leaf
