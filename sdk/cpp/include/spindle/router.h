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
// function.

#include <functional>
#include <string>
#include <vector>

#include <spindle/http.h>

namespace spindle::http {

class Router {
 public:
  using Handler = std::function<Response(Request&)>;

  Router& get(std::string_view pattern, Handler handler) { return add("GET", pattern, handler); }
  Router& post(std::string_view pattern, Handler handler) { return add("POST", pattern, handler); }
  Router& put(std::string_view pattern, Handler handler) { return add("PUT", pattern, handler); }
  Router& patch(std::string_view pattern, Handler handler) {
    return add("PATCH", pattern, handler);
  }
  Router& del(std::string_view pattern, Handler handler) { return add("DELETE", pattern, handler); }
  Router& any(std::string_view pattern, Handler handler) { return add("", pattern, handler); }
  // An empty method is any.
  Router& add(std::string_view method, std::string_view pattern, Handler handler);
  // Instead of the plain 404.
  Router& otherwise(Handler handler);

  Response operator()(Request& request) const;

 private:
  struct Route {
    std::string method;
    std::vector<std::string> pattern;
    Handler handler;
  };
  std::vector<Route> routes_;
  Handler otherwise_;
};

}  // namespace spindle::http
