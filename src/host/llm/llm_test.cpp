#include "host/llm/llm.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/outbound_http/canned_server.h"

namespace spindle::host {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Pair;
using Error = llm_2::Error;

struct World {
  template <typename T>
  T wait(io::Eventual<T> eventual) {
    return loop.block_on(io::Eventual<T>::wait(std::move(eventual))).value();
  }
  auto infer(std::string_view model) { return wait(llm.infer(model, "hi", std::nullopt)); }
  std::string runtime_error() {
    const auto answer = infer("llama");
    const auto* error = std::get_if<Error::RuntimeError>(&answer.error().value);
    return error == nullptr ? "" : error->value;
  }

  io::EventLoop loop;
  testing::CannedServer server{loop};
  wasi::Services services = server.services();
  LlmAccess access{.models = {"llama"},
                   .remote = app::LlmComputeConfig{.url = "http://models.example:99/base/",
                                                   .auth_token = "secret"}};
  LlmCalls calls{services, access};
  SpinLlm llm{calls};
  SpinLlmV1 llm_v1{calls};
};

TEST(Llm, AsksTheServerOfTheOperator) {
  World world;
  world.server.answers = {
      {.body = R"({"text":"hello","usage":{"promptTokenCount":1,"generatedTokenCount":2}})"},
      {.body = R"({"text":"again","usage":{"promptTokenCount":1,"generatedTokenCount":2}})"},
      {.body = R"({"embeddings":[[1.5]],"usage":{"promptTokenCount":1}})"}};
  const auto first = world.infer("llama");
  EXPECT_EQ(first->text, "hello");
  EXPECT_EQ(first->usage.generated_token_count, 2u);
  EXPECT_EQ(world.wait(world.llm_v1.infer("llama", "hi", std::nullopt))->text, "again");
  const auto embedded = world.wait(world.llm.generate_embeddings("llama", {"a"}));
  EXPECT_EQ(embedded->embeddings.at(0).at(0), 1.5F);
  ASSERT_EQ(world.server.seen.size(), 3u);
  const auto& seen = world.server.seen[0];
  EXPECT_EQ(seen.origin, "http://models.example:99");
  EXPECT_EQ(seen.line, "POST /base/infer");
  EXPECT_THAT(seen.headers, Contains(Pair("authorization", "bearer secret")));
  EXPECT_THAT(seen.headers, Contains(Pair("content-type", "application/json")));
  EXPECT_THAT(seen.body, HasSubstr("\"maxTokens\":100"));
  EXPECT_EQ(world.server.seen[2].line, "POST /base/embed");
}

TEST(Llm, RefusesModelsThatTheComponentDoesNotList) {
  World world;
  const std::string message =
      "The component does not have access to use 'gpt'. To give the component access, add 'gpt' to "
      "the 'ai_models' key for the component in your spin.toml manifest";
  EXPECT_EQ(world.infer("gpt").error(), Error{Error::InvalidInput{message}});
  EXPECT_EQ(world.wait(world.llm_v1.generate_embeddings("gpt", {})).error(),
            llm_1::Error{llm_1::Error::InvalidInput{message}});
  EXPECT_EQ(world.server.seen.size(), 0u);
}

TEST(Llm, HasNoModelsOfItsOwn) {
  World world;
  world.access.remote.reset();
  EXPECT_EQ(world.runtime_error(),
            "Local LLM operations are not supported in this version of Spin.");
}

TEST(Llm, SaysWhatTheServerDidWrong) {
  World world;
  world.server.answers = {{.status = 503, .body = "busy"},
                          {.body = "not JSON"},
                          {.body = R"({"error":{"message":"no quota"}})"},
                          {.body = std::string((16 << 20) + 1, ' ')}};
  EXPECT_THAT(world.runtime_error(), HasSubstr("status 503"));
  EXPECT_THAT(world.runtime_error(), HasSubstr("reading the answer of the model's server"));
  EXPECT_EQ(world.runtime_error(), "the model's server answered: no quota");
  EXPECT_THAT(world.runtime_error(), HasSubstr("a response of more than 16777216 bytes"));
  world.access.remote->url = "not a url";
  EXPECT_EQ(world.runtime_error(), "the url of llm_compute is not an http URL");
}

}  // namespace
}  // namespace spindle::host
