// SPDX-License-Identifier: MIT

// Command timeout bounds a call. The shell ends at once, but the program that it leaves in the background holds the pipe open.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"libsubprocess.dev/subprocess"
)

func main() {
	result, err := subprocess.Run(context.Background(), []string{"echo the answer is 42; sleep 600 & exit 0"},
		subprocess.Shell(), subprocess.Capture(), subprocess.NewGroup(), subprocess.KillGroupOnTimeout(),
		subprocess.Timeout(2*time.Second))
	var failure *subprocess.Error
	if !errors.As(err, &failure) || failure.Code != subprocess.ErrTimeout {
		log.Fatal(err)
	}
	fmt.Println("result      :", failure.Code.Name())
	fmt.Printf("output      : %s", result.Stdout)
	fmt.Println("returncode  :", result.ReturnCode)
	if result.PipesHeld {
		fmt.Println("pipes held  : yes, by a grandchild")
	}
}
