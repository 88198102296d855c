#include "host/llm/llm.h"

#include <fmt/format.h>

#include <algorithm>

#include "host/answer.h"
#include "host/outbound_http/buffered.h"

namespace spindle::host {
namespace {

constexpr uint64_t kAnswerBytesMax = uint64_t{16} << 20;

std::unexpected<LlmFailure> failed(std::string message) {
  return std::unexpected(LlmFailure{LlmFailure::Kind::RuntimeError, std::move(message)});
}

struct LlmRequest {
  std::string_view path;
  std::string body;
};

template <typename T>
using Parse = Result<T> (*)(LlmApi, std::string_view);

// `remote` outlives the task.
template <typename T>
io::Task<Result<LlmAnswer<T>>> ask(const wasi::Services& services,
                                   const app::LlmComputeConfig& remote, LlmRequest asked,
                                   Parse<T> parse) {
  using Answer = LlmAnswer<T>;
  std::string base = remote.url;
  while (base.ends_with('/')) base.pop_back();
  auto url = app::HttpUrl::parse(fmt::format("{}{}", base, asked.path));
  if (!url) co_return Answer(failed("the url of llm_compute is not an http URL"));
  BufferedRequest request{.method = "POST", .url = *std::move(url)};
  request.headers.add("authorization", fmt::format("bearer {}", remote.auth_token));
  request.headers.add("content-type", "application/json");
  request.body.assign(asked.body.begin(), asked.body.end());
  request.response_bytes_max = kAnswerBytesMax;
  OperatorGate gate;
  auto fetching = fetch(services, gate, std::move(request));
  auto fetched = co_await std::move(fetching);
  if (!fetched) {
    co_return Answer(
        failed(fmt::format("asking the model's server: {}: {}",
                           http::to_string(fetched.error().code), fetched.error().message)));
  }
  const std::string_view json(reinterpret_cast<const char*>(fetched->body.data()),
                              fetched->body.size());
  auto parsed = parse(remote.api, json);
  if (fetched->status / 100 != 2) {
    const std::string why = parsed.has_value() ? "" : ": " + parsed.error().to_string();
    co_return Answer(
        failed(fmt::format("the model's server answered with status {}{}", fetched->status, why)));
  }
  if (!parsed.has_value()) co_return Answer(failed(parsed.error().to_string()));
  co_return Answer(parsed.take_value());
}

template <typename Error>
Error to_error(LlmFailure failure) {
  if (failure.kind == LlmFailure::Kind::InvalidInput) {
    return Error{typename Error::InvalidInput{std::move(failure.message)}};
  }
  return Error{typename Error::RuntimeError{std::move(failure.message)}};
}

// Both versions have the same fields.
template <typename Params>
LlmParameters parameters_of(const std::optional<Params>& params) {
  if (!params) return {};
  return {.max_tokens = params->max_tokens,
          .repeat_penalty = params->repeat_penalty,
          .repeat_penalty_last_n_token_count = params->repeat_penalty_last_n_token_count,
          .temperature = params->temperature,
          .top_k = params->top_k,
          .top_p = params->top_p};
}

template <typename Made, typename Error>
auto to_text(io::Eventual<LlmAnswer<LlmText>> answer) {
  using Answer = std::expected<Made, Error>;
  return then(std::move(answer), [](Result<LlmAnswer<LlmText>> brought) -> Result<Answer> {
    auto got = TRY(std::move(brought));
    if (!got) return Answer(std::unexpect, to_error<Error>(std::move(got).error()));
    return Answer(Made{.text = std::move(got->text),
                       .usage = {.prompt_token_count = got->prompt_tokens,
                                 .generated_token_count = got->generated_tokens}});
  });
}

template <typename Made, typename Error>
auto to_embeddings(io::Eventual<LlmAnswer<LlmEmbeddings>> answer) {
  using Answer = std::expected<Made, Error>;
  return then(std::move(answer), [](Result<LlmAnswer<LlmEmbeddings>> brought) -> Result<Answer> {
    auto got = TRY(std::move(brought));
    if (!got) return Answer(std::unexpect, to_error<Error>(std::move(got).error()));
    return Answer(Made{.embeddings = std::move(got->embeddings),
                       .usage = {.prompt_token_count = got->prompt_tokens}});
  });
}

}  // namespace

std::optional<LlmFailure> LlmCalls::refusal(std::string_view model) const {
  if (std::ranges::find(access_.models, model) == access_.models.end()) {
    return LlmFailure{LlmFailure::Kind::InvalidInput,
                      fmt::format("The component does not have access to use '{0}'. To give the "
                                  "component access, add '{0}' to the 'ai_models' key for the "
                                  "component in your spin.toml manifest",
                                  model)};
  }
  if (!access_.remote) {
    return LlmFailure{LlmFailure::Kind::RuntimeError,
                      "Local LLM operations are not supported in this version of Spin."};
  }
  return std::nullopt;
}

io::Eventual<LlmAnswer<LlmText>> LlmCalls::infer(std::string_view model, std::string_view prompt,
                                                 const LlmParameters& parameters) {
  if (auto refused = refusal(model)) {
    return LlmAnswer<LlmText>(std::unexpect, *std::move(refused));
  }
  const LlmApi api = access_.remote->api;
  LlmRequest request{infer_path(api), infer_request(api, model, prompt, parameters)};
  return ask<LlmText>(services_, *access_.remote, std::move(request), &parse_inferred);
}

io::Eventual<LlmAnswer<LlmEmbeddings>> LlmCalls::embed(std::string_view model,
                                                       const std::vector<std::string_view>& texts) {
  if (auto refused = refusal(model)) {
    return LlmAnswer<LlmEmbeddings>(std::unexpect, *std::move(refused));
  }
  const LlmApi api = access_.remote->api;
  LlmRequest request{embed_path(api), embed_request(api, model, texts)};
  return ask<LlmEmbeddings>(services_, *access_.remote, std::move(request), &parse_embedded);
}

io::Eventual<std::expected<llm_2::InferencingResult, llm_2::Error>> SpinLlm::infer(
    std::string_view model, std::string_view prompt,
    const std::optional<llm_2::InferencingParams>& params) {
  return to_text<llm_2::InferencingResult, llm_2::Error>(
      calls_.infer(model, prompt, parameters_of(params)));
}

io::Eventual<std::expected<llm_2::EmbeddingsResult, llm_2::Error>> SpinLlm::generate_embeddings(
    std::string_view model, const std::vector<std::string_view>& text) {
  return to_embeddings<llm_2::EmbeddingsResult, llm_2::Error>(calls_.embed(model, text));
}

io::Eventual<std::expected<llm_1::InferencingResult, llm_1::Error>> SpinLlmV1::infer(
    std::string_view model, std::string_view prompt,
    const std::optional<llm_1::InferencingParams>& params) {
  return to_text<llm_1::InferencingResult, llm_1::Error>(
      calls_.infer(model, prompt, parameters_of(params)));
}

io::Eventual<std::expected<llm_1::EmbeddingsResult, llm_1::Error>> SpinLlmV1::generate_embeddings(
    std::string_view model, const std::vector<std::string_view>& text) {
  return to_embeddings<llm_1::EmbeddingsResult, llm_1::Error>(calls_.embed(model, text));
}

}  // namespace spindle::host
