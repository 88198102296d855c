#pragma once

// What libraries that are built on Asio want of it (Boost.MySQL): its TLS context and its tokens.
// Code of ours that needs TLS takes io/tls.h. Heavy: included by one source file behind a plain
// interface.

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
