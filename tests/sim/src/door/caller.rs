//! Who is calling: the account behind the access key that signed the request

use bytes::Bytes;
use http::Request;
use http::header::AUTHORIZATION;

use crate::error::ApiError;
use crate::state::State;

/// The caller's account: the access key itself when it is twelve digits, the account of the role that a session key was
/// made for, otherwise the management account
pub(crate) fn caller(state: &State, request: &Request<Bytes>) -> Result<String, ApiError> {
    let key = access_key(request).unwrap_or_default();
    if key.len() == 12 && key.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(key.to_owned());
    }
    match state.sts.session(key) {
        Some(session) if session.expires <= state.now() => {
            Err(ApiError::refused("ExpiredTokenException", "The security token included in the request is expired"))
        }
        Some(session) => Ok(session.account.clone()),
        None => Ok(state.organization.management_account.clone()),
    }
}

/// `AWS4-HMAC-SHA256 Credential=<key>/<date>/<region>/<service>/aws4_request, ...`
fn access_key(request: &Request<Bytes>) -> Option<&str> {
    let header = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let (_, credential) = header.split_once("Credential=")?;
    credential.split(['/', ',', ' ']).next()
}
