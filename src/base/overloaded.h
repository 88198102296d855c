#pragma once

// Overloaded: one function object of several lambdas, for std::visit.
//
//   std::visit(Overloaded{[&](const A& a) { ... }, [&](const B& b) { ... }}, variant);
//
// A missing alternative does not compile.

namespace spindle {

template <typename... F>
struct Overloaded : F... {
  using F::operator()...;
};

}  // namespace spindle
