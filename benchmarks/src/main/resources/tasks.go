// Does with goroutines what the tasks of the experiments do: a peer, see Peer.java.
//
// A line on standard input is the name of a work and its numbers; the answer is a line of JSON.
package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	hour  = time.Hour
	tasks = 100_000
	items = 200_000
	free  = 1_000_000
)

type key struct{}

func work(item int) int {
	return item
}

func gather(count int) int {
	repeats := tasks / count
	if repeats == 0 {
		repeats = 1
	}
	for i := 0; i < repeats; i++ {
		results := make([]int, count)
		var all sync.WaitGroup
		all.Add(count)
		for item := 0; item < count; item++ {
			go func(item int) {
				defer all.Done()
				results[item] = work(item)
			}(item)
		}
		all.Wait()
		check(results[count-1] == count-1)
	}
	return repeats * count
}

func sleep(count int) int {
	var all sync.WaitGroup
	all.Add(count)
	for i := 0; i < count; i++ {
		go func() {
			defer all.Done()
			time.Sleep(time.Second)
		}()
	}
	all.Wait()
	return 1
}

func timeout() int {
	for i := 0; i < items; i++ {
		limited, cancel := context.WithTimeout(context.Background(), 2*hour)
		check(limited.Err() == nil && work(i) == i)
		cancel()
	}
	return items
}

func cancel(count int) *turn {
	limited, cancel := context.WithCancel(context.Background())
	var begun, all sync.WaitGroup
	begun.Add(count)
	all.Add(count)
	for i := 0; i < count; i++ {
		go func() {
			defer all.Done()
			timer := time.NewTimer(hour)
			defer timer.Stop()
			begun.Done()
			select {
			case <-timer.C:
			case <-limited.Done():
			}
		}()
	}
	begun.Wait()
	time.Sleep(300 * time.Millisecond)
	turn := begin()
	cancel()
	all.Wait()
	turn.end(count)
	return turn
}

func channel(capacity int) int {
	channel := make(chan int, capacity)
	go func() {
		for i := 0; i < items; i++ {
			channel <- i
		}
	}()
	for i := 0; i < items; i++ {
		check(<-channel == i)
	}
	return items
}

func pingPong() int {
	there, back := make(chan int), make(chan int)
	go func() {
		for i := 0; i < items; i++ {
			back <- <-there
		}
	}()
	for i := 0; i < items; i++ {
		there <- i
		check(<-back == i)
	}
	return items
}

func fanOut(limit int) int {
	permits := make(chan struct{}, limit)
	results := make([]int, tasks)
	var all sync.WaitGroup
	all.Add(tasks)
	for item := 0; item < tasks; item++ {
		go func(item int) {
			defer all.Done()
			permits <- struct{}{}
			results[item] = work(item)
			<-permits
		}(item)
	}
	all.Wait()
	check(results[tasks-1] == tasks-1)
	return tasks
}

func semaphore() int {
	permits := make(chan struct{}, 1)
	for i := 0; i < free; i++ {
		permits <- struct{}{}
		<-permits
	}
	return free
}

func read() int {
	bound := context.WithValue(context.Background(), key{}, 1)
	sum := 0
	for i := 0; i < free; i++ {
		sum += bound.Value(key{}).(int)
	}
	check(sum == free)
	return free
}

func check(good bool) {
	if !good {
		panic("a result was lost")
	}
}

// What is measured, from its beginning to its end.
type turn struct {
	start time.Time
	cpu   int64
	units int
	nanos int64
}

func cpuNanos() int64 {
	var used syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &used)
	return used.Utime.Nano() + used.Stime.Nano()
}

// As Linux tells it: what getrusage tells counts the parent's memory too.
func peakBytes() int {
	status, _ := os.ReadFile("/proc/self/status")
	for _, line := range strings.Split(string(status), "\n") {
		if strings.HasPrefix(line, "VmHWM:") {
			kilobytes, _ := strconv.Atoi(strings.Fields(line)[1])
			return kilobytes * 1024
		}
	}
	return 0
}

func begin() *turn {
	runtime.GC()
	return &turn{start: time.Now(), cpu: cpuNanos()}
}

func (t *turn) end(units int) {
	t.nanos = time.Since(t.start).Nanoseconds()
	t.cpu = cpuNanos() - t.cpu
	t.units = units
}

func do(name string, number int) *turn {
	turn := begin()
	switch name {
	case "gather", "group":
		turn.end(gather(number))
	case "sleep":
		turn.end(sleep(number))
	case "timeout":
		turn.end(timeout())
	case "cancel":
		return cancel(number)
	case "channel":
		turn.end(channel(number))
	case "generator":
		turn.end(channel(128))
	case "ping-pong":
		turn.end(pingPong())
	case "fan-out":
		turn.end(fanOut(number))
	case "semaphore":
		turn.end(semaphore())
	case "context":
		turn.end(read())
	default:
		panic("no work: " + name)
	}
	return turn
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		words := strings.Fields(lines.Text())
		number := 0
		if len(words) > 1 {
			number, _ = strconv.Atoi(words[1])
		}
		turn := do(words[0], number)
		fmt.Printf("{\"units\": %d, \"nanos\": %d, \"cpuNanos\": %d, \"peakBytes\": %d}\n",
			turn.units, turn.nanos, turn.cpu, peakBytes())
	}
}
