package main

import (
	"bytes"
	"encoding/base64"
	"flag"
	"fmt"
	"sync/atomic"
)

// marker stands in a request where each call writes its own number, in as many digits.
const marker = "@NUMBER@@@@@"

// requests makes the bytes of one request after another.
type requests struct {
	template []byte
	first    int64
	// cycle is how many numbers there are before they begin again; 0 for no end.
	cycle int64
	// stride is how far apart the numbers of two requests are, where there is a cycle.
	stride int64
	next   atomic.Int64
}

// flags declares what a request is made of.
func (r *requests) flags(set *flag.FlagSet) {
	set.Func("request", "the message in base64, with "+marker+" where the number goes", func(text string) (err error) {
		r.template, err = base64.StdEncoding.DecodeString(text)
		return err
	})
	set.Int64Var(&r.first, "first", 0, "the first number")
	set.Int64Var(&r.cycle, "cycle", 0, "how many numbers there are; 0 for no end")
	set.Int64Var(&r.stride, "stride", 1, "how far apart two numbers of a cycle are")
}

// make gives the next request.
func (r *requests) make() []byte {
	number := r.next.Add(1) - 1
	if r.cycle > 0 {
		number = number * r.stride % r.cycle
	}
	return r.numbered(r.first + number)
}

// numbered gives the request of one number.
func (r *requests) numbered(number int64) []byte {
	return bytes.ReplaceAll(r.template, []byte(marker), fmt.Appendf(nil, "%0*d", len(marker), number))
}
