//! One conversion for all one-dimensional input.
