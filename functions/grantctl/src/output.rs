//! Standard output, for people and for programs

use std::io::Write;

use serde::Serialize;

/// Writes a line; a reader that went away (`grantctl ... | head`) is no failure of ours
pub(crate) fn line(text: impl std::fmt::Display) {
    let _gone = writeln!(std::io::stdout().lock(), "{text}");
}

/// Writes one JSON document
///
/// # Errors
/// When the value has no JSON form.
pub(crate) fn json(value: &impl Serialize) -> anyhow::Result<()> {
    line(serde_json::to_string_pretty(value)?);
    Ok(())
}
