#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "leaf/base/error.h"
#include "leaf/base/text.h"

namespace leaf {

/// Things that can be added by adding a file: readers, backbones, algorithms. The last line of such a file is
///
///     const Registration kFixMatch{algorithms(), "fixmatch", AlgorithmEntry{…}};
template <typename Entry>
class Registry {
 public:
  /// `noun` names the kind of thing in messages, e.g. "algorithm".
  explicit Registry(std::string noun) : noun_(std::move(noun)) {}

  void add(const std::string& name, Entry entry) {
    if (!entries_.emplace(name, std::move(entry)).second) {
      throw std::logic_error("two entries named " + name + " in the registry of " + noun_ + "s");
    }
  }

  bool contains(const std::string& name) const { return entries_.contains(name); }

  /// Throws UsageError with the nearest name when there is no such entry.
  const Entry& at(const std::string& name) const {
    const auto found = entries_.find(name);
    if (found != entries_.end()) return found->second;
    fail_usage("unknown {} \"{}\"{}; known: {}", noun_, printable(name), did_you_mean(name, names()), join(names()));
  }

  /// In alphabetical order.
  std::vector<std::string> names() const {
    std::vector<std::string> result;
    for (const auto& [name, entry] : entries_) result.push_back(name);
    return result;
  }

 private:
  std::string noun_;
  std::map<std::string, Entry> entries_;
};

/// Adds an entry when the program starts.
struct Registration {
  template <typename Entry>
  Registration(Registry<Entry>& registry, const std::string& name, Entry entry) {
    registry.add(name, std::move(entry));
  }
};

}  // namespace leaf
