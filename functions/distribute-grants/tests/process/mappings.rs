//! What Lambda polls for the three functions, as `infra/hub.yaml` connects them

use grant_engine::fault::Fault;
use pretend_aws::lambda::runtime_api::FunctionError;
use pretend_aws::lambda::{Batch, QueueMapping, StreamMapping};
use pretend_aws::{QueueHandle, World};
use serde_json::{Value, json};

/// Which function a batch is for
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Woken {
    /// By the triggers queue or the policy table's Stream
    Dispatch,
    /// By the work queue
    Lane,
    /// By the accept queue
    Accept,
}

/// What came of an invocation
pub(crate) type Answer = Result<Value, FunctionError>;

/// What a function that is called in process answers, as if it were a process
pub(crate) fn in_process(handled: Result<Value, Fault>) -> Answer {
    handled.map_err(|fault| FunctionError { error_type: fault.error_type().to_owned(), message: fault.to_string() })
}

/// The mappings of one deployment
#[derive(Debug)]
pub(crate) struct Mappings {
    world: World,
    policy: StreamMapping,
    triggers: QueueMapping,
    work: QueueMapping,
    accept: QueueMapping,
}

impl Mappings {
    /// Mappings of the deployment in this world
    pub(crate) fn new(world: &World, policy_table: &str) -> Self {
        let queue = |name: &str, batch_size: usize| {
            let handle = world.with(|state| {
                let queue = state.queues.find(name).expect("a queue of the deployment");
                QueueHandle { url: queue.url().to_owned(), arn: queue.arn().to_owned() }
            });
            QueueMapping::new(&handle, batch_size)
        };
        Self {
            world: world.clone(),
            policy: StreamMapping::new(policy_table, 100),
            triggers: queue("triggers", 10),
            work: queue("work.fifo", 1),
            accept: queue("accept", 1),
        }
    }

    /// Invokes functions until nothing waits for them; each has to deal with its whole batch
    pub(crate) async fn pump(&mut self, invoke: &impl AsyncFn(Woken, Value) -> Answer) {
        while let Some((woken, batch)) = self.next() {
            let answer = invoke(woken, batch.payload().clone()).await;
            let answer = answer.unwrap_or_else(|error| panic!("{woken:?} failed: {error}\n{}", batch.payload()));
            assert_eq!(answer, json!({"batchItemFailures": []}), "{woken:?} of {}", batch.payload());
            batch.settle(&self.world, Ok(answer));
        }
    }

    /// Loses what the world itself has told of, so that only what a test delivers is heard
    pub(crate) fn lose_events(&mut self) {
        while let Some(batch) = self.triggers.poll(&self.world) {
            batch.settle(&self.world, Ok(Value::Null));
        }
    }

    /// What comes next, and for which function
    pub(crate) fn next(&mut self) -> Option<(Woken, Batch)> {
        let world = &self.world;
        let dispatch = self.policy.poll(world).or_else(|| self.triggers.poll(world));
        let dispatch = dispatch.map(|batch| (Woken::Dispatch, batch));
        let lane = || self.work.poll(world).map(|batch| (Woken::Lane, batch));
        let accept = || self.accept.poll(world).map(|batch| (Woken::Accept, batch));
        dispatch.or_else(lane).or_else(accept)
    }
}

/// Messages with these bodies and the ids `0`, `1`, and so on, as Lambda hands them over
pub(crate) fn batch(bodies: &[&str]) -> Value {
    let record = |(number, body): (usize, &&str)| {
        json!({
            "messageId": number.to_string(),
            "receiptHandle": "AQEBexampleReceiptHandle",
            "body": body,
            "attributes": {
                "ApproximateReceiveCount": "1",
                "SentTimestamp": "1789373525123",
                "SenderId": "AIDAEXAMPLESENDER",
                "ApproximateFirstReceiveTimestamp": "1789373525180",
            },
            "messageAttributes": {},
            "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:us-east-1:210987654321:delivered",
            "awsRegion": "us-east-1",
        })
    };
    json!({"Records": bodies.iter().enumerate().map(record).collect::<Vec<_>>()})
}
