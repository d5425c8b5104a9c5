//! Endpoints that cannot be reached, and environments that cannot work

use std::collections::BTreeMap;
use std::time::Duration;

use grant_engine::config::{Config, ConfigError};
use grant_engine::fault::Fault;
use grantway_tests::story::{Story, WORKLOADS, license_arn, one_by_one, rule};
use pretend_aws::{Knobs, Purchase};
use serde_json::{Value, json};

fn message(body: &str) -> Value {
    json!({"Records": [{"messageId": "m", "body": body, "eventSource": "aws:sqs"}]})
}

#[tokio::test]
async fn while_nothing_can_be_reached_every_function_hands_its_message_back() {
    let (mut story, purchase) = (Story::new().await, Purchase::sample());
    story.with_rule(rule("workloads", &purchase, &one_by_one(&[WORKLOADS]))).await;
    story.bought(&purchase).await;
    story.settle().await;
    story.wire().cut();
    let world = story.world().clone();
    let kept = json!({"batchItemFailures": [{"itemIdentifier": "m"}]});

    let sweep = json!({"job": "sweep"});
    let direct = world.run(distribute_grants::dispatch::handle(story.dispatch(), sweep.clone())).await;
    let Err(fault @ Fault::Retryable(_)) = direct else { panic!("{direct:?}") };
    assert_eq!(fault.error_type(), "Retryable");
    assert!(fault.to_string().contains("check the network"), "{fault}");

    for body in [sweep.to_string(), json!({"job": "reconcile"}).to_string(), "rubbish".to_owned()] {
        let queued = world.run(distribute_grants::dispatch::handle(story.dispatch(), message(&body))).await;
        assert_eq!(queued, Ok(kept.clone()), "{body}");
    }
    let look = json!({"license": license_arn(&purchase).as_str(), "wanted": 99}).to_string();
    for body in [look, "rubbish".to_owned()] {
        let queued = world.run(distribute_grants::lane::handle(story.engine(), message(&body))).await;
        assert_eq!(queued, Ok(kept.clone()), "{body}");
    }
    let grant = story.grants_of(&purchase).into_iter().next().unwrap();
    let account = grant.principal.account().unwrap();
    let request = json!({
        "license": purchase.license, "account": account, "grant": grant.arn, "activate": true,
        "key": {"grant": {"account": account}}, "asked_at": story.world().now().as_second(),
    });
    for body in [request.to_string(), "rubbish".to_owned()] {
        let queued = world.run(accept_grants::handle(story.accept(), message(&body))).await;
        assert_eq!(queued, Ok(kept.clone()), "{body}");
    }
    // A payload that is none cannot be put into quarantine now, so it must not count as dealt with.
    for function in ["dispatch", "lane", "accept"] {
        let failed = match function {
            "dispatch" => world.run(distribute_grants::dispatch::handle(story.dispatch(), json!(7))).await,
            "lane" => world.run(distribute_grants::lane::handle(story.engine(), json!(7))).await,
            _ => world.run(accept_grants::handle(story.accept(), json!(7))).await,
        };
        assert!(matches!(failed, Err(Fault::Retryable(_))), "{function}: {failed:?}");
    }
    // The Stream comes again from its first record.
    let record = json!({
        "eventSource": "aws:dynamodb", "eventName": "REMOVE",
        "dynamodb": {
            "Keys": {"rule": {"S": "r"}}, "SequenceNumber": "000000000000000000001",
            "OldImage": {"rule": {"S": "r"}, "products": {"S": "*"}, "accounts": {"M": {"organization": {"BOOL": true}}}},
        },
    });
    let streamed = world.run(distribute_grants::dispatch::handle(story.dispatch(), json!({"Records": [record]}))).await;
    assert_eq!(streamed, Ok(json!({"batchItemFailures": [{"itemIdentifier": "000000000000000000001"}]})));
}

#[tokio::test]
async fn an_outage_in_the_middle_loses_no_message() {
    for minutes in [1, 7, 20, 60] {
        let knobs = Knobs { auto_accept_account_grants: false, ..Knobs::default() };
        let (mut story, purchase) = (Story::with_knobs(knobs).await, Purchase::sample());
        story.with_rule(rule("workloads", &purchase, &one_by_one(&[WORKLOADS]))).await;
        story.bought(&purchase).await;
        story.wire().cut();
        story.pass(Duration::from_secs(minutes * 60)).await;
        assert!(!story.courier.failures.is_empty(), "nobody noticed");
        story.wire().mend();
        story.settle().await;
        assert_eq!((story.grants_of(&purchase).len(), story.active(&purchase).len()), (4, 4), "{minutes} min");
        let dead = story.world().with(|state| {
            let dead =
                ["dead-letters", "dead-letters.fifo"].map(|name| state.queues.find(name).unwrap().messages().count());
            dead.iter().sum::<usize>()
        });
        assert_eq!(dead, 0, "{minutes} min");
    }
}

#[tokio::test]
async fn one_service_that_cannot_be_read_keeps_the_others_work_going() {
    let (mut story, purchase) = (Story::new().await, Purchase::sample());
    story.with_rule(rule("workloads", &purchase, &one_by_one(&[WORKLOADS]))).await;
    story.bought(&purchase).await;
    // The license is granted, and from now on the Marketplace is down while an agreement is awaited.
    story.settle().await;
    let awaited = grantway_tests::story::another_purchase(2);
    story.world().with(|state| {
        state.knobs.license_provision_seconds = 6 * 3600;
        state.faults.services = vec![pretend_aws::Service::Marketplace];
    });
    story.bought(&awaited).await;
    story.world().with(|state| state.faults.server_error = 1.0);
    story.courier.delivery = grantway_tests::story::Delivery::ScheduleOnly;
    let ledger = story.dispatch().ledger();
    story.world().run(ledger.raise(&license_arn(&purchase), story.dispatch().now())).await.unwrap();
    story.pass(Duration::from_secs(20 * 60)).await;
    assert!(!story.courier.failures.is_empty(), "the Marketplace was not down");
    let lane = story.world().run(story.engine().ledger().lane(license_arn(&purchase).id())).await.unwrap().unwrap();
    assert_eq!(lane.wanted, lane.done, "the sweep gave up before it came to the license");
}

#[tokio::test]
async fn what_a_deployment_is_told_is_read_once_and_errors_name_variable_and_mend() {
    let story = Story::new().await;
    let config = story.config();
    let budget = config.grant_budget.to_string();
    let told: BTreeMap<&str, &str> = BTreeMap::from([
        ("GRANTWAY_DEPLOYMENT", config.deployment.as_str()),
        ("GRANTWAY_POLICY_TABLE", &config.policy_table),
        ("GRANTWAY_LEDGER_TABLE", &config.ledger_table),
        ("GRANTWAY_WORK_QUEUE_URL", &config.work_queue),
        ("GRANTWAY_ACCEPT_QUEUE_URL", &config.accept_queue),
        ("GRANTWAY_MEMBER_ROLE", &config.member_role),
        ("GRANTWAY_HOME_REGION", &config.home_region),
        ("GRANTWAY_GRANT_BUDGET", &budget),
    ]);
    let read =
        |told: &BTreeMap<&str, &str>| Config::from_lookup(|name| told.get(name).map(|value| (*value).to_owned()));
    assert_eq!(read(&told).as_ref(), Ok(config));
    for name in told.keys() {
        let mut told = told.clone();
        told.insert(name, " ");
        let error = read(&told).unwrap_err();
        let fault = Fault::from(error.clone());
        assert!(matches!(error, ConfigError::Invalid { .. }), "{error:?}");
        assert_eq!(fault.error_type(), "Misconfigured");
        assert!(fault.to_string().contains(*name) && fault.to_string().contains("set it to"), "{fault}");
    }
}
