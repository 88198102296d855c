#pragma once

// Router: which function answers which path.
//
//   Router routes() {
//     Router router;
//     router.get("/", home);
//     router.get("/cats/:name", show_cat);       // request.parameter("name")
//     router.post("/cats", add_cat);
//     router.any("/files/*", file);              // request.parameter("*") is the rest
//     return router;
//   }
//   SPINDLE_HTTP(routes)
//
// The most specific pattern wins, segment by segment: a text before `:name` before `*`. A path that
// is known with other methods is 405 with `Allow`, any other 404. HEAD is answered by GET's
// function. Functions that are coroutines have a TaskRouter (task_router.h).

#include <expected>
#include <functional>
#include <string>
#include <vector>

#include <spindle/http.h>

namespace spindle::http {

namespace detail {

class Routes {
 public:
  void add(std::string_view method, std::string_view pattern);
  // The number of the route, whose parameters the request gets; else the methods that the path
  // allows, none where it is not known.
  std::expected<size_t, std::string> find(Request& request) const;

 private:
  struct Route {
    std::string method;
    std::vector<std::string> pattern;
  };
  std::vector<Route> routes_;
};

// Where no route fits.
Response no_route(const std::string& allowed);

template <typename Self, typename Answer>
class RouterBase {
 public:
  using Handler = std::function<Answer(Request&)>;

  Self& get(std::string_view pattern, Handler handler) { return add("GET", pattern, handler); }
  Self& post(std::string_view pattern, Handler handler) { return add("POST", pattern, handler); }
  Self& put(std::string_view pattern, Handler handler) { return add("PUT", pattern, handler); }
  Self& patch(std::string_view pattern, Handler handler) { return add("PATCH", pattern, handler); }
  Self& del(std::string_view pattern, Handler handler) { return add("DELETE", pattern, handler); }
  Self& any(std::string_view pattern, Handler handler) { return add("", pattern, handler); }
  // An empty method is any.
  Self& add(std::string_view method, std::string_view pattern, Handler handler) {
    routes_.add(method, pattern);
    handlers_.push_back(std::move(handler));
    return static_cast<Self&>(*this);
  }
  // Instead of the plain 404.
  Self& otherwise(Handler handler) {
    otherwise_ = std::move(handler);
    return static_cast<Self&>(*this);
  }

 protected:
  // `answer` makes an answer of a response.
  Answer call(Request& request, const auto& answer) const {
    const auto found = routes_.find(request);
    if (found.has_value()) return handlers_[*found](request);
    if (found.error().empty() && otherwise_) return otherwise_(request);
    return answer(no_route(found.error()));
  }

 private:
  Routes routes_;
  std::vector<Handler> handlers_;
  Handler otherwise_;
};

}  // namespace detail

class Router : public detail::RouterBase<Router, Response> {
 public:
  Response operator()(Request& request) const {
    return call(request, [](Response response) { return response; });
  }
};

}  // namespace spindle::http
