// SPDX-License-Identifier: MIT

package subprocess_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"libsubprocess.dev/subprocess"
)

func ExampleRun() {
	result, err := subprocess.Run(context.Background(), []string{"tr", "a-z", "A-Z"},
		subprocess.Input([]byte("hello")), subprocess.Capture(), subprocess.Timeout(30*time.Second))
	fmt.Printf("%s, %v, %v\n", result.Stdout, result, err)
	// Output: HELLO, exit status 0, <nil>
}

func ExampleRun_check() {
	_, err := subprocess.Run(context.Background(), []string{"echo no such thing >&2; exit 2"},
		subprocess.Shell(), subprocess.Capture(), subprocess.Check())
	var failed *subprocess.ExitError
	if errors.As(err, &failed) {
		fmt.Printf("%d: %s", failed.ReturnCode, failed.Stderr)
	}
	// Output: 2: no such thing
}

func ExampleRun_context() {
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	result, err := subprocess.Run(ctx, []string{"echo early; exec sleep 600"}, subprocess.Shell(), subprocess.Capture())
	fmt.Printf("%q, %v, %v\n", result.Stdout, result, errors.Is(err, context.DeadlineExceeded))
	// Output: "early\n", signal: killed, true
}

func ExampleOutput() {
	output, err := subprocess.Output(context.Background(), []string{"echo", "hello"})
	fmt.Printf("%s%v\n", output, err)
	_, err = subprocess.Output(context.Background(), []string{"/no/such/program"})
	fmt.Println(err, errors.Is(err, os.ErrNotExist))
	// Output:
	// hello
	// <nil>
	// cannot start '/no/such/program': no such file true
}

func ExampleStart() {
	ctx := context.Background()
	process, err := subprocess.Start([]string{"cat"},
		subprocess.StdinFrom(subprocess.Pipe), subprocess.StdoutTo(subprocess.Pipe))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer process.Close()
	fmt.Fprintln(process.Stdin(), "to and fro")
	line, _ := process.Stdout().ReadLine(ctx)
	fmt.Printf("%s", line)
	code, _ := process.Stop(5 * time.Second)
	fmt.Println(code)
	// Output:
	// to and fro
	// -15
}

func ExamplePipeline() {
	process, err := subprocess.Pipeline([]subprocess.Stage{
		{Argv: []string{"printf", "b\\na\\nb\\n"}},
		{Argv: []string{"sort", "-u"}},
	}, subprocess.StdoutTo(subprocess.Pipe))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer process.Close()
	lines := bufio.NewScanner(process.Stdout())
	for lines.Scan() {
		fmt.Println(lines.Text())
	}
	// Output:
	// a
	// b
}

func ExampleCommand() {
	var out bytes.Buffer
	cmd := subprocess.Command("tr", "a-z", "A-Z")
	cmd.Stdin = bytes.NewBufferString("as with os/exec\n")
	cmd.Stdout = &out
	fmt.Println(cmd.Run())
	fmt.Print(out.String())
	// Output:
	// <nil>
	// AS WITH OS/EXEC
}

func ExampleOnOutput() {
	_, err := subprocess.Run(context.Background(), []string{"echo", "as it comes"}, subprocess.Capture(),
		subprocess.OnOutput(func(stream subprocess.Stream, chunk []byte) error {
			fmt.Printf("%v: %s", stream, chunk)
			return nil
		}))
	fmt.Println(err)
	// Output:
	// stdout: as it comes
	// <nil>
}

func ExampleProcess_Finish() {
	process, err := subprocess.Start([]string{"echo early; exec sleep 600"}, subprocess.Shell(), subprocess.StdoutTo(subprocess.Pipe))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer process.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	result, err := process.Communicate(ctx, nil)
	if errors.Is(err, context.DeadlineExceeded) {
		result, err = process.Finish(time.Second)
	}
	fmt.Printf("%q, %v, %v\n", result.Stdout, result, err)
	// Output: "early\n", signal: terminated, <nil>
}
