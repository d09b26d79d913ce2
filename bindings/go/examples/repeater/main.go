// SPDX-License-Identifier: MIT

// Command repeater is the child of interaction: repeats its input line by line, and says on standard error when it starts and ends.
package main

import (
	"bufio"
	"fmt"
	"os"
)

func main() {
	fmt.Fprintln(os.Stderr, "repeater: starting")
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		fmt.Println(lines.Text())
	}
	fmt.Fprintln(os.Stderr, "repeater: exiting")
}
