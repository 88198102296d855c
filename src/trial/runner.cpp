#include "trial/runner.h"

#include <fmt/format.h>

#include <iterator>

#include "app/json.h"
#include "base/overloaded.h"
#include "trial/compare.h"
#include "trial/stage.h"

namespace spindle::trial {
namespace {

// Messages that components publish to each other after one step.
constexpr size_t kDeliveriesMax = 1000;

using Problems = std::vector<std::string>;

void append(Problems& problems, Problems more) {
  problems.insert(problems.end(), std::make_move_iterator(more.begin()),
                  std::make_move_iterator(more.end()));
}

void append_difference(Problems& problems, std::string text) {
  if (!text.empty()) problems.push_back(std::move(text));
}

app::Value to_value(const RedisValue& value) {
  return std::visit(Overloaded{[](const std::string& text) { return app::Value(text); },
                               [](const std::vector<std::string>& members) {
                                 app::Array items;
                                 for (const auto& member : members) items.emplace_back(member);
                                 return app::Value(std::move(items));
                               },
                               [](const StringMap& fields) {
                                 app::Table table;
                                 for (const auto& [name, text] : fields) {
                                   table.append(name, app::Value(text));
                                 }
                                 return app::Value(std::move(table));
                               }},
                    value);
}

app::Value to_value(const std::vector<RedisMessage>& messages) {
  app::Array items;
  for (const auto& message : messages) {
    app::Table table;
    table.append("channel", app::Value(message.channel));
    table.append("body", app::Value(message.text));
    items.emplace_back(std::move(table));
  }
  return app::Value(std::move(items));
}

// One trial while it runs.
class Performance {
 public:
  explicit Performance(Stage& stage) : stage_(stage) {}

  Problems perform(const Step& step) {
    Problems problems;
    stage_.begin_step(step.outbound);
    act(step, problems);
    const auto published = settle(problems);
    append(problems, stage_.end_step());
    if (step.expect.published) {
      append_difference(
          problems, difference("published", to_value(*step.expect.published), to_value(published)));
    }
    check_stores(step.expect, problems);
    check_output(step.expect, problems);
    return problems;
  }

 private:
  void act(const Step& step, Problems& problems) {
    switch (step.action) {
      case Step::Action::Nothing: return;
      case Step::Action::Request: return ask(step, problems);
      case Step::Action::Publish: return publish(step, problems);
      case Step::Action::Advance: return stage_.advance(step.time);
    }
  }

  void ask(const Step& step, Problems& problems) {
    auto asked = stage_.request(step);
    if (!asked) {
      problems.push_back(asked.error().message());
      return;
    }
    const auto& response = asked.value();
    const auto& expect = step.expect;
    if (response.status != expect.status) {
      auto text = fmt::format("status: expected {}, got {}", expect.status, response.status);
      const bool is_explained = expect.shape.body || expect.shape.json;
      if (!response.body.empty() && !is_explained) text += " with " + shown(response.body);
      problems.push_back(std::move(text));
    }
    if (response.failure && !expect.is_cut) {
      problems.push_back(fmt::format("the response is incomplete: {}", *response.failure));
    } else if (!response.failure && expect.is_cut) {
      problems.push_back("the response is complete; expected to be cut");
    }
    append(problems, compare_message(expect.shape, response.headers, response.body));
  }

  void publish(const Step& step, Problems& problems) {
    auto heard = stage_.publish({step.channel, step.body});
    if (!heard) {
      problems.push_back(heard.error().message());
    } else if (heard->components == 0) {
      problems.push_back(fmt::format("no component hears the channel {}", shown(step.channel)));
    } else if ((heard->failures > 0) != step.expect.fails) {
      problems.push_back(heard->failures > 0 ? "a component failed, or refused the message"
                                             : "no component failed; expected to");
    }
  }

  // Delivers what components publish until nothing is left; all of it.
  std::vector<RedisMessage> settle(Problems& problems) {
    auto messages = stage_.take_published();
    for (size_t index = 0; index < messages.size(); ++index) {
      if (index == kDeliveriesMax) {
        problems.push_back(fmt::format("components publish to each other without end: {} messages",
                                       messages.size()));
        break;
      }
      const RedisMessage message = messages[index];
      // Without a trigger nobody hears.
      (void)stage_.publish(message);
      auto more = stage_.take_published();
      std::ranges::move(more, std::back_inserter(messages));
    }
    return messages;
  }

  void check_stores(const Expectation& expect, Problems& problems) {
    for (const auto& [store, content] : expect.key_value) {
      for (const auto& [key, wanted] : content) check_key(store, key, wanted, problems);
    }
    for (const auto& wanted : expect.sqlite) check_rows(wanted, problems);
    for (const auto& [key, wanted] : expect.redis) {
      const auto found = stage_.redis(key);
      append_difference(problems, difference(fmt::format("redis {}", key),
                                             wanted ? to_value(*wanted) : app::Value(),
                                             found ? to_value(*found) : app::Value()));
    }
  }

  void check_key(const std::string& store, const std::string& key,
                 const std::optional<std::string>& wanted, Problems& problems) {
    const auto what = fmt::format("key-value {}, {}", store, key);
    auto found = stage_.stored(store, key);
    if (!found) {
      problems.push_back(found.error().message());
    } else if (found->has_value() != wanted.has_value()) {
      problems.push_back(
          wanted ? fmt::format("{}: expected {}, there is no such key", what, shown(*wanted))
                 : fmt::format("{}: expected no such key, got {}", what, shown(**found)));
    } else if (wanted) {
      append_difference(problems, difference(what, *wanted, **found));
    }
  }

  void check_rows(const SqlExpectation& wanted, Problems& problems) {
    auto rows = stage_.rows(wanted.database, wanted.query);
    const auto what = fmt::format("sqlite {}, {}", wanted.database, shown(wanted.query));
    if (!rows) {
      problems.push_back(fmt::format("{}: {}", what, rows.error().message()));
      return;
    }
    append_difference(problems,
                      difference(what, app::Value(wanted.rows), app::Value(rows.take_value())));
  }

  void check_output(const Expectation& expect, Problems& problems) {
    if (expect.output_contains.empty()) return;
    std::string all;
    for (const auto& [component, text] : stage_.output()) all += text;
    for (const auto& part : expect.output_contains) {
      if (!all.contains(part)) {
        problems.push_back(fmt::format("output: expected to contain {}", shown(part)));
      }
    }
  }

  Stage& stage_;
};

}  // namespace

Verdict run_trial(Play& play, const Trial& trial, const std::filesystem::path& directory) {
  const auto began = std::chrono::steady_clock::now();
  Verdict verdict;
  verdict.at = trial.at;
  auto stage = Stage::create(play, trial.setup, directory);
  if (!stage) {
    verdict.problems.push_back(stage.error().to_string());
    return verdict;
  }
  Performance performance(**stage);
  for (size_t index = 0; index < trial.steps.size() && verdict.holds(); ++index) {
    verdict.step = index + 1;
    verdict.at = trial.steps[index].at;
    verdict.problems = performance.perform(trial.steps[index]);
  }
  verdict.reports = (*stage)->take_reports();
  verdict.output = (*stage)->output();
  verdict.time = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - began);
  return verdict;
}

}  // namespace spindle::trial
