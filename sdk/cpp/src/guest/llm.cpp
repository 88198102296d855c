// Language models over fermyon:spin/llm@2.0.0.

#include <spindle/llm.h>

#include "capabilities.h"
#include "guest/convert.h"

namespace spindle {
namespace {

namespace llm = bindings::fermyon::spin_2::llm;

Error explain(const llm::Error& error) {
  if (const auto* failed = std::get_if<llm::Error::RuntimeError>(&error.value)) {
    return {ErrorKind::Unavailable, failed->value};
  }
  if (const auto* invalid = std::get_if<llm::Error::InvalidInput>(&error.value)) {
    return {ErrorKind::Invalid, invalid->value};
  }
  return {ErrorKind::NotFound, "no such model"};
}

}  // namespace

Result<Inference> infer(std::string_view model, std::string_view prompt,
                        const InferenceOptions& options) {
  const llm::InferencingParams params{
      options.max_tokens,  options.repeat_penalty, options.repeat_penalty_last_tokens,
      options.temperature, options.top_k,          options.top_p};
  return guest::result<Inference>(llm::infer(model, prompt, params), explain, [](auto found) {
    return Inference{std::move(found.text), found.usage.prompt_token_count,
                     found.usage.generated_token_count};
  });
}

Result<std::vector<std::vector<float>>> embed(std::string_view model,
                                              const std::vector<std::string>& texts) {
  return guest::result<std::vector<std::vector<float>>>(
      llm::generate_embeddings(model, texts), explain,
      [](auto found) { return std::move(found.embeddings); });
}

}  // namespace spindle
