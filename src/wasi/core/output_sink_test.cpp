#include "wasi/core/output_sink.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <thread>

#include "base/testing.h"
#include "io/event_loop.h"

namespace spindle::wasi {
namespace {

std::span<const uint8_t> view_of(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

TEST(GuestLog, OpensNothingWhileTheGuestIsSilent) {
  TempDirectory directory;
  auto path = guest_log_path(directory.path("logs"), "shop", "stdout");
  GuestLog log({.path = path});
  EXPECT_FALSE(directory.has("logs"));
  log.write(view_of("hello\n"));
  EXPECT_EQ(directory.read("logs/shop_stdout.txt"), "hello\n");
}

TEST(GuestLog, AppendsToWhatIsThere) {
  TempDirectory directory;
  directory.write("log", "before\n");
  GuestLog log({.path = directory.path("log")});
  log.write(view_of("after\n"));
  EXPECT_EQ(directory.read("log"), "before\nafter\n");
}

TEST(GuestLog, CopiesToADescriptor) {
  TempDirectory directory;
  Fd copy(open(directory.path("copy").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  GuestLog both({.path = directory.path("log"), .copy_to = copy.number()});
  both.write(view_of("one\n"));
  GuestLog only_copy({.path = "", .copy_to = copy.number()});
  only_copy.write(view_of("two\n"));
  EXPECT_EQ(directory.read("copy"), "one\ntwo\n");
  EXPECT_EQ(directory.read("log"), "one\n");
}

TEST(GuestLog, CutsLinesAtTheirLimitWhereverWritesEnd) {
  struct Case {
    std::vector<std::string> writes;
    std::string expected;
  };
  const Case cases[] = {
      {{"12345\n"}, "12345\n"},
      {{"123456\n"}, "12345 [line cut]\n"},
      {{"123456789", "0\n", "ok\n"}, "12345 [line cut]\nok\n"},
      {{"1", "2", "3", "4", "5", "\n", "x"}, "12345\nx"},
      {{"1234", "56", "7", "\n", "\n"}, "12345 [line cut]\n\n"},
      {{"12345", "\n123456\na\n"}, "12345\n12345 [line cut]\na\n"},
      {{"1234567\n7654321\n"}, "12345 [line cut]\n76543 [line cut]\n"},
  };
  for (const Case& test : cases) {
    TempDirectory directory;
    GuestLog log({.path = directory.path("log"), .line_bytes_max = 5});
    for (const auto& text : test.writes) log.write(view_of(text));
    EXPECT_EQ(directory.read("log"), test.expected);
  }
}

TEST(GuestLog, StopsAtTheLimitOfTheFile) {
  TempDirectory directory;
  directory.write("log", "1234");
  GuestLog log({.path = directory.path("log"), .file_bytes_max = 8});
  log.write(view_of("56"));
  log.write(view_of("7890"));
  log.write(view_of("more"));
  EXPECT_EQ(directory.read("log"), "12345678\n[log full]\n");
}

TEST(GuestLog, ReportsAFailureOnceAndGoesOn) {
  TempDirectory directory;
  directory.write("file", "");
  Fd copy(open(directory.path("copy").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  int reports = 0;
  GuestLog log({.path = directory.path("file/below/log"),
                .copy_to = copy.number(),
                .report_failure = [&](const Error& error) {
                  ++reports;
                  EXPECT_NE(error.message().find("file/below/log"), std::string::npos);
                }});
  log.write(view_of("one\n"));
  log.write(view_of("two\n"));
  EXPECT_EQ(reports, 1);
  EXPECT_EQ(directory.read("copy"), "one\ntwo\n");
}

TEST(GuestLog, KeepsWritesOfManyThreadsWhole) {
  TempDirectory directory;
  GuestLog log({.path = directory.path("log")});
  constexpr int kThreads = 4;
  constexpr int kLines = 500;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&log, thread] {
      std::string line(static_cast<size_t>(50 + thread), static_cast<char>('a' + thread));
      line += '\n';
      for (int count = 0; count < kLines; ++count) log.write(view_of(line));
    });
  }
  for (auto& thread : threads) thread.join();
  std::istringstream text(directory.read("log"));
  std::string line;
  int lines = 0;
  while (std::getline(text, line)) {
    ++lines;
    ASSERT_FALSE(line.empty());
    ASSERT_EQ(line, std::string(static_cast<size_t>(50 + line[0] - 'a'), line[0]));
  }
  EXPECT_EQ(lines, kThreads * kLines);
}

TEST(GuestLogPath, KeepsIdsInsideTheDirectory) {
  EXPECT_EQ(guest_log_path("logs", "../../etc/passwd", "stderr"), "logs/....etcpasswd_stderr.txt");
  EXPECT_EQ(guest_log_path("logs", std::string_view("a\0b\n", 4), "stdout"), "logs/ab_stdout.txt");
  EXPECT_LT(guest_log_path("logs", std::string(1000, 'x'), "stdout").size(), 250U);
}

TEST(SinkOutputStream, WritesAndFlushesAtOnce) {
  io::EventLoop loop;
  auto sink = std::make_shared<MemorySink>();
  SinkOutputStream stream(loop, sink);
  auto writing = stream.blocking_write_and_flush(view_of("hello"));
  ASSERT_TRUE(writing.is_ready());
  EXPECT_TRUE(writing.take_ready().value().has_value());
  EXPECT_EQ(sink->text(), "hello");
  EXPECT_EQ(stream.check_write().value().value(), kStreamChunkBytesMax);
}

}  // namespace
}  // namespace spindle::wasi
