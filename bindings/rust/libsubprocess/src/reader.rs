// SPDX-License-Identifier: MIT
//! A pipe that is read: `Read` and `BufRead`.

use crate::pipe::Pipe;
use std::io::{self, BufRead, Read};

const BUFFER_SIZE: usize = 8 * 1024;

/// A pipe from the child, and what [`BufRead::fill_buf`] has read ahead of its user.
#[derive(Debug)]
pub(crate) struct Reader {
    pub(crate) pipe: Pipe,
    buffer: Vec<u8>,
    consumed: usize,
}

impl Reader {
    pub(crate) fn new(pipe: Pipe) -> Reader {
        Reader { pipe, buffer: Vec::new(), consumed: 0 }
    }

    fn ahead(&self) -> &[u8] {
        &self.buffer[self.consumed..]
    }
}

impl Read for Reader {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.ahead().is_empty() {
            return Ok(self.pipe.read(into)?);
        }
        let count = self.ahead().read(into)?;
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Reader {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.ahead().is_empty() {
            self.consumed = 0;
            self.buffer.resize(BUFFER_SIZE, 0);
            let count = self.pipe.read(&mut self.buffer);
            self.buffer.truncate(*count.as_ref().unwrap_or(&0));
            count?;
        }
        Ok(self.ahead())
    }

    fn consume(&mut self, count: usize) {
        self.consumed = self.buffer.len().min(self.consumed + count);
    }

    /// Lines come from the library, which keeps what it has read ahead for whoever reads next.
    fn read_until(&mut self, delimiter: u8, into: &mut Vec<u8>) -> io::Result<usize> {
        let mut total = 0;
        loop {
            if delimiter == b'\n' && self.ahead().is_empty() {
                return Ok(total + self.pipe.read_line(into)?);
            }
            let ahead = self.fill_buf()?;
            let end = ahead.iter().position(|&byte| byte == delimiter).map(|index| index + 1);
            let count = end.unwrap_or(ahead.len());
            into.extend_from_slice(&ahead[..count]);
            self.consume(count);
            total += count;
            if end.is_some() || count == 0 {
                return Ok(total);
            }
        }
    }

    fn read_line(&mut self, line: &mut String) -> io::Result<usize> {
        let mut bytes = Vec::new();
        let read = self.read_until(b'\n', &mut bytes);
        let text = String::from_utf8(bytes).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        line.push_str(&text);
        read
    }
}
