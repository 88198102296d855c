#include "cli/test_report.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "app/json.h"
#include "cli/terminal.h"
#include "trial/compare.h"

namespace spindle::cli {
namespace {

using trial::Transcript;
using trial::Trial;
using trial::Verdict;

// `step 2, tests/cart.toml:14, GET /cart`.
std::string place(const Transcript& file, const Trial& test, const Verdict& verdict) {
  const auto where = fmt::format("{}:{}", file.source->name(), verdict.at.line);
  if (verdict.step == 0) return where;
  return fmt::format("step {}, {}, {}", verdict.step, where, test.steps[verdict.step - 1].title);
}

std::string output_text(const trial::Pairs& output, size_t blanks) {
  std::string text;
  for (const auto& [component, printed] : output) {
    std::string lines = printed;
    while (lines.ends_with('\n')) lines.pop_back();
    std::string marked = "| ";
    for (const char c : lines) {
      marked += c;
      if (c == '\n') marked += std::string(blanks + 2, ' ') + "| ";
    }
    text += fmt::format("{0:{1}}output of {2}:\n{0:{3}}{4}\n", "", blanks, component, blanks + 2,
                        marked);
  }
  return text;
}

// Everything that is known of a failure.
std::string failure_text(const Transcript& file, const Trial& test, const Verdict& verdict,
                         size_t blanks) {
  auto text = fmt::format("{:{}}{}\n", "", blanks, place(file, test, verdict));
  auto add = [&](const std::vector<std::string>& lines) {
    for (const auto& line : lines) {
      text += fmt::format("{:{}}{}\n", "", blanks + 2, trial::indent(line, blanks + 2));
    }
  };
  add(verdict.problems);
  if (!verdict.reports.empty()) text += fmt::format("{:{}}reported meanwhile:\n", "", blanks);
  add(verdict.reports);
  return text + output_text(verdict.output, blanks);
}

class PlainReport final : public TestReport {
 public:
  explicit PlainReport(ShowOutput show) : show_(show) {}

  void ended(const Transcript& file, const Trial& test, const Verdict& verdict) override {
    if (file_ != &file) fmt::print("{}\n", file.source->name());
    file_ = &file;
    count(verdict);
    if (verdict.holds()) {
      fmt::print("  {}  {} ({} ms)\n", emphasize("ok    ", Emphasis::Good, STDOUT_FILENO),
                 test.name, verdict.time.count());
      if (show_ == ShowOutput::Always) fmt::print("{}", output_text(verdict.output, 10));
    } else {
      fmt::print("  {}  {}\n{}", emphasize("FAILED", Emphasis::Bad, STDOUT_FILENO), test.name,
                 failure_text(file, test, verdict, 10));
    }
    std::fflush(stdout);
  }
  void done() override { fmt::print("{} passed, {} failed\n", passed(), failed()); }

 private:
  const ShowOutput show_;
  const Transcript* file_ = nullptr;
};

app::Value strings(const std::vector<std::string>& texts) {
  app::Array items;
  for (const auto& text : texts) items.emplace_back(text);
  return app::Value(std::move(items));
}

class JsonReport final : public TestReport {
 public:
  void ended(const Transcript& file, const Trial& test, const Verdict& verdict) override {
    count(verdict);
    app::Table entry;
    entry.append("file", app::Value(file.source->name()));
    entry.append("name", app::Value(test.name));
    entry.append("passed", app::Value(verdict.holds()));
    entry.append("milliseconds", app::Value(int64_t{verdict.time.count()}));
    if (!verdict.holds()) {
      entry.append("step", app::Value(static_cast<int64_t>(verdict.step)));
      entry.append("line", app::Value(int64_t{verdict.at.line}));
      entry.append("problems", strings(verdict.problems));
      entry.append("reports", strings(verdict.reports));
      app::Table output;
      for (const auto& [component, text] : verdict.output) {
        output.append(component, app::Value(text));
      }
      entry.append("output", app::Value(std::move(output)));
    }
    tests_.emplace_back(std::move(entry));
  }
  void done() override {
    app::Table document;
    document.append("passed", app::Value(static_cast<int64_t>(passed())));
    document.append("failed", app::Value(static_cast<int64_t>(failed())));
    document.append("tests", app::Value(std::move(tests_)));
    fmt::print("{}\n", app::to_json(app::Value(std::move(document)), app::JsonStyle::Pretty));
  }

 private:
  app::Array tests_;
};

// What XML 1.0 has no way to say is left out.
std::string xml_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\n': out += "&#10;"; break;
      default:
        if (static_cast<unsigned char>(c) >= 0x20 || c == '\t') out += c;
    }
  }
  return out;
}

class JunitReport final : public TestReport {
 public:
  void ended(const Transcript& file, const Trial& test, const Verdict& verdict) override {
    count(verdict);
    const double seconds = static_cast<double>(verdict.time.count()) / 1000;
    seconds_ += seconds;
    cases_ += fmt::format(R"(    <testcase classname="{}" name="{}" time="{:.3f}")",
                          xml_text(file.source->name()), xml_text(test.name), seconds);
    if (verdict.holds()) {
      cases_ += "/>\n";
      return;
    }
    const auto text = xml_text(failure_text(file, test, verdict, 0));
    cases_ += fmt::format(">\n      <failure message=\"{}\">{}</failure>\n    </testcase>\n",
                          xml_text(verdict.problems.front()), text);
  }
  void done() override {
    fmt::print(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
        "  <testsuite name=\"spindle test\" tests=\"{}\" failures=\"{}\" time=\"{:.3f}\">\n{}"
        "  </testsuite>\n</testsuites>\n",
        passed() + failed(), failed(), seconds_, cases_);
  }

 private:
  std::string cases_;
  double seconds_ = 0;
};

}  // namespace

std::unique_ptr<TestReport> plain_report(ShowOutput show) {
  return std::make_unique<PlainReport>(show);
}
std::unique_ptr<TestReport> json_report() {
  return std::make_unique<JsonReport>();
}
std::unique_ptr<TestReport> junit_report() {
  return std::make_unique<JunitReport>();
}

}  // namespace spindle::cli
