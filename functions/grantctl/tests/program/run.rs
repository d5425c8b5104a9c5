//! `grantctl` as a process that ends by itself

use std::io::Write;
use std::process::{Command, Output, Stdio};

/// Runs it with these arguments, only these variables, and this on standard input
pub(crate) fn run<'a>(
    arguments: &[&str],
    variables: impl IntoIterator<Item = (&'a str, &'a str)>,
    input: &str,
) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_grantctl"))
        .args(arguments)
        .env_clear()
        .envs(variables)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}
