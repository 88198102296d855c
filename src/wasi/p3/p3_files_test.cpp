#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "wasi/p3/p3_fixture.h"

namespace spindle::wasi::p3 {
namespace {

using component::Future;
using component::Stream;
using How = ScriptedBytes::How;
using Code = filesystem::ErrorCode;

// The name of an error, for tables; nothing is success.
template <typename T>
std::optional<FileErrorCode> code_of(const std::expected<T, Code>& answer) {
  if (answer) return std::nullopt;
  for (int number = 0; number <= static_cast<int>(FileErrorCode::CrossDevice); ++number) {
    const auto code = static_cast<FileErrorCode>(number);
    if (to_interface(code) == answer.error()) return code;
  }
  ADD_FAILURE() << "a code that the core does not have";
  return std::nullopt;
}

struct ReadOutcome {
  std::string text;
  std::optional<FileErrorCode> error;
  bool operator==(const ReadOutcome&) const = default;
};

class P3Files : public P3 {
 protected:
  P3Files() {
    host_.make_directory("assets/deep");
    host_.write("assets/index.html", "<h1>hello</h1>");
    host_.write("empty", "");
    host_.link("assets/index.html", "link");
  }

  filesystem::Host& files() { return host<filesystem::Host>(filesystem::interface()); }

  std::unique_ptr<Descriptor> mount(Access access) {
    guest_.mounts = {Mount::create(host_.path(), "/data", access).value()};
    auto directories = host<preopens::Host>(preopens::interface()).get_directories().value();
    EXPECT_EQ(std::get<1>(directories.at(0)), "/data");
    return std::move(std::get<0>(directories.at(0)));
  }
  std::unique_ptr<Descriptor> open(Descriptor& root, std::string_view path,
                                   filesystem::OpenFlags how, filesystem::DescriptorFlags flags) {
    return now(files().descriptor_open_at(root, {.symlink_follow = true}, path, how, flags))
        .value();
  }
  std::optional<FileErrorCode> open_error(Descriptor& root, std::string_view path,
                                          filesystem::OpenFlags how,
                                          filesystem::DescriptorFlags flags) {
    return code_of(
        now(files().descriptor_open_at(root, {.symlink_follow = true}, path, how, flags)));
  }
  // How a stream that is there at once was written.
  std::optional<FileErrorCode> write(Descriptor& file, std::string_view text, uint64_t offset) {
    auto data = Stream<uint8_t>::of({text.begin(), text.end()});
    auto end = files().descriptor_write_via_stream(file, std::move(data), offset).value();
    return code_of(settled(end).value());
  }
  std::optional<FileErrorCode> append(Descriptor& file, std::string_view text) {
    auto data = Stream<uint8_t>::of({text.begin(), text.end()});
    auto end = files().descriptor_append_via_stream(file, std::move(data)).value();
    return code_of(settled(end).value());
  }
  ReadOutcome read(Descriptor& file, uint64_t offset) {
    auto [stream, end] = files().descriptor_read_via_stream(file, offset).value();
    auto text = read_text(stream);
    return {text, code_of(settled(end).value())};
  }

  TempDirectory host_;
};

TEST_F(P3Files, EachErrorOfTheCoreHasItsOwnCode) {
  std::set<size_t> seen;
  for (int number = 0; number <= static_cast<int>(FileErrorCode::CrossDevice); ++number) {
    seen.insert(to_interface(static_cast<FileErrorCode>(number)).value.index());
  }
  EXPECT_EQ(seen.size(), std::variant_size_v<decltype(Code::value)>);
  EXPECT_EQ(to_interface(FileErrorCode::NoEntry), (Code{Code::NoEntry{}}));
  EXPECT_EQ(to_interface(FileErrorCode::Quota), (Code{Code::Quota{}}));
  EXPECT_EQ(to_interface(FileErrorCode::WouldBlock), (Code{Code::Other{"would block"}}));
}

TEST_F(P3Files, ReadsAFileFromAnyPosition) {
  auto root = mount(Access::ReadOnly);
  auto file = open(*root, "assets/index.html", {}, {.read = true});
  EXPECT_EQ(read(*file, 0), (ReadOutcome{"<h1>hello</h1>", std::nullopt}));
  EXPECT_EQ(read(*file, 4).text, "hello</h1>");
  EXPECT_EQ(read(*file, 14).text, "");
  EXPECT_EQ(read(*file, uint64_t{1} << 62), (ReadOutcome{"", std::nullopt}));
  EXPECT_EQ(read(*file, ~uint64_t{0}).error, FileErrorCode::Invalid);
  EXPECT_EQ(read(*root, 0), (ReadOutcome{"", FileErrorCode::IsDirectory}));
}

TEST_F(P3Files, AFileLivesAsLongAsItsStreamsAndNoLonger) {
  auto root = mount(Access::ReadWrite);
  auto file = open(*root, "assets/index.html", {}, {.read = true, .write = true});
  const auto left = instance_.descriptors.left();
  auto [stream, end] = files().descriptor_read_via_stream(*file, 0).value();
  auto feed = std::make_shared<ByteFeed>(loop_);
  auto written =
      files().descriptor_write_via_stream(*file, ScriptedBytes::stream(feed, How::View), 0).value();
  file.reset();
  EXPECT_EQ(instance_.descriptors.left(), left);
  std::array<uint8_t, 4> buffer{};
  EXPECT_EQ(stream.read(buffer).count, 4U);
  EXPECT_FALSE(settled(end).has_value());
  stream = {};
  EXPECT_TRUE(settled(end).value().has_value());
  feed->close();
  EXPECT_TRUE(settled(written).value().has_value());
  EXPECT_EQ(instance_.descriptors.left(), left + 1);
}

TEST_F(P3Files, WritesAndAppends) {
  auto root = mount(Access::ReadWrite);
  auto file = open(*root, "new", {.create = true}, {.read = true, .write = true});
  EXPECT_EQ(write(*file, "0123456789", 0), std::nullopt);
  EXPECT_EQ(write(*file, "abcd", 3), std::nullopt);
  EXPECT_EQ(append(*file, "!"), std::nullopt);
  EXPECT_EQ(write(*file, "", 0), std::nullopt);
  EXPECT_EQ(host_.read("new"), "012abcd789!");
  EXPECT_EQ(write(*file, "end", 20), std::nullopt);
  EXPECT_EQ(host_.read("new").size(), 23U);
  EXPECT_EQ(write(*file, "x", ~uint64_t{0}), FileErrorCode::Invalid);
  EXPECT_EQ(code_of(now(files().descriptor_set_size(*file, 4))), std::nullopt);
  EXPECT_EQ(code_of(now(files().descriptor_set_size(*file, ~uint64_t{0}))),
            FileErrorCode::FileTooLarge);
  EXPECT_EQ(code_of(now(files().descriptor_sync(*file))), std::nullopt);
  EXPECT_EQ(code_of(now(files().descriptor_sync_data(*file))), std::nullopt);
  EXPECT_EQ(host_.read("new"), "012a");
  auto unwritable = open(*root, "new", {}, {.read = true});
  EXPECT_EQ(write(*unwritable, "x", 0), FileErrorCode::BadDescriptor);
  EXPECT_EQ(append(*unwritable, "x"), FileErrorCode::BadDescriptor);
  auto unreadable = open(*root, "new", {}, {.write = true});
  EXPECT_EQ(read(*unreadable, 0).error, FileErrorCode::BadDescriptor);
}

TEST_F(P3Files, SeveralStreamsOfOneFileDoNotDisturbEachOther) {
  auto root = mount(Access::ReadWrite);
  auto file = open(*root, "new", {.create = true}, {.read = true, .write = true});
  auto first = std::make_shared<ByteFeed>(loop_);
  auto second = std::make_shared<ByteFeed>(loop_);
  auto first_end =
      files()
          .descriptor_write_via_stream(*file, ScriptedBytes::stream(first, How::View), 0)
          .value();
  auto second_end =
      files()
          .descriptor_write_via_stream(*file, ScriptedBytes::stream(second, How::Copy), 4)
          .value();
  first->write("ab");
  second->write("ef");
  loop_.poll();
  first->write("cd");
  second->write("gh");
  first->close();
  second->close();
  EXPECT_TRUE(settled(first_end).value().has_value());
  EXPECT_TRUE(settled(second_end).value().has_value());
  EXPECT_EQ(host_.read("new"), "abcdefgh");
}

TEST_F(P3Files, AFailureOrAnInstanceThatGoesDropsWhatIsWritten) {
  auto root = mount(Access::ReadWrite);
  auto file = open(*root, "new", {.create = true}, {.read = true, .write = true});
  auto refused = std::make_shared<ByteFeed>(loop_);
  auto end = files()
                 .descriptor_write_via_stream(*root, ScriptedBytes::stream(refused, How::View), 0)
                 .value();
  EXPECT_TRUE(refused->is_dropped());
  EXPECT_EQ(code_of(settled(end).value()), FileErrorCode::BadDescriptor);
  auto feed = std::make_shared<ByteFeed>(loop_);
  auto cut =
      files().descriptor_write_via_stream(*file, ScriptedBytes::stream(feed, How::View), 0).value();
  feed->write("half");
  loop_.poll();
  instance_.background.cancel();
  loop_.poll();
  EXPECT_TRUE(feed->is_dropped());
  EXPECT_TRUE(cut.source().is_abandoned());
  EXPECT_EQ(host_.read("new"), "half");
}

TEST_F(P3Files, ABigFileGoesThroughInSteps) {
  constexpr uint64_t kBig = uint64_t{64} << 20;
  host_.write("big", "");
  ASSERT_EQ(truncate(host_.path("big").c_str(), static_cast<off_t>(kBig)), 0);
  auto root = mount(Access::ReadWrite);
  auto from = open(*root, "big", {}, {.read = true});
  auto to = open(*root, "copy", {.create = true}, {.read = true, .write = true});
  auto [stream, read_end] = files().descriptor_read_via_stream(*from, 0).value();
  auto write_end = files().descriptor_append_via_stream(*to, std::move(stream)).value();
  EXPECT_TRUE(loop_.block_on(write_end.get()).value().has_value());
  EXPECT_TRUE(settled(read_end).value().has_value());
  EXPECT_EQ(std::filesystem::file_size(host_.path("copy")), kBig);
}

TEST_F(P3Files, AReadOnlyMountRefusesEveryChange) {
  auto root = mount(Access::ReadOnly);
  auto file = open(*root, "assets/index.html", {}, {.read = true});
  const filesystem::NewTimestamp time{filesystem::NewTimestamp::Now{}};
  auto& host = files();
  const std::optional<FileErrorCode> refusals[] = {
      open_error(*root, "empty", {}, {.write = true}),
      open_error(*root, "empty", {.create = true}, {.read = true}),
      open_error(*root, "empty", {.truncate = true}, {.read = true}),
      write(*file, "x", 0),
      append(*file, "x"),
      code_of(now(host.descriptor_set_size(*file, 0))),
      code_of(now(host.descriptor_set_times(*file, time, time))),
      code_of(now(host.descriptor_set_times(*root, time, time))),
      code_of(now(host.descriptor_set_times_at(*root, {}, "empty", time, time))),
      code_of(now(host.descriptor_create_directory_at(*root, "x"))),
      code_of(now(host.descriptor_remove_directory_at(*root, "assets/deep"))),
      code_of(now(host.descriptor_unlink_file_at(*root, "empty"))),
      code_of(now(host.descriptor_rename_at(*root, "empty", *root, "x"))),
      code_of(now(host.descriptor_link_at(*root, {}, "empty", *root, "x"))),
      code_of(now(host.descriptor_symlink_at(*root, "empty", "x"))),
  };
  for (size_t index = 0; index < std::size(refusals); ++index) {
    EXPECT_EQ(refusals[index], FileErrorCode::NotPermitted) << index;
  }
  EXPECT_EQ(now(host.descriptor_get_flags(*root)).value(),
            (filesystem::DescriptorFlags{.read = true}));
  EXPECT_EQ(host_.read("assets/index.html"), "<h1>hello</h1>");
}

TEST_F(P3Files, ChangesEntriesOfAWritableMount) {
  auto root = mount(Access::ReadWrite);
  auto& host = files();
  EXPECT_TRUE(now(host.descriptor_create_directory_at(*root, "x")).has_value());
  EXPECT_TRUE(now(host.descriptor_rename_at(*root, "empty", *root, "x/moved")).has_value());
  EXPECT_TRUE(now(host.descriptor_link_at(*root, {}, "x/moved", *root, "hard")).has_value());
  EXPECT_TRUE(now(host.descriptor_symlink_at(*root, "x/moved", "soft")).has_value());
  EXPECT_EQ(now(host.descriptor_readlink_at(*root, "soft")).value(), "x/moved");
  EXPECT_EQ(now(host.descriptor_stat_at(*root, {}, "hard")).value().link_count, 2U);
  EXPECT_EQ(code_of(now(
                host.descriptor_link_at(*root, {.symlink_follow = true}, "hard", *root, "again"))),
            FileErrorCode::Invalid);
  EXPECT_EQ(code_of(now(host.descriptor_remove_directory_at(*root, "x"))), FileErrorCode::NotEmpty);
  EXPECT_EQ(code_of(now(host.descriptor_unlink_file_at(*root, "x"))), FileErrorCode::IsDirectory);
  EXPECT_TRUE(now(host.descriptor_unlink_file_at(*root, "x/moved")).has_value());
  EXPECT_TRUE(now(host.descriptor_remove_directory_at(*root, "x")).has_value());
  EXPECT_EQ(code_of(now(host.descriptor_create_directory_at(*root, "assets"))),
            FileErrorCode::Exist);
  EXPECT_EQ(code_of(now(host.descriptor_unlink_file_at(*root, "absent"))), FileErrorCode::NoEntry);
  EXPECT_EQ(code_of(now(host.descriptor_unlink_file_at(*root, std::string(5000, 'x')))),
            FileErrorCode::NameTooLong);
}

TEST_F(P3Files, PathsThatLeadOutsideAreNotPermittedAnywhere) {
  TempDirectory outside;
  outside.write("secret", "secret");
  host_.link(outside.path(), "out");
  auto root = mount(Access::ReadWrite);
  auto& host = files();
  const filesystem::NewTimestamp keep{filesystem::NewTimestamp::NoChange{}};
  const std::string name = std::filesystem::path(outside.path()).filename().string();
  for (const std::string& prefix : {std::string("out/"), "../" + name + "/", outside.path() + "/",
                                    std::string("assets/../../") + name + "/"}) {
    const auto secret = prefix + "secret";
    const std::optional<FileErrorCode> refusals[] = {
        open_error(*root, secret, {}, {.read = true}),
        open_error(*root, secret, {.create = true}, {.write = true}),
        code_of(now(host.descriptor_stat_at(*root, {.symlink_follow = true}, secret))),
        code_of(now(host.descriptor_metadata_hash_at(*root, {}, secret))),
        code_of(now(host.descriptor_set_times_at(*root, {}, secret, keep, keep))),
        code_of(now(host.descriptor_readlink_at(*root, secret))),
        code_of(now(host.descriptor_create_directory_at(*root, prefix + "new"))),
        code_of(now(host.descriptor_remove_directory_at(*root, prefix + "new"))),
        code_of(now(host.descriptor_unlink_file_at(*root, secret))),
        code_of(now(host.descriptor_rename_at(*root, secret, *root, "stolen"))),
        code_of(now(host.descriptor_rename_at(*root, "empty", *root, prefix + "planted"))),
        code_of(now(host.descriptor_link_at(*root, {}, secret, *root, "stolen"))),
        code_of(now(host.descriptor_link_at(*root, {}, "empty", *root, prefix + "planted"))),
        code_of(now(host.descriptor_symlink_at(*root, "x", prefix + "planted"))),
    };
    for (size_t index = 0; index < std::size(refusals); ++index) {
      EXPECT_EQ(refusals[index], FileErrorCode::NotPermitted) << prefix << " " << index;
    }
  }
  EXPECT_EQ(code_of(now(host.descriptor_symlink_at(*root, "/etc/passwd", "x"))),
            FileErrorCode::NotPermitted);
  EXPECT_EQ(code_of(now(host.descriptor_readlink_at(*root, "out"))), FileErrorCode::NotPermitted);
  EXPECT_EQ(outside.read("secret"), "secret");
  EXPECT_FALSE(outside.has("planted"));
}

TEST_F(P3Files, ListsADirectoryInSteps) {
  std::set<std::string> expected;
  for (size_t number = 0; number < kEntriesPerStep * 2 + 3; ++number) {
    expected.insert("entry" + std::to_string(number));
  }
  host_.make_directory("many");
  for (const auto& name : expected) host_.write("many/" + name, "");
  auto root = mount(Access::ReadOnly);
  auto directory = open(*root, "many", {.directory = true}, {.read = true});
  for (size_t at_once : {size_t{1}, size_t{100}, kEntriesPerStep * 4}) {
    auto [stream, end] = files().descriptor_read_directory(*directory).value();
    std::set<std::string> names;
    for (auto& entry : read_all(stream, at_once)) {
      EXPECT_EQ(entry.type,
                (filesystem::DescriptorType{filesystem::DescriptorType::RegularFile{}}));
      names.insert(std::move(entry.name));
    }
    EXPECT_EQ(names, expected);
    EXPECT_TRUE(settled(end).value().has_value());
  }
}

TEST_F(P3Files, AListingThatStopsHalfWayLetsGoOfItsDirectory) {
  auto root = mount(Access::ReadOnly);
  const auto left = instance_.descriptors.left();
  auto [stream, end] = files().descriptor_read_directory(*root).value();
  EXPECT_EQ(instance_.descriptors.left(), left - 1);
  std::array<filesystem::DirectoryEntry, 1> buffer;
  EXPECT_EQ(stream.read(buffer).count, 1U);
  EXPECT_FALSE(settled(end).has_value());
  stream = {};
  EXPECT_TRUE(settled(end).value().has_value());
  EXPECT_EQ(instance_.descriptors.left(), left);
}

TEST_F(P3Files, AListingEndsAtANameThatIsNoText) {
  host_.write("assets/deep/\xff", "");
  auto root = mount(Access::ReadOnly);
  auto directory = open(*root, "assets/deep", {.directory = true}, {.read = true});
  auto [stream, end] = files().descriptor_read_directory(*directory).value();
  EXPECT_TRUE(read_all(stream, 10).empty());
  EXPECT_EQ(code_of(settled(end).value()), FileErrorCode::IllegalByteSequence);
  auto file = open(*root, "empty", {}, {.read = true});
  auto [nothing, refused] = files().descriptor_read_directory(*file).value();
  EXPECT_TRUE(read_all(nothing, 10).empty());
  EXPECT_EQ(code_of(settled(refused).value()), FileErrorCode::NotDirectory);
}

TEST_F(P3Files, TellsWhatThingsAre) {
  using Type = filesystem::DescriptorType;
  auto root = mount(Access::ReadOnly);
  auto& host = files();
  auto file = open(*root, "assets/index.html", {}, {.read = true});
  auto same = open(*root, "link", {}, {.read = true});
  auto other = open(*root, "empty", {}, {.read = true});
  ASSERT_EQ(mkfifo(host_.path("pipe").c_str(), 0600), 0);
  const std::pair<std::string_view, Type> types[] = {
      {"assets", {Type::Directory{}}},
      {"empty", {Type::RegularFile{}}},
      {"link", {Type::SymbolicLink{}}},
      {"pipe", {Type::Fifo{}}},
  };
  for (const auto& [path, type] : types) {
    EXPECT_EQ(now(host.descriptor_stat_at(*root, {}, path)).value().type, type) << path;
  }
  EXPECT_EQ(open_error(*root, "pipe", {}, {.read = true}), FileErrorCode::NotPermitted);
  EXPECT_EQ(now(host.descriptor_get_type(*file)).value(), (Type{Type::RegularFile{}}));
  const auto stat = now(host.descriptor_stat(*file)).value();
  EXPECT_EQ(stat.size, 14U);
  EXPECT_EQ(stat.link_count, 1U);
  EXPECT_GT(stat.data_modification_timestamp.value().seconds, 1'600'000'000);
  EXPECT_TRUE(now(host.descriptor_is_same_object(*file, *same)));
  EXPECT_FALSE(now(host.descriptor_is_same_object(*file, *other)));
  EXPECT_EQ(now(host.descriptor_metadata_hash(*file)).value(),
            now(host.descriptor_metadata_hash(*same)).value());
  EXPECT_NE(now(host.descriptor_metadata_hash(*file)).value(),
            now(host.descriptor_metadata_hash(*other)).value());
  EXPECT_EQ(now(host.descriptor_metadata_hash_at(*root, {.symlink_follow = true}, "link")).value(),
            now(host.descriptor_metadata_hash(*file)).value());
  EXPECT_EQ(code_of(now(host.descriptor_advise(*file, 0, 10, filesystem::Advice::WillNeed))),
            std::nullopt);
  EXPECT_EQ(code_of(now(host.descriptor_advise(*root, 0, 10, filesystem::Advice::Normal))),
            FileErrorCode::BadDescriptor);
}

TEST_F(P3Files, SetsTimesAlsoBefore1970) {
  using Time = filesystem::NewTimestamp;
  using Instant = bindings::wasi::clocks_0_3::system_clock::Instant;
  auto root = mount(Access::ReadWrite);
  auto& host = files();
  const Time keep{Time::NoChange{}};
  const Time early{Time::Timestamp{{-10, 7}}};
  const Time wrong{Time::Timestamp{{0, 1'000'000'000}}};
  auto file = open(*root, "empty", {}, {.write = true});
  EXPECT_TRUE(now(host.descriptor_set_times(*file, keep, early)).has_value());
  EXPECT_EQ(now(host.descriptor_stat(*file)).value().data_modification_timestamp,
            (Instant{-10, 7}));
  EXPECT_TRUE(
      now(host.descriptor_set_times_at(*root, {.symlink_follow = true}, "link", early, keep))
          .has_value());
  EXPECT_EQ(now(host.descriptor_stat_at(*root, {.symlink_follow = true}, "link"))
                .value()
                .data_access_timestamp,
            (Instant{-10, 7}));
  EXPECT_EQ(code_of(now(host.descriptor_set_times(*file, wrong, keep))), FileErrorCode::Invalid);
  EXPECT_TRUE(now(host.descriptor_set_times(*file, keep, {Time::Now{}})).has_value());
}

TEST_F(P3Files, RefusesWhatADescriptorIsNot) {
  auto root = mount(Access::ReadWrite);
  auto file = open(*root, "empty", {}, {.read = true});
  EXPECT_EQ(open_error(*file, "x", {}, {.read = true}), FileErrorCode::NotDirectory);
  EXPECT_EQ(open_error(*root, "empty", {.directory = true}, {.read = true}),
            FileErrorCode::NotDirectory);
  EXPECT_EQ(open_error(*root, "empty", {.create = true, .exclusive = true}, {.write = true}),
            FileErrorCode::Exist);
  EXPECT_EQ(open_error(*root, "empty", {.create = true, .directory = true}, {}),
            FileErrorCode::Invalid);
  for (const filesystem::DescriptorFlags flags :
       {filesystem::DescriptorFlags{.read = true, .file_integrity_sync = true},
        filesystem::DescriptorFlags{.read = true, .data_integrity_sync = true},
        filesystem::DescriptorFlags{.read = true, .requested_write_sync = true}}) {
    EXPECT_EQ(open_error(*root, "empty", {}, flags), FileErrorCode::Unsupported);
  }
  EXPECT_EQ(code_of(now(files().descriptor_set_size(*root, 1))), FileErrorCode::BadDescriptor);
  host_.link("loop", "loop");
  EXPECT_EQ(open_error(*root, "loop", {}, {.read = true}), FileErrorCode::Loop);
}

TEST_F(P3Files, LimitsWhatAnInstanceHasOpenInAllVersionsTogether) {
  auto root = mount(Access::ReadOnly);
  std::vector<std::unique_ptr<Descriptor>> held;
  while (instance_.descriptors.left() > 1) {
    held.push_back(open(*root, "empty", {}, {.read = true}));
  }
  const auto permit = instance_.descriptors.acquire();
  EXPECT_EQ(open_error(*root, "empty", {}, {.read = true}), FileErrorCode::InsufficientMemory);
  auto [stream, end] = files().descriptor_read_directory(*root).value();
  EXPECT_EQ(code_of(settled(end).value()), FileErrorCode::InsufficientMemory);
  held.pop_back();
  EXPECT_EQ(open_error(*root, "empty", {}, {.read = true}), std::nullopt);
}

}  // namespace
}  // namespace spindle::wasi::p3
