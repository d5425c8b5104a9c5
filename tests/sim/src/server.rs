//! The way in for any other client: an HTTP/1.1 listener, every path a service of AWS, `/_sim/` the world itself

mod control;

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::World;
use crate::door::Answer;
use crate::sqs::long_poll;

/// A world on a TCP port
#[derive(Debug)]
pub struct Server {
    world: World,
    listener: TcpListener,
    address: SocketAddr,
}

impl Server {
    /// Listens; port 0 takes a free one. Give it a loopback address: there is no access control
    ///
    /// # Errors
    ///
    /// When the address cannot be listened on.
    pub async fn bind(world: World, address: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        Ok(Self { world, listener, address })
    }

    /// Where it listens; `http://<address>` is what `AWS_ENDPOINT_URL` wants
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers clients until the future is done, then lets open calls end and returns
    ///
    /// # Errors
    ///
    /// When the listener fails; what goes wrong with one client ends that client only.
    pub async fn serve(self, until: impl Future<Output = ()>) -> io::Result<()> {
        let (stop, stopped) = watch::channel(false);
        let mut clients = JoinSet::new();
        let mut until = pin!(until);
        loop {
            tokio::select! {
                () = &mut until => break,
                accepted = self.listener.accept() => {
                    let (stream, _) = accepted?;
                    // Without it small replies wait for the client's acknowledgement timer.
                    stream.set_nodelay(true)?;
                    clients.spawn(talk(self.world.clone(), stream, stopped.clone()));
                }
                Some(_) = clients.join_next() => {}
            }
        }
        // No receiver left means no client left.
        let _told = stop.send(true);
        while clients.join_next().await.is_some() {}
        Ok(())
    }
}

async fn talk(world: World, stream: TcpStream, mut stopped: watch::Receiver<bool>) {
    let service = service_fn(|request| reply(world.clone(), request));
    let mut connection = pin!(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    loop {
        tokio::select! {
            // A client that hangs up and a reply that was to be lost both end here.
            _ended = connection.as_mut() => return,
            changed = stopped.changed() => {
                connection.as_mut().graceful_shutdown();
                if changed.is_err() {
                    return;
                }
            }
        }
    }
}

async fn reply(world: World, request: Request<Incoming>) -> io::Result<Response<Full<Bytes>>> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
    let request = Request::from_parts(head, body);
    if let Some(path) = request.uri().path().strip_prefix("/_sim/") {
        return Ok(control::answer(&world, request.method(), path, request.body()).map(Full::new));
    }
    // In virtual time nobody moves the clock while a client waits, so there the answer is given at once.
    if long_poll::concerns(request.headers()) && !world.is_virtual() {
        long_poll::wait(&world, &request).await;
    }
    match world.answer(request) {
        Answer::Response(response) => Ok(response.map(Full::new)),
        Answer::Lost => Err(io::Error::new(io::ErrorKind::ConnectionReset, "the reply was lost")),
    }
}
