//! The embedded engine's operations: JSON in, JSON out, and its two differences from AWS mended

use dynoxide::actions::describe_stream::{DescribeStreamRequest, DescribeStreamResponse};
use dynoxide::actions::get_shard_iterator::GetShardIteratorRequest;
use dynoxide::{Database, DynoxideError};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// One operation of either API; nothing when there is none of that name
pub(super) fn perform(db: &Database, operation: &str, body: &[u8]) -> Result<Option<String>, DynoxideError> {
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
        "DescribeStream" => told(describe_stream(db, asked(body)?)?),
        "GetShardIterator" => told(db.get_shard_iterator(with_short_shard(asked(body)?))?),
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

/// The model's `ShardId` has at least 28 characters, and clients check; the engine's have 17 and the table's name
const SHORTEST_SHARD_ID: usize = 28;
const FILLER: char = '=';

fn describe_stream(db: &Database, mut request: DescribeStreamRequest) -> Result<DescribeStreamResponse, DynoxideError> {
    let start = request.exclusive_start_shard_id.take();
    request.exclusive_start_shard_id = start.map(|id| id.trim_end_matches(FILLER).to_owned());
    let mut answer = db.describe_stream(request)?;
    for shard in &mut answer.stream_description.shards {
        let missing = SHORTEST_SHARD_ID.saturating_sub(shard.shard_id.len());
        shard.shard_id.extend(std::iter::repeat_n(FILLER, missing));
    }
    Ok(answer)
}

fn with_short_shard(mut request: GetShardIteratorRequest) -> GetShardIteratorRequest {
    request.shard_id.truncate(request.shard_id.trim_end_matches(FILLER).len());
    request
}

fn asked<T: DeserializeOwned>(body: &[u8]) -> Result<T, DynoxideError> {
    serde_json::from_slice(body).map_err(|error| unreadable(&error.to_string()))
}

/// The engine's request types say which exception they mean by a mark in front; without one, what is missing or null is
/// invalid and what has the wrong type cannot be read
fn unreadable(why: &str) -> DynoxideError {
    let text = why.rsplit_once(" at line ").map_or(why, |(text, _)| text);
    let invalid =
        ["VALIDATION:", "VALIDATION_REQUEST:", "VALIDATION_AS_READ:"].iter().find_map(|mark| text.strip_prefix(mark));
    let serial = ["SERIALIZATION:", "SERIALIZATION_AS_READ:"].iter().find_map(|mark| text.strip_prefix(mark));
    let plain = ["missing field", "unknown variant", "invalid type: null", "AttributeValue"];
    match (invalid, serial) {
        (Some(text), _) => DynoxideError::ValidationException(text.to_owned()),
        (None, Some(text)) => DynoxideError::SerializationException(text.to_owned()),
        (None, None) if plain.iter().any(|sign| text.contains(sign)) => {
            DynoxideError::ValidationException(text.to_owned())
        }
        (None, None) => DynoxideError::SerializationException(text.to_owned()),
    }
}

fn told<T: Serialize>(answer: T) -> Result<String, DynoxideError> {
    serde_json::to_string(&answer).map_err(|error| DynoxideError::InternalServerError(error.to_string()))
}
