//! Amazon DynamoDB and its Streams: an embedded engine, one database per world, on the world's clock

mod engine;
mod lagging;
mod saved;
mod snapshot;

use std::cell::OnceCell;
use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use dynoxide::{Database, DynoxideError};
use jiff::Timestamp;

use crate::clock::SdkClock;
use crate::door::Reply;
use crate::error::ApiError;
use crate::state::State;
use lagging::Lagging;

pub(crate) use saved::SavedTable;
pub use snapshot::TableSnapshot;

/// A world's tables
pub struct Tables {
    clock: SdkClock,
    /// Opened when somebody first asks for it: most of what a small world costs
    database: OnceCell<Result<Database, String>>,
    /// What made the tables what they are, in order, to make them once more
    schema: Vec<(String, Bytes)>,
    /// The tables as indexes still show them, while indexes lag
    lagging: Option<Lagging>,
}

impl fmt::Debug for Tables {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Tables").finish_non_exhaustive()
    }
}

/// Operations that make tables what they are
const SCHEMA: [&str; 4] = ["CreateTable", "UpdateTable", "DeleteTable", "UpdateTimeToLive"];
/// Operations that change items
const WRITES: [&str; 8] = [
    "PutItem",
    "UpdateItem",
    "DeleteItem",
    "BatchWriteItem",
    "TransactWriteItems",
    "ExecuteStatement",
    "ExecuteTransaction",
    "BatchExecuteStatement",
];

impl Tables {
    pub(crate) fn new(clock: SdkClock) -> Self {
        Self { clock, database: OnceCell::new(), schema: Vec::new(), lagging: None }
    }

    /// The engine itself, for whatever has no operation
    ///
    /// # Errors
    ///
    /// Says why when the engine could not be started.
    pub fn database(&self) -> Result<&Database, &str> {
        self.database.get_or_init(|| open(&self.clock)).as_ref().map_err(String::as_str)
    }

    /// One operation at a time when reads of indexes are `lag` seconds behind
    fn perform(
        &mut self,
        operation: &str,
        body: &Bytes,
        now: Timestamp,
        lag: u64,
    ) -> Result<Option<String>, DynoxideError> {
        let database = self.database.get_or_init(|| open(&self.clock)).as_ref();
        let database = database.map_err(|why| DynoxideError::InternalServerError(why.clone()))?;
        if lag == 0 {
            self.lagging = None;
        } else if self.lagging.is_none() {
            self.lagging = Some(Lagging::behind(database, open(&self.clock), &self.schema)?);
        }
        if let Some(lagging) = &mut self.lagging
            && lagging::reads_index(operation, body)
        {
            return lagging.read(operation, body, now, lag);
        }
        let answer = engine::perform(database, operation, body)?;
        let schema = SCHEMA.contains(&operation);
        if schema {
            self.schema.push((operation.to_owned(), body.clone()));
        }
        if let Some(lagging) = &mut self.lagging {
            if schema || operation == "DescribeTable" {
                lagging.follow(operation, body);
            } else if WRITES.contains(&operation) {
                lagging.remember(operation, body, now);
            }
        }
        Ok(answer)
    }
}

fn open(clock: &SdkClock) -> Result<Database, String> {
    Database::memory_with_clock(Arc::new(clock.clone())).map_err(|error| error.to_string())
}

impl State {
    /// Answers one operation of either API from its JSON body
    pub(crate) fn call_tables(&mut self, operation: &str, body: &Bytes) -> Reply {
        let (now, lag) = (self.now(), self.knobs.index_lag_seconds);
        match self.tables.perform(operation, body, now, lag) {
            Ok(Some(text)) => Reply::DoneRaw(text),
            Ok(None) => {
                Reply::Refused(ApiError::refused("UnknownOperationException", format!("No operation {operation}")))
            }
            Err(error) => Reply::RefusedRaw(refusal(&error), error.to_json()),
        }
    }
}

fn refusal(error: &DynoxideError) -> ApiError {
    let kind = error.error_type();
    let code = kind.rsplit('#').next().unwrap_or(kind);
    ApiError::with_status(error.status_code(), code, error.to_string())
}
