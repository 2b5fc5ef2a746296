//! Set-ups: reading with places, limits, checking.

use std::time::Instant;

use driftline::config::{
    Format, MAX_BYTES, MAX_DEPTH, MAX_NODES, Node, Value, check, json_schema, read, read_any,
};
use driftline::error::{Error, Mistake};
use proptest::prelude::*;

/// The mistakes of a text that cannot be read.
fn refused(text: &str, format: Format) -> Vec<Mistake> {
    match read(text.as_bytes(), format) {
        Err(Error::Config(mistakes)) => mistakes,
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("{text:?} was read"),
    }
}

fn root(text: &str, format: Format) -> Node {
    read(text.as_bytes(), format).unwrap().root
}

fn told(mistakes: &[Mistake]) -> Vec<String> {
    mistakes.iter().map(ToString::to_string).collect()
}

#[test]
fn every_format_says_the_same() {
    let yaml = "hub: {max_models: 3}\nmonitors:\n- kind: latency\n  slo_ms: 2.5\n  name: 'a\"b'\n";
    let json = r#"{"hub": {"max_models": 3},
        "monitors": [{"kind": "latency", "slo_ms": 2.5, "name": "a\"b"}]}"#;
    let toml =
        "[hub]\nmax_models = 3\n[[monitors]]\nkind = 'latency'\nslo_ms = 2.5\nname = 'a\"b'\n";
    for (text, format) in [
        (yaml, Format::Yaml),
        (json, Format::Json),
        (toml, Format::Toml),
    ] {
        let root = root(text, format);
        assert_eq!(check(&root), []);
        let models = root.get("hub").unwrap().get("max_models").unwrap();
        assert_eq!(models.value, Value::Integer(3, None));
        let Value::List(monitors) = &root.get("monitors").unwrap().value else {
            panic!("no list")
        };
        let monitor = monitors.first().unwrap();
        assert!(matches!(monitor.get("slo_ms").unwrap().value, Value::Float(x, _) if x == 2.5));
        assert_eq!(
            monitor.get("name").unwrap().value,
            Value::Text("a\"b".into())
        );
        assert_eq!(read_any(text.as_bytes()).unwrap().root, root);
    }
}

// YAML 1.2.2, section 10.3.2, example 10.9 and the table before it.
#[test]
fn plain_words_are_those_of_the_core_schema() {
    let kind = |text: &str| match root(&format!("a: {text}\n"), Format::Yaml)
        .get("a")
        .unwrap()
        .value
    {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Integer(..) => "int",
        Value::Float(..) => "float",
        _ => "str",
    };
    for (expected, words) in [
        ("null", vec!["", "~", "null", "Null", "NULL"]),
        (
            "bool",
            vec!["true", "True", "TRUE", "false", "False", "FALSE"],
        ),
        ("int", vec!["0", "-19", "+3", "007", "0o7", "0x3A"]),
        (
            "float",
            vec![
                "0.", "-0.0", ".5", "+12e03", "-2E+05", ".inf", "-.Inf", "+.INF", ".NAN",
            ],
        ),
        (
            "str",
            vec![
                "no",
                "yes",
                "on",
                "off",
                "nULL",
                "tRUE",
                "1_000",
                "0b1",
                "-0x1",
                "1e",
                ".",
                "+",
                "1.2.3",
                "12:30:45",
                "1.0f",
                "inf",
                "nan",
                "2001-12-14",
            ],
        ),
    ] {
        for word in words {
            assert_eq!(kind(word), expected, "{word:?}");
        }
    }
}

#[test]
fn places_are_counted_in_characters() {
    for (text, format) in [
        ("ä: 'öö'\nhub: {'ä': 1, maxx: 2}\n", Format::Yaml),
        (
            "{\"ä\": \"öö\",\n\"hub\":{\"ä\": 1, \"maxx\": 2}}",
            Format::Json,
        ),
        ("'ä' = 'öö'\nhub = {'ä'= 1, maxx= 2}\n", Format::Toml),
    ] {
        let root = root(text, format);
        let place = root
            .get("hub")
            .unwrap()
            .entry("maxx")
            .unwrap()
            .place
            .unwrap();
        let line = text.lines().nth(1).unwrap();
        let byte = line.find("maxx").unwrap();
        let quote = usize::from(format == Format::Json);
        let column = line.get(..byte).unwrap().chars().count() + 1 - quote;
        assert_eq!(place, (2, column), "{format:?}");
    }
}

#[test]
fn limits_are_exact() {
    let deep = |depth: usize| format!("a: {}{}\n", "[".repeat(depth), "]".repeat(depth));
    assert!(read(deep(MAX_DEPTH - 1).as_bytes(), Format::Yaml).is_ok());
    refused(&deep(MAX_DEPTH), Format::Yaml);
    let deep = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(read(deep(MAX_DEPTH).as_bytes(), Format::Json).is_ok());
    refused(&deep(MAX_DEPTH + 1), Format::Json);
    let deep = |depth: usize| format!("{} = 1\n", vec!["a"; depth].join("."));
    assert!(read(deep(MAX_DEPTH).as_bytes(), Format::Toml).is_ok());
    refused(&deep(MAX_DEPTH + 1), Format::Toml);
    // The mapping, its key, the list, its items.
    let wide = |items: usize| format!("a: [{}]\n", vec!["x"; items - 3].join(","));
    assert!(read(wide(MAX_NODES).as_bytes(), Format::Yaml).is_ok());
    refused(&wide(MAX_NODES + 1), Format::Yaml);
    let long = |bytes: usize| format!("a: 1{}", " ".repeat(bytes - 4));
    assert!(read(long(MAX_BYTES).as_bytes(), Format::Yaml).is_ok());
    refused(&long(MAX_BYTES + 1), Format::Yaml);
}

#[test]
fn aliases_are_copies_and_counted() {
    let text = "monitors:\n- &a {kind: latency, slo_ms: 5}\n- *a\n- *a\n";
    let document = root(text, Format::Yaml);
    let Value::List(monitors) = &document.get("monitors").unwrap().value else {
        panic!("no list")
    };
    assert_eq!(monitors.len(), 3);
    assert!(
        monitors
            .iter()
            .all(|monitor| Some(monitor) == monitors.first())
    );
    assert_eq!(check(&document), []);
    // Nine lists of nine lists of nine and so on: 9^15 values. Not one second's worth.
    let mut laughs = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n".to_owned();
    for n in 1..15 {
        let inner = vec![format!("*a{}", n - 1); 9].join(",");
        laughs.push_str(&format!("a{n}: &a{n} [{inner}]\n"));
    }
    let before = Instant::now();
    let mistakes = refused(&laughs, Format::Yaml);
    assert!(told(&mistakes)[0].contains("100000 values, with aliases expanded"));
    assert!(before.elapsed().as_secs() < 10);
}

#[test]
fn keys_that_are_there_twice_are_told_with_both_places() {
    let yaml = "hub:\n  max_models: 1\n  max_models: 2\nhub: {}\n";
    let duplicates = read(yaml.as_bytes(), Format::Yaml).unwrap().duplicates;
    assert_eq!(
        told(&duplicates),
        [
            "line 3, column 3: hub.max_models: got the key a second time (first: line 2, \
             column 3); accepted: each key once",
            "line 4, column 1: hub: got the key a second time (first: line 1, column 1); \
             accepted: each key once",
        ]
    );
    let json = "{\"hub\": {\"a\": 1,\n \"\\u0061\": 2}}";
    let duplicates = read(json.as_bytes(), Format::Json).unwrap().duplicates;
    assert_eq!(duplicates.len(), 1);
    assert!(told(&duplicates)[0].starts_with("line 2, column 2: hub.a: got the key a second"));
    // The nearest key of that name is in brackets that were closed.
    let toml = "[[monitors]]\nname = 'x'\ntest = {name = 'ks'}\nname = 'y'\n";
    let duplicates = read(toml.as_bytes(), Format::Toml).unwrap().duplicates;
    assert!(told(&duplicates)[0].starts_with(
        "line 4, column 1: monitors[0].name: got the key a second time (first: line 2, column 1)"
    ));
}

#[test]
fn mistakes_are_told_in_the_order_of_the_document() {
    let text = "monitors:\n- {kind: latency, slo: 1}\nhub: {max_models: 0, x: 1}\n";
    assert_eq!(
        told(&check(&root(text, Format::Yaml))),
        [
            "line 2, column 19: monitors[0].slo: unknown key; did you mean 'slo_ms'?",
            "line 3, column 19: hub.max_models: got 0; accepted: a whole number from 1 to 1000000",
            "line 3, column 22: hub.x: unknown key; accepted: max_cascade_depth or max_models",
        ]
    );
}

#[test]
fn defaults_of_the_schema_are_right_themselves() {
    // Each default is valid JSON, and of the sort of its key.
    fn walk(schema: &serde_json::Value, count: &mut usize) {
        match schema {
            serde_json::Value::Object(map) => {
                *count += usize::from(map.contains_key("default"));
                map.values().for_each(|value| walk(value, count));
            }
            serde_json::Value::Array(items) => items.iter().for_each(|item| walk(item, count)),
            _ => {}
        }
    }
    let mut count = 0;
    walk(&json_schema(), &mut count);
    assert!(count > 50, "{count}");
}

fn hostile() -> impl Strategy<Value = String> {
    let parts = prop::sample::select(vec![
        "a", "hub", "monitors", "kind", "latency", ":", ": ", "- ", "\n", "\n  ", "[", "]", "{",
        "}", ",", "\"", "'", "&a ", "*a", "!t ", "|", ">", "?", "#", "=", " = ", ".", "---", "...",
        "%", "\t", "1", "1e3", "\\", "\\u0041", "ä", "\r", "[[", "]]", "true", "null", "<<", "@",
        "\"\"\"", "'''", "\u{feff}", "\u{85}",
    ]);
    prop::collection::vec(parts, 0..40).prop_map(|parts| parts.concat())
}

proptest! {
    // Nothing panics, whatever comes; what is read is within the limits and checks.
    #[test]
    fn any_text_is_read_or_refused(text in hostile()) {
        for format in [Format::Yaml, Format::Json, Format::Toml] {
            match read(text.as_bytes(), format) {
                Ok(document) => {
                    for mistake in check(&document.root) {
                        prop_assert!(mistake.place.is_some());
                    }
                }
                Err(Error::Config(mistakes)) => prop_assert!(!mistakes.is_empty()),
                Err(error) => prop_assert!(false, "{error}"),
            }
        }
        let _ = read_any(text.as_bytes());
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        for format in [Format::Yaml, Format::Json, Format::Toml] {
            let _ = read(&bytes, format);
        }
    }

    // serde_json reads the same out of JSON.
    #[test]
    fn json_is_what_serde_reads(text in "[a-z\\PC\"\\\\]{0,20}", number in any::<f64>(), n in any::<i64>()) {
        prop_assume!(number.is_finite() && !text.contains(char::is_control));
        let json = serde_json::json!({"text": text, "numbers": [number, n, null, true]}).to_string();
        let root = root(&json, Format::Json);
        prop_assert_eq!(&root.get("text").unwrap().value, &Value::Text(text.into()));
        let Value::List(items) = &root.get("numbers").unwrap().value else {
            panic!("no list")
        };
        prop_assert!(matches!(items[0].value, Value::Float(x, _) if x == number));
        prop_assert!(matches!(items[1].value, Value::Integer(x, _) if x == i128::from(n)));
        prop_assert_eq!(&items[2].value, &Value::Null);
        prop_assert_eq!(&items[3].value, &Value::Bool(true));
    }
}
