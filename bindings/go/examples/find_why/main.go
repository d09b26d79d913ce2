// SPDX-License-Identifier: MIT

// Command find_why shows three ways to fail to start, and how an Error tells them apart.
package main

import (
	"context"
	"errors"
	"fmt"

	"libsubprocess.dev/subprocess"
)

func tryToRun(program string, options ...subprocess.Option) {
	_, err := subprocess.Run(context.Background(), []string{program}, options...)
	var failure *subprocess.Error
	if !errors.As(err, &failure) {
		fmt.Printf("%s: started\n\n", program)
		return
	}
	fmt.Println("code    :", failure.Code.Name())
	fmt.Println("step    :", failure.Step)
	fmt.Println("path    :", failure.Path)
	fmt.Println("errno   :", describe(failure.Errno))
	fmt.Printf("message : %s\n\n", failure.Message)
}

// describe is the errno's text as C has it.
func describe(errno error) string {
	text := errno.Error()
	return string(text[0]-'a'+'A') + text[1:]
}

func main() {
	tryToRun("no-such-program")
	tryToRun("true", subprocess.Dir("/no/such/directory"))
	tryToRun("/etc/passwd") // a file, but not a program
}
