//! An event source mapping from a table's Stream, from TRIM_HORIZON, with `ReportBatchItemFailures`

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dynoxide::actions::describe_stream::DescribeStreamRequest;
use dynoxide::actions::describe_table::DescribeTableRequest;
use dynoxide::actions::get_records::GetRecordsRequest;
use dynoxide::actions::get_shard_iterator::GetShardIteratorRequest;
use dynoxide::{Database, DynoxideError};
use serde_json::{Value, json};

use super::{Batch, Origin, Outcome};
use crate::World;

/// Reads one table's Stream for one function, in order
///
/// A batch that fails is handed out again, for ever: a record that cannot be worked blocks its shard, as with Lambda's
/// default of unlimited retries.
#[derive(Debug)]
pub struct StreamMapping {
    table: String,
    batch_size: usize,
    progress: Arc<Mutex<Progress>>,
}

#[derive(Debug)]
struct Progress {
    next: Position,
    busy: bool,
}

#[derive(Debug, Clone, PartialEq)]
enum Position {
    TrimHorizon,
    At(String),
    After(String),
}

/// Records that a function is working on
#[derive(Debug)]
pub(super) struct InFlight {
    progress: Arc<Mutex<Progress>>,
    /// Sequence numbers, in order
    numbers: Vec<String>,
}

impl Drop for InFlight {
    fn drop(&mut self) {
        lock(&self.progress).busy = false;
    }
}

fn lock(progress: &Mutex<Progress>) -> MutexGuard<'_, Progress> {
    progress.lock().unwrap_or_else(PoisonError::into_inner)
}

impl StreamMapping {
    /// A mapping of a table whose Stream is on; Lambda's default batch size is 100, at most 10,000
    pub fn new(table: &str, batch_size: usize) -> Self {
        let progress = Progress { next: Position::TrimHorizon, busy: false };
        let progress = Arc::new(Mutex::new(progress));
        Self { table: table.to_owned(), batch_size: batch_size.clamp(1, 10_000), progress }
    }

    /// The next batch, if there are records and the one before is settled
    pub fn poll(&mut self, world: &World) -> Option<Batch> {
        let position = {
            let progress = lock(&self.progress);
            if progress.busy {
                return None;
            }
            progress.next.clone()
        };
        // A table without a Stream, or none at all, has nothing to hand out.
        let records = world.with(|state| {
            let database = state.tables.database().ok()?;
            self.records(database, &position).ok().flatten()
        })?;
        let numbers: Vec<String> = records
            .iter()
            .filter_map(|record| Some(record.get("dynamodb")?.get("SequenceNumber")?.as_str()?.to_owned()))
            .collect();
        if numbers.is_empty() {
            return None;
        }
        lock(&self.progress).busy = true;
        let in_flight = InFlight { progress: Arc::clone(&self.progress), numbers };
        Some(Batch { payload: json!({"Records": records}), origin: Origin::Stream(in_flight) })
    }

    fn records(&self, database: &Database, position: &Position) -> Result<Option<Vec<Value>>, DynoxideError> {
        let table = DescribeTableRequest { table_name: self.table.clone() };
        let Some(stream_arn) = database.describe_table(table)?.table.latest_stream_arn else { return Ok(None) };
        let stream = DescribeStreamRequest { stream_arn: stream_arn.clone(), ..Default::default() };
        let shards = database.describe_stream(stream)?.stream_description.shards;
        let Some(shard) = shards.into_iter().next() else { return Ok(None) };
        let (kind, number) = match position {
            Position::TrimHorizon => ("TRIM_HORIZON", None),
            Position::At(number) => ("AT_SEQUENCE_NUMBER", Some(number.clone())),
            Position::After(number) => ("AFTER_SEQUENCE_NUMBER", Some(number.clone())),
        };
        let iterator = GetShardIteratorRequest {
            stream_arn: stream_arn.clone(),
            shard_id: shard.shard_id,
            shard_iterator_type: kind.to_owned(),
            sequence_number: number,
        };
        let Some(shard_iterator) = database.get_shard_iterator(iterator)?.shard_iterator else { return Ok(None) };
        let request = GetRecordsRequest { shard_iterator, limit: Some(self.batch_size) };
        let records = database.get_records(request)?.records;
        let shown = records.iter().filter_map(|record| serde_json::to_value(record).ok());
        Ok(Some(shown.map(|record| with_origin(record, &stream_arn)).collect()))
    }
}

/// Lambda adds the Stream's ARN; the engine's random event id gives way to one that a seed repeats
fn with_origin(mut record: Value, stream_arn: &str) -> Value {
    let number = record.get("dynamodb").and_then(|stream| stream.get("SequenceNumber")).and_then(Value::as_str);
    let id = format!("{:0>32}", number.unwrap_or_default());
    if let Some(members) = record.as_object_mut() {
        members.insert("eventID".to_owned(), id.into());
        members.insert("eventSourceARN".to_owned(), stream_arn.into());
    }
    record
}

impl InFlight {
    /// Goes on after the batch, or from its lowest failed record: those behind it come again even if they succeeded
    pub(super) fn settle(&self, outcome: &Outcome) {
        let failed = match outcome {
            Outcome::AllFailed => return,
            Outcome::Failed(failed) => failed,
        };
        if failed.iter().any(|number| !self.numbers.contains(number)) {
            return;
        }
        let lowest = self.numbers.iter().find(|number| failed.contains(*number));
        let next = match (lowest, self.numbers.last()) {
            (Some(number), _) => Position::At(number.clone()),
            (None, Some(last)) => Position::After(last.clone()),
            (None, None) => return,
        };
        lock(&self.progress).next = next;
    }
}
