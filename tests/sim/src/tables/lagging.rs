//! Indexes that lag: a second database that repeats every accepted write so much later
//!
//! Reads of a global secondary index are eventually consistent (DynamoDB Developer Guide, "Global secondary indexes");
//! here an index shows all items as they stood so many seconds ago. PartiQL reads of an index do not lag.

use std::collections::VecDeque;

use bytes::Bytes;
use dynoxide::{Database, DynoxideError};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::engine;
use super::snapshot::items;
use crate::clock::seconds_later;

pub(super) struct Lagging {
    database: Database,
    /// Writes that it has not repeated yet
    pending: VecDeque<(Timestamp, String, Bytes)>,
}

/// What of a Query or Scan says whether it may be answered late
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Read {
    index_name: Option<Value>,
    consistent_read: Option<Value>,
}

/// Whether an operation reads an index, and does not ask for a consistent read, which only local indexes give
pub(super) fn reads_index(operation: &str, body: &[u8]) -> bool {
    matches!(operation, "Query" | "Scan")
        && serde_json::from_slice::<Read>(body)
            .is_ok_and(|read| read.index_name.is_some() && read.consistent_read != Some(Value::Bool(true)))
}

impl Lagging {
    /// One that stands as `database` stands now
    pub(super) fn behind(
        database: &Database,
        copy: Result<Database, String>,
        schema: &[(String, Bytes)],
    ) -> Result<Self, DynoxideError> {
        let copy = copy.map_err(DynoxideError::InternalServerError)?;
        let mut lagging = Self { database: copy, pending: VecDeque::new() };
        for (operation, body) in schema {
            lagging.follow(operation, body);
        }
        for table in database.list_tables(Default::default())?.table_names {
            lagging.follow("DescribeTable", json!({"TableName": table}).to_string().as_bytes());
            for item in items(database, &table)? {
                lagging.follow("PutItem", json!({"TableName": table, "Item": item}).to_string().as_bytes());
            }
        }
        Ok(lagging)
    }

    /// Repeats at once what the database has accepted, so that it is accepted here too
    pub(super) fn follow(&mut self, operation: &str, body: &[u8]) {
        let _accepted_before = engine::perform(&self.database, operation, body);
    }

    pub(super) fn remember(&mut self, operation: &str, body: &Bytes, now: Timestamp) {
        self.pending.push_back((now, operation.to_owned(), body.clone()));
    }

    pub(super) fn read(
        &mut self,
        operation: &str,
        body: &[u8],
        now: Timestamp,
        lag: u64,
    ) -> Result<Option<String>, DynoxideError> {
        while let Some((_, write, request)) = self.pending.pop_front_if(|(at, _, _)| seconds_later(*at, lag) <= now) {
            self.follow(&write, &request);
        }
        engine::perform(&self.database, operation, body)
    }
}
