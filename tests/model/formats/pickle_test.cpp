#include "leaf/model/formats/pickle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "leaf/base/error.h"
#include "tests/model/formats/torch_files.h"

namespace leaf {
namespace {

using testing::HasSubstr;
using torch_files::global, torch_files::number, torch_files::program, torch_files::text;

Pickle read(const std::string& bytes) { return read_pickle({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()}); }

/// The message with which the bytes are refused; empty when they are read.
std::string refusal(const std::string& bytes) {
  try {
    read(bytes);
    return "";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::Not(HasSubstr("\n")));
    EXPECT_LT(std::string(error.what()).size(), 600u);
    return error.what();
  }
}

const std::string kStorage = "(" + text("storage") + global("torch", "FloatStorage") + text("0") + text("cpu") + "K\x04tQ";
std::string tensor(const std::string& size, const std::string& stride) {
  return global("torch._utils", "_rebuild_tensor_v2") + "(" + kStorage + "K\x01" + size + stride + "\x89" +
         global("collections", "OrderedDict") + ")RtR";
}

TEST(Pickle, ReadsEveryKindOfValue) {
  const std::string real("G\x40\x09\x00\x00\x00\x00\x00\x00", 9);
  const std::string values = "}(" + text("none") + "N" + text("yes") + "\x88" + text("no") + "\x89" + text("byte") + "K\xff" +
                             text("short") + "M\xff\xff" + text("int") + "J\xfe\xff\xff\xff" + text("long") + "\x8a" +
                             number(2, 1) + number(0x8000, 2) + text("zero") + "\x8a" + number(0, 1) + text("huge") + "\x8a" +
                             number(9, 1) + std::string(9, '\x01') + text("real") + real + text("old") + "U\x03" + "abc" +
                             text("pair") + "K\x01K\x02\x86" + text("empty") + ")" + text("list") + "](K\x01K\x02K\x03" + "eu.";
  const std::string whole = "\x80\x02" + values;
  const auto pickle = read(whole);
  EXPECT_EQ(pickle.length, whole.size());
  const auto described = [&](const char* key) {
    const auto* value = pickle.find(pickle.top(), key);
    return value == nullptr ? "missing" : pickle.describe(*value);
  };
  EXPECT_EQ(described("none"), "None");
  EXPECT_EQ(described("yes"), "True");
  EXPECT_EQ(described("no"), "False");
  EXPECT_EQ(described("byte"), "integer 255");
  EXPECT_EQ(described("short"), "integer 65535");
  EXPECT_EQ(described("int"), "integer -2");
  EXPECT_EQ(described("long"), "integer -32768");
  EXPECT_EQ(described("zero"), "integer 0");
  EXPECT_EQ(described("huge"), "integer of 9 bytes");
  EXPECT_EQ(described("real"), "number 3.125");
  EXPECT_EQ(described("old"), "text \"abc\"");
  EXPECT_EQ(described("pair"), "tuple of 2");
  EXPECT_EQ(described("empty"), "tuple of 0");
  EXPECT_EQ(described("list"), "list of 3");
  EXPECT_EQ(described("other"), "missing");
}

TEST(Pickle, DescribesTensorsAndStorages) {
  const auto bytes = program(tensor("K\x02\x85", "K\x03\x85"));
  const auto pickle = read(bytes);
  ASSERT_EQ(pickle.tensors.size(), 1u);
  EXPECT_EQ(pickle.tensors[0].offset, 1);
  EXPECT_EQ(pickle.tensors[0].size, std::vector<int64_t>{2});
  EXPECT_EQ(pickle.tensors[0].stride, std::vector<int64_t>{3});
  ASSERT_EQ(pickle.storages.size(), 1u);
  EXPECT_EQ(pickle.storages[0].type, "FloatStorage");
  EXPECT_EQ(pickle.storages[0].key, "0");
  EXPECT_EQ(pickle.storages[0].numel, 4);
}

TEST(Pickle, KnowsTheOtherNamesOfTheList) {
  EXPECT_EQ(refusal(program(global("torch", "Size") + "K\x02\x85\x85R")), "");
  EXPECT_EQ(refusal(program(global("torch", "device") + text("cuda") + "\x85R")), "");
  EXPECT_EQ(refusal(program(global("torch", "float16"))), "");
  EXPECT_EQ(refusal(program(global("_codecs", "encode") + text("ab") + text("latin1") + "\x86R")), "");
  EXPECT_EQ(refusal(program(global("torch._utils", "_rebuild_parameter") + tensor("K\x02\x85", "K\x01\x85") + "\x88" + ")\x87R")),
            "");
  EXPECT_EQ(refusal(program(global("collections", "OrderedDict") + ")R}b")), "");
  const auto pairs = program(global("collections", "OrderedDict") + "](](K\x01K\x02" + "e](K\x03K\x04" + "ee\x85R");  // Python 2
  const auto pickle = read(pairs);
  EXPECT_EQ(pickle.describe(pickle.top()), "dict of 2 entries");
}

TEST(Pickle, RefusesOtherNamesAndTellsThem) {
  for (const auto& [module, name] : std::vector<std::pair<std::string, std::string>>{{"posix", "system"},
                                                                                     {"os", "system"},
                                                                                     {"nt", "system"},
                                                                                     {"sys", "exit"},
                                                                                     {"builtins", "eval"},
                                                                                     {"__builtin__", "exec"},
                                                                                     {"subprocess", "Popen"},
                                                                                     {"torch", "load"},
                                                                                     {"torch._utils", "_rebuild_tensor_v3"},
                                                                                     {"numpy.core.multiarray", "scalar"},
                                                                                     {"collections", "namedtuple"},
                                                                                     {"", "collections.OrderedDict"}}) {
    const auto call = global(module, name) + text("touch pwned") + "\x85R";
    EXPECT_THAT(refusal(program(call)), HasSubstr(module + "." + name));
    EXPECT_THAT(refusal(program(call)), HasSubstr("asks for"));
    EXPECT_THAT(refusal(program("}" + text("x") + call + "s")), HasSubstr(module + "." + name));
  }
  EXPECT_THAT(refusal(program(global("models.resnet", "ResNet") + ")\x81}b")), HasSubstr("whole pickled module"));
  EXPECT_THAT(refusal(program("}" + text("model") + global("torch.nn.modules.linear", "Linear") + ")\x81s")),
              HasSubstr("whole pickled module"));
  EXPECT_THAT(refusal(program(global("evil\x1b[2J", std::string(100000, 'x')))), HasSubstr(R"(evil\x1b[2J.xxx)"));
}

TEST(Pickle, RefusesWhatTorchSaveDoesNotWrite) {
  const auto dict = global("collections", "OrderedDict");
  for (const std::string& bad : {std::string("i"),
                                 std::string("P1\n"),
                                 std::string("\x93"),
                                 std::string("\x82\x01"),
                                 std::string("\x8c\x01"),
                                 std::string("\x95") + std::string(8, '\0'),
                                 std::string("R"),
                                 std::string("("),
                                 std::string("t"),
                                 std::string("u"),
                                 std::string("}K\x01(s"),
                                 std::string("K\x01K\x02"),
                                 std::string("](a"),
                                 std::string("h\x01"),
                                 std::string("](K\x01u"),
                                 std::string("}(K\x01u"),
                                 std::string("}(K\x01K\x02"
                                             "e"),
                                 std::string("K\x01)R"),
                                 std::string("N}b"),
                                 std::string("}}b"),
                                 dict + "NR",
                                 dict + "K\x01\x85R",
                                 dict + "]K\x01"
                                        "a\x85R",
                                 global("torch", "FloatStorage") + ")R",
                                 global("torch", "Size") + ")\x81",
                                 std::string("NQ"),
                                 std::string(")Q"),
                                 std::string("")}) {
    EXPECT_NE(refusal(program(bad)), "") << testing::PrintToString(bad);
  }
  EXPECT_NE(refusal("\x80\x04N."), "");
  EXPECT_NE(refusal("N."), "");
  EXPECT_THAT(refusal(program(tensor(")", "K\x01\x85"))), HasSubstr("strides"));
  EXPECT_THAT(refusal(program(tensor("K\x01", ")"))), HasSubstr("no tuple"));
  EXPECT_THAT(refusal(program(tensor("N\x85", "K\x01\x85"))), HasSubstr("no integers"));
  std::string rank = "(";
  for (int i = 0; i < 65; ++i) rank += "K\x01";
  EXPECT_THAT(refusal(program(tensor(rank + "t", rank + "t"))), HasSubstr("65 dimensions"));
}

TEST(Pickle, BelievesNoLength) {
  EXPECT_THAT(refusal("\x80\x02X\xff\xff\xff\xff"
                      "abc."),
              HasSubstr("truncated"));
  EXPECT_THAT(refusal("\x80\x02\x8a\xff"
                      "abc."),
              HasSubstr("truncated"));
  EXPECT_THAT(refusal("\x80\x02Nr\xff\xff\xff\xff."), HasSubstr("remembers"));
  EXPECT_THAT(refusal("\x80\x02"
                      "cposix"),
              HasSubstr("truncated"));
}

TEST(Pickle, TakesBombsWithoutMemoryTimeOrRecursion) {
  EXPECT_THAT(refusal(program(std::string(1'000'000, '('))), HasSubstr("nested deeper"));
  std::string deep = "]";
  for (int i = 0; i < 500'000; ++i) deep += "\x85";
  EXPECT_EQ(refusal(program(deep)), "");  // 500,000 tuples inside each other
  std::string laughs = "]q";
  laughs += '\0';
  for (int i = 1; i < 100; ++i) {  // list i holds list i - 1 twice: 2^99 parts, if anything walked them
    laughs += "](h" + number(static_cast<uint64_t>(i - 1), 1) + "h" + number(static_cast<uint64_t>(i - 1), 1) + "eq" +
              number(static_cast<uint64_t>(i), 1) + "\x86";
  }
  EXPECT_EQ(refusal(program(laughs)), "");
  EXPECT_EQ(refusal(program("]q" + number(0, 1) + "h" + number(0, 1) + "a")), "");  // a list that holds itself
  std::string copies = "(";
  for (int i = 0; i < 20'000; ++i) copies += "K\x01";
  copies += "tq" + number(1, 1) + global("torch", "Size") + "q" + number(2, 1);
  for (int i = 0; i < 20'000; ++i) copies += "h\x02h\x01\x85R\x86";
  EXPECT_THAT(refusal(program(copies)), HasSubstr("copies more than it holds"));
  EXPECT_THAT(refusal(program(std::string(5'000'000, ']'))), HasSubstr("more than 4000000 values"));
}

TEST(Pickle, RefusesEveryPrefix) {
  const auto whole = program("}" + text("x") + tensor("K\x02\x85", "K\x01\x85") + "s");
  ASSERT_EQ(refusal(whole), "");
  for (size_t size = 0; size < whole.size(); ++size) EXPECT_NE(refusal(whole.substr(0, size)), "") << size;
}

}  // namespace
}  // namespace leaf
