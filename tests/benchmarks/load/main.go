// Command load makes the load of the benchmarks and stands in for the provider.
//
// It knows nothing of the contract: requests come as bytes, in which a number is written for each
// call, and answers are not read. What fails ends it with a message and a status other than 0, so
// that no figure is made of calls that did not work. Figures go to standard output, one JSON
// object to a line.
package main

import (
	"encoding/json"
	"fmt"
	"os"
)

var commands = map[string]func([]string) error{
	"notify":   notify,
	"post":     post,
	"provider": provider,
	"unary":    unary,
	"watch":    watch,
}

func main() {
	if len(os.Args) < 2 || commands[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: load notify|post|provider|unary|watch -flags")
		os.Exit(2)
	}
	if err := commands[os.Args[1]](os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, "load "+os.Args[1]+":", err)
		os.Exit(1)
	}
}

// tell writes one line of JSON to standard output.
func tell(figures any) error {
	return json.NewEncoder(os.Stdout).Encode(figures)
}
