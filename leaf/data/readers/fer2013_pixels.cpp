#include "leaf/data/readers/fer2013_pixels.h"

#include <cmath>

#include "leaf/base/error.h"
#include "leaf/base/text.h"
#include "leaf/data/csv.h"

namespace leaf {

Fer2013Csv::Fer2013Csv(std::string text, std::string where) : text_(std::move(text)), where_(std::move(where)) {
  CsvReader reader(text_, where_);
  const CsvHeader header(reader);
  const auto emotion = header.find("emotion"), usage = header.at("usage");
  pixels_ = header.at("pixels");
  for (std::vector<std::string> fields; reader.next(fields);) {
    header.check(reader, fields);
    rows_.push_back({emotion < 0 ? "" : fields[emotion], fields[usage], reader.line(), reader.offset()});
  }
}

std::function<Image(const Record&)> Fer2013Csv::picture() const {
  return [self = shared_from_this()](const Record& record) { return self->draw(record.path); };
}

Image Fer2013Csv::draw(const std::string& path) const {
  const auto found = names_.find(path);
  if (found == names_.end() || found->second >= rows()) fail("{} has no row for {}", where_, printable(path));
  const Row& row = rows_[found->second];
  std::vector<std::string> fields;
  CsvReader reader(text_, where_, row.offset);
  reader.next(fields);
  std::vector<uint8_t> values;
  for (const auto& word : split_words(trim(fields[pixels_]), ' ')) {
    if (word.empty()) continue;
    const auto value = to_integer(word);
    if (!value || *value < 0 || *value > 255)
      fail("{} line {}: a pixel must be an integer from 0 to 255, not \"{}\"", where_, row.line, printable(word));
    values.push_back(static_cast<uint8_t>(*value));
  }
  const auto side = static_cast<int64_t>(std::lround(std::sqrt(static_cast<double>(values.size()))));
  if (side == 0 || side * side != static_cast<int64_t>(values.size())) {
    fail("{} line {}: {} pixels do not make a square picture", where_, row.line, values.size());
  }
  Image image(side, side);
  for (size_t i = 0; i < image.pixels.size(); ++i) image.pixels[i] = values[i / 3];
  return image;
}

std::shared_ptr<Fer2013Csv> read_fer2013(const Source& source, const std::string& path) {
  return std::make_shared<Fer2013Csv>(source.read(path), join_path(source.name(), path));
}

}  // namespace leaf
