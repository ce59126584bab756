package main

import (
	"context"
	"flag"
	"fmt"
	"net/url"
	"sync"
	"time"
)

const notifiersCount = 16

// notify watches one payment for each line of a file, posts the lines as notifications at a fixed
// rate, and measures from when each was due to when its watcher heard of it.
func notify(arguments []string) error {
	var asked requests
	set := flag.NewFlagSet("notify", flag.ExitOnError)
	asked.flags(set)
	target := set.String("target", "", "host:port of the streams")
	method := set.String("method", "", "/package.Service/Method of the streams")
	address := set.String("url", "", "where the notifications go")
	file := set.String("bodies", "", "a file with one notification a line, in the order of the numbers")
	rate := set.Float64("rate", 100, "notifications a second")
	connectionCount := set.Int("connections", 4, "over how many connections the streams go")
	if err := set.Parse(arguments); err != nil {
		return err
	}
	bodies, err := lines(*file)
	if err != nil {
		return err
	}
	door, err := url.Parse(*address)
	if err != nil {
		return err
	}
	connections, err := dial(*target, *connectionCount)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), streamTimeout)
	defer cancel()
	streams, err := openAll(len(bodies), func(number int) (*watcher, error) {
		request := asked.numbered(asked.first + int64(number))
		return open(ctx, connections[number%len(connections)], *method, request, false)
	})
	if err != nil {
		return err
	}
	began := time.Now()
	due := make([]time.Time, len(bodies))
	for number := range due {
		due[number] = began.Add(time.Duration(float64(number) / *rate * float64(time.Second)))
	}
	if err := postAll(door, bodies, due); err != nil {
		return err
	}
	durations := make([]time.Duration, len(streams))
	for number, stream := range streams {
		heard := <-stream.updated
		if heard.err != nil {
			return heard.err
		}
		durations[number] = heard.at.Sub(due[number])
	}
	done, err := summary(durations, time.Since(began))
	if err != nil {
		return err
	}
	return tell(done)
}

// postAll posts each body when it is due.
func postAll(door *url.URL, bodies [][]byte, due []time.Time) error {
	failures := make(chan error, notifiersCount)
	var running sync.WaitGroup
	for notifier := range notifiersCount {
		connection, err := connect(door.Host)
		if err != nil {
			return err
		}
		running.Add(1)
		go func() {
			defer running.Done()
			for number := notifier; number < len(bodies); number += notifiersCount {
				time.Sleep(time.Until(due[number]))
				if err := connection.exchange(requestOf(door, bodies[number])); err != nil {
					failures <- fmt.Errorf("a notification failed: %w", err)
					return
				}
			}
		}()
	}
	running.Wait()
	select {
	case err := <-failures:
		return err
	default:
		return nil
	}
}
