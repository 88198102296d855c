#pragma once

// Language models of the manifest's `ai_models`.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <spindle/error.h>

namespace spindle {

struct InferenceOptions {
  uint32_t max_tokens = 100;
  float repeat_penalty = 1.1F;
  uint32_t repeat_penalty_last_tokens = 64;
  float temperature = 0.8F;
  uint32_t top_k = 40;
  float top_p = 0.9F;
};

struct Inference {
  std::string text;
  uint32_t prompt_tokens = 0;
  uint32_t generated_tokens = 0;
};

Result<Inference> infer(std::string_view model, std::string_view prompt,
                        const InferenceOptions& options = {});

// One vector for each text.
Result<std::vector<std::vector<float>>> embed(std::string_view model,
                                              const std::vector<std::string>& texts);

}  // namespace spindle
