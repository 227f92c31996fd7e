// kill_test.go: several processes count on one ledger, and some are killed: no count is lost, and none is counted twice.
//
// SPDX-License-Identifier: MIT

package tokenquota

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// A child is this test program, started again with the ledger's path in one variable, and in the other how often it records;
// 0: until it is killed.
const (
	childVariable   = "TOKENQUOTA_GO_TEST_CHILD"
	recordsVariable = "TOKENQUOTA_GO_TEST_RECORDS"
	holdVariable    = "TOKENQUOTA_GO_TEST_HOLD" // set: it takes a hold, says its ID, and waits
)

const childRecords = 3000

// What a child writes before and after each record.
const (
	before = 'b'
	after  = 'a'
)

func TestMain(m *testing.M) {
	if path := os.Getenv(childVariable); path != "" {
		if err := child(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func child(path string) error {
	if os.Getenv(agentVariable) != "" {
		return agent(path)
	}
	ledger, err := Open(path)
	if err != nil {
		return err
	}
	openai, err := ledger.Provider("openai")
	if err == nil && os.Getenv(holdVariable) != "" {
		return holds(openai)
	}
	records, _ := strconv.Atoi(os.Getenv(recordsVariable))
	for i := 0; (i < records || records == 0) && err == nil; i++ {
		os.Stdout.Write([]byte{before})
		if _, err = openai.Observe(1, noon); err == nil {
			os.Stdout.Write([]byte{after})
		}
	}
	return err
}

// holds says the ID of a hold, and keeps it until somebody kills the process or closes its input.
func holds(p *Provider) error {
	hold, err := p.Hold(Amounts{Tokens: 100}, time.Hour, time.Time{})
	if err != nil {
		return err
	}
	id, err := hold.ID()
	fmt.Println(id)
	io.Copy(io.Discard, os.Stdin)
	return err
}

// follow reads what a child writes, and kills it after this many records, unless that is 0.
func follow(t *testing.T, path string, killAfter int) (begun, done int64) {
	command := exec.Command(os.Args[0])
	command.Env = append(os.Environ(), childVariable+"="+path)
	if killAfter == 0 {
		command.Env = append(command.Env, fmt.Sprint(recordsVariable, "=", childRecords))
	}
	command.Stderr = os.Stderr
	output, err := command.StdoutPipe()
	if err == nil {
		err = command.Start()
	}
	if err != nil {
		t.Error(err)
		return 0, 0
	}
	bytes := bufio.NewReader(output)
	for {
		switch what, err := bytes.ReadByte(); {
		case err == io.EOF:
			if err = command.Wait(); (err == nil) != (killAfter == 0) {
				t.Error("a child ended so:", err)
			}
			return begun, done
		case err != nil:
			t.Error(err)
			return begun, done
		case what == before:
			begun++
		case what == after:
			if done++; done == int64(killAfter) {
				command.Process.Kill()
			}
		}
	}
}

func TestKilledProcessesLoseNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger")
	ledger := try[*Ledger](t)(Options{MaxAhead: -1}.Open(path))
	defer ledger.Close()
	openai := provider(t, ledger, "openai")
	// The day is there, so that the children's clock does not matter.
	try[bool](t)(openai.Observe(0, noon))
	var all sync.WaitGroup
	var mu sync.Mutex
	var begun, done int64
	for _, killAfter := range []int{0, 0, 1, 50, 700, 2900} {
		killAfter := killAfter
		all.Add(1)
		go func() {
			defer all.Done()
			b, d := follow(t, path, killAfter)
			mu.Lock()
			defer mu.Unlock()
			begun, done = begun+b, done+d
		}()
	}
	all.Wait()
	used := try[int64](t)(openai.Used(noon))
	if used < done || used > begun || begun-done > 4 || done < 2*childRecords+1+50+700+2900 {
		t.Errorf("counted %d; the children began %d and ended %d", used, begun, done)
	}
	if _, found, err := ledger.Check(); err != nil || found != "" {
		t.Error(found, err)
	}
}

func TestWhatAKilledProcessHoldsIsFree(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger")
	ledger := try[*Ledger](t)(Open(path))
	defer ledger.Close()
	openai := provider(t, ledger, "openai")
	no(t, openai.SetBudget(100))
	command := exec.Command(os.Args[0])
	command.Env = append(os.Environ(), childVariable+"="+path, holdVariable+"=1")
	command.Stderr = os.Stderr
	input, output := try[io.WriteCloser](t)(command.StdinPipe()), try[io.ReadCloser](t)(command.StdoutPipe())
	defer input.Close()
	no(t, command.Start())
	id := strings.TrimSuffix(try[string](t)(bufio.NewReader(output).ReadString('\n')), "\n")
	if _, err := openai.Hold(Amounts{Tokens: 1}, time.Hour, time.Time{}); !errors.Is(err, ErrNoRoom) {
		t.Error("while the child holds all:", err)
	}
	if found := try[*Hold](t)(ledger.Hold(id)); found.Ended() || found.Provider() != openai {
		t.Error("the child's hold is not there")
	}
	no(t, command.Process.Kill())
	command.Wait()
	hold := try[*Hold](t)(openai.Hold(Amounts{Tokens: 100}, time.Hour, time.Time{}))
	if found := try[*Hold](t)(ledger.Hold(id)); !found.Ended() {
		t.Error("the hold of a process that was killed is there")
	}
	if out := try[bool](t)(hold.Settle(Usage{Requests: 1, Counted: 100}, time.Time{})); !out {
		t.Error("not out at 100 of 100")
	}
}

func TestGoroutinesAndHandlesSumUp(t *testing.T) {
	const goroutines, records = 8, 1000
	path := filepath.Join(t.TempDir(), "ledger")
	var all sync.WaitGroup
	for g := 0; g < goroutines; g++ {
		all.Add(1)
		go func() {
			defer all.Done()
			ledger, err := Open(path)
			if err != nil {
				t.Error(err)
				return
			}
			defer ledger.Close()
			openai, err := ledger.Provider("openai")
			for i := 0; i < records && err == nil; i++ {
				_, err = openai.Observe(3, time.Time{})
			}
			if err != nil {
				t.Error(err)
			}
		}()
	}
	all.Wait()
	ledger := try[*Ledger](t)(Open(path))
	defer ledger.Close()
	openai := provider(t, ledger, "openai")
	now := time.Now()
	if used := try[int64](t)(openai.Used(now)) + try[int64](t)(openai.Used(now.AddDate(0, 0, -1))); used != goroutines*records*3 {
		t.Error("used", used)
	}
}
