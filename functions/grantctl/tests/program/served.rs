//! `grantctl sim` as a process

#![allow(dead_code, reason = "several suites use parts of it")]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

/// A world behind a port, until terminated
pub(crate) struct Served {
    process: Child,
    address: String,
    /// The variables that point a client at it
    pub(crate) environment: Value,
}

impl Served {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_grantctl"))
            .args(["sim", "--listen", "127.0.0.1:0", "--format", "json"])
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut documents =
            serde_json::Deserializer::from_reader(process.stdout.as_mut().unwrap()).into_iter::<Value>();
        let environment = documents.next().unwrap().unwrap();
        let address = environment["AWS_ENDPOINT_URL"].as_str().unwrap().strip_prefix("http://").unwrap().to_owned();
        Self { process, address, environment }
    }

    pub(crate) fn ask(&self, head: &str, body: &str) -> Value {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let (host, length) = (&self.address, body.len());
        let request =
            format!("{head} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}");
        stream.write_all(request.as_bytes()).unwrap();
        let mut reply = String::new();
        stream.read_to_string(&mut reply).unwrap();
        serde_json::from_str(reply.split_once("\r\n\r\n").unwrap().1).unwrap()
    }

    pub(crate) fn end(mut self, signal: &str) {
        let sent = Command::new("kill").args([signal, &self.process.id().to_string()]).status().unwrap();
        assert!(sent.success());
        assert!(self.process.wait().unwrap().success());
    }
}
