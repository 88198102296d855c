#include "static_files/folder.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/testing.h"

namespace spindle::static_files {
namespace {

namespace fs = std::filesystem;

class Folders : public testing::Test {
 protected:
  Folders() {
    for (std::string_view name :
         {"site/index.html", "site/a b.txt", "site/a%20b.txt", "site/docs/index.html",
          "site/docs/page.html", "site/empty/file", "site/odd/index.html/file", "site/app.js",
          "site/app.js.br", "site/app.js.gz", "site/back\\slash", "secret.txt", "other/deep.txt"}) {
      write(name);
    }
    fs::create_symlink("../secret.txt", root_ / "site/out.txt");
    fs::create_symlink("..", root_ / "site/up");
    fs::create_symlink("/etc/passwd", root_ / "site/absolute");
    fs::create_symlink("docs/page.html", root_ / "site/in.html");
    fs::create_symlink("loop", root_ / "site/loop");
    fs::create_symlink("../../secret.txt", root_ / "site/docs/page.html.br");
    mkfifo((root_ / "site/fifo").c_str(), 0600);
  }

  void write(std::string_view name) const {
    const fs::path path = root_ / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path) << name;
  }
  std::shared_ptr<const wasi::Mount> mount(std::string_view directory, std::string at) const {
    return wasi::Mount::create((root_ / directory).string(), std::move(at), wasi::Access::ReadOnly)
        .value();
  }

  // What is found: the file's content, or why there is none.
  static std::string content(const Lookup& found) {
    switch (found.kind) {
      case Lookup::Kind::Folder: return "folder";
      case Lookup::Kind::Missing: return "missing";
      case Lookup::Kind::Unavailable: return "unavailable";
      case Lookup::Kind::File: break;
    }
    std::string text(found.file.size, '\0');
    const auto count = pread(found.file.fd.number(), text.data(), text.size(), 0);
    return count == static_cast<ssize_t>(text.size()) ? text : "unreadable";
  }
  std::string find(std::string_view path, std::string_view codings = {}) const {
    return content(Folder({mount("site", "/")}).find(path, codings));
  }

  TempDirectory directory_;
  const fs::path root_ = directory_.path();
};

TEST_F(Folders, FindFilesByTheirDecodedPath) {
  EXPECT_EQ(find(""), "folder");
  EXPECT_EQ(find("/"), "site/index.html");
  EXPECT_EQ(find("/index.html"), "site/index.html");
  EXPECT_EQ(find("/a%20b.txt"), "site/a b.txt");
  EXPECT_EQ(find("/a%2520b.txt"), "site/a%20b.txt") << "decoded once";
  EXPECT_EQ(find("/docs"), "folder");
  EXPECT_EQ(find("/docs/"), "site/docs/index.html");
  EXPECT_EQ(find("/%64ocs/"), "site/docs/index.html");
  EXPECT_EQ(find("/empty/"), "missing");
  EXPECT_EQ(find("/odd/"), "missing") << "an index that is a folder";
  EXPECT_EQ(find("/index.html/"), "missing");
  EXPECT_EQ(find("/back%5cslash"), "site/back\\slash");
  EXPECT_EQ(find("/in.html"), "site/docs/page.html");
}

TEST_F(Folders, NeverLeaveThem) {
  const std::string deep = "/" + std::string(5000, 'x');
  for (std::string_view path : {"/../secret.txt",
                                "/%2e%2e/secret.txt",
                                "/.%2e/secret.txt",
                                "/docs/../../secret.txt",
                                "/..%2fsecret.txt",
                                "/docs%2f..%2f..%2fsecret.txt",
                                "/out.txt",
                                "/up/secret.txt",
                                "/up/",
                                "/up",
                                "/absolute",
                                "/loop",
                                "/fifo",
                                "/.",
                                "/./index.html",
                                "/docs/./index.html",
                                "//",
                                "//index.html",
                                "/docs//",
                                "/docs//page.html",
                                "/docs%2fpage.html",
                                "/index.html%00",
                                "/%00",
                                "/%",
                                "/%zz",
                                "/index.html%",
                                "//etc/passwd",
                                "/etc/passwd"}) {
    EXPECT_EQ(find(path), "missing") << path;
  }
  EXPECT_EQ(find(deep), "missing");
  EXPECT_EQ(find("/docs/page.html", "br"), "site/docs/page.html") << "a neighbor that leads out";
}

TEST_F(Folders, OfferNeighborsAsCodings) {
  const Folder folder({mount("site", "/")});
  EXPECT_EQ(content(folder.find("/app.js", "gzip, br")), "site/app.js.br");
  EXPECT_EQ(content(folder.find("/app.js", "gzip")), "site/app.js.gz");
  EXPECT_EQ(content(folder.find("/app.js", "zstd")), "site/app.js");
  const Lookup plain = folder.find("/app.js", "");
  const Lookup coded = folder.find("/app.js", "gzip");
  EXPECT_TRUE(plain.file.has_codings);
  EXPECT_EQ(coded.file.coding, Coding::Gzip);
  EXPECT_EQ(coded.file.type, "text/javascript; charset=utf-8");
  EXPECT_NE(plain.file.etag, coded.file.etag);
  EXPECT_EQ(folder.find("/app.js.gz", "gzip").file.type, "application/gzip");
  EXPECT_FALSE(folder.find("/docs/page.html", "br").file.has_codings);
}

TEST_F(Folders, TellVersionsOfAFileApart) {
  const Folder folder({mount("site", "/")});
  const std::string before = folder.find("/app.js", "").file.etag;
  EXPECT_EQ(folder.find("/app.js", "").file.etag, before);
  const auto time = fs::last_write_time(root_ / "site/app.js");
  fs::last_write_time(root_ / "site/app.js", time + std::chrono::milliseconds(1));
  EXPECT_NE(folder.find("/app.js", "").file.etag, before);
}

TEST_F(Folders, AreSeveralMounts) {
  const Folder folder({mount("site", "/"), mount("other", "/docs/more")});
  EXPECT_EQ(content(folder.find("/docs/more/deep.txt", "")), "other/deep.txt");
  EXPECT_EQ(content(folder.find("/docs/more", "")), "folder");
  EXPECT_EQ(content(folder.find("/docs/page.html", "")), "site/docs/page.html");
  const Folder apart({mount("other", "/x/")});
  EXPECT_EQ(content(apart.find("/x/deep.txt", "")), "other/deep.txt");
  EXPECT_EQ(content(apart.find("/deep.txt", "")), "missing");
  EXPECT_EQ(content(apart.find("/xdeep.txt", "")), "missing");
  EXPECT_EQ(content(apart.find("/", "")), "missing");
}

TEST_F(Folders, FindFilesThatAManifestNames) {
  const Folder folder({mount("site", "/")});
  EXPECT_EQ(content(folder.find_named("index.html", "")), "site/index.html");
  EXPECT_EQ(content(folder.find_named("/docs/page.html", "")), "site/docs/page.html");
  EXPECT_EQ(content(folder.find_named("docs", "")), "missing");
  EXPECT_EQ(content(folder.find_named("../secret.txt", "")), "missing");
  EXPECT_EQ(content(folder.find_named("a%20b.txt", "")), "site/a%20b.txt") << "not encoded";
}

}  // namespace
}  // namespace spindle::static_files
