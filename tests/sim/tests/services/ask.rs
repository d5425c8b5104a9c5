//! Requests as bytes on a wire would be

use bytes::Bytes;
use http::{Request, Response};
use pretend_aws::{Answer, Blueprint, Settings, World};
use serde_json::Value;

pub(crate) const MANAGEMENT: &str = "210987654321";
pub(crate) const MEMBER: &str = "318204957731";

pub(crate) fn world() -> World {
    World::new(&Blueprint::sample(), Settings::default())
}

pub(crate) fn authorization(key: &str) -> String {
    format!("AWS4-HMAC-SHA256 Credential={key}/20260914/us-east-1/any/aws4_request, SignedHeaders=host, Signature=0")
}

pub(crate) fn send(world: &World, request: Request<Bytes>) -> Response<Bytes> {
    match world.answer(request) {
        Answer::Response(response) => response,
        Answer::Lost => panic!("the reply was lost"),
    }
}

/// One JSON call; `target` is the prefix before the dot
pub(crate) fn ask_as(world: &World, key: &str, target: &str, operation: &str, body: &Value) -> (u16, Value) {
    let request = Request::post("/")
        .header("content-type", "application/x-amz-json-1.1")
        .header("x-amz-target", format!("{target}.{operation}"))
        .header("authorization", authorization(key))
        .body(Bytes::from(body.to_string()))
        .unwrap();
    let response = send(world, request);
    assert!(response.headers().contains_key("x-amzn-requestid"));
    (response.status().as_u16(), serde_json::from_slice(response.body()).unwrap())
}

/// One JSON call by the management account
pub(crate) fn ask(world: &World, target: &str, operation: &str, body: &Value) -> (u16, Value) {
    ask_as(world, MANAGEMENT, target, operation, body)
}

/// The same, which must succeed
pub(crate) fn told(world: &World, target: &str, operation: &str, body: &Value) -> Value {
    let (status, answer) = ask(world, target, operation, body);
    assert_eq!(status, 200, "{operation}: {answer}");
    answer
}
