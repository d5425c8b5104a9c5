use std::time::Duration;

use pretend_aws::lambda::QueueMapping;
use pretend_aws::{Blueprint, Faults, Purchase, QueueAttributes, Settings, World};
use serde_json::{Value, json};

use crate::ask::{MANAGEMENT, MEMBER, authorization};
use crate::dynamodb::{item, table};

/// Everything a world says in a busy hour: replies, events, messages, the call log
fn history(seed: u64) -> String {
    let faults = Faults { throttle: 0.1, server_error: 0.1, lost_reply: 0.1, slow_workflow: 0.1, ..Faults::calm() };
    let world = World::new(&Blueprint::sample(), Settings { seed, faults, ..Settings::default() });
    let queue = world.create_queue("q", QueueAttributes::default());
    world.put_rule("all", json!({"version": ["0"]}), &queue.arn).unwrap();
    let mut said: Vec<String> = Vec::new();
    let ask = |said: &mut Vec<String>, world: &World, key: &str, target: &str, operation: &str, body: Value| {
        let request = http::Request::post("/")
            .header("x-amz-target", format!("{target}.{operation}"))
            .header("authorization", authorization(key))
            .body(bytes::Bytes::from(body.to_string()))
            .unwrap();
        said.push(format!("{:?}", world.answer(request)));
    };
    world.purchase(&Purchase::sample());
    ask(&mut said, &world, MANAGEMENT, "DynamoDB_20120810", "CreateTable", table("things"));
    let mut mapping = QueueMapping::new(&queue, 2);
    for round in 0..60_u32 {
        world.advance(Duration::from_secs(60));
        if round == 10 {
            world.create_account("487120396655", "new");
        }
        ask(&mut said, &world, MANAGEMENT, "AWSOrganizationsV20161128", "ListAccounts", json!({"MaxResults": 5}));
        ask(
            &mut said,
            &world,
            MANAGEMENT,
            "AWSMPCommerceService_v20200301",
            "GetAgreementEntitlements",
            json!({"agreementId": Purchase::sample().agreement}),
        );
        ask(
            &mut said,
            &world,
            MANAGEMENT,
            "AWSLicenseManager",
            "CreateGrant",
            json!({
                "ClientToken": format!("token-{round}"), "GrantName": format!("g{round}"), "HomeRegion": "us-east-1",
                "LicenseArn": format!("arn:aws:license-manager::294406891311:license:{}", Purchase::sample().license),
                "Principals": [format!("arn:aws:iam::{MEMBER}:root")], "AllowedOperations": ["CheckoutLicense"],
            }),
        );
        ask(&mut said, &world, MEMBER, "AWSLicenseManager", "ListReceivedGrants", json!({}));
        ask(
            &mut said,
            &world,
            MANAGEMENT,
            "DynamoDB_20120810",
            "PutItem",
            json!({"TableName": "things", "Item": item("a", "b", round)}),
        );
        if let Some(batch) = mapping.poll(&world) {
            said.push(batch.payload().to_string());
            batch.settle(&world, if round % 2 == 0 { Ok(Value::Null) } else { Err(()) });
        }
    }
    // The embedded DynamoDB gives a table a random id.
    said.retain(|line| !line.contains("TableId"));
    world.with(|state| {
        said.push(serde_json::to_string_pretty(state.calls.log()).unwrap());
        said.push(json!(state.bus.events()).to_string());
        said.push(format!("{:?}", state.faults.happened()));
        said.push(format!("{:?}", state.license_manager.grants().collect::<Vec<_>>()));
    });
    said.join("\n")
}

#[test]
fn the_same_seed_and_calls_give_the_same_bytes() {
    for seed in [1, 2, 99] {
        let first = history(seed);
        assert!(first == history(seed), "seed {seed}");
        assert!(first.contains("LOST") && first.contains("RateLimitExceededException"), "faults struck");
    }
}

#[test]
fn another_seed_gives_another_history() {
    assert_ne!(history(1), history(2));
}
