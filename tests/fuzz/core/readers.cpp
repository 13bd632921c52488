#include <map>

#include "leaf/data/options.h"
#include "leaf/data/reader.h"
#include "tests/data/trees.h"
#include "tests/fuzz/fuzz.h"

namespace leaf::fuzz {
namespace {

/// Files in a text: each begins with "\x1e" and its name and a line break.
class WrittenSource : public Source {
 public:
  WrittenSource(std::string_view text, const std::string& file) : Source("source", file) {
    for (size_t at = text.find('\x1e'); at != std::string_view::npos;) {
      const auto next = text.find('\x1e', at + 1);
      const auto part = text.substr(at + 1, next == std::string_view::npos ? next : next - at - 1);
      const auto end = std::min(part.find('\n'), part.size());
      try {
        const auto path = inner_path(part.substr(0, end));
        if (!path.empty()) files_[path] = part.substr(std::min(end + 1, part.size()));
      } catch (const Error&) {
      }
      at = next;
    }
  }

  bool has_file(const std::string& path) const override { return files_.contains(path); }
  bool has_folder(const std::string& path) const override {
    if (path.empty()) return true;
    const auto next = files_.lower_bound(path + "/");
    return next != files_.end() && next->first.starts_with(path + "/");
  }
  std::vector<Entry> entries(const std::string& folder) const override {
    std::map<std::string, bool> found;
    const auto prefix = folder.empty() ? "" : folder + "/";
    for (const auto& [path, content] : files_) {
      if (!path.starts_with(prefix)) continue;
      const auto rest = path.substr(prefix.size()), name = rest.substr(0, rest.find('/'));
      if (!is_hidden_name(name)) found[name] = found[name] || name.size() < rest.size();
    }
    std::vector<Entry> result;
    for (const auto& [name, is_folder] : found) result.push_back({name, is_folder});
    return result;
  }
  std::string read(const std::string& path) const override {
    const auto found = files_.find(path);
    if (found == files_.end()) fail("there is no file {}", path);
    return found->second;
  }
  std::string stamp(const std::string&) const override { return ""; }
  std::string whole_stamp() const override { return ""; }

 private:
  std::map<std::string, std::string> files_;
};

void list(const std::string& name, const std::shared_ptr<const Source>& source, const DataOptions& options) {
  OpenedSource opened{name, "source", source};
  try {
    const auto listing = list_faces(opened, options);
    for (const auto& record : listing.records)
      expect(record.label >= kUnlabeled && record.label < std::ssize(listing.classes), "a label is one of the classes");
    for (size_t i = 0; i < std::min<size_t>(listing.records.size(), 3); ++i) {
      if (listing.picture) listing.picture(listing.records[i]);
    }
  } catch (const Error& error) {
    check_refusal(error);
  }
}

/// The first byte chooses the votes' mode.
void take(std::string_view input) {
  const std::string modes[] = {"majority", "probability", "crossentropy", "multi_target"};
  DataOptions options;
  options.votes = modes[input.empty() ? 0 : static_cast<uint8_t>(input[0]) % 4];
  for (const std::string file : {"", "list.csv"}) {
    const auto source = std::make_shared<const WrittenSource>(input, file);
    if (!file.empty() && !source->has_file(file)) continue;
    for (const auto& name : readers().names()) {
      const auto& reader = readers().at(name);
      if (reader.recognizes && (file.empty() || reader.file) && reader.recognizes(*source)) list(name, source, options);
    }
  }
}

std::string written(const std::vector<std::pair<std::string, std::string>>& files) {
  std::string text = "0";
  for (const auto& [name, content] : files) text += '\x1e' + name + '\n' + content;
  return text;
}

std::vector<std::string> seeds() {
  using namespace std::string_literals;
  const auto numbers = "\1\0\0\0"s;
  return {
      written({{"list.csv", "path,label,part\na.png,anger,train\nb.png,joy,test\nc.png,,val\n"}, {"a.png", ""}, {"b.png", ""}}),
      written({{"FER2013Train/label.csv", "a.png,\"(0, 0, 48, 48)\",9,0,0,0,0,0,0,1,0,0\n"}, {"FER2013Train/a.png", ""}}),
      written({{"fer2013new.csv",
                "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF\n"
                "Training,fer0000000.png,4,0,0,1,3,2,0,0,0,0\n"},
               {"fer2013.csv", "emotion,pixels,Usage\n0,1 2 3 4,Training\n"}}),
      written({{"fer2013.csv", "emotion,pixels,Usage\n0,1 2 3 4,Training\n3,9,PrivateTest\n"}}),
      written({{"icml_face_data.csv", "emotion, Usage, pixels\n0,Training,1 2 3 4\n"}}),
      written({{"basic/EmoLabel/list_patition_label.txt", "train_00001.jpg 5\ntest_0001.jpg 1\n"},
               {"basic/Image/aligned/train_00001_aligned.jpg", ""},
               {"basic/Image/aligned/test_0001_aligned.jpg", ""}}),
      written(
          {{"label/train.txt", "train_00001.jpg 5\n"}, {"label/test.txt", "test_0001.jpg 1\n"}, {"aligned/train_00001.jpg", ""}}),
      written({{"train/1/a.jpg", ""}, {"train/2/b.jpg", ""}, {"test/7/c.jpg", ""}}),
      written({{"train_set/images/0.jpg", ""},
               {"train_set/annotations/0_exp.npy", npy("<U1", "", numbers)},
               {"val_set/images/1.jpg", ""},
               {"val_set/annotations/1_exp.npy", npy("<i4", "", numbers)}}),
      written({{"training.csv",
                "subDirectory_filePath,face_x,face_y,face_width,face_height,facial_landmarks,expression,valence,"
                "arousal\n1/a.jpg,1,2,3,4,1;2,1,0.5,-0.5\n"},
               {"Manually_Annotated_Images/1/a.jpg", ""}}),
      written({{"split/0/a.jpg", ""},
               {"split/7/b.jpg", ""},
               {"validation.npy", npy("<U2", "1, 2", "a\0\0\0\0\0\0\0001\0\0\0\0\0\0\0"s)},
               {"align/a.jpg", ""}}),
      written({{"label/label.lst", "a.jpg 0 1 2 30 40 50 3\n"}, {"image/origin/a.jpg", ""}}),
      written({{"Emotion/S005/001/S005_001_00000011_emotion.txt", "   3.0000000e+00\n"},
               {"cohn-kanade-images/S005/001/S005_001_00000011.png", ""},
               {"cohn-kanade-images/S005/001/S005_001_00000001.png", ""}}),
      written({{"Train/Angry/a.png", ""}, {"Val/Happy/b.png", ""}}),
      written({{"train/anger/a.png", ""}, {"test/happiness/b.png", ""}, {"train/sadness/c.txt", ""}}),
      written({{"anger/a.png", ""}, {"joy/b.png", ""}, {"unlabeled/c.png", ""}}),
  };
}

}  // namespace

const Target target = {take, seeds};

}  // namespace leaf::fuzz
