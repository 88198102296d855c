package main

import (
	"fmt"
	"os"
	"runtime/debug"
	"unsafe"
)

// A collection reads the clock, which no component may do while the host allocates for a call. So
// memory is collected while a message is handled only.
func init() { debug.SetGCPercent(-1) }

// What the host has allocated for a call: the collector must not take it before the call is over.
var allocated [][]byte

//go:wasmexport cabi_realloc
func cabiRealloc(old unsafe.Pointer, oldSize, align, size uint32) unsafe.Pointer {
	block := make([]byte, size+align)
	skip := -uint32(uintptr(unsafe.Pointer(unsafe.SliceData(block)))) & (align - 1)
	memory := block[skip : skip+size]
	copy(memory, unsafe.Slice((*byte)(old), oldSize))
	allocated = append(allocated, block)
	return unsafe.Pointer(unsafe.SliceData(memory))
}

// result<_, error>: its case, then which error.
var result [2]uint8

//go:wasmexport fermyon:spin/inbound-redis#handle-message
func handleMessage(message *byte, length uint32) *uint8 {
	result = [2]uint8{}
	debug.SetGCPercent(100)
	defer debug.SetGCPercent(-1)
	if err := handle(unsafe.Slice(message, length)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		result = [2]uint8{1, 1}
	}
	allocated = nil
	return &result[0]
}
