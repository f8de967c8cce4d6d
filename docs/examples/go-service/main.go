// clock: a small HTTP service in Go. GET / answers the time, GET /health answers ok.
package main

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// Set by the release: -ldflags "-X main.version=1.2.3".
var version = "0.0.0-dev"

func handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/health", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, "clock %s: %s\n", version, time.Now().UTC().Format(time.RFC3339))
	})
	return mux
}

func main() {
	if len(os.Args) == 2 && os.Args[1] == "--version" {
		fmt.Println("clock " + version)
		return
	}
	stop, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	server := &http.Server{Addr: ":8080", Handler: handler(), ReadHeaderTimeout: 5 * time.Second}
	go func() {
		<-stop.Done()
		_ = server.Close()
	}()
	log.Printf("clock %s listens on %s", version, server.Addr)
	if err := server.ListenAndServe(); err != http.ErrServerClosed {
		log.Fatal(err)
	}
}
