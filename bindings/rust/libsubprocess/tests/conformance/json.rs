// SPDX-License-Identifier: MIT
//! As much of JSON as the cases need: no fractions.

use std::str::Chars;

#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    Null,
    Bool(bool),
    Number(i64),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    pub fn parse(text: &str) -> Json {
        let mut parser = Parser { rest: text.chars() };
        let value = parser.value();
        parser.skip_spaces();
        assert_eq!(parser.rest.as_str(), "", "text after the end");
        value
    }

    /// The value of a key of an object.
    pub fn get(&self, key: &str) -> Option<&Json> {
        self.entries().iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// The keys and values of an object; none of anything else.
    pub fn entries(&self) -> &[(String, Json)] {
        match self {
            Json::Object(entries) => entries,
            _ => &[],
        }
    }

    /// The elements of a list; none of anything else.
    pub fn items(&self) -> &[Json] {
        match self {
            Json::List(items) => items,
            _ => &[],
        }
    }

    pub fn text(&self) -> Option<&str> {
        match self {
            Json::Text(text) => Some(text),
            _ => None,
        }
    }

    pub fn number(&self) -> Option<i64> {
        match self {
            Json::Number(number) => Some(*number),
            _ => None,
        }
    }
}

/// Text as JSON writes it.
pub fn quoted(text: &str) -> String {
    let escape = |letter: char| match letter {
        '"' | '\\' => format!("\\{letter}"),
        control if control < ' ' => format!("\\u{:04x}", control as u32),
        other => other.to_string(),
    };
    format!("\"{}\"", text.chars().map(escape).collect::<String>())
}

struct Parser<'a> {
    rest: Chars<'a>,
}

impl Parser<'_> {
    fn skip_spaces(&mut self) {
        self.rest = self.rest.as_str().trim_start().chars();
    }

    fn peek(&mut self) -> char {
        self.skip_spaces();
        self.rest.clone().next().expect("more text")
    }

    /// Steps over `expected` if it comes next.
    fn accept(&mut self, expected: char) -> bool {
        let is_next = self.peek() == expected;
        if is_next {
            self.rest.next();
        }
        is_next
    }

    fn expect(&mut self, expected: char) {
        assert!(self.accept(expected), "{expected:?} is missing before {:.40}", self.rest.as_str());
    }

    fn value(&mut self) -> Json {
        match self.peek() {
            '{' => Json::Object(self.sequence('{', '}', |parser| {
                let key = parser.string();
                parser.expect(':');
                (key, parser.value())
            })),
            '[' => Json::List(self.sequence('[', ']', Parser::value)),
            '"' => Json::Text(self.string()),
            _ => self.word(),
        }
    }

    fn sequence<T>(&mut self, open: char, close: char, element: impl Fn(&mut Self) -> T) -> Vec<T> {
        self.expect(open);
        let mut elements = Vec::new();
        if self.accept(close) {
            return elements;
        }
        loop {
            elements.push(element(self));
            if !self.accept(',') {
                self.expect(close);
                return elements;
            }
        }
    }

    fn word(&mut self) -> Json {
        let text = self.rest.as_str();
        let end = text.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-').unwrap_or(text.len());
        self.rest = text[end..].chars();
        match &text[..end] {
            "null" => Json::Null,
            "true" => Json::Bool(true),
            "false" => Json::Bool(false),
            number => Json::Number(number.parse().unwrap_or_else(|_| panic!("{number:?} is no value"))),
        }
    }

    fn string(&mut self) -> String {
        self.expect('"');
        let mut text = String::new();
        loop {
            match self.rest.next().expect("the end of a text") {
                '"' => return text,
                '\\' => text.push(self.escaped()),
                other => text.push(other),
            }
        }
    }

    fn escaped(&mut self) -> char {
        match self.rest.next().expect("an escaped letter") {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'u' => {
                let digits: String = self.rest.by_ref().take(4).collect();
                char::from_u32(u32::from_str_radix(&digits, 16).unwrap()).expect("no surrogates")
            }
            itself @ ('"' | '\\' | '/') => itself,
            other => panic!("\\{other} is unknown"),
        }
    }
}

#[test]
fn values_are_read() {
    let read = Json::parse(" {\"a\": [1, -2, true, null], \"b\\n\\u00e4\": {}, \"c\": [] } ");
    assert_eq!(read.get("a").unwrap().items(), [Json::Number(1), Json::Number(-2), Json::Bool(true), Json::Null]);
    assert_eq!(read.get("b\nä"), Some(&Json::Object(Vec::new())));
    assert_eq!((read.get("c").unwrap().items().len(), read.get("d")), (0, None));
    assert_eq!(Json::parse(&quoted("a\"\\\nä")).text(), Some("a\"\\\nä"));
}
