// SPDX-License-Identifier: MIT

package subprocess

import (
	"context"
	"errors"
	"io"
	"os"

	"libsubprocess.dev/subprocess/internal/native"
)

// Reader is an output of a child: an io.ReadCloser.
type Reader struct {
	process *Process
	index   Stream
	turn    turn // C's line is valid until the next read
}

// Read reads what there is, waiting until there is something.
func (r *Reader) Read(p []byte) (int, error) { return r.ReadContext(context.Background(), p) }

// ReadContext reads what there is, waiting until there is something or ctx is done. Nothing is lost then.
func (r *Reader) ReadContext(ctx context.Context, p []byte) (int, error) {
	count := 0
	err := r.inTurn(ctx, func(failure *native.Failure, limit int64) {
		count = int(native.Read(failure, r.process.handle.native, int(r.index), p, len(p), limit))
	})
	switch {
	case err != nil:
		return 0, err
	case count == 0 && len(p) > 0:
		return 0, io.EOF
	}
	return count, nil
}

// ReadLine reads one line, with its "\n"; the last one may lack it. After it comes io.EOF. A part of a line is kept for the next
// call when ctx is done.
func (r *Reader) ReadLine(ctx context.Context) ([]byte, error) {
	var line []byte
	err := r.inTurn(ctx, func(failure *native.Failure, limit int64) {
		var view native.View
		native.ReadLine(failure, r.process.handle.native, int(r.index), limit, &view)
		if failure.Code == 0 {
			line = view.Bytes()
		}
	})
	switch {
	case err != nil:
		return nil, err
	case len(line) == 0:
		return nil, io.EOF
	}
	return line, nil
}

func (r *Reader) inTurn(ctx context.Context, read func(failure *native.Failure, limit int64)) error {
	h := r.process.handle
	if err := r.turn.take(ctx, h.closing); err != nil {
		return err
	}
	defer r.turn.give()
	if failure := h.block(ctx, nil, read); failure != nil {
		return failure
	}
	return nil
}

// WithContext is this stream for what knows no contexts, such as bufio.Scanner: its reads end when ctx is done.
func (r *Reader) WithContext(ctx context.Context) io.Reader { return limitedReader{r, ctx} }

type limitedReader struct {
	reader *Reader
	ctx    context.Context
}

func (l limitedReader) Read(p []byte) (int, error) { return l.reader.ReadContext(l.ctx, p) }

// Close closes our end and wakes a goroutine that reads. It may be called again.
func (r *Reader) Close() error { return r.process.closeStream(r.index) }

// Fd is the descriptor of our end, which belongs to the process, or -1. What ReadLine has read ahead is not in it.
func (r *Reader) Fd() int { return r.process.streamFD(r.index) }

// Release takes our end out of the process, as a file with deadlines. It fails while a goroutine uses the stream.
func (r *Reader) Release() (*os.File, error) { return r.process.release(r.index) }

// Writer is the standard input of a child: an io.WriteCloser.
type Writer struct {
	process *Process
	turn    turn
}

// Write writes all of p. A child that has closed its input gives syscall.EPIPE; SIGPIPE is never raised.
func (w *Writer) Write(p []byte) (int, error) { return w.WriteContext(context.Background(), p) }

// WriteContext writes all of p, or less and an error when ctx is done.
func (w *Writer) WriteContext(ctx context.Context, p []byte) (int, error) {
	h := w.process.handle
	if err := w.turn.take(ctx, h.closing); err != nil {
		return 0, err
	}
	defer w.turn.give()
	written := 0
	for first := true; first || written < len(p); first = false {
		failure := h.block(ctx, nil, func(failure *native.Failure, limit int64) {
			rest := p[written:]
			count := int(native.Write(failure, h.native, rest, len(rest), limit))
			if failure.Code == 0 {
				written += count
			}
		})
		if failure != nil {
			return written, failure
		}
	}
	return written, nil
}

// WithContext is this stream for what knows no contexts: its writes end when ctx is done.
func (w *Writer) WithContext(ctx context.Context) io.Writer { return limitedWriter{w, ctx} }

type limitedWriter struct {
	writer *Writer
	ctx    context.Context
}

func (l limitedWriter) Write(p []byte) (int, error) { return l.writer.WriteContext(l.ctx, p) }

// Close closes our end: the child sees end of file. It may be called again.
func (w *Writer) Close() error { return w.process.closeStream(Stdin) }

// Fd is the descriptor of our end, which belongs to the process, or -1.
func (w *Writer) Fd() int { return w.process.streamFD(Stdin) }

// Release takes our end out of the process, as a file with deadlines. It fails while a goroutine uses the stream.
func (w *Writer) Release() (*os.File, error) { return w.process.release(Stdin) }

func (p *Process) closeStream(index Stream) error {
	err := p.handle.do(func(failure *native.Failure) { native.CloseStream(failure, p.handle.native, int(index)) })
	if errors.Is(err, ErrClosed) {
		return nil // with the process
	}
	return err
}

func (p *Process) streamFD(index Stream) int {
	fd := -1
	p.handle.do(func(*native.Failure) { fd = int(native.StreamHandle(p.handle.native, int(index))) })
	return fd
}
