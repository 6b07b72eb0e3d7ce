//! How a text stands in its configuration, which decides what may set a secret in it.

/// What a text is part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Form {
    /// A value or a key of a structured configuration.
    Value,
    /// A line of a configuration without structure: `enable secret 5 …` sets a secret there.
    Line,
}
