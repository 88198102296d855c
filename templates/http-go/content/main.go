package main

import (
	"fmt"
	"log"
	"net/http"
	"net/http/cgi"
)

func main() {
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		fmt.Fprintln(w, "Hello from Go")
	})
	// One process a request: what is on standard error goes to the log.
	if err := cgi.Serve(http.DefaultServeMux); err != nil {
		log.Fatal(err)
	}
}
