//! What a command reads: a file, or standard input

use std::io::Read;
use std::path::Path;

use anyhow::Context;

/// The bytes of a file; `-` is standard input
///
/// # Errors
/// When it cannot be read.
pub(crate) fn bytes(path: &Path) -> anyhow::Result<Vec<u8>> {
    if path != Path::new("-") {
        return std::fs::read(path).with_context(|| format!("cannot read `{}`", path.display()));
    }
    let mut bytes = Vec::new();
    std::io::stdin().read_to_end(&mut bytes).context("cannot read standard input")?;
    Ok(bytes)
}
