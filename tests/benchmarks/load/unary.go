package main

import (
	"context"
	"flag"
	"fmt"
	"sync"
	"time"

	"google.golang.org/grpc"
)

const callTimeout = 30 * time.Second

// unary calls a method: by default so many callers one call after another, with a rate as many
// calls a second as it says, whether earlier ones are answered or not.
func unary(arguments []string) error {
	var asked requests
	set := flag.NewFlagSet("unary", flag.ExitOnError)
	asked.flags(set)
	target := set.String("target", "", "host:port")
	method := set.String("method", "", "/package.Service/Method")
	callers := set.Int("callers", 1, "how many call at once, where there is no rate")
	connectionCount := set.Int("connections", 4, "over how many connections")
	rate := set.Float64("rate", 0, "calls a second; 0 for callers who wait for their answers")
	seconds := set.Float64("seconds", 1, "for how long")
	if err := set.Parse(arguments); err != nil {
		return err
	}
	connections, err := dial(*target, *connectionCount)
	if err != nil {
		return err
	}
	call := func(number int) error {
		ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
		defer cancel()
		request, answer := asked.make(), []byte(nil)
		connection := connections[number%len(connections)]
		return connection.Invoke(ctx, *method, &request, &answer, grpc.WaitForReady(true))
	}
	length := time.Duration(*seconds * float64(time.Second))
	var done figures
	if *rate > 0 {
		done, err = atRate(call, *rate, length)
	} else {
		done, err = closedLoop(call, *callers, length)
	}
	if err != nil {
		return err
	}
	return tell(done)
}

// closedLoop lets callers make one call after another; the first that fails ends all.
func closedLoop(call func(caller int) error, callers int, length time.Duration) (figures, error) {
	durations := make([][]time.Duration, callers)
	failures := make(chan error, callers)
	var running sync.WaitGroup
	began := time.Now()
	for caller := range callers {
		running.Add(1)
		go func() {
			defer running.Done()
			for time.Since(began) < length && len(failures) == 0 {
				sent := time.Now()
				if err := call(caller); err != nil {
					failures <- fmt.Errorf("a call failed: %w", err)
					return
				}
				durations[caller] = append(durations[caller], time.Since(sent))
			}
		}()
	}
	running.Wait()
	elapsed := time.Since(began)
	select {
	case err := <-failures:
		return figures{}, err
	default:
	}
	var all []time.Duration
	for _, own := range durations {
		all = append(all, own...)
	}
	return summary(all, elapsed)
}

// atRate begins calls at fixed times. Each lasts from when it was due, so that a server that
// falls behind is seen to do so.
func atRate(call func(number int) error, rate float64, length time.Duration) (figures, error) {
	count := int(rate * length.Seconds())
	durations := make([]time.Duration, count)
	failures := make(chan error, count)
	var running sync.WaitGroup
	began := time.Now()
	for number := range count {
		due := began.Add(time.Duration(float64(number) / rate * float64(time.Second)))
		time.Sleep(time.Until(due))
		running.Add(1)
		go func() {
			defer running.Done()
			if err := call(number); err != nil {
				failures <- fmt.Errorf("a call failed: %w", err)
				return
			}
			durations[number] = time.Since(due)
		}()
	}
	running.Wait()
	elapsed := time.Since(began)
	select {
	case err := <-failures:
		return figures{}, err
	default:
		return summary(durations, elapsed)
	}
}
