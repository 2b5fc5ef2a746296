//! The schema as JSON Schema, for editors and other tools.

use std::ops::Bound::{self, Excluded, Included, Unbounded};

use serde_json::{Map, Value, json};

use super::schema::{Field, ROOT, Rule, SEVERITIES, SEVERITY_NUMBERS, Section, Sort};

/// The schema as JSON Schema, draft 2020-12. It accepts what the schema does, and
/// refuses what can be said in it: not keys that stand there twice.
///
/// # Example
/// ```
/// let schema = driftline::config::json_schema();
/// assert_eq!(schema["properties"]["version"]["maximum"], 1);
/// ```
pub fn json_schema() -> Value {
    let mut definitions = Definitions::default();
    let mut schema = definitions.section(&ROOT, None);
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!("driftline");
    definitions.all.insert("reference".to_owned(), reference());
    schema["$defs"] = Value::Object(definitions.all);
    schema
}

/// What `$defs` holds: sections, each once.
#[derive(Default)]
struct Definitions {
    names: Vec<(&'static Section, String)>,
    all: Map<String, Value>,
}

impl Definitions {
    /// A reference to a section.
    fn named(&mut self, section: &'static Section, tag: Option<&str>) -> Value {
        let mut known = self.names.iter();
        if let Some((_, name)) = known.find(|(known, _)| std::ptr::eq(*known, section)) {
            return json!({"$ref": format!("#/$defs/{name}")});
        }
        let alike = self.names.iter();
        let alike = alike
            .filter(|(known, _)| known.name == section.name)
            .count();
        let name = match alike {
            0 => section.name.to_owned(),
            _ => format!("{}_{}", section.name, alike + 1),
        };
        self.names.push((section, name.clone()));
        let schema = self.section(section, tag);
        self.all.insert(name.clone(), schema);
        json!({"$ref": format!("#/$defs/{name}")})
    }

    fn section(&mut self, section: &'static Section, tag: Option<&str>) -> Value {
        let mut properties = Map::new();
        let mut required = Vec::new();
        if let Some(tag) = tag {
            properties.insert(tag.to_owned(), json!({"const": section.name}));
            required.push(tag);
        }
        for field in section.fields {
            // `monitors:` with nothing behind it is a mistake.
            let may_be_null = field.takes_null() && !std::ptr::eq(section, &ROOT);
            properties.insert(field.name.to_owned(), self.field(field, may_be_null));
            if field.default.is_none() {
                required.push(field.name);
            }
        }
        let mut schema = json!({
            "type": "object",
            "description": section.doc,
            "properties": properties,
            "additionalProperties": false,
        });
        if !required.is_empty() {
            schema["required"] = json!(required);
        }
        let rules: Vec<Value> = section.rules.iter().map(rule).collect();
        if !rules.is_empty() {
            schema["allOf"] = json!(rules);
        }
        schema
    }

    fn field(&mut self, field: &'static Field, may_be_null: bool) -> Value {
        let mut schema = self.sort(&field.sort);
        if may_be_null {
            schema = json!({"anyOf": [schema, {"type": "null"}]});
        }
        schema["description"] = json!(field.doc);
        if let Some(default) = field.default
            && let Ok(default) = serde_json::from_str::<Value>(default)
            && !default.is_null()
        {
            schema["default"] = default;
        }
        schema
    }

    fn sort(&mut self, sort: &'static Sort) -> Value {
        match sort {
            Sort::Text => json!({"type": "string", "pattern": "\\S"}),
            Sort::Flag => json!({"type": "boolean"}),
            Sort::Whole(least, most) => {
                json!({"type": "integer", "minimum": least, "maximum": most})
            }
            Sort::Number(least, most) => number(least, most),
            Sort::Word(words) => json!({"enum": words}),
            Sort::Severity => {
                let pattern = format!("^\\s*(?:{})\\s*$", SEVERITIES.map(any_case).join("|"));
                json!({"anyOf": [
                    {"type": "string", "pattern": pattern}, {"enum": SEVERITY_NUMBERS},
                ]})
            }
            Sort::List(item, least, most) => {
                let mut schema = json!({"type": "array", "items": self.sort(item)});
                if *least > 0 {
                    schema["minItems"] = json!(least);
                }
                if *most < usize::MAX {
                    schema["maxItems"] = json!(most);
                }
                schema
            }
            Sort::Tuple(parts) => {
                let items: Vec<Value> = parts.iter().map(|(_, part)| self.sort(part)).collect();
                let count = items.len();
                json!({
                    "type": "array", "prefixItems": items, "minItems": count, "maxItems": count,
                })
            }
            Sort::Map(value) => json!({
                "type": "object", "additionalProperties": self.sort(value), "minProperties": 1,
            }),
            Sort::Section(section) => self.named(section, None),
            Sort::Choice(tag, sections) => {
                let ways = sections.iter();
                let ways: Vec<_> = ways.map(|section| self.named(section, Some(tag))).collect();
                json!({"type": "object", "required": [tag], "oneOf": ways})
            }
            Sort::Secret => json!({"$ref": "#/$defs/reference"}),
            Sort::Url => json!({"anyOf": [
                {"type": "string", "pattern": "^https?://"}, {"$ref": "#/$defs/reference"},
            ]}),
            Sort::Either(sorts) => {
                let ways: Vec<_> = sorts.iter().map(|sort| self.sort(sort)).collect();
                json!({"anyOf": ways})
            }
        }
    }
}

fn number(least: &Bound<f64>, most: &Bound<f64>) -> Value {
    let mut schema = json!({"type": "number"});
    if let Excluded(f64::NEG_INFINITY) = least {
        return schema; // every number of JSON is finite
    }
    match least {
        Included(least) => schema["minimum"] = json!(least),
        Excluded(least) => schema["exclusiveMinimum"] = json!(least),
        Unbounded => {}
    }
    match most {
        Included(most) => schema["maximum"] = json!(most),
        Excluded(most) => schema["exclusiveMaximum"] = json!(most),
        Unbounded => {}
    }
    schema
}

/// A key that is there and not null.
fn given(name: &str) -> Value {
    json!({"required": [name], "properties": {name: {"not": {"type": "null"}}}})
}

fn rule(rule: &Rule) -> Value {
    match rule {
        Rule::ExactlyOne(names) => {
            let ways: Vec<Value> = names.iter().map(|name| given(name)).collect();
            json!({"oneOf": ways})
        }
        Rule::Needs(name, other) => json!({"if": given(name), "then": given(other)}),
    }
}

/// `{env: NAME}`.
fn reference() -> Value {
    json!({
        "type": "object",
        "description": "an environment variable",
        "properties": {"env": {"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]{0,254}$"}},
        "required": ["env"],
        "additionalProperties": false,
    })
}

/// A pattern of a word in any case.
fn any_case(word: &str) -> String {
    word.chars()
        .map(|c| format!("[{}{}]", c.to_ascii_uppercase(), c))
        .collect()
}
