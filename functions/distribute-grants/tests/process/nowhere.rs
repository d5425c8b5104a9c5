//! An address where nobody listens

use std::net::{Ipv4Addr, SocketAddr};

use tokio::net::TcpSocket;

use crate::hub::Environment;

/// A port that is taken, so that nobody else comes to listen there, and that refuses every connection
#[derive(Debug)]
pub(crate) struct Nowhere {
    socket: TcpSocket,
}

impl Nowhere {
    /// Takes a free port
    pub(crate) fn new() -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).expect("a free port");
        Self { socket }
    }

    /// The same variables, with every service of AWS at this address
    pub(crate) fn instead_of_aws(&self, mut environment: Environment) -> Environment {
        let address = self.socket.local_addr().expect("its address");
        environment.insert("AWS_ENDPOINT_URL".to_owned(), format!("http://{address}"));
        environment
    }
}
