#include "leaf/model/formats/pickle.h"

#include "leaf/base/error.h"
#include "leaf/model/formats/pickle_bytes.h"
#include "leaf/model/formats/pickle_globals.h"

namespace leaf {
namespace {

constexpr size_t kMostValues = 4'000'000;  ///< some 300 MB; the largest models have some ten thousand
constexpr size_t kMostNesting = 1000;
constexpr uint32_t kNone = 0, kFalse = 1, kTrue = 2, kEmptyTuple = 3;  ///< shared values, which nothing can change

/// The stack machine that a pickle is a program of.
class Machine {
 public:
  explicit Machine(std::string_view bytes) : bytes_(bytes), budget_(bytes.size()) {
    add({});
    add({.kind = PickleKind::boolean, .integer = 0, .text = {}, .items = {}});
    add({.kind = PickleKind::boolean, .integer = 1, .text = {}, .items = {}});
    add({.kind = PickleKind::tuple, .text = {}, .items = {}});
  }

  Pickle run() {
    if (bytes_.byte() != PROTO || bytes_.byte() != 2) fail("it is no pickle of protocol 2, which torch.save writes");
    for (auto code = bytes_.byte(); code != STOP; code = bytes_.byte()) {
      const bool known = push_number(code) || push_text(code) || take_tuple(code) || remember(code) || fill(code) || name(code);
      if (!known)
        fail("its pickle has the opcode 0x{:02x} at byte {}, which torch.save does not write", code, bytes_.position() - 1);
    }
    pickle_.root = pop();
    if (!stack_.empty() || !marks_.empty()) fail("its pickle ends before everything was put together");
    pickle_.length = bytes_.position();
    return std::move(pickle_);
  }

 private:
  uint32_t add(PickleValue value) {
    if (pickle_.values.size() >= kMostValues) fail("its pickle has more than {} values", kMostValues);
    pickle_.values.push_back(std::move(value));
    return static_cast<uint32_t>(pickle_.values.size() - 1);
  }
  bool push(uint32_t position) {
    stack_.push_back(position);
    return true;
  }
  bool push(PickleValue value) { return push(add(std::move(value))); }
  uint32_t top() const {
    if (stack_.size() <= (marks_.empty() ? 0 : marks_.back())) fail("its pickle takes a value where there is none");
    return stack_.back();
  }
  uint32_t pop() {
    const auto position = top();
    stack_.pop_back();
    return position;
  }
  /// Everything above the last mark.
  std::vector<uint32_t> pop_marked() {
    if (marks_.empty()) fail("its pickle takes a mark where there is none");
    const auto begin = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
    std::vector<uint32_t> items(begin, stack_.end());
    stack_.erase(begin, stack_.end());
    marks_.pop_back();
    return items;
  }

  bool push_integer(int64_t value) { return push({.kind = PickleKind::integer, .integer = value, .text = {}, .items = {}}); }

  bool push_long(std::string_view bytes) {
    if (bytes.size() > sizeof(int64_t)) return push({.kind = PickleKind::long_integer, .text = bytes, .items = {}});
    return push_integer(signed_number(bytes));
  }

  bool push_number(uint8_t code) {
    switch (code) {
      case NONE:
        return push(kNone);
      case NEWTRUE:
        return push(kTrue);
      case NEWFALSE:
        return push(kFalse);
      case BININT:
        return push_integer(static_cast<int32_t>(bytes_.number(4)));
      case BININT1:
        return push_integer(static_cast<int64_t>(bytes_.number(1)));
      case BININT2:
        return push_integer(static_cast<int64_t>(bytes_.number(2)));
      case LONG1:
        return push_long(bytes_.take(bytes_.byte()));
      case BINFLOAT:
        return push({.kind = PickleKind::real, .real = bytes_.real(), .text = {}, .items = {}});
      default:
        return false;
    }
  }

  bool push_text(uint8_t code) {
    if (code != BINUNICODE && code != SHORT_BINSTRING) return false;
    const auto text = bytes_.take(code == BINUNICODE ? bytes_.number(4) : bytes_.number(1));
    return push({.kind = PickleKind::text, .text = text, .items = {}});
  }

  bool take_tuple(uint8_t code) {
    std::vector<uint32_t> items;
    if (code == MARK) {
      if (marks_.size() >= kMostNesting) fail("its pickle is nested deeper than {}", kMostNesting);
      marks_.push_back(stack_.size());
      return true;
    }
    if (code == EMPTY_TUPLE) return push(kEmptyTuple);
    if (code == TUPLE) {
      items = pop_marked();
    } else if (code >= TUPLE1 && code <= TUPLE3) {
      items.resize(1 + code - TUPLE1);
      for (size_t i = items.size(); i-- > 0;) items[i] = pop();
    } else {
      return false;
    }
    return push({.kind = PickleKind::tuple, .text = {}, .items = std::move(items)});
  }

  /// The memo: values by number, to be had again.
  bool remember(uint8_t code) {
    if (code == BINPUT || code == LONG_BINPUT) {
      const auto key = bytes_.number(code == BINPUT ? 1 : 4);
      if (key >= bytes_.size()) fail("its pickle remembers a value as number {}, more than its bytes", key);
      if (key >= memo_.size()) memo_.resize(key + 1, kUnset);
      memo_[key] = top();
      return true;
    }
    if (code != BINGET && code != LONG_BINGET) return false;
    const auto key = bytes_.number(code == BINGET ? 1 : 4);
    if (key >= memo_.size() || memo_[key] == kUnset) fail("its pickle recalls value {}, which it has not", key);
    return push(memo_[key]);
  }

  bool fill(uint8_t code) {
    if (code == EMPTY_LIST) return push({.kind = PickleKind::list, .text = {}, .items = {}});
    if (code == EMPTY_DICT) return push({.kind = PickleKind::dict, .text = {}, .items = {}});
    std::vector<uint32_t> items;
    if (code == APPENDS || code == SETITEMS) {
      items = pop_marked();
    } else if (code == APPEND || code == SETITEM) {
      items.resize(code == APPEND ? 1 : 2);
      for (size_t i = items.size(); i-- > 0;) items[i] = pop();
    } else {
      return false;
    }
    const bool dict = code == SETITEM || code == SETITEMS;
    auto& target = pickle_.values[top()];
    if (target.kind != (dict ? PickleKind::dict : PickleKind::list))
      fail("its pickle adds to something that is no {}", dict ? "dict" : "list");
    if (dict && items.size() % 2 != 0) fail("its pickle adds a key without a value");
    target.items.insert(target.items.end(), items.begin(), items.end());
    return true;
  }

  /// Names of Python and what is done with them.
  bool name(uint8_t code) {
    if (code == GLOBAL) {
      const bool first = stack_.empty();
      const auto module = bytes_.line();
      return push(allowed_global(module, bytes_.line(), first));
    }
    if (code == BINPERSID) {
      pickle_.storages.push_back(pickled_storage(pickle_, pickle_.at(pop())));
      return push(
          {.kind = PickleKind::storage, .integer = static_cast<int64_t>(pickle_.storages.size() - 1), .text = {}, .items = {}});
    }
    if (code == REDUCE || code == NEWOBJ) {
      const auto arguments = pop(), function = pop();
      const auto& callee = pickle_.at(function);
      if (callee.kind != PickleKind::global) fail("its pickle calls something that is no name");
      if (pickle_.at(arguments).kind != PickleKind::tuple) fail("its pickle calls {} without arguments", callee.text);
      if (code == NEWOBJ && callee.text != "collections.OrderedDict")
        fail("its pickle makes an object of {}, which torch.save never does", callee.text);
      return push(call_global(pickle_, callee, pickle_.at(arguments), budget_));
    }
    if (code != BUILD) return false;
    pop();  // attributes of a tensor or a dict
    const auto& target = pickle_.at(top());
    const bool allowed = target.kind == PickleKind::tensor || (target.kind == PickleKind::dict && !target.text.empty());
    if (!allowed) fail("its pickle sets attributes of something that is neither a tensor nor an OrderedDict");
    return true;
  }

  static constexpr uint32_t kUnset = ~uint32_t{0};

  PickleBytes bytes_;
  size_t budget_;  ///< items that calls may still copy
  std::vector<uint32_t> stack_, memo_;
  std::vector<size_t> marks_;
  Pickle pickle_;
};

}  // namespace

Pickle read_pickle(std::span<const uint8_t> bytes) {
  return Machine({reinterpret_cast<const char*>(bytes.data()), bytes.size()}).run();
}

}  // namespace leaf
