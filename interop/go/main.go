// Command go-node is a node of golang/groupcache, for the test that lets it share a cluster with HgCache. It serves
// its peers, and answers the questions of the test under /test/. It stops when its standard input ends.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"

	"github.com/golang/groupcache"
	"github.com/golang/groupcache/consistenthash"
)

const (
	basePath = "/_groupcache/"
	replicas = 50
	// How many keys the test's questions are worked on at a time.
	askers = 16
)

// answer is what became of one key; keys and values travel as base64, since a key need not be UTF-8.
type answer struct {
	Value []byte `json:"value"`
	Error string `json:"error,omitempty"`
}

// load is how often this node's loader was called for a key.
type load struct {
	Key   []byte `json:"key"`
	Count int    `json:"count"`
}

type node struct {
	self  string
	pool  *groupcache.HTTPPool
	ring  *consistenthash.Map
	group *groupcache.Group

	mu    sync.Mutex // guards loads
	loads map[string]int
}

func main() {
	self := flag.String("self", "", "base URL of this node")
	peers := flag.String("peers", "", "base URLs of all nodes, separated by commas")
	mux := flag.Bool("mux", false, "serve peers through a http.ServeMux, as http.Handle does")
	flag.Parse()

	n := &node{self: *self, loads: map[string]int{}}
	n.pool = groupcache.NewHTTPPoolOpts(n.self, &groupcache.HTTPPoolOptions{BasePath: basePath, Replicas: replicas})
	n.pool.Set(strings.Split(*peers, ",")...)
	// PickPeer does not say who the peer is, so the test asks a ring of the same making, and owners compares them.
	n.ring = consistenthash.New(replicas, nil)
	n.ring.Add(strings.Split(*peers, ",")...)
	n.group = groupcache.NewGroup("users", 64<<20, groupcache.GetterFunc(n.load))

	address, err := url.Parse(n.self)
	if err != nil {
		log.Fatal(err)
	}
	listener, err := net.Listen("tcp", address.Host)
	if err != nil {
		log.Fatal(err)
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	fmt.Println("listening")
	log.Fatal(http.Serve(listener, n.handler(*mux)))
}

func (n *node) load(_ context.Context, key string, dest groupcache.Sink) error {
	n.mu.Lock()
	n.loads[key]++
	n.mu.Unlock()
	if strings.HasPrefix(key, "go-fails/") {
		return errors.New("the origin of this Go node is down")
	}
	return dest.SetString("value of " + key)
}

func (n *node) handler(mux bool) http.Handler {
	test := http.NewServeMux()
	test.HandleFunc("/test/owners", n.owners)
	test.HandleFunc("/test/get", n.get)
	test.HandleFunc("/test/loads", n.allLoads)
	if mux {
		test.Handle(basePath, n.pool)
		return test
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, basePath) {
			n.pool.ServeHTTP(w, r)
		} else {
			test.ServeHTTP(w, r)
		}
	})
}

// owners says which node each key belongs to.
func (n *node) owners(w http.ResponseWriter, r *http.Request) {
	keys, err := readKeys(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	owners := make([]string, len(keys))
	for i, key := range keys {
		owners[i] = n.ring.Get(string(key))
		if _, isRemote := n.pool.PickPeer(string(key)); isRemote == (owners[i] == n.self) {
			http.Error(w, "the ring and the pool disagree", http.StatusInternalServerError)
			return
		}
	}
	reply(w, owners)
}

// get gets each key as an application on this node would.
func (n *node) get(w http.ResponseWriter, r *http.Request) {
	keys, err := readKeys(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	answers := make([]answer, len(keys))
	next := make(chan int)
	var working sync.WaitGroup
	for i := 0; i < askers; i++ {
		working.Add(1)
		go func() {
			defer working.Done()
			for at := range next {
				err := n.group.Get(r.Context(), string(keys[at]), groupcache.AllocatingByteSliceSink(&answers[at].Value))
				if err != nil {
					answers[at].Error = err.Error()
				}
			}
		}()
	}
	for at := range keys {
		next <- at
	}
	close(next)
	working.Wait()
	reply(w, answers)
}

// allLoads lists the calls of the loader.
func (n *node) allLoads(w http.ResponseWriter, _ *http.Request) {
	n.mu.Lock()
	defer n.mu.Unlock()
	loads := []load{}
	for key, count := range n.loads {
		loads = append(loads, load{Key: []byte(key), Count: count})
	}
	reply(w, loads)
}

func readKeys(r *http.Request) (keys [][]byte, err error) {
	err = json.NewDecoder(r.Body).Decode(&keys)
	return keys, err
}

func reply(w http.ResponseWriter, what interface{}) {
	if err := json.NewEncoder(w).Encode(what); err != nil {
		log.Print(err)
	}
}
