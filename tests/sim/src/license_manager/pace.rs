//! How many writes one account may make in a second

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Context;
use crate::error::ApiError;

/// By account: the second it last wrote in, and how often in it
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Pace(BTreeMap<String, (i64, u64)>);

impl Pace {
    /// Counts a write, or refuses it with what the service calls throttling (HTTP 400)
    pub(super) fn admit(&mut self, context: &Context<'_>) -> Result<(), ApiError> {
        let most = context.knobs.writes_per_second;
        if most == 0 {
            return Ok(());
        }
        let second = context.now.as_second();
        let slot = self.0.entry(context.caller.to_owned()).or_insert((second, 0));
        if slot.0 != second {
            *slot = (second, 0);
        }
        if slot.1 >= most {
            return Err(ApiError::refused("RateLimitExceededException", "Too many requests have been submitted"));
        }
        slot.1 += 1;
        Ok(())
    }
}
