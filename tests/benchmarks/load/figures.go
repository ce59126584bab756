package main

import (
	"fmt"
	"slices"
	"syscall"
	"time"
)

// figures is what one run of calls gave; times are in milliseconds.
type figures struct {
	Calls   int     `json:"calls"`
	Seconds float64 `json:"seconds"`
	P50Ms   float64 `json:"p50_ms"`
	P99Ms   float64 `json:"p99_ms"`
	MaxMs   float64 `json:"max_ms"`
	// CPUSeconds is the processor time of the generator itself.
	CPUSeconds float64 `json:"cpu_s"`
}

// summary makes the figures of calls that took these times.
func summary(durations []time.Duration, elapsed time.Duration) (figures, error) {
	if len(durations) == 0 {
		return figures{}, fmt.Errorf("no call was made")
	}
	slices.Sort(durations)
	cpu, err := cpuSeconds()
	return figures{
		Calls:      len(durations),
		Seconds:    elapsed.Seconds(),
		P50Ms:      milliseconds(nearestRank(durations, 0.50)),
		P99Ms:      milliseconds(nearestRank(durations, 0.99)),
		MaxMs:      milliseconds(durations[len(durations)-1]),
		CPUSeconds: cpu,
	}, err
}

// nearestRank gives the smallest value that at least a share of the sorted values does not exceed.
func nearestRank(sorted []time.Duration, share float64) time.Duration {
	rank := int(share * float64(len(sorted)))
	if float64(rank) < share*float64(len(sorted)) {
		rank++
	}
	return sorted[max(rank, 1)-1]
}

func milliseconds(duration time.Duration) float64 {
	return float64(duration) / float64(time.Millisecond)
}

func cpuSeconds() (float64, error) {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0, err
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()).Seconds(), nil
}
