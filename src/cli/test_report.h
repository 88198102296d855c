#pragma once

// What is printed of tests: lines as they end, or one document of all at the end (JSON, and the XML
// of JUnit that build servers read).

#include <memory>
#include <string>

#include "trial/transcript.h"
#include "trial/verdict.h"

namespace spindle::cli {

class TestReport {
 public:
  virtual ~TestReport() = default;
  virtual void ended(const trial::Transcript& file, const trial::Trial& test,
                     const trial::Verdict& verdict) = 0;
  virtual void done() = 0;

  size_t passed() const { return passed_; }
  size_t failed() const { return failed_; }

 protected:
  void count(const trial::Verdict& verdict) { (verdict.holds() ? passed_ : failed_) += 1; }

 private:
  size_t passed_ = 0;
  size_t failed_ = 0;
};

// Whose output is shown.
enum class ShowOutput : uint8_t { OfFailures, Always };
std::unique_ptr<TestReport> plain_report(ShowOutput show);
std::unique_ptr<TestReport> json_report();
std::unique_ptr<TestReport> junit_report();

}  // namespace spindle::cli
