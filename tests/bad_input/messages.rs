//! Unreadable events, batches and messages

use std::time::Duration;

use grantway_tests::story::{IN_WORKLOADS, Log, Story, WORKLOADS, another_purchase, license_arn, one_by_one, rule};
use pretend_aws::{Knobs, Purchase};
use serde_json::{Value, json};

/// Bodies that no decoder can read, as senders have been seen to make them and worse
const UNREADABLE: [&str; 12] = [
    "",
    "not json",
    "{\"job\":",
    " \t\r\n",
    "null",
    "[]",
    "\"{}\"",
    "{}",
    "{\"job\": \"dance\", \"für\": \"Zoë \u{1f980} 漢字 \u{feff}\u{0} \\ud83e\\udd80\"}",
    "{\"source\": 7, \"detail-type\": \"x\"}",
    "{\"source\": \"aws.agreement-marketplace\", \"detail-type\": \"Purchase Agreement Created - Acceptor\"}\n\n",
    "{\"detail-type\":\"AWS Service Event via CloudTrail\",\"source\":\"aws.organizations\",\"detail\":[\"owner@example.org\"]}",
];

fn message(id: &str, body: &str) -> Value {
    json!({"messageId": id, "body": body, "eventSource": "aws:sqs", "receiptHandle": "r", "attributes": {}})
}

/// A story in which two licenses are there and nobody has looked yet
async fn story(knobs: Knobs) -> (Story, [Purchase; 2]) {
    let mut story = Story::with_knobs(knobs).await;
    let purchases = [Purchase::sample(), another_purchase(2)];
    for (number, purchase) in purchases.iter().enumerate() {
        story.with_rule(rule(&format!("rule-{number}"), purchase, &one_by_one(&[WORKLOADS]))).await;
    }
    for purchase in &purchases {
        story.world().purchase(purchase);
    }
    story.world().advance(Duration::from_secs(120));
    (story, purchases)
}

/// The events in the triggers queue, taken out of it
fn events(story: &Story) -> Vec<String> {
    story.world().with(|state| {
        let queue = state.queues.find("triggers").expect("the queue");
        queue.messages().map(|message| message.body.clone()).collect()
    })
}

#[tokio::test]
async fn an_unreadable_event_among_good_ones_is_kept_whole_and_its_neighbours_are_handled() {
    let (story, purchases) = story(Knobs::default()).await;
    let good = events(&story);
    assert_eq!(good.len(), 2, "{good:?}");
    let mut records = vec![message("first", &good[0])];
    records.extend(UNREADABLE.iter().enumerate().map(|(number, body)| message(&format!("bad-{number}"), body)));
    records.push(message("last", &good[1]));

    let log = Log::listen();
    let payload = json!({"Records": records});
    let handled = distribute_grants::dispatch::handle(story.dispatch(), payload);
    assert_eq!(story.world().run(handled).await.unwrap(), json!({"batchItemFailures": []}));
    let mut kept: Vec<String> = story.quarantined().await.into_iter().map(|kept| kept.body).collect();
    let mut sent: Vec<String> = UNREADABLE.map(str::to_owned).to_vec();
    kept.sort();
    sent.sort();
    assert_eq!(kept, sent, "bodies are not kept byte for byte");
    for kept in story.quarantined().await {
        assert!(kept.whole && kept.origin == "triggers queue", "{kept:?}");
        assert!(
            kept.reason.starts_with('`') && kept.reason.contains("`QUARANTINE`")
                || kept.reason.contains("set the schedule"),
            "{kept:?}"
        );
    }
    assert!(log.line_with("event quarantined").is_some());
    assert_eq!(log.line_with("owner@example.org"), None);
    for purchase in &purchases {
        let lane = story.world().run(story.engine().ledger().lane(license_arn(purchase).id())).await.unwrap();
        assert_eq!(lane.map(|lane| (lane.wanted, lane.done)), Some((1, 0)), "{}", purchase.product);
    }
}

#[tokio::test]
async fn the_same_unreadable_message_delivered_twice_is_kept_once() {
    let (story, _) = story(Knobs::default()).await;
    for _ in 0..2 {
        let payload = json!({"Records": [message("a", "rubbish"), message("b", "rubbish")]});
        let handled = distribute_grants::dispatch::handle(story.dispatch(), payload);
        assert_eq!(story.world().run(handled).await.unwrap(), json!({"batchItemFailures": []}));
    }
    assert_eq!(story.quarantined().await.len(), 1);
}

#[tokio::test]
async fn through_the_queue_an_unreadable_event_costs_its_neighbours_nothing() {
    let (mut story, purchases) = story(Knobs::default()).await;
    let clients = story.clients();
    let url = story.world().with(|state| state.queues.find("triggers").map(|queue| queue.url().to_owned())).unwrap();
    for body in ["rubbish", "{\"job\": []}"] {
        let sent = clients.sqs.send_message().queue_url(&url).message_body(body);
        story.world().run(sent.send()).await.unwrap();
    }
    story.settle().await;
    assert_eq!(story.courier.failures, [""; 0]);
    assert_eq!(story.quarantined().await.len(), 2);
    for purchase in &purchases {
        assert_eq!(story.active(purchase).len(), 4);
    }
}

#[tokio::test]
async fn an_unreadable_record_of_the_stream_is_kept_and_the_others_are_handled() {
    let (story, purchases) = story(Knobs::default()).await;
    let record = |number: u32, purchase: &Purchase| {
        let image = json!({
            "rule": {"S": "r"}, "products": {"M": {"sku": {"S": purchase.sku}}},
            "accounts": {"M": {"ou": {"SS": [WORKLOADS]}}},
        });
        json!({
            "eventSource": "aws:dynamodb", "eventName": "INSERT", "eventID": format!("{number}"),
            "dynamodb": {"Keys": {"rule": {"S": "r"}}, "NewImage": image, "SequenceNumber": format!("{number:021}")},
        })
    };
    let mut keyless = record(2, &purchases[0]);
    keyless["dynamodb"].as_object_mut().unwrap().retain(|name, _| name == "SequenceNumber");
    let mut lost = record(3, &purchases[0]);
    lost["dynamodb"]["NewImage"] = json!(null);
    let mut placeless = record(4, &purchases[0]);
    placeless["dynamodb"]["SequenceNumber"] = json!(null);
    let bad = [keyless, lost, placeless, json!({"eventSource": "aws:dynamodb"}), json!("ü")];
    let mut records = vec![record(1, &purchases[0])];
    records.extend(bad.iter().cloned());
    records.push(record(5, &purchases[1]));
    let handled = distribute_grants::dispatch::handle(story.dispatch(), json!({"Records": records}));
    assert_eq!(story.world().run(handled).await.unwrap(), json!({"batchItemFailures": []}));

    let kept = story.quarantined().await;
    assert_eq!(kept.len(), bad.len(), "{kept:#?}");
    for bad in &bad {
        let same =
            |kept: &&grant_engine::ledger::Quarantined| serde_json::from_str::<Value>(&kept.body).unwrap() == *bad;
        let kept = kept.iter().find(same).unwrap_or_else(|| panic!("{bad} is not kept"));
        assert_eq!((kept.origin.as_str(), kept.whole), ("policy stream", true));
    }
    for purchase in &purchases {
        let lane = story.world().run(story.engine().ledger().lane(license_arn(purchase).id())).await.unwrap();
        assert!(lane.is_some_and(|lane| lane.wanted == 1), "{}", purchase.product);
    }
}

#[tokio::test]
async fn payloads_of_nonsense_are_kept_by_all_three_functions() {
    let nonsense = [
        json!(null),
        json!("text"),
        json!(7),
        json!([{"Records": []}]),
        json!({"Records": 7}),
        json!({"Records": {}}),
        json!({"Records": [{"eventSource": "aws:s3", "s3": {}}]}),
        json!({"Records": [false]}),
        json!({"hello": "Zoë"}),
    ];
    for function in ["dispatch", "lane", "accept"] {
        let (story, _) = story(Knobs::default()).await;
        for payload in &nonsense {
            let before = story.quarantined().await.len();
            let given = payload.clone();
            let handled = match function {
                "dispatch" => story.world().run(distribute_grants::dispatch::handle(story.dispatch(), given)).await,
                "lane" => story.world().run(distribute_grants::lane::handle(story.engine(), given)).await,
                _ => story.world().run(accept_grants::handle(story.accept(), given)).await,
            };
            handled.unwrap_or_else(|fault| panic!("{function} fails on {payload}: {fault}"));
            let kept = story.quarantined().await;
            assert_eq!(kept.len(), before + 1, "{function} does not keep {payload}");
        }
        for payload in &nonsense {
            let kept = story.quarantined().await;
            // A batch is taken apart where its records can be told from each other.
            let mut bodies = kept.iter().filter_map(|kept| serde_json::from_str::<Value>(&kept.body).ok());
            let same = bodies.any(|body| body == *payload || Some(&body) == payload.pointer("/Records/0"));
            assert!(same, "{function}: {payload} is not kept whole in {kept:#?}");
        }
    }
}

#[tokio::test]
async fn malformed_messages_to_a_lane_are_kept_and_the_good_one_is_looked_at() {
    let (story, [purchase, _]) = story(Knobs::default()).await;
    let arn = license_arn(&purchase);
    let wanted = story.world().run(story.dispatch().ledger().raise(&arn, story.dispatch().now())).await.unwrap();
    let good = json!({"license": arn.as_str(), "wanted": wanted}).to_string();
    let bad = [
        "rubbish".to_owned(),
        "{}".to_owned(),
        json!({"license": "no license", "wanted": 1}).to_string(),
        json!({"license": arn.as_str(), "wanted": -1}).to_string(),
        json!({"license": arn.as_str(), "wanted": 1, "more": true}).to_string(),
    ];
    let mut records: Vec<Value> = bad.iter().map(|body| message("bad", body)).collect();
    records.push(message("good", &good));
    let handled = distribute_grants::lane::handle(story.engine(), json!({"Records": records}));
    assert_eq!(story.world().run(handled).await.unwrap(), json!({"batchItemFailures": []}));
    assert_eq!(story.grants_of(&purchase).len(), 4);
    let kept = story.quarantined().await;
    assert_eq!(kept.len(), bad.len());
    for kept in kept {
        assert!(bad.contains(&kept.body), "{kept:?}");
        assert_eq!(kept.origin, "work queue");
    }
}

#[tokio::test]
async fn malformed_requests_to_a_grantee_are_kept_and_the_good_one_is_carried_out() {
    let (mut story, [purchase, _]) = story(Knobs { auto_accept_account_grants: false, ..Knobs::default() }).await;
    for account in IN_WORKLOADS {
        story.world().with(|state| state.sts.missing_roles.insert(account.to_owned()));
    }
    story.settle().await;
    story.world().with(|state| state.sts.missing_roles.clear());
    let grant = story.grants_of(&purchase).into_iter().next().unwrap();
    let account = grant.principal.account().unwrap();
    let good = json!({
        "license": purchase.license, "account": account, "grant": grant.arn, "activate": true,
        "key": {"grant": {"account": account}}, "asked_at": story.world().now().as_second(),
    });
    let mut wrong_account = good.clone();
    wrong_account["account"] = json!("12");
    let mut more = good.clone();
    more["more"] = json!(1);
    let bad = ["rubbish".to_owned(), "{}".to_owned(), wrong_account.to_string(), more.to_string()];
    let mut records: Vec<Value> = bad.iter().map(|body| message("bad", body)).collect();
    // A record with one odd attribute that is not even used, and one that is no message.
    let mut odd = message("good", &good.to_string());
    odd["attributes"] = json!({"SentTimestamp": 1_789_373_525_123_u64});
    records.extend([json!({"messageId": "bodyless"}), json!(7), odd]);
    let handled = accept_grants::handle(story.accept(), json!({"Records": records}));
    assert_eq!(story.world().run(handled).await.unwrap(), json!({"batchItemFailures": []}));
    assert_eq!(story.quarantined().await.len(), bad.len() + 2, "{:#?}", story.quarantined().await);
    story.world().advance(Duration::from_secs(120));
    assert!(story.active(&purchase).contains(account), "the good request was not carried out");
}
