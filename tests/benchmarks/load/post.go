package main

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"sync/atomic"
	"time"
)

const answerTimeout = 30 * time.Second

// post sends the lines of a file as bodies, one after another on each of its connections.
// It writes to the connection itself: net/http's own client costs more than some servers.
func post(arguments []string) error {
	set := flag.NewFlagSet("post", flag.ExitOnError)
	address := set.String("url", "", "where to")
	file := set.String("bodies", "", "a file with one body a line")
	callers := set.Int("callers", 1, "how many connections, each with one request at a time")
	seconds := set.Float64("seconds", 1, "for how long")
	if err := set.Parse(arguments); err != nil {
		return err
	}
	target, err := url.Parse(*address)
	if err != nil {
		return err
	}
	bodies, err := lines(*file)
	if err != nil {
		return err
	}
	written := make([][]byte, len(bodies))
	for index, body := range bodies {
		written[index] = requestOf(target, body)
	}
	connections := make([]*wire, *callers)
	for index := range connections {
		if connections[index], err = connect(target.Host); err != nil {
			return err
		}
	}
	var next atomic.Int64
	call := func(caller int) error {
		return connections[caller].exchange(written[int(next.Add(1)-1)%len(written)])
	}
	done, err := closedLoop(call, *callers, time.Duration(*seconds*float64(time.Second)))
	if err != nil {
		return err
	}
	return tell(done)
}

// lines reads what a file holds, line by line; an empty file is an error.
func lines(file string) ([][]byte, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	found := bytes.Split(bytes.TrimSpace(content), []byte("\n"))
	if len(found[0]) == 0 {
		return nil, fmt.Errorf("%s holds no body", file)
	}
	return found, nil
}

func requestOf(target *url.URL, body []byte) []byte {
	head := fmt.Sprintf(
		"POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n",
		target.RequestURI(), target.Host, len(body),
	)
	return append([]byte(head), body...)
}

// wire is a connection that is kept alive.
type wire struct {
	connection net.Conn
	reader     *bufio.Reader
}

func connect(host string) (*wire, error) {
	connection, err := net.Dial("tcp", host)
	if err != nil {
		return nil, err
	}
	return &wire{connection: connection, reader: bufio.NewReader(connection)}, nil
}

// exchange sends a request and reads its answer; any status but 200 and 201 is an error.
func (w *wire) exchange(request []byte) error {
	if err := w.connection.SetDeadline(time.Now().Add(answerTimeout)); err != nil {
		return err
	}
	if _, err := w.connection.Write(request); err != nil {
		return err
	}
	answer, err := http.ReadResponse(w.reader, nil)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK && answer.StatusCode != http.StatusCreated {
		return fmt.Errorf("answered with %s", answer.Status)
	}
	return nil
}
