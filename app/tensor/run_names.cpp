#include "app/tensor/run_names.h"

#include <cctype>

#include "leaf/base/error.h"

namespace leaf::app {

void check_run_folder(const RunFolder& folder, bool force) {
  if (force || !std::filesystem::exists(folder.config())) return folder.check(force);
  fail("{} holds a run already; continue it with --resume {}, replace it with --force, or choose another folder with --output",
       folder.root.string(), folder.root.string());
}

std::string short_name(const std::string& source) {
  std::string name = source.substr(0, source.find(':'));
  for (char& c : name) c = std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
  return name;
}

}  // namespace leaf::app
