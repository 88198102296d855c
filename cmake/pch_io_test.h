// For the tests of rooms on the event loop.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pch_io.h"
