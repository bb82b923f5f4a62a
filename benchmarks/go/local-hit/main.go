// Measures a local hit in Go's groupcache: 10,000 keys of 16 bytes, values of 100 bytes, read one after another
// through a ByteView, which is the sink that copies nothing. It speaks the protocol of side-process.ts.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"syscall"
	"time"

	"github.com/golang/groupcache"
)

const (
	keyCount   = 10000
	valueBytes = 100
	cacheBytes = 64 << 20
)

type question struct {
	WarmUpMs int64 `json:"warmUpMs"`
}

type cost struct {
	WallNs float64 `json:"wallNs"`
	CPUNs  float64 `json:"cpuNs"`
}

// sink keeps the compiler from dropping the work as unused.
var sink int

func main() {
	group := groupcache.NewGroup("bench", cacheBytes, groupcache.GetterFunc(
		func(_ context.Context, _ string, dest groupcache.Sink) error {
			return dest.SetBytes(make([]byte, valueBytes))
		}))
	keys := make([]string, keyCount)
	for i := range keys {
		keys[i] = fmt.Sprintf("user:%011d", i)
	}
	run(group, keys, keyCount)

	operations := 1000
	answers := json.NewEncoder(os.Stdout)
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var asked question
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			log.Fatal(err)
		}
		if asked.WarmUpMs > 0 {
			operations = calibrate(group, keys, time.Duration(asked.WarmUpMs)*time.Millisecond)
			answers.Encode(struct{}{})
			continue
		}
		cpuBefore, before := cpuTime(), time.Now()
		run(group, keys, operations)
		wall, cpu := time.Since(before), cpuTime()-cpuBefore
		answers.Encode(cost{
			WallNs: float64(wall.Nanoseconds()) / float64(operations),
			CPUNs:  float64(cpu.Nanoseconds()) / float64(operations),
		})
	}
}

func calibrate(group *groupcache.Group, keys []string, round time.Duration) int {
	for operations := 1000; ; operations *= 2 {
		before := time.Now()
		run(group, keys, operations)
		if wall := time.Since(before); wall >= round/2 {
			return int(float64(operations) * float64(round) / float64(wall))
		}
	}
}

func run(group *groupcache.Group, keys []string, operations int) {
	ctx := context.Background()
	for done := 0; done < operations; {
		for _, key := range keys {
			if done == operations {
				break
			}
			var view groupcache.ByteView
			if err := group.Get(ctx, key, groupcache.ByteViewSink(&view)); err != nil {
				log.Fatal(err)
			}
			sink += view.Len()
			done++
		}
	}
}

func cpuTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		log.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
