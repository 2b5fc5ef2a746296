//! THE list of streaming detectors: everything that walks over them reads it.

/// Calls the macro `$with` with every streaming detector: the docstring of its Python class,
/// the type, the configuration name, what can be read of it besides what all have (with its
/// Python type), and each parameter with its Python annotation, its Rust type and its default.
///
/// The factory, `available()`, the Python classes with their signatures and docstrings,
/// `__all__`, the documentation and the conformance tests follow from it. A new detector is
/// its file, its entry in the list of its room (and `mod` line in `mod.rs`), and the regenerated
/// stub.
macro_rules! for_each_stream_detector {
    ($with:ident) => {
        $crate::stream::for_each_chart! { $with }
    };
}

pub(crate) use for_each_stream_detector;
