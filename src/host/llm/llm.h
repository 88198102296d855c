#pragma once

// fermyon:spin/llm@2.0.0 and the unversioned fermyon:spin/llm: questions to language models.
//
// Works:   a server that the operator names (`[llm_compute] type = "remote_http"`), with Spin's own
//          protocol or OpenAI's.
// Refused: a model that the component does not list is `invalid-input`. Without a server every call
//          is the `runtime-error` that Spin gives when it is built without models.
// Differs: calls of an application are not made one after the other. With OpenAI's protocol the
//          parameters that it does not know (top-k, repeat penalties) are left out.

#include <optional>
#include <string>
#include <vector>

#include "bindings/fermyon/spin/llm.h"
#include "bindings/fermyon/spin_2/llm.h"
#include "host/llm/access.h"
#include "host/llm/remote_api.h"
#include "io/eventual.h"
#include "wasi/core/services.h"

namespace spindle::host {

// Why a call failed, whatever the version of the interface.
struct LlmFailure {
  enum class Kind : uint8_t { InvalidInput, RuntimeError };
  Kind kind = Kind::RuntimeError;
  std::string message;
};
template <typename T>
using LlmAnswer = std::expected<T, LlmFailure>;

// The calls of one instance; `services` and `access` outlive it.
class LlmCalls {
 public:
  LlmCalls(const wasi::Services& services, const LlmAccess& access)
      : services_(services), access_(access) {}

  io::Eventual<LlmAnswer<LlmText>> infer(std::string_view model, std::string_view prompt,
                                         const LlmParameters& parameters);
  io::Eventual<LlmAnswer<LlmEmbeddings>> embed(std::string_view model,
                                               const std::vector<std::string_view>& texts);

 private:
  std::optional<LlmFailure> refusal(std::string_view model) const;

  const wasi::Services& services_;
  const LlmAccess& access_;
};

namespace llm_1 = bindings::fermyon::spin::llm;
namespace llm_2 = bindings::fermyon::spin_2::llm;

class SpinLlm final : public llm_2::Host {
 public:
  explicit SpinLlm(LlmCalls& calls) : calls_(calls) {}
  io::Eventual<std::expected<llm_2::InferencingResult, llm_2::Error>> infer(
      std::string_view model, std::string_view prompt,
      const std::optional<llm_2::InferencingParams>& params) override;
  io::Eventual<std::expected<llm_2::EmbeddingsResult, llm_2::Error>> generate_embeddings(
      std::string_view model, const std::vector<std::string_view>& text) override;

 private:
  LlmCalls& calls_;
};

class SpinLlmV1 final : public llm_1::Host {
 public:
  explicit SpinLlmV1(LlmCalls& calls) : calls_(calls) {}
  io::Eventual<std::expected<llm_1::InferencingResult, llm_1::Error>> infer(
      std::string_view model, std::string_view prompt,
      const std::optional<llm_1::InferencingParams>& params) override;
  io::Eventual<std::expected<llm_1::EmbeddingsResult, llm_1::Error>> generate_embeddings(
      std::string_view model, const std::vector<std::string_view>& text) override;

 private:
  LlmCalls& calls_;
};

}  // namespace spindle::host
