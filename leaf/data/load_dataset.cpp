#include "leaf/data/load_dataset.h"

#include <algorithm>
#include <optional>
#include <span>

#include "leaf/base/error.h"
#include "leaf/base/parallel.h"
#include "leaf/base/text.h"
#include "leaf/data/cache_file.h"
#include "leaf/data/reader.h"
#include "leaf/data/readers/reading.h"
#include "leaf/pictures/codec.h"
#include "leaf/views/resize.h"

namespace leaf {
namespace {

constexpr int64_t kChunk = 256;       // faces decoded before they are handed on
constexpr double kMostBroken = 0.05;  // share of the faces
constexpr size_t kShownBroken = 3;

using Keep = std::function<void(const StoredFace&)>;

struct Decoded {
  std::optional<StoredFace> face;
  std::string reason;
};

Image crop(const Image& image, const Box& box) {
  const int64_t left = std::clamp<int64_t>(box.left, 0, image.width), top = std::clamp<int64_t>(box.top, 0, image.height);
  const int64_t right = std::clamp<int64_t>(box.left + box.width, left, image.width);
  const int64_t bottom = std::clamp<int64_t>(box.top + box.height, top, image.height);
  if (right == left || bottom == top)
    fail("the face's box {},{},{},{} lies outside the picture of {} x {}", box.left, box.top, box.width, box.height, image.width,
         image.height);
  Image result(bottom - top, right - left);
  for (int64_t y = top; y < bottom; ++y) std::copy_n(image.row(y) + left * 3, (right - left) * 3, result.row(y - top));
  return result;
}

Image read_picture(const Listing& listing, const Source* source, const Record& record) {
  if (listing.picture) return listing.picture(record);
  return decode_image(source->read(record.path));
}

Decoded decode(const Listing& listing, const Source* source, const Record& record, int64_t stored_size) {
  try {
    Image image = read_picture(listing, source, record);
    if (!record.box.whole()) image = crop(image, record.box);
    if (std::min(image.height, image.width) > stored_size) image = resize_shorter_side(image, stored_size);
    return {pack_face(image), ""};
  } catch (const Error& error) {
    return {std::nullopt, fmt::format("cannot be read: {}", error.what())};
  }
}

std::string name_of(const Listing& listing, const Record& record) {
  if (record.list < 0) return record.name();
  return fmt::format("{} ({} line {})", record.name(), listing.lists[record.list], record.line);
}

std::vector<std::string> first_of(std::span<const LeftOut> broken) {
  std::vector<std::string> first;
  for (const auto& each : broken.first(std::min(broken.size(), kShownBroken)))
    first.push_back(fmt::format("{}: {}", printable(each.name), each.reason));
  return first;
}

void check_broken(std::span<const LeftOut> broken, size_t all, const std::string& source) {
  if (broken.size() <= 1 || static_cast<double>(broken.size()) <= kMostBroken * static_cast<double>(all)) return;
  fail("{}: at least {} of {} faces cannot be read, which is more than 5 %: {}; repair them or take them out of the list",
       printable(source), broken.size(), all, join(first_of(broken), "; "));
}

/// Decodes all faces of a listing in its order and gives the good ones to `keep`; returns the data set without its store.
Dataset decode_all(Listing listing, const OpenedSource& opened, const DataOptions& options, int threads,
                   const DecodeProgress& progress, const Keep& keep) {
  Dataset dataset{listing.name, listing.classes, nullptr, {}, listing.left_out, listing.dropped};
  const auto broken = [&] { return std::span<const LeftOut>(dataset.left_out).subspan(listing.left_out.size()); };
  const auto total = static_cast<int64_t>(listing.records.size());
  for (int64_t begin = 0; begin < total; begin += kChunk) {
    const int64_t end = std::min(begin + kChunk, total);
    std::vector<Decoded> chunk(static_cast<size_t>(end - begin));
    parallel_for(end - begin, threads, [&](int64_t i) {
      chunk[i] = decode(listing, opened.source.get(), listing.records[begin + i], options.stored_size);
    });
    for (int64_t i = begin; i < end; ++i) {
      auto& decoded = chunk[i - begin];
      if (!decoded.face) {
        dataset.left_out.push_back({name_of(listing, listing.records[i]), std::move(decoded.reason)});
        continue;
      }
      keep(*decoded.face);
      dataset.records.push_back(std::move(listing.records[i]));
    }
    check_broken(broken(), static_cast<size_t>(total), opened.argument);
    if (progress) progress(end, total);
  }
  if (dataset.records.empty()) fail("{}: no face can be read: {}", printable(opened.argument), join(first_of(broken()), "; "));
  return dataset;
}

/// Leaves contempt out of an eight-class set.
void drop_contempt(Listing& listing) {
  const auto found = std::find(listing.classes.begin(), listing.classes.end(), "contempt");
  if (found == listing.classes.end()) return;
  const int64_t contempt = found - listing.classes.begin();
  listing.classes.erase(found);
  const auto removed = std::erase_if(listing.records, [&](const Record& record) { return record.label == contempt; });
  for (auto& record : listing.records) {
    if (record.label > contempt) --record.label;
    if (record.target.empty()) continue;
    const float rest = 1 - record.target[contempt];
    record.target.erase(record.target.begin() + contempt);
    for (float& share : record.target) share /= rest;
  }
  listing.dropped.push_back(fmt::format("{} faces that show contempt", grouped(static_cast<int64_t>(removed))));
}

Listing list_for(OpenedSource& opened, const DataOptions& options) {
  Listing listing = list_faces(opened, options);
  if (options.classes == "7") drop_contempt(listing);
  return listing;
}

/// What a cache is named for: where the faces come from and how they are read.
std::string place_of(const OpenedSource& opened, const DataOptions& options) {
  std::error_code code;
  const auto path = std::filesystem::weakly_canonical(opened.argument, code);
  return fmt::format("{}\n{}\nvotes {}\nclasses {}\nstored_size {}\n", opened.reader, path.string(), options.votes,
                     options.classes, options.stored_size);
}

std::string stamps_of(const Source& source, const Listing& listing) {
  std::string text;
  for (const auto& each : listing.left_out) text += fmt::format("{} {}\n", each.name, each.reason);
  for (const auto& path : listing.lists) text += fmt::format("{} {}\n", path, source.stamp(path));
  if (listing.picture) return text;
  for (const auto& record : listing.records)
    text += fmt::format("{} {} {} {}\n", record.name(), record.label, static_cast<int>(record.part), source.stamp(record.path));
  return text;
}

Dataset load_cached(OpenedSource& opened, const DataOptions& options, int threads, const DecodeProgress& progress) {
  const std::string place = place_of(opened, options), whole = opened.source->whole_stamp();
  const auto path = std::filesystem::path(options.cache) / fmt::format("{}-{:016x}.faces", opened.reader, cache_key(place)[0]);
  std::optional<Listing> listing;
  if (whole.empty()) listing = list_for(opened, options);
  const auto key = cache_key(place + (listing ? stamps_of(*opened.source, *listing) : whole));
  auto lookup = open_cache(path, key, threads);
  if (lookup.found) return std::move(lookup.dataset);
  const std::string reason = lookup.reason;
  if (!listing) listing = list_for(opened, options);
  make_folder(options.cache);
  write_cache(path, key,
              [&](const Keep& keep) { return decode_all(std::move(*listing), opened, options, threads, progress, keep); });
  lookup = open_cache(path, key, threads);
  if (!lookup.found)
    fail("the cache {} cannot be read back: {}; choose another folder with data.cache", path.string(), lookup.reason);
  if (!reason.empty()) lookup.dataset.remarks.push_back(fmt::format("the cache {} was made anew: {}", path.string(), reason));
  return std::move(lookup.dataset);
}

}  // namespace

Dataset load_dataset(const std::string& source, const DataOptions& options, int threads, const DecodeProgress& progress) {
  auto opened = open_data(source);
  if (!options.cache.empty() && opened.source) return load_cached(opened, options, threads, progress);
  std::vector<StoredFace> faces;
  auto listing = list_for(opened, options);
  auto dataset =
      decode_all(std::move(listing), opened, options, threads, progress, [&](const StoredFace& face) { faces.push_back(face); });
  dataset.faces = store_in_memory(std::move(faces));
  return dataset;
}

}  // namespace leaf
