#pragma once

// The canonical ABI for guests: what code that `spindle bindgen --guest` writes is made of.

#include <spindle/abi/calls.h>
#include <spindle/abi/resources.h>
#include <spindle/abi/values.h>
