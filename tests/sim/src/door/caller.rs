//! Who is calling: the account behind the access key that signed the request

use bytes::Bytes;
use http::Request;
use http::header::AUTHORIZATION;

use super::route::Protocol;
use crate::error::ApiError;
use crate::state::State;
use crate::sts::Session;

/// The caller's account: the access key itself when it is twelve digits, the account of the role that a session key was
/// made for, otherwise the management account; and the session
pub(crate) fn caller(
    state: &State,
    request: &Request<Bytes>,
    protocol: Protocol,
) -> Result<(String, Option<Session>), ApiError> {
    let key = access_key(request).unwrap_or_default();
    if key.len() == 12 && key.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok((key.to_owned(), None));
    }
    match state.sts.session(key) {
        Some(session) if session.expires <= state.now() => Err(expired(protocol)),
        Some(session) => Ok((session.account.clone(), Some(session.clone()))),
        None => Ok((state.organization.management_account.clone(), None)),
    }
}

/// The services that forms are for have a word of their own for it (aws-sdk-java-v2, issue 1649)
fn expired(protocol: Protocol) -> ApiError {
    let message = "The security token included in the request is expired";
    match protocol {
        Protocol::Query => ApiError::with_status(403, "ExpiredToken", message),
        Protocol::Json10 | Protocol::Json11 | Protocol::Cbor => ApiError::refused("ExpiredTokenException", message),
    }
}

/// `AWS4-HMAC-SHA256 Credential=<key>/<date>/<region>/<service>/aws4_request, ...`
fn access_key(request: &Request<Bytes>) -> Option<&str> {
    let header = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let (_, credential) = header.split_once("Credential=")?;
    credential.split(['/', ',', ' ']).next()
}
