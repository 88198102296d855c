#include "host/llm/remote_api.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "app/json.h"

namespace spindle::host {
namespace {

using app::Array;
using app::Table;
using app::Value;

Value text_value(std::string_view text) {
  return Value(std::string(text));
}

Error unexpected(std::string_view what) {
  return Error::unavailable(fmt::format("the model's server sent no {}", what));
}

// The value at the end of a path of keys; null where there is none.
const Value* find(const Value& root, std::initializer_list<std::string_view> path) {
  const Value* at = &root;
  for (const std::string_view key : path) {
    const Table* table = at->as_table();
    at = table == nullptr ? nullptr : table->find(key);
    if (at == nullptr) return nullptr;
  }
  return at;
}

// Servers that do not count say nothing.
uint32_t count_at(const Value& root, std::initializer_list<std::string_view> path) {
  const Value* found = find(root, path);
  const int64_t* number = found == nullptr ? nullptr : found->as_integer();
  if (number == nullptr) return 0;
  return static_cast<uint32_t>(
      std::clamp<int64_t>(*number, 0, std::numeric_limits<uint32_t>::max()));
}

// OpenAI puts what went wrong into its answer.
Result<Value> parse_answer(std::string_view json) {
  auto answer = TRY(app::parse_json(json).context("reading the answer of the model's server"));
  const Value* message = find(answer, {"error", "message"});
  if (message != nullptr && message->as_string() != nullptr) {
    return Error::unavailable(
        fmt::format("the model's server answered: {}", *message->as_string()));
  }
  return answer;
}

Result<std::vector<float>> parse_vector(const Value& value) {
  const Array* numbers = value.as_array();
  if (numbers == nullptr) return unexpected("list of numbers");
  std::vector<float> vector;
  vector.reserve(numbers->size());
  for (const Value& number : *numbers) {
    if (const double* real = number.as_float()) {
      vector.push_back(static_cast<float>(*real));
    } else if (const int64_t* integer = number.as_integer()) {
      vector.push_back(static_cast<float>(*integer));
    } else {
      return unexpected("list of numbers");
    }
  }
  return vector;
}

Value spin_options(const LlmParameters& parameters) {
  Table options;
  options.append("maxTokens", Value(int64_t{parameters.max_tokens}));
  options.append("repeatPenalty", Value(double{parameters.repeat_penalty}));
  options.append("repeatPenaltyLastNTokenCount",
                 Value(int64_t{parameters.repeat_penalty_last_n_token_count}));
  options.append("temperature", Value(double{parameters.temperature}));
  options.append("topK", Value(int64_t{parameters.top_k}));
  options.append("topP", Value(double{parameters.top_p}));
  return Value(std::move(options));
}

}  // namespace

std::string_view infer_path(LlmApi api) {
  return api == LlmApi::OpenAi ? "/v1/chat/completions" : "/infer";
}

std::string infer_request(LlmApi api, std::string_view model, std::string_view prompt,
                          const LlmParameters& parameters) {
  Table request;
  request.append("model", text_value(model));
  if (api == LlmApi::Default) {
    request.append("prompt", text_value(prompt));
    request.append("options", spin_options(parameters));
    return app::to_json(Value(std::move(request)));
  }
  Table message;
  message.append("role", text_value("user"));
  message.append("content", text_value(prompt));
  request.append("messages", Value(Array{Value(std::move(message))}));
  request.append("max_completion_tokens", Value(int64_t{parameters.max_tokens}));
  request.append("temperature", Value(double{parameters.temperature}));
  request.append("top_p", Value(double{parameters.top_p}));
  return app::to_json(Value(std::move(request)));
}

Result<LlmText> parse_inferred(LlmApi api, std::string_view json) {
  const Value answer = TRY(parse_answer(json));
  LlmText made;
  const Value* text = find(answer, {"text"});
  if (api == LlmApi::OpenAi) {
    const Value* choices = find(answer, {"choices"});
    const bool has_one =
        choices != nullptr && choices->as_array() != nullptr && !choices->as_array()->empty();
    text = has_one ? find(choices->as_array()->front(), {"message", "content"}) : nullptr;
    made.prompt_tokens = count_at(answer, {"usage", "prompt_tokens"});
    made.generated_tokens = count_at(answer, {"usage", "completion_tokens"});
  } else {
    made.prompt_tokens = count_at(answer, {"usage", "promptTokenCount"});
    made.generated_tokens = count_at(answer, {"usage", "generatedTokenCount"});
  }
  if (text == nullptr || text->as_string() == nullptr) return unexpected("text");
  made.text = *text->as_string();
  return made;
}

std::string_view embed_path(LlmApi api) {
  return api == LlmApi::OpenAi ? "/v1/embeddings" : "/embed";
}

std::string embed_request(LlmApi api, std::string_view model,
                          const std::vector<std::string_view>& texts) {
  Array input;
  for (const std::string_view text : texts) input.push_back(text_value(text));
  Table request;
  request.append("model", text_value(model));
  request.append("input", Value(std::move(input)));
  if (api == LlmApi::OpenAi) request.append("encoding_format", text_value("float"));
  return app::to_json(Value(std::move(request)));
}

Result<LlmEmbeddings> parse_embedded(LlmApi api, std::string_view json) {
  const Value answer = TRY(parse_answer(json));
  const bool is_open_ai = api == LlmApi::OpenAi;
  const Value* list = find(answer, {is_open_ai ? "data" : "embeddings"});
  if (list == nullptr || list->as_array() == nullptr) return unexpected("embeddings");
  LlmEmbeddings made;
  for (const Value& item : *list->as_array()) {
    const Value* vector = is_open_ai ? find(item, {"embedding"}) : &item;
    if (vector == nullptr) return unexpected("embeddings");
    auto numbers = TRY(parse_vector(*vector));
    made.embeddings.push_back(std::move(numbers));
  }
  made.prompt_tokens = is_open_ai ? count_at(answer, {"usage", "prompt_tokens"})
                                  : count_at(answer, {"usage", "promptTokenCount"});
  return made;
}

}  // namespace spindle::host
