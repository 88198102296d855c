// The same for rooms on the event loop: Asio is what their files cost most.
#include "pch.h"

#include "io/event_loop.h"
#include "io/eventual.h"
#include "io/stream.h"
#include "io/task.h"
