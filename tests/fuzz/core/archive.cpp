#include "leaf/data/archive.h"

#include "tests/data/archives.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/repair.h"

namespace leaf::fuzz {
namespace {

void walk(const Source& source, const std::string& folder, int depth) {
  if (depth == 8) return;
  for (const auto& entry : source.entries(folder)) {
    const auto path = join_path(folder, entry.name);
    expect(entry.folder ? source.has_folder(path) : source.has_file(path), "what is listed is there");
    entry.folder ? walk(source, path, depth + 1) : static_cast<void>(source.read(path));
  }
}

void take(std::string_view input) {
  const auto source = open_archive(as_file(input), limits().archive);
  walk(*source, "", 0);
}

std::vector<std::string> seeds() {
  const std::vector<TarEntry> entries = {{"in/", "", '5'},
                                         {"in/a.txt", "one\n"},
                                         {"in/b", std::string(600, 'b')},
                                         {"in/link", "", '2', "a.txt"},
                                         {"in/hard", "", '1', "in/a.txt"},
                                         {"./in/deep/er/c", "c"}};
  const std::vector<TarEntry> wrong = {{"../out", "x"}, {"/root", "x"}}, big = {{"big", "x", '0', "", "77777777777"}};
  return {tar(entries), zip(entries), gzip(tar(entries)), tar(wrong), tar(big), zip(wrong), tar({}), zip({})};
}

void repair(std::string& input) {
  repair_tar(input);
  if (input.starts_with("PK")) repair_zip(input);
}

}  // namespace

const Target target = {take, seeds, repair, 512};

}  // namespace leaf::fuzz
