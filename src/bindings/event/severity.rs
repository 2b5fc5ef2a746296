//! Severities as members of `driftline.Severity`.

use pyo3::inspect::PyStaticExpr;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

use crate::event::Severity;

/// The members of `driftline.Severity`, by level.
static SEVERITIES: PyOnceLock<Vec<Py<PyAny>>> = PyOnceLock::new();

/// A member of `driftline.Severity`.
pub(crate) struct SeverityMember<'py>(Bound<'py, PyAny>);

impl<'py> IntoPyObject<'py> for SeverityMember<'py> {
    type Target = PyAny;
    type Output = Bound<'py, PyAny>;
    type Error = std::convert::Infallible;

    const OUTPUT_TYPE: PyStaticExpr = PyStaticExpr::Attribute {
        value: &PyStaticExpr::Name {
            id: "driftline.severity",
        },
        attr: "Severity",
    };

    fn into_pyobject(self, _: Python<'py>) -> Result<Self::Output, Self::Error> {
        Ok(self.0)
    }
}

/// The severity as a member of `driftline.Severity`.
pub(crate) fn severity_member(py: Python<'_>, severity: Severity) -> PyResult<SeverityMember<'_>> {
    let members = SEVERITIES.get_or_try_init(py, || -> PyResult<_> {
        let class = py.import("driftline.severity")?.getattr("Severity")?;
        let member = |severity: &Severity| class.call1((*severity as u8,)).map(Bound::unbind);
        Severity::ALL.iter().map(member).collect()
    })?;
    let at = Severity::ALL
        .iter()
        .position(|other| *other == severity)
        .unwrap_or(0);
    match members.get(at) {
        Some(member) => Ok(SeverityMember(member.bind(py).clone())),
        None => Ok(SeverityMember(
            (severity as u8).into_pyobject(py)?.into_any(),
        )),
    }
}
