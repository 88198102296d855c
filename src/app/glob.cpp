#include "app/glob.h"

#include <algorithm>

#include "fmt/format.h"

namespace spindle::app {
namespace {

constexpr size_t kMaxPatternBytes = 4096;

}  // namespace

bool has_glob_characters(std::string_view text) {
  return text.find_first_of("*?[") != std::string_view::npos;
}

// Reads the class whose '[' is at `start`; returns the position after its ']'.
Result<size_t> Glob::parse_class(std::string_view pattern, size_t start, Step& step) {
  step.kind = Step::Kind::Class;
  size_t i = start + 1;
  bool negated = i < pattern.size() && (pattern[i] == '!' || pattern[i] == '^');
  if (negated) ++i;
  size_t first = i;
  for (; i < pattern.size() && (pattern[i] != ']' || i == first); ++i) {
    auto low = static_cast<uint8_t>(pattern[i]);
    uint8_t high = low;
    if (i + 2 < pattern.size() && pattern[i + 1] == '-' && pattern[i + 2] != ']') {
      high = static_cast<uint8_t>(pattern[i + 2]);
      i += 2;
    }
    for (unsigned byte = low; byte <= high; ++byte)
      step.set[byte / 64] |= uint64_t{1} << (byte % 64);
  }
  if (i >= pattern.size())
    return Error::invalid_input(fmt::format("pattern \"{}\" has a '[' without ']'", pattern));
  if (negated) {
    for (uint64_t& word : step.set) word = ~word;
  }
  return i + 1;
}

Result<Glob> Glob::parse(std::string_view pattern) {
  if (pattern.size() > kMaxPatternBytes)
    return Error::limit_exceeded(fmt::format("pattern of {} bytes is longer than the limit of {}",
                                             pattern.size(), kMaxPatternBytes));
  Glob glob;
  size_t special = std::min(pattern.find_first_of("*?["), pattern.size());
  size_t slash = special == pattern.size() ? pattern.size() : pattern.rfind('/', special);
  if (slash != std::string_view::npos) glob.literal_prefix_ = pattern.substr(0, slash);
  for (size_t i = 0; i < pattern.size();) {
    Step step;
    char c = pattern[i];
    if (c == '[') {
      i = TRY(parse_class(pattern, i, step));
    } else if (c == '*') {
      size_t end = std::min(pattern.find_first_not_of('*', i), pattern.size());
      bool whole_part =
          (i == 0 || pattern[i - 1] == '/') && (end == pattern.size() || pattern[end] == '/');
      if (end - i == 1) {
        step.kind = Step::Kind::AnyRun;
      } else if (end - i == 2 && whole_part) {
        // "**/" is one step that ends before the next part; a last "**" takes all that is left.
        step.kind = Step::Kind::AnyParts;
        end = std::min(end + 1, pattern.size());
      } else {
        return Error::invalid_input(
            fmt::format("pattern \"{}\": \"**\" must be a whole part of the path", pattern));
      }
      i = end;
    } else {
      step.kind = c == '?' ? Step::Kind::AnyOne : Step::Kind::Literal;
      step.literal = c;
      ++i;
    }
    glob.steps_.push_back(step);
  }
  return glob;
}

bool Glob::accepts(const Step& step, char c, Slash slash) {
  if (step.kind == Step::Kind::Literal) return c == step.literal;
  if (c == '/' && slash == Slash::Separate) return false;
  auto byte = static_cast<uint8_t>(c);
  return step.kind == Step::Kind::AnyOne || (step.set[byte / 64] >> (byte % 64) & 1) != 0;
}

bool Glob::matches(std::string_view path, Slash slash) const {
  std::vector<bool> states(steps_.size() + 1);
  std::vector<bool> next(steps_.size() + 1);
  states[0] = true;
  // State i: the steps before i have matched. "**" lets go of its state only at the start of a
  // part.
  bool part_start = true;
  auto enter_parts = [&](std::vector<bool>& all) {
    for (size_t i = 0; i < steps_.size(); ++i) {
      if (!all[i]) continue;
      if (steps_[i].kind == Step::Kind::AnyRun) all[i + 1] = true;
      if (steps_[i].kind == Step::Kind::AnyParts && part_start) all[i + 1] = true;
    }
  };
  enter_parts(states);
  for (char c : path) {
    next.assign(steps_.size() + 1, false);
    for (size_t i = 0; i < steps_.size(); ++i) {
      if (!states[i]) continue;
      const Step& step = steps_[i];
      bool stays =
          step.kind == Step::Kind::AnyParts ||
          (step.kind == Step::Kind::AnyRun && (c != '/' || slash == Slash::MatchedByWildcards));
      if (stays) {
        next[i] = true;
      } else if (step.kind != Step::Kind::AnyRun && accepts(step, c, slash)) {
        next[i + 1] = true;
      }
    }
    part_start = c == '/';
    enter_parts(next);
    std::swap(states, next);
  }
  if (states[steps_.size()]) return true;
  // A last "**" has taken what was left.
  return !steps_.empty() && steps_.back().kind == Step::Kind::AnyParts && states[steps_.size() - 1];
}

}  // namespace spindle::app
