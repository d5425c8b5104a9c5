use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::thread::JoinHandle;

use pretend_aws::server::Server;
use pretend_aws::{Fault, Service, World};
use serde_json::{Value, json};
use tokio::sync::oneshot;

use crate::ask::{authorization, world};

/// A world behind a port until stopped
struct Running {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

fn serve(world: World) -> Running {
    let (told, address) = std::sync::mpsc::channel();
    let (stop, stopped) = oneshot::channel::<()>();
    let thread = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let server = Server::bind(world, (Ipv4Addr::LOCALHOST, 0).into()).await.unwrap();
            told.send(server.address()).unwrap();
            server.serve(async { stopped.await.unwrap_or_default() }).await.unwrap();
        });
    });
    Running { address: address.recv().unwrap(), stop, thread }
}

impl Running {
    fn exchange(&self, stream: &mut TcpStream, head: &str, body: &str) -> (u16, String) {
        let request =
            format!("{head} HTTP/1.1\r\nhost: {}\r\ncontent-length: {}\r\n\r\n{body}", self.address, body.len());
        stream.write_all(request.as_bytes()).unwrap();
        read(stream)
    }

    fn once(&self, head: &str, body: &Value) -> (u16, Value) {
        let text = if body.is_null() { String::new() } else { body.to_string() };
        let (status, text) = self.exchange(&mut TcpStream::connect(self.address).unwrap(), head, &text);
        (status, serde_json::from_str(&text).unwrap())
    }

    fn end(self) {
        self.stop.send(()).unwrap();
        self.thread.join().unwrap();
    }
}

/// One reply; status 0 when the other side hung up instead
fn read(stream: &mut TcpStream) -> (u16, String) {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).unwrap_or(0) == 0 {
            return (0, String::new());
        }
        bytes.push(byte[0]);
    }
    let head = String::from_utf8(bytes).unwrap().to_lowercase();
    let length = head.split_once("content-length: ").unwrap().1.split_once("\r\n").unwrap().0.parse().unwrap();
    let mut body = vec![0; length];
    stream.read_exact(&mut body).unwrap();
    (head[9..12].parse().unwrap(), String::from_utf8(body).unwrap())
}

/// One call of Organizations, as a client keeps its connection
fn call() -> String {
    let signed = authorization("210987654321");
    let target = "AWSOrganizationsV20161128.ListRoots";
    format!(
        "POST / HTTP/1.1\r\nhost: x\r\nx-amz-target: {target}\r\nauthorization: {signed}\r\ncontent-length: 2\r\n\r\n{{}}"
    )
}

#[test]
fn several_clients_keep_their_connections_and_are_answered_in_between() {
    let running = serve(world());
    let mut clients: Vec<TcpStream> = (0..3).map(|_| TcpStream::connect(running.address).unwrap()).collect();
    for _ in 0..3 {
        for client in &mut clients {
            client.write_all(call().as_bytes()).unwrap();
            let (status, body) = read(client);
            assert_eq!(status, 200);
            assert!(body.contains("Roots"));
        }
    }
    running.end();
}

#[test]
fn a_lost_reply_closes_the_connection_and_the_next_one_works() {
    let world = world();
    let running = serve(world.clone());
    world.with(|state| state.faults.fail_next(Service::Organizations, "ListRoots", Fault::LostReply));
    for wanted in [0, 200] {
        let mut client = TcpStream::connect(running.address).unwrap();
        client.write_all(call().as_bytes()).unwrap();
        assert_eq!(read(&mut client).0, wanted);
    }
    running.end();
}

#[test]
fn the_world_is_driven_and_looked_at_from_outside() {
    let running = serve(world());
    assert_eq!(running.once("POST /_sim/purchase", &Value::Null).0, 200);
    running.once("POST /_sim/account", &json!({"id": "487120396655", "name": "new"}));
    running.once("POST /_sim/move", &json!({"id": "487120396655", "to": "ou-9xk2-h3n8d1pw"}));
    let (_, state) = running.once("GET /_sim/state", &Value::Null);
    assert_eq!(state["licenses"], json!([]));
    assert_eq!(running.once("POST /_sim/advance", &json!({"seconds": 90})).1["now"], "2026-09-14T08:01:30Z");
    let (_, state) = running.once("GET /_sim/state", &Value::Null);
    assert_eq!(state["licenses"][0]["status"], "AVAILABLE");
    assert_eq!(state["grants"][0]["status"], "ACTIVE");
    let accounts = state["organization"]["accounts"].as_array().unwrap();
    let joined = accounts.iter().find(|account| account["id"] == "487120396655").unwrap();
    assert_eq!((joined["parent"].as_str(), joined["ready"].as_bool()), (Some("ou-9xk2-h3n8d1pw"), Some(false)));
    let (_, events) = running.once("GET /_sim/events", &Value::Null);
    assert_eq!(events.as_array().unwrap().len(), 4);
    assert_eq!(running.once("GET /_sim/knobs", &Value::Null).1["workflow_seconds"], 60);
    assert_eq!(running.once("GET /_sim/nothing", &Value::Null).0, 404);
    assert_eq!(running.once("POST /_sim/advance", &json!({"seconds": "many"})).0, 400);
    running.end();
}
