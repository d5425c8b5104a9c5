//! The way in for an SDK in the same process: requests go to the door as function calls

use std::io;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http::Request;

use crate::World;
use crate::door::Answer;
use crate::sqs::long_poll;

#[derive(Debug, Clone)]
pub(crate) struct InProcess {
    world: World,
}

impl InProcess {
    pub(crate) fn new(world: World) -> Self {
        Self { world }
    }

    fn exchange(&self, request: Request<Bytes>) -> Result<HttpResponse, ConnectorError> {
        match self.world.answer(request) {
            Answer::Response(response) => HttpResponse::try_from(response.map(SdkBody::from))
                .map_err(|error| ConnectorError::other(error.into(), None)),
            Answer::Lost => {
                let reset = io::Error::new(io::ErrorKind::ConnectionReset, "the reply was lost");
                Err(ConnectorError::io(reset.into()))
            }
        }
    }
}

fn plain(request: HttpRequest) -> Result<Request<Bytes>, ConnectorError> {
    let request = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
    let (head, body) = request.into_parts();
    let body = body.bytes().map(Bytes::copy_from_slice);
    let body = body.ok_or_else(|| ConnectorError::user("streaming bodies are not answered in process".into()))?;
    Ok(Request::from_parts(head, body))
}

impl HttpConnector for InProcess {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        match plain(request) {
            Ok(request) if long_poll::concerns(request.headers()) => {
                let client = self.clone();
                HttpConnectorFuture::new(async move {
                    long_poll::wait(&client.world, &request).await;
                    client.exchange(request)
                })
            }
            plain => HttpConnectorFuture::ready(plain.and_then(|request| self.exchange(request))),
        }
    }
}

impl HttpClient for InProcess {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}
