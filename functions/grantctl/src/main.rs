//! Reads arguments, carries out the subcommand, exits with its code

// The SDK's nested futures are deeper than the compiler's default for laying out types.
#![recursion_limit = "256"]

use std::io::Write;

use clap::Parser;
use grantctl::cli::Arguments;
use grantctl::exit::Exit;
use tracing_subscriber::EnvFilter;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Exit {
    // Logs go to standard error and only on request (RUST_LOG): standard output belongs to the result.
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("off"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    match Arguments::parse().run().await {
        Ok(exit) => exit,
        Err(error) => {
            let _gone = writeln!(std::io::stderr(), "grantctl: {error:#}");
            Exit::Failure
        }
    }
}
