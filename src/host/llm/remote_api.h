#pragma once

// What servers of language models are asked, and how their answers are read: Spin's own protocol,
// and that of OpenAI. Pure: JSON in, JSON out.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "app/runtime_config.h"
#include "base/result.h"

namespace spindle::host {

using LlmApi = app::LlmComputeConfig::Api;

// The defaults are Spin's.
struct LlmParameters {
  uint32_t max_tokens = 100;
  float repeat_penalty = 1.1F;
  uint32_t repeat_penalty_last_n_token_count = 64;
  float temperature = 0.8F;
  uint32_t top_k = 40;
  float top_p = 0.9F;
};

struct LlmText {
  std::string text;
  uint32_t prompt_tokens = 0;
  uint32_t generated_tokens = 0;
};

struct LlmEmbeddings {
  std::vector<std::vector<float>> embeddings;
  uint32_t prompt_tokens = 0;
};

std::string_view infer_path(LlmApi api);
std::string infer_request(LlmApi api, std::string_view model, std::string_view prompt,
                          const LlmParameters& parameters);
Result<LlmText> parse_inferred(LlmApi api, std::string_view json);

std::string_view embed_path(LlmApi api);
std::string embed_request(LlmApi api, std::string_view model,
                          const std::vector<std::string_view>& texts);
Result<LlmEmbeddings> parse_embedded(LlmApi api, std::string_view json);

}  // namespace spindle::host
