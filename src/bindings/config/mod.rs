//! Set-ups in one file: the reading half of `driftline.from_config`.

mod mapping;
mod parameters;
mod registered;
mod streams;

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList, PyString, PyTuple};

use crate::bindings::gate;
use crate::config::{self, Document, Format, Node, Step, Value, written};
use crate::error::{Error, Mistake, Result};

/// A set-up that was read and is right.
#[pyclass(frozen, module = "driftline", name = "_ConfigDocument")]
pub(crate) struct ConfigDocument {
    root: Node,
    file: Option<String>,
}

/// Everything that is wrong with it, or the tree.
fn checked(document: Document) -> Result<Node> {
    let mut mistakes = document.duplicates;
    mistakes.extend(config::check(&document.root));
    mistakes.sort_by_key(|mistake| mistake.place);
    mistakes.truncate(config::MAX_MISTAKES);
    if mistakes.is_empty() {
        return Ok(document.root);
    }
    Err(Error::Config(mistakes))
}

fn in_file(error: Error, file: Option<&str>) -> Error {
    let (Error::Config(mut mistakes), Some(file)) = (error.clone(), file) else {
        return error;
    };
    for mistake in &mut mistakes {
        mistake.file = Some(file.to_owned().into());
    }
    Error::Config(mistakes)
}

/// Reads and checks a document in bytes. `format` is a suffix such as ".yaml", or
/// None for text that may be of any format.
#[pyfunction]
#[pyo3(signature = (source: "bytes", format: "str | None", file: "str | None"))]
pub(crate) fn _read_config(
    py: Python<'_>,
    source: &Bound<'_, PyBytes>,
    format: Option<&str>,
    file: Option<String>,
) -> PyResult<ConfigDocument> {
    let bytes = source.as_bytes();
    let root = gate::outside(py, || {
        let document = match format {
            None => config::read_any(bytes),
            Some(suffix) => {
                let mut known = Format::BY_SUFFIX.iter();
                match known.find(|(known, _)| known.eq_ignore_ascii_case(suffix)) {
                    Some((_, format)) => config::read(bytes, *format),
                    None => Err(Error::invalid_value(
                        "source",
                        format!("a file with the suffix {suffix:?}"),
                        "a path that ends in .yaml, .yml, .json or .toml, text of several \
                         lines, or a mapping",
                    )),
                }
            }
        };
        checked(document?)
    });
    let root = root.map_err(|error| in_file(error, file.as_deref()))?;
    Ok(ConfigDocument { root, file })
}

/// Checks a mapping.
#[pyfunction]
#[pyo3(signature = (source: "collections.abc.Mapping[str, typing.Any]"))]
pub(crate) fn _check_config(py: Python<'_>, source: &Bound<'_, PyAny>) -> PyResult<ConfigDocument> {
    let document = mapping::read(source)?;
    let root = gate::outside(py, || checked(document))?;
    Ok(ConfigDocument { root, file: None })
}

/// The schema as JSON Schema, in JSON with an indent of two.
#[pyfunction]
pub(crate) fn _config_schema() -> PyResult<String> {
    let text = serde_json::to_string_pretty(&config::json_schema());
    let text = text.map_err(|error| Error::invalid_value("schema", error, "a JSON Schema"))?;
    Ok(text + "\n")
}

fn to_python<'py>(py: Python<'py>, node: &Node) -> PyResult<Bound<'py, PyAny>> {
    Ok(match &node.value {
        Value::Null | Value::Foreign(_) => py.None().into_bound(py),
        Value::Bool(flag) => flag.into_pyobject(py)?.to_owned().into_any(),
        Value::Integer(number, _) => number.into_pyobject(py)?.into_any(),
        Value::Float(number, _) => number.into_pyobject(py)?.into_any(),
        Value::Text(text) => PyString::new(py, text).into_any(),
        Value::List(items) => {
            let items: PyResult<Vec<_>> = items.iter().map(|item| to_python(py, item)).collect();
            PyList::new(py, items?)?.into_any()
        }
        Value::Mapping(entries) => {
            let dict = PyDict::new(py);
            for entry in entries {
                dict.set_item(&*entry.key, to_python(py, &entry.node)?)?;
            }
            dict.into_any()
        }
    })
}

/// A key, or the place of an item.
#[derive(FromPyObject)]
enum Part {
    Item(usize),
    Key(String),
}

#[pymethods]
impl ConfigDocument {
    /// It as mappings, lists and values.
    fn value<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &self.root)
    }

    /// The error about what stands at a path of keys and places; where there is
    /// nothing, at what is around it.
    #[pyo3(signature = (path: "tuple[str | int, ...]", message: "str") -> "driftline.exceptions.ConfigError")]
    fn error<'py>(
        &self,
        py: Python<'py>,
        path: Vec<Part>,
        message: String,
    ) -> PyResult<Bound<'py, PyAny>> {
        let mut node = &self.root;
        for part in &path {
            let within = match (part, &node.value) {
                (Part::Key(key), _) => node.get(key),
                (Part::Item(index), Value::List(items)) => items.get(*index),
                _ => None,
            };
            let Some(within) = within else { break };
            node = within;
        }
        let steps = path.iter().map(|part| match part {
            Part::Key(key) => Step::Key(key),
            Part::Item(index) => Step::Item(*index),
        });
        let mistake = Mistake {
            file: self.file.clone().map(Into::into),
            place: node.place,
            path: written(steps),
            message,
        };
        Ok(config_error(py, &[mistake])?.into_any())
    }

    fn __repr__(&self) -> String {
        match &self.file {
            Some(file) => format!("<_ConfigDocument {file}>"),
            None => "<_ConfigDocument>".to_owned(),
        }
    }
}

/// The mistakes as a Python exception.
pub(crate) fn config_error<'py>(
    py: Python<'py>,
    mistakes: &[Mistake],
) -> PyResult<Bound<'py, PyAny>> {
    let class = py.import("driftline.exceptions")?.getattr("ConfigError")?;
    let mut errors = Vec::with_capacity(mistakes.len());
    for mistake in mistakes {
        let fields = PyDict::new(py);
        fields.set_item("file", mistake.file.as_deref())?;
        fields.set_item("line", mistake.place.map(|(line, _)| line))?;
        fields.set_item("column", mistake.place.map(|(_, column)| column))?;
        fields.set_item("path", &mistake.path)?;
        errors.push(class.call((mistake.to_string(),), Some(&fields))?);
    }
    class.call_method1("_of", (PyTuple::new(py, errors)?,))
}
