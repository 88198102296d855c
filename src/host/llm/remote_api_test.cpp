#include "host/llm/remote_api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/json.h"

namespace spindle::host {
namespace {

using ::testing::ElementsAre;

// Numbers may be spelled in several ways.
app::Value json(std::string_view text) {
  return app::parse_json(text).value();
}

TEST(LlmRemoteApi, WritesRequestsOfSpin) {
  LlmParameters parameters{.max_tokens = 5, .repeat_penalty = 1.5F, .temperature = 0.5F};
  parameters.top_p = 0.25F;
  EXPECT_EQ(json(infer_request(LlmApi::Default, "llama", "say \"hi\"", parameters)),
            json("{\"model\":\"llama\",\"prompt\":\"say \\\"hi\\\"\",\"options\":{\"maxTokens\":5,"
                 "\"repeatPenalty\":1.5,\"repeatPenaltyLastNTokenCount\":64,\"temperature\":0.5,"
                 "\"topK\":40,\"topP\":0.25}}"));
  EXPECT_EQ(json(embed_request(LlmApi::Default, "mini", {"a", "b"})),
            json("{\"model\":\"mini\",\"input\":[\"a\",\"b\"]}"));
}

TEST(LlmRemoteApi, WritesRequestsOfOpenAi) {
  LlmParameters parameters{.max_tokens = 5, .temperature = 0.5F};
  parameters.top_p = 0.25F;
  EXPECT_EQ(json(infer_request(LlmApi::OpenAi, "gpt", "hi", parameters)),
            json("{\"model\":\"gpt\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],"
                 "\"max_completion_tokens\":5,\"temperature\":0.5,\"top_p\":0.25}"));
  EXPECT_EQ(json(embed_request(LlmApi::OpenAi, "mini", {"a"})),
            json("{\"model\":\"mini\",\"input\":[\"a\"],\"encoding_format\":\"float\"}"));
}

TEST(LlmRemoteApi, ReadsAnswers) {
  const auto spin =
      parse_inferred(LlmApi::Default,
                     R"({"text":"hello","usage":{"promptTokenCount":3,"generatedTokenCount":-4}})");
  EXPECT_EQ(spin->text, "hello");
  EXPECT_EQ(spin->prompt_tokens, 3u);
  EXPECT_EQ(spin->generated_tokens, 0u);
  const auto open_ai = parse_inferred(
      LlmApi::OpenAi, R"({"choices":[{"message":{"content":"hello"}}],)"
                      R"("usage":{"prompt_tokens":99999999999,"completion_tokens":4}})");
  EXPECT_EQ(open_ai->text, "hello");
  EXPECT_EQ(open_ai->prompt_tokens, UINT32_MAX);
  EXPECT_EQ(open_ai->generated_tokens, 4u);
  const auto vectors = parse_embedded(
      LlmApi::Default, R"({"embeddings":[[1,0.5],[]],"usage":{"promptTokenCount":3}})");
  EXPECT_THAT(vectors->embeddings, ElementsAre(ElementsAre(1.0F, 0.5F), ElementsAre()));
  EXPECT_EQ(vectors->prompt_tokens, 3u);
  const auto data = parse_embedded(LlmApi::OpenAi, R"({"data":[{"embedding":[0.25]}]})");
  EXPECT_THAT(data->embeddings, ElementsAre(ElementsAre(0.25F)));
}

TEST(LlmRemoteApi, RefusesWhatIsNoAnswer) {
  for (const std::string_view json : {"", "null", "[]", "{", "{\"text\":7}", "{\"choices\":[]}",
                                      "{\"choices\":[{}]}", "{\"choices\":{}}", "{\"data\":[{}]}",
                                      "{\"embeddings\":[[\"a\"]]}", "{\"embeddings\":[7]}"}) {
    for (const LlmApi api : {LlmApi::Default, LlmApi::OpenAi}) {
      EXPECT_FALSE(parse_inferred(api, json).has_value()) << json;
      EXPECT_FALSE(parse_embedded(api, json).has_value()) << json;
    }
  }
  EXPECT_EQ(
      parse_inferred(LlmApi::OpenAi, R"({"error":{"message":"no quota"}})").error().to_string(),
      "the model's server answered: no quota");
}

}  // namespace
}  // namespace spindle::host
