// For the tests of rooms below the event loop.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pch.h"
