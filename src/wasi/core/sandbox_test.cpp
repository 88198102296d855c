#include "wasi/core/sandbox.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/fs.h>
#include <sys/syscall.h>

#include <array>
#include <atomic>
#include <thread>

#include "base/testing.h"

namespace spindle::wasi {
namespace {

// Every rule holds for the kernel's resolver and for the walk.
class Sandbox : public testing::TestWithParam<Resolver> {
 protected:
  Sandbox() {
    outside_.write("secret", "secret");
    outside_.make_directory("directory");
    inside_.make_directory("a/b/c");
    inside_.write("file", "top");
    inside_.write("a/file", "nested");
    inside_.link("a/file", "to-file");
    inside_.link("a", "to-directory");
    inside_.link("../file", "a/up-but-inside");
    inside_.link("b/../../to-directory/file", "a/winding");
    inside_.link(outside_.path("secret"), "absolute");
    inside_.link("../" + outside_name() + "/secret", "relative-escape");
    inside_.link("../../file", "a/one-too-many");
    inside_.link("..", "up");
    inside_.link("/", "root");
    inside_.link("loop-b", "loop-a");
    inside_.link("loop-a", "loop-b");
    inside_.link("nowhere", "dangling");
    root_ = Fd(open(inside_.path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  }

  std::string outside_name() const {
    return std::filesystem::path(outside_.path()).filename().string();
  }

  FileResult<Fd> open_path(std::string_view path, int flags = O_RDONLY) {
    return open_beneath(root_.number(), path, {flags, 0600}, GetParam());
  }

  std::string contents(const Fd& file) {
    std::array<char, 64> buffer{};
    ssize_t count = read(file.number(), buffer.data(), buffer.size());
    return count < 0 ? "unreadable" : std::string(buffer.data(), static_cast<size_t>(count));
  }

  TempDirectory outside_;
  TempDirectory inside_;
  Fd root_;
};

TEST_P(Sandbox, OpensWhatStaysBeneath) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"file", "top"},
      {"./file", "top"},
      {"a/file", "nested"},
      {"a//file", "nested"},
      {"a/../file", "top"},
      {"a/b/../../file", "top"},
      {"a/./b/c/../../file", "nested"},
      {"to-file", "nested"},
      {"to-directory/file", "nested"},
      {"a/up-but-inside", "top"},
      {"a/winding", "nested"},
      {"to-directory/../file", "top"},
  };
  for (const auto& [path, text] : cases) {
    auto opened = open_path(path);
    ASSERT_TRUE(opened.has_value()) << path << " " << static_cast<int>(opened.error());
    EXPECT_EQ(contents(*opened), text) << path;
  }
}

TEST_P(Sandbox, RefusesWhatLeadsOutside) {
  const std::string cases[] = {
      "..",
      "../",
      "../file",
      "/",
      "/etc/passwd",
      inside_.path("file"),
      "a/../..",
      "a/../../" + outside_name() + "/secret",
      "absolute",
      "relative-escape",
      "a/one-too-many",
      "up",
      "up/" + outside_name() + "/secret",
      "root/etc/passwd",
      "to-directory/../../x",
      "a/b/c/../../../..",
      "./..",
      "a/..//..",
  };
  for (const auto& path : cases) {
    for (int flags : {O_RDONLY, O_PATH, O_WRONLY | O_CREAT, O_RDONLY | O_DIRECTORY}) {
      auto opened = open_path(path, flags);
      ASSERT_FALSE(opened.has_value()) << path;
      EXPECT_EQ(opened.error(), FileErrorCode::NotPermitted) << path;
    }
  }
}

TEST_P(Sandbox, SaysWhatIsWrongWithOtherPaths) {
  const std::string deep(kPathBytesMax + 1, 'a');
  const std::string long_name(300, 'a');
  struct Case {
    std::string path;
    int flags;
    FileErrorCode error;
  };
  const Case cases[] = {
      {"", O_RDONLY, FileErrorCode::NoEntry},
      {"absent", O_RDONLY, FileErrorCode::NoEntry},
      {"absent/x", O_RDONLY, FileErrorCode::NoEntry},
      {"dangling", O_RDONLY, FileErrorCode::NoEntry},
      {std::string("fi\0le", 5), O_RDONLY, FileErrorCode::Invalid},
      {"file/x", O_RDONLY, FileErrorCode::NotDirectory},
      {"file/", O_RDONLY, FileErrorCode::NotDirectory},
      {"file/..", O_RDONLY, FileErrorCode::NotDirectory},
      {"file", O_RDONLY | O_DIRECTORY, FileErrorCode::NotDirectory},
      {"a", O_WRONLY, FileErrorCode::IsDirectory},
      {"loop-a", O_RDONLY, FileErrorCode::Loop},
      {"loop-a/x", O_RDONLY, FileErrorCode::Loop},
      {"to-file", O_RDONLY | O_NOFOLLOW, FileErrorCode::Loop},
      {"file", O_RDWR | O_CREAT | O_EXCL, FileErrorCode::Exist},
      {"to-file", O_RDWR | O_CREAT | O_EXCL, FileErrorCode::Exist},
      {"dangling", O_RDWR | O_CREAT | O_EXCL, FileErrorCode::Exist},
      {long_name, O_RDONLY, FileErrorCode::NameTooLong},
      {deep, O_RDONLY, FileErrorCode::NameTooLong},
  };
  for (const Case& test : cases) {
    auto opened = open_path(test.path, test.flags);
    ASSERT_FALSE(opened.has_value()) << test.path.substr(0, 40);
    EXPECT_EQ(opened.error(), test.error) << test.path.substr(0, 40);
  }
}

TEST_P(Sandbox, OpensALinkItselfWithoutFollowing) {
  auto link = open_path("absolute", O_PATH | O_NOFOLLOW);
  ASSERT_TRUE(link.has_value());
  struct stat status{};
  ASSERT_EQ(fstat(link->number(), &status), 0);
  EXPECT_TRUE(S_ISLNK(status.st_mode));
}

TEST_P(Sandbox, CreatesThroughALinkThatStaysBeneath) {
  ASSERT_TRUE(open_path("dangling", O_WRONLY | O_CREAT).has_value());
  EXPECT_TRUE(inside_.has("nowhere"));
}

TEST_P(Sandbox, NamesEntriesByTheirParent) {
  auto entry =
      open_parent_beneath(root_.number(), "to-directory/new", FileErrorCode::Exist, GetParam());
  ASSERT_TRUE(entry.has_value());
  EXPECT_EQ(entry->name, "new");
  ASSERT_EQ(mkdirat(entry->parent.number(), entry->name.c_str(), 0700), 0);
  EXPECT_TRUE(inside_.has("a/new"));

  const std::pair<std::string, FileErrorCode> refused[] = {
      {".", FileErrorCode::Exist},
      {"a/..", FileErrorCode::Exist},
      {"a/.", FileErrorCode::Exist},
      {"..", FileErrorCode::NotPermitted},
      {"a/../..", FileErrorCode::NotPermitted},
      {"../x", FileErrorCode::NotPermitted},
      {"/x", FileErrorCode::NotPermitted},
      {"up/x", FileErrorCode::NotPermitted},
      {"root/tmp/x", FileErrorCode::NotPermitted},
      {"", FileErrorCode::NoEntry},
      {"absent/x", FileErrorCode::NoEntry},
      {"file/x", FileErrorCode::NotDirectory},
  };
  for (const auto& [path, error] : refused) {
    auto parent = open_parent_beneath(root_.number(), path, FileErrorCode::Exist, GetParam());
    ASSERT_FALSE(parent.has_value()) << path;
    EXPECT_EQ(parent.error(), error) << path;
  }
}

// A second thread swaps a directory for a link to the outside and back, without a pause. Whatever
// is opened meanwhile is the inner file or an error, never the outer one.
TEST_P(Sandbox, HoldsWhileADirectoryIsSwappedForALink) {
  outside_.write("directory/target", "outer");
  inside_.make_directory("swapped");
  inside_.write("swapped/target", "inner");
  inside_.link(outside_.path("directory"), "evil");
  std::atomic<bool> stop{false};
  std::thread attacker([&] {
    auto one = inside_.path("swapped");
    auto other = inside_.path("evil");
    while (!stop.load()) {
      syscall(SYS_renameat2, AT_FDCWD, one.c_str(), AT_FDCWD, other.c_str(), RENAME_EXCHANGE);
    }
  });
  int inner = 0;
  int refused = 0;
  for (int attempt = 0; attempt < 20'000 && (attempt < 3000 || inner == 0 || refused == 0);
       ++attempt) {
    auto opened = open_path("swapped/target");
    if (!opened) {
      ++refused;
      continue;
    }
    auto text = contents(*opened);
    EXPECT_EQ(text, "inner");
    if (text != "inner") break;
    ++inner;
  }
  stop.store(true);
  attacker.join();
  EXPECT_GT(inner, 0);
  EXPECT_GT(refused, 0);
}

INSTANTIATE_TEST_SUITE_P(Resolvers, Sandbox, testing::Values(Resolver::Automatic, Resolver::Walk),
                         [](const auto& info) {
                           return info.param == Resolver::Walk ? "Walk" : "Kernel";
                         });

TEST(SandboxWalk, IsBoundedInDepthAndLinks) {
  TempDirectory directory;
  std::string deep;
  for (size_t level = 0; level < kWalkDepthMax + 2; ++level) deep += "d/";
  directory.make_directory(deep);
  Fd root(open(directory.path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  auto opened = open_beneath(root.number(), deep + "x", {O_RDONLY}, Resolver::Walk);
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error(), FileErrorCode::NameTooLong);

  // A link that doubles the rest of the path each time.
  directory.make_directory("x");
  directory.link("../y/../y", "x/y");
  directory.link("x/y", "y");
  opened = open_beneath(root.number(), "y/z", {O_RDONLY}, Resolver::Walk);
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error(), FileErrorCode::Loop);
}

}  // namespace
}  // namespace spindle::wasi
