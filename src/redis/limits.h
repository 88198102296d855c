#pragma once

// Limits of the Redis client: what a server, or whoever sends commands, may make it hold.

#include <chrono>
#include <cstddef>

namespace spindle::redis {

// One reply with everything in it, and what of the next one has arrived.
inline constexpr size_t kReplyBytesMax = size_t{128} << 20;
// Arrays in arrays.
inline constexpr int kReplyDepthMax = 32;
// Commands of one connection whose replies are awaited.
inline constexpr size_t kPipelinedMax = 1024;
// Commands of one connection that the server has not taken yet.
inline constexpr size_t kOutgoingBytesMax = size_t{256} << 20;
inline constexpr size_t kAddressBytesMax = size_t{4} << 10;

// From the name of the server to its answer to the login.
inline constexpr auto kConnectTime = std::chrono::seconds(10);

// Idle connections that one event loop keeps, of one server and altogether, and for how long.
inline constexpr size_t kIdleOfServerMax = 16;
inline constexpr size_t kIdleMax = 64;
inline constexpr auto kIdleTime = std::chrono::seconds(10);

// A subscriber that hears nothing for so long asks whether the server is there; after as long a
// time without an answer it is not.
inline constexpr auto kSilenceTime = std::chrono::seconds(30);

}  // namespace spindle::redis
