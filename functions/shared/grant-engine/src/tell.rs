//! Asking an account's own side to act: by the queue of accept-grants in the hub, or by an event on the account's bus

use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use grant_plan::call::{Failure, Operation};
use grant_plan::spoke::{DETAIL_TYPE, SOURCE, SpokeRequest};
use grant_plan::step::GranteeRequest;

use crate::Engine;
use crate::config::Acceptance;
use crate::failure::{understand, unreadable};
use crate::pace::Repeat;

impl Engine {
    pub(crate) async fn tell_grantee(&self, request: &GranteeRequest) -> Result<(), Failure> {
        match &self.config.acceptance {
            Acceptance::Hub => self.tell_by_queue(request).await,
            Acceptance::Spoke { bus } => self.tell_by_bus(bus, request).await,
        }
    }

    async fn tell_by_queue(&self, request: &GranteeRequest) -> Result<(), Failure> {
        let body = serde_json::to_string(request).map_err(|error| unreadable(Operation::Queue, "a request", error))?;
        let call = self.clients.sqs.send_message().queue_url(&self.config.accept_queue).message_body(body);
        call.send().await.map(|_| ()).map_err(|error| understand(Operation::Queue, &error))
    }

    /// One event on the bus of the member account itself: a rule has five targets, so none routes to thousands of
    /// accounts (EventBridge User Guide, "Quotas")
    async fn tell_by_bus(&self, bus: &str, request: &GranteeRequest) -> Result<(), Failure> {
        let arn = format!("arn:aws:events:{}:{}:event-bus/{bus}", self.config.home_region, request.account);
        let detail = SpokeRequest::new(self.config.deployment.clone(), request);
        let detail = serde_json::to_string(&detail).map_err(|error| unreadable(Operation::Bus, "a request", error))?;
        let entry = PutEventsRequestEntry::builder()
            .event_bus_name(arn)
            .source(SOURCE)
            .detail_type(DETAIL_TYPE)
            .detail(detail)
            .build();
        // An event that comes twice is followed twice, which does no harm.
        self.paced(Repeat::Always, || async {
            let call = self.clients.events.put_events().entries(entry.clone());
            let answer = call.send().await.map_err(|error| understand(Operation::Bus, &error))?;
            // HTTP 200 may hold failures: each entry succeeds or fails by itself.
            let refused = answer.entries().iter().find_map(|entry| Some((entry.error_code()?, entry.error_message())));
            match refused {
                Some((code, message)) => {
                    Err(Failure::of_code(Operation::Bus, code, message.unwrap_or("no message"), false))
                }
                None if answer.failed_entry_count() == 0 => Ok(()),
                None => Err(unreadable(Operation::Bus, "the answer", "a failed entry without its error")),
            }
        })
        .await
    }
}
