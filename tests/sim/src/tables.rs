//! Amazon DynamoDB and its Streams: an embedded engine, one database per world, on the world's clock

use std::fmt;
use std::sync::Arc;

use dynoxide::{Database, DynoxideError};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::clock::SdkClock;
use crate::door::Reply;
use crate::error::ApiError;

/// A world's tables
pub struct Tables {
    database: Result<Database, String>,
}

impl fmt::Debug for Tables {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Tables").finish_non_exhaustive()
    }
}

impl Tables {
    pub(crate) fn new(clock: SdkClock) -> Self {
        Self { database: Database::memory_with_clock(Arc::new(clock)).map_err(|error| error.to_string()) }
    }

    /// The engine itself, for whatever has no operation
    ///
    /// # Errors
    ///
    /// Says why when the engine could not be started.
    pub fn database(&self) -> Result<&Database, &str> {
        self.database.as_ref().map_err(String::as_str)
    }

    /// Answers one operation of either API from its JSON body
    pub(crate) fn call(&self, operation: &str, body: &[u8]) -> Reply {
        let done = match &self.database {
            Ok(database) => perform(database, operation, body),
            Err(why) => Err(DynoxideError::InternalServerError(why.clone())),
        };
        match done {
            Ok(Some(text)) => Reply::DoneRaw(text),
            Ok(None) => {
                Reply::Refused(ApiError::refused("UnknownOperationException", format!("No operation {operation}")))
            }
            Err(error) => {
                let kind = error.error_type();
                let code = kind.rsplit('#').next().unwrap_or(kind).to_owned();
                let refusal = ApiError { status: error.status_code(), code, message: error.to_string() };
                Reply::RefusedRaw(refusal, error.to_json())
            }
        }
    }
}

fn perform(db: &Database, operation: &str, body: &[u8]) -> Result<Option<String>, DynoxideError> {
    let done = match operation {
        "CreateTable" => told(db.create_table(asked(body)?)?),
        "DeleteTable" => told(db.delete_table(asked(body)?)?),
        "DescribeTable" => told(db.describe_table(asked(body)?)?),
        "ListTables" => told(db.list_tables(asked(body)?)?),
        "UpdateTable" => told(db.update_table(asked(body)?)?),
        "PutItem" => told(db.put_item(asked(body)?)?),
        "GetItem" => told(db.get_item(asked(body)?)?),
        "DeleteItem" => told(db.delete_item(asked(body)?)?),
        "UpdateItem" => told(db.update_item(asked(body)?)?),
        "Query" => told(db.query(asked(body)?)?),
        "Scan" => told(db.scan(asked(body)?)?),
        "BatchGetItem" => told(db.batch_get_item(asked(body)?)?),
        "BatchWriteItem" => told(db.batch_write_item(asked(body)?)?),
        "TransactWriteItems" => told(db.transact_write_items(asked(body)?)?),
        "TransactGetItems" => told(db.transact_get_items(asked(body)?)?),
        "ListStreams" => told(db.list_streams(asked(body)?)?),
        "DescribeStream" => told(db.describe_stream(asked(body)?)?),
        "GetShardIterator" => told(db.get_shard_iterator(asked(body)?)?),
        "GetRecords" => told(db.get_records(asked(body)?)?),
        "UpdateTimeToLive" => told(db.update_time_to_live(asked(body)?)?),
        "DescribeTimeToLive" => told(db.describe_time_to_live(asked(body)?)?),
        "ExecuteStatement" => told(db.execute_statement(asked(body)?)?),
        "ExecuteTransaction" => told(db.execute_transaction(asked(body)?)?),
        "BatchExecuteStatement" => told(db.batch_execute_statement(asked(body)?)?),
        "TagResource" => told(db.tag_resource(asked(body)?)?),
        "UntagResource" => told(db.untag_resource(asked(body)?)?),
        "ListTagsOfResource" => told(db.list_tags_of_resource(asked(body)?)?),
        _ => return Ok(None),
    };
    done.map(Some)
}

fn asked<T: DeserializeOwned>(body: &[u8]) -> Result<T, DynoxideError> {
    serde_json::from_slice(body).map_err(|error| DynoxideError::SerializationException(error.to_string()))
}

fn told<T: Serialize>(answer: T) -> Result<String, DynoxideError> {
    serde_json::to_string(&answer).map_err(|error| DynoxideError::InternalServerError(error.to_string()))
}
