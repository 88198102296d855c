#pragma once

// Pieces of messages as text, for both sides of a connection that write them.

#include <string>

#include "http/message.h"

namespace spindle::http {

// An InvalidInput error where the name or the value could end the field early.
Result<void> check_header(const Header& header);

void append_number(std::string& out, uint64_t number, int base = 10);
void append_field(std::string& out, const Header& header);
// Not those that are invalid, or that say how a message is framed or read.
bool is_sendable_trailer(const Header& trailer);
// The fields behind the last chunk, as far as they are sendable.
void append_trailers(std::string& out, HeaderView trailers);

}  // namespace spindle::http
