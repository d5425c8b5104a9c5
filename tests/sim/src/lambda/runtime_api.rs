//! The host of the Lambda Runtime API: a built function binary asks it for invocations
//!
//! Set `AWS_LAMBDA_RUNTIME_API` to [`RuntimeApi::address`] in the function's environment.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, oneshot, watch};
use tokio::task::JoinHandle;

use crate::clock::{later, wall};

const VERSION: &str = "/2018-06-01/runtime/";
const FUNCTION_ARN: &str = "arn:aws:lambda:us-east-1:210987654321:function:under-test";

/// How a function failed
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, thiserror::Error)]
#[error("{error_type}: {message}")]
pub struct FunctionError {
    /// `errorType` of the function's report; `Sandbox.Timedout` when it did not answer in time
    #[serde(rename = "errorType", default)]
    pub error_type: String,
    /// `errorMessage` of the function's report
    #[serde(rename = "errorMessage", default)]
    pub message: String,
}

/// A Runtime API on a free port of the loopback interface, until dropped
#[derive(Debug)]
pub struct RuntimeApi {
    address: SocketAddr,
    desk: Arc<Desk>,
    accepting: JoinHandle<()>,
}

type Outcome = Result<Value, FunctionError>;

#[derive(Debug)]
struct Desk {
    inner: Mutex<Inner>,
    arrived: Notify,
    asked: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Inner {
    next_id: u64,
    waiting: VecDeque<Invocation>,
    open: BTreeMap<String, oneshot::Sender<Outcome>>,
    init_error: Option<FunctionError>,
}

#[derive(Debug)]
struct Invocation {
    id: String,
    payload: Bytes,
    deadline_ms: i64,
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl RuntimeApi {
    /// Starts listening; needs a running tokio runtime
    ///
    /// # Errors
    ///
    /// When no port can be listened on.
    pub async fn start() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let desk = Arc::new(Desk { inner: Mutex::default(), arrived: Notify::new(), asked: watch::Sender::new(0) });
        let accepting = tokio::spawn(accept(listener, Arc::clone(&desk)));
        Ok(Self { address, desk, accepting })
    }

    /// `127.0.0.1:<port>`
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Done when a function has asked for an invocation for the first time: its initialisation is over
    pub async fn ready(&self) {
        let mut asked = self.desk.asked.subscribe();
        // The sender lives as long as `self`.
        let _seen = asked.wait_for(|count| *count > 0).await;
    }

    /// Invokes the function and waits for its answer, at most for `deadline` of real time
    ///
    /// # Errors
    ///
    /// What the function reported, also as an error of its initialisation; `Sandbox.Timedout` without an answer.
    pub async fn invoke(&self, payload: Value, deadline: Duration) -> Outcome {
        let (sender, answer) = oneshot::channel();
        let id = {
            let mut inner = self.desk.lock();
            if let Some(error) = &inner.init_error {
                return Err(error.clone());
            }
            inner.next_id += 1;
            let id = format!("00000000-0000-4000-8000-{:012x}", inner.next_id);
            let deadline_ms = later(wall(), deadline).as_millisecond();
            inner.open.insert(id.clone(), sender);
            inner.waiting.push_back(Invocation {
                id: id.clone(),
                payload: Bytes::from(payload.to_string()),
                deadline_ms,
            });
            id
        };
        self.desk.arrived.notify_one();
        match tokio::time::timeout(deadline, answer).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) | Err(_) => {
                let mut inner = self.desk.lock();
                inner.open.remove(&id);
                inner.waiting.retain(|invocation| invocation.id != id);
                let message = format!("Task timed out after {:.2} seconds", deadline.as_secs_f64());
                Err(FunctionError { error_type: "Sandbox.Timedout".to_owned(), message })
            }
        }
    }
}

impl Desk {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn next(&self) -> Invocation {
        loop {
            if let Some(invocation) = self.lock().waiting.pop_front() {
                return invocation;
            }
            self.arrived.notified().await;
        }
    }

    fn close(&self, id: &str, outcome: Outcome) -> bool {
        // Nobody listens any more when the invocation timed out meanwhile.
        self.lock().open.remove(id).is_some_and(|sender| sender.send(outcome).is_ok())
    }

    fn fail_start(&self, error: &FunctionError) {
        let mut inner = self.lock();
        inner.init_error = Some(error.clone());
        inner.waiting.clear();
        for (_, sender) in std::mem::take(&mut inner.open) {
            let _heard = sender.send(Err(error.clone()));
        }
    }
}

async fn accept(listener: TcpListener, desk: Arc<Desk>) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(talk(stream, Arc::clone(&desk)));
    }
}

async fn talk(stream: TcpStream, desk: Arc<Desk>) {
    // Without it the reply waits for the function's acknowledgement timer, some 40 ms.
    if stream.set_nodelay(true).is_err() {
        return;
    }
    let service = service_fn(|request| reply(Arc::clone(&desk), request));
    // A function that is stopped hangs up in the middle of a call.
    let _ended = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

async fn reply(desk: Arc<Desk>, request: Request<Incoming>) -> io::Result<Response<Full<Bytes>>> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
    let path = head.uri.path().strip_prefix(VERSION).unwrap_or_default();
    let parts: Vec<&str> = path.split('/').collect();
    match (&head.method, parts.as_slice()) {
        (&Method::GET, ["invocation", "next"]) => {
            desk.asked.send_modify(|count| *count += 1);
            Ok(invocation(&desk.next().await))
        }
        (&Method::POST, ["invocation", id, "response"]) => {
            let value = if body.is_empty() { Ok(Value::Null) } else { serde_json::from_slice(&body) };
            let outcome = value.map_err(|error| FunctionError {
                error_type: "Function.ResponseNotJson".to_owned(),
                message: error.to_string(),
            });
            Ok(accepted(desk.close(id, outcome)))
        }
        (&Method::POST, ["invocation", id, "error"]) => Ok(accepted(desk.close(id, Err(reported(&body))))),
        (&Method::POST, ["init", "error"]) => {
            desk.fail_start(&reported(&body));
            Ok(accepted(true))
        }
        _ => Ok(with_status(StatusCode::NOT_FOUND, Bytes::new())),
    }
}

fn invocation(invocation: &Invocation) -> Response<Full<Bytes>> {
    let mut response = with_status(StatusCode::OK, invocation.payload.clone());
    let headers = [
        ("lambda-runtime-aws-request-id", invocation.id.clone()),
        ("lambda-runtime-deadline-ms", invocation.deadline_ms.to_string()),
        ("lambda-runtime-invoked-function-arn", FUNCTION_ARN.to_owned()),
        ("lambda-runtime-trace-id", "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0".to_owned()),
        ("content-type", "application/json".to_owned()),
    ];
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

fn reported(body: &Bytes) -> FunctionError {
    serde_json::from_slice(body).unwrap_or_else(|_| FunctionError {
        error_type: "Unknown".to_owned(),
        message: String::from_utf8_lossy(body).into_owned(),
    })
}

fn accepted(known: bool) -> Response<Full<Bytes>> {
    if known {
        with_status(StatusCode::ACCEPTED, Bytes::from_static(b"{\"status\":\"OK\"}"))
    } else {
        with_status(StatusCode::BAD_REQUEST, Bytes::from_static(b"{\"errorType\":\"InvalidRequestID\"}"))
    }
}

fn with_status(status: StatusCode, body: Bytes) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    response
}
