// SPDX-License-Identifier: MIT
//! The C compiler, and what it says about `<libsubprocess/sp.h>`.

use std::collections::BTreeSet;
use std::env;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

const HEADER: &str = "#include <libsubprocess/sp.h>\n";

fn compiler() -> Command {
    let mut words = env::var("CC").unwrap_or_else(|_| "cc".to_owned());
    words.push_str(" -std=c11 -Wall -Wextra -Werror");
    let mut words = words.split_whitespace();
    let mut command = Command::new(words.next().unwrap());
    command.args(words);
    for directory in env!("LIBSUBPROCESS_INCLUDE").split(':').filter(|directory| !directory.is_empty()) {
        command.arg("-I").arg(directory);
    }
    command
}

/// Feeds `source`, with the header in front, to the compiler. Returns its output, or its complaint.
fn compile(arguments: &[&str], source: &str) -> Result<String, String> {
    let mut child = compiler()
        .args(arguments)
        .args(["-x", "c", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a C compiler: cc, or what CC names");
    child.stdin.take().unwrap().write_all(format!("{HEADER}{source}").as_bytes()).unwrap();
    let said = child.wait_with_output().unwrap();
    match said.status.success() {
        true => Ok(String::from_utf8(said.stdout).unwrap()),
        false => Err(String::from_utf8_lossy(&said.stderr).into_owned()),
    }
}

/// Whether the compiler accepts `source`; else its complaint.
pub fn check(source: &str) -> Result<(), String> {
    compile(&["-fsyntax-only"], source).map(drop)
}

/// Compiles and runs a program; returns what it prints.
pub fn run(source: &str) -> String {
    let program = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("abi-program");
    compile(&["-o", program.to_str().unwrap()], source).unwrap();
    let said = Command::new(&program).output().unwrap();
    assert!(said.status.success(), "{said:?}");
    String::from_utf8(said.stdout).unwrap()
}

/// The header, with all macros expanded and no comment left.
pub struct Header(String);

impl Header {
    pub fn read() -> Header {
        Header(compile(&["-E", "-P"], "").unwrap())
    }

    /// The functions: every `sp_` name that a parenthesis follows.
    pub fn functions(&self) -> BTreeSet<String> {
        let is_called = |end: usize| self.0[end..].trim_start().starts_with('(');
        self.names("sp_").filter(|&(_, end)| is_called(end)).map(|(name, _)| name).collect()
    }

    /// The enumerators, and the macros that stand for a number.
    pub fn constants(&self) -> BTreeSet<String> {
        const NO_NUMBERS: [&str; 3] = ["SP_API", "SP_ERROR_INIT", "SP_VERSION_STRING"];
        let macros = compile(&["-E", "-dM"], "").unwrap();
        let defined = macros
            .lines()
            .filter_map(|line| line.strip_prefix("#define "))
            .filter_map(|definition| definition.split(' ').next())
            .filter(|name| name.starts_with("SP_") && !name.contains('(') && !NO_NUMBERS.contains(name))
            .map(str::to_owned);
        self.names("SP_").map(|(name, _)| name).chain(defined).collect()
    }

    /// The structs whose fields are public: names, and the names of their fields in order.
    pub fn structs(&self) -> Vec<(String, Vec<String>)> {
        self.0.split("typedef struct ").skip(1).filter_map(struct_of).collect()
    }

    /// Identifiers that begin with `prefix`, and where they end.
    fn names<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (String, usize)> + 'a {
        let part_of_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        self.0.match_indices(prefix).filter_map(move |(start, _)| {
            let bytes = self.0.as_bytes();
            if start > 0 && part_of_name(bytes[start - 1]) {
                return None;
            }
            let length = bytes[start..].iter().take_while(|&&byte| part_of_name(byte)).count();
            Some((self.0[start..start + length].to_owned(), start + length))
        })
    }
}

/// `name { type field; type field[3]; }` as its parts; nothing for an opaque `name name;` and for those of the C library.
fn struct_of(text: &str) -> Option<(String, Vec<String>)> {
    let (name, rest) = text.split_once('{')?;
    let name = name.trim();
    if !name.starts_with("sp_") || name.contains(';') {
        return None;
    }
    let (body, _) = rest.split_once('}')?;
    let fields = body.split(';').map(str::trim).filter(|field| !field.is_empty());
    let name_of = |field: &str| {
        let declared = field.split('[').next().unwrap().trim_end();
        declared.rsplit([' ', '*']).next().unwrap().to_owned()
    };
    Some((name.to_owned(), fields.map(name_of).collect()))
}
