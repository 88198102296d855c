package main

import "fmt"

// Called with each message of the channel. An error is reported; the message does not come again.
func handle(message []byte) error {
	fmt.Println(string(message))
	return nil
}

func main() {}
