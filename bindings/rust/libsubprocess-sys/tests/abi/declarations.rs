// SPDX-License-Identifier: MIT
//! Our own declarations, read from their sources and said again in C.

const FUNCTIONS: &str = include_str!("../../src/functions.rs");
const STRUCTS: &str = include_str!("../../src/structs.rs");
const CONSTANTS: &str = include_str!("../../src/constants.rs");

/// A name and the C name of its type.
#[derive(Clone)]
pub struct Typed {
    pub name: String,
    pub c_type: String,
}

impl Typed {
    /// From `name: type`.
    fn parse(text: &str) -> Typed {
        let (name, rust_type) = text.split_once(':').unwrap_or_else(|| panic!("no type in {text:?}"));
        Typed { name: name.trim().to_owned(), c_type: c_type(rust_type) }
    }
}

#[derive(Clone)]
pub struct Function {
    pub name: String,
    pub parameters: Vec<Typed>,
    pub result: String,
}

impl Function {
    /// The C prototype that this function should have.
    pub fn prototype(&self) -> String {
        let parameters: Vec<_> = self.parameters.iter().map(|each| each.c_type.as_str()).collect();
        let parameters = if parameters.is_empty() { "void".to_owned() } else { parameters.join(", ") };
        format!("{} {}({parameters});\n", self.result, self.name)
    }
}

/// Source without comments and attributes.
fn code(source: &str) -> String {
    let without_comment = |line: &str| line.split("//").next().unwrap_or_default().to_owned();
    source
        .lines()
        .map(without_comment)
        .filter(|line| !line.trim_start().starts_with('#'))
        .collect::<Vec<_>>()
        .join("\n")
}

/// `name(parameters) -> result`, the result missing if there is none.
fn parse_signature(text: &str) -> Function {
    let (name, rest) = text.split_once('(').unwrap();
    let (parameters, result) = rest.rsplit_once(')').unwrap();
    Function {
        name: name.trim().to_owned(),
        parameters: parameters.split(',').map(str::trim).filter(|each| !each.is_empty()).map(Typed::parse).collect(),
        result: result.trim().strip_prefix("->").map_or_else(|| "void".to_owned(), c_type),
    }
}

pub fn functions() -> Vec<Function> {
    code(FUNCTIONS).split("pub fn ").skip(1).map(|text| parse_signature(text.split(';').next().unwrap())).collect()
}

/// The callbacks: `pub type name = Option<unsafe extern "C" fn(...) -> ...>;`.
pub fn callbacks() -> Vec<Function> {
    let parse = |text: &str| {
        let (name, rest) = text.split_once('=').unwrap();
        let (_, signature) = rest.split_once("fn").unwrap();
        Function { name: name.trim().to_owned(), ..parse_signature(signature.rsplit_once('>').unwrap().0) }
    };
    code(STRUCTS).split("pub type ").skip(1).map(|text| parse(text.split(';').next().unwrap())).collect()
}

/// The structs with public fields, in the order of the source.
pub fn structs() -> Vec<(String, Vec<Typed>)> {
    let source = code(STRUCTS);
    let with_fields = source.split("pub struct ").skip(1).filter(|text| text.starts_with("sp_"));
    let parse = |text: &str| {
        let (name, rest) = text.split_once('{').unwrap();
        let (body, _) = rest.split_once('}').unwrap();
        let fields = body.split("pub ").skip(1).map(|field| Typed::parse(field.trim().trim_end_matches(',')));
        (name.trim().to_owned(), fields.collect())
    };
    with_fields.map(parse).collect()
}

/// The constants: names, and their values as C expressions.
pub fn constants() -> Vec<(String, String)> {
    let parse = |text: &str| {
        let (declared, value) = text.split_once('=').unwrap();
        let name = declared.split(':').next().unwrap();
        (name.to_owned(), value.trim().replace("i64::MIN", "INT64_MIN").replace("_000", "000"))
    };
    code(CONSTANTS).split("pub const ").skip(1).map(|text| parse(text.split(';').next().unwrap())).collect()
}

/// The C type that a Rust type stands for.
fn c_type(rust: &str) -> String {
    let rust = rust.trim();
    if let Some(pointee) = rust.strip_prefix("*const ") {
        return format!("{} const *", c_type(pointee));
    }
    if let Some(pointee) = rust.strip_prefix("*mut ") {
        return format!("{} *", c_type(pointee));
    }
    if let Some((element, length)) = rust.strip_prefix('[').and_then(|rest| rest.split_once(';')) {
        return format!("{}[{}]", c_type(element), length.trim().trim_end_matches(']'));
    }
    let c = match rust {
        "c_char" => "char",
        "c_int" => "int",
        "c_void" => "void",
        "usize" => "size_t",
        "isize" => "intptr_t",
        "i32" => "int32_t",
        "u32" => "uint32_t",
        "i64" => "int64_t",
        "u64" => "uint64_t",
        name if name.starts_with("sp_") => name,
        other => panic!("no C type is known for {other:?}"),
    };
    c.to_owned()
}
