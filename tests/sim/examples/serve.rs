//! The sample organization on a port: `cargo run -p pretend-aws --example serve [port] [real]`
//!
//! Point any client at it with `AWS_ENDPOINT_URL=http://127.0.0.1:<port>` and an access key of twelve digits. With
//! `real` the clock runs; otherwise `POST /_sim/advance {"seconds": 60}` moves it.

use std::net::Ipv4Addr;

use pretend_aws::server::Server;
use pretend_aws::{Blueprint, Settings, Time, World};

#[expect(clippy::print_stdout, reason = "the address is what a caller waits for")]
fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let port = arguments.iter().find_map(|argument| argument.parse().ok()).unwrap_or(0);
    let mut settings = Settings::default();
    if arguments.iter().any(|argument| argument == "real") {
        settings.time = Time::Real;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let world = World::new(&Blueprint::sample(), settings);
        let server = Server::bind(world, (Ipv4Addr::LOCALHOST, port).into()).await?;
        println!("http://{}", server.address());
        server.serve(std::future::pending()).await
    })
}
