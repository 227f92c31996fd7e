// main.go: one of the counters of ../../../tests/test_storm.py, in Go: count LEDGER ALL OWN ROUNDS. See count.c there.
// SPDX-License-Identifier: MIT
package main

import (
	"log"
	"os"
	"strconv"
	"time"

	"github.com/tokenquota/tokenquota/bindings/go/tokenquota"
)

// must ends the program when the call failed.
func must[T any](answer T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return answer
}

func main() {
	ledger := must(tokenquota.Open(os.Args[1]))
	every, own := must(ledger.Provider(os.Args[2])), must(ledger.Provider(os.Args[3]))
	for i := must(strconv.Atoi(os.Args[4])); i > 0; i-- {
		must(every.Observe(3, time.Time{}))
		must(own.Observe(1, time.Time{}))
		must(os.Stdout.WriteString("."))
	}
	ledger.Close()
}
