#include "leaf/data/npy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/data/trees.h"

namespace leaf {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(Npy, ReadsScalarsOfEveryKind) {
  const auto value = [](const std::string& type, const std::string& data) { return parse_npy(npy(type, "", data)).values.at(0); };
  EXPECT_EQ(value("<i8", std::string("\7\0\0\0\0\0\0\0", 8)), "7");
  EXPECT_EQ(value("<i4", std::string("\xff\xff\xff\xff", 4)), "-1");
  EXPECT_EQ(value("|u1", "\xff"), "255");
  EXPECT_EQ(value("<f4", std::string("\0\0\xc0\x40", 4)), "6");
  EXPECT_EQ(value("<U1", std::string("5\0\0\0", 4)), "5");
  EXPECT_EQ(value("|S2", std::string("3\0", 2)), "3");
}

TEST(Npy, ReadsTablesOfTexts) {
  const auto array = parse_npy(npy("<U2", "2, 2",
                                   std::string("a\0\0\0\0\0\0\0"
                                               "1\0\0\0\0\0\0\0"
                                               "\xe9\0\0\0b\0\0\0"
                                               "2\0\0\0\0\0\0\0",
                                               32)));
  EXPECT_THAT(array.shape, ElementsAre(2, 2));
  EXPECT_THAT(array.values, ElementsAre("a", "1",
                                        "\xc3\xa9"
                                        "b",
                                        "2"));
}

TEST(Npy, RefusesWhatItCannotTrust) {
  EXPECT_THAT(error_of([] { parse_npy("hello, I am no array"); }), HasSubstr("not a NumPy"));
  EXPECT_THAT(error_of([] { parse_npy(npy("|O", "", "x")); }), HasSubstr("pickled Python objects, which are not run"));
  EXPECT_THAT(error_of([] { parse_npy(npy(">i8", "", std::string(8, '\0'))); }), HasSubstr("little-endian"));
  EXPECT_THAT(error_of([] { parse_npy(npy("<i8", "2,", std::string(8, '\0'))); }), HasSubstr("cut off"));
  EXPECT_THAT(error_of([] { parse_npy(npy("<i8", "99999999999,", "")); }), HasSubstr("more than 2000000 values"));
  EXPECT_THAT(error_of([] { parse_npy(npy("<i8", "67108864, 67108864", "")); }), HasSubstr("more than 2000000 values"));
  EXPECT_THAT(error_of([] { parse_npy(npy("|i1", "0, 1999999, 2", "")); }), HasSubstr("more than 2000000 values"));
  EXPECT_THAT(error_of([] { parse_npy(npy("|i1", "33554432,", std::string(1 << 25, '\0'))); }), HasSubstr("values"))
      << "a list that shrinks to 32 kB in an archive";
  EXPECT_THAT(error_of([] { parse_npy(std::string("\x93NUMPY\2\0\0\0\0\4", 12) + std::string(1 << 26, ',')); }),
              HasSubstr("the NumPy header has 67108864 bytes"));
  EXPECT_THAT(error_of([] { parse_npy(npy("<U0", "60000000,", "")); }), HasSubstr("is not read"));
}

TEST(Npy, RefusesEveryTruncation) {
  const auto whole = npy("<i8", "", std::string(8, '\1'));
  for (size_t size = 0; size < whole.size(); ++size)
    EXPECT_THROW(parse_npy(std::string_view(whole).substr(0, size)), Error) << size;
}

}  // namespace
}  // namespace leaf
