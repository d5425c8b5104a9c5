//! Whole worlds written down in the middle of things, and taken up again

use std::time::Duration;

use pretend_aws::iam::Role;
use pretend_aws::lambda::StreamMapping;
use pretend_aws::{
    Blueprint, DocumentError, Fault, Knobs, Purchase, QueueAttributes, QueueHandle, Resume, Service, Settings, World,
};
use serde_json::{Value, json};

use crate::ask::{MANAGEMENT, MEMBER, ask, told};
use crate::dynamodb::{item, table};

const LICENSES: &str = "AWSLicenseManager";
const TABLES: &str = "DynamoDB_20120810";
const QUEUES: &str = "AmazonSQS";

fn second_purchase() -> Purchase {
    let mut purchase = Purchase::sample();
    purchase.agreement.push('2');
    purchase.license = format!("l-{}", "7".repeat(32));
    purchase.sku = "prod-second".to_owned();
    purchase
}

fn grant(principal: &str, token: &str) -> Value {
    json!({
        "ClientToken": token,
        "GrantName": "everyone",
        "LicenseArn": format!("arn:aws:license-manager::294406891311:license:{}", Purchase::sample().license),
        "Principals": [principal],
        "HomeRegion": "us-east-1",
        "AllowedOperations": ["CheckoutLicense"],
    })
}

fn activation(arn: &Value, token: &str) -> Value {
    json!({"ClientToken": token, "GrantArn": arn, "Status": "ACTIVE"})
}

fn receive(world: &World, queue: &QueueHandle) -> Value {
    told(world, QUEUES, "ReceiveMessage", &json!({"QueueUrl": queue.url, "MaxNumberOfMessages": 10}))["Messages"]
        .clone()
}

/// A purchase whose license is to come, an activation for the whole organization under way, an account being made,
/// events on their way, messages in flight and delayed, a table with a rule in it
fn in_the_middle() -> (World, QueueHandle) {
    let knobs = Knobs { account_event_seconds: 40, ..Knobs::default() };
    let world = World::new(&Blueprint::sample(), Settings { seed: 5, knobs, ..Settings::default() });
    let queue = world.create_queue("triggers", QueueAttributes::default());
    let work = world.create_queue("work.fifo", QueueAttributes { content_deduplication: true, ..Default::default() });
    world.put_rule("purchases", json!({"source": ["aws.agreement-marketplace"]}), &queue.arn).unwrap();
    world.put_rule("accounts", json!({"source": ["aws.organizations"]}), &work.arn).unwrap();
    world.put_member_roles("member", &Role::trusting(&[MANAGEMENT]));
    world.purchase(&Purchase::sample());
    world.advance(Duration::from_secs(100));

    let organization = world.with(|state| state.organization.arn());
    let wide = told(&world, LICENSES, "CreateGrant", &grant(&organization, "wide"));
    let own = told(&world, LICENSES, "CreateGrant", &grant(&format!("arn:aws:iam::{MEMBER}:root"), "own"));
    world.advance(Duration::from_secs(100));
    told(&world, LICENSES, "CreateGrantVersion", &activation(&own["GrantArn"], "own-on"));
    world.advance(Duration::from_secs(100));
    told(&world, LICENSES, "CreateGrantVersion", &activation(&wide["GrantArn"], "wide-on"));
    let tags = json!({"ResourceArn": wide["GrantArn"], "Tags": [{"Key": "team", "Value": "platform"}]});
    told(&world, LICENSES, "TagResource", &tags);

    assert_eq!(receive(&world, &queue).as_array().unwrap().len(), 1, "the first purchase is in flight");
    world.purchase(&second_purchase());
    let later = json!({"QueueUrl": queue.url, "MessageBody": "later", "DelaySeconds": 300});
    told(&world, QUEUES, "SendMessage", &later);
    let asked = json!({"AccountName": "new", "Email": "new@example.com"});
    told(&world, "AWSOrganizationsV20161128", "CreateAccount", &asked);
    world.remove_account("402958173646", "LEFT");
    world.with(|state| {
        let until = state.now() + Duration::from_secs(600);
        state.bus.refuse_until(&work.arn, until);
        state.faults.late_seconds = 9;
        state.faults.fail_next(Service::LicenseManager, "DeleteGrant", Fault::Throttle);
    });
    world.create_account("487120396655", "joiner");
    world.move_account(MEMBER, "ou-9xk2-z7c4q0me");

    told(&world, TABLES, "CreateTable", &policy());
    told(&world, TABLES, "PutItem", &json!({"TableName": "policy", "Item": item("rule", "1", 1)}));
    let expiry = json!({"AttributeName": "expires", "Enabled": true});
    told(&world, TABLES, "UpdateTimeToLive", &json!({"TableName": "policy", "TimeToLiveSpecification": expiry}));
    world.advance(Duration::from_secs(5));
    (world, queue)
}

fn policy() -> Value {
    let mut policy = table("policy");
    policy["AttributeDefinitions"].as_array_mut().unwrap().push(json!({"AttributeName": "due", "AttributeType": "S"}));
    policy["GlobalSecondaryIndexes"] = json!([{
        "IndexName": "by-due", "KeySchema": [{"AttributeName": "due", "KeyType": "HASH"}],
        "Projection": {"ProjectionType": "ALL"},
    }]);
    policy["Tags"] = json!([{"Key": "team", "Value": "platform"}]);
    policy
}

fn loaded(document: &str) -> World {
    World::load(document, Resume::Standing).unwrap()
}

/// What does not follow from random numbers: how everything stands, under names that people gave
fn standing(world: &World) -> Value {
    world.with(|state| {
        let organization = &state.organization;
        // An account that CreateAccount made has a random id.
        let name =
            |id: &str| organization.accounts.get(id).map_or_else(|| id.to_owned(), |account| account.name.clone());
        let sorted = |mut rows: Vec<Value>| {
            rows.sort_by_key(Value::to_string);
            rows
        };
        let grants = state.license_manager.grants().map(|one| {
            let to = one.principal.account().map_or_else(|| one.principal_arn.clone(), name);
            let status = one.status.as_str();
            json!([
                one.license,
                to,
                one.sub_grant,
                one.name,
                status,
                one.status_reason,
                one.version,
                one.created,
                one.ended
            ])
        });
        let accounts = organization.accounts.values();
        let accounts = accounts.map(|one| json!([one.name, one.parent, one.state, one.joined, one.ready]));
        let agreements = state.marketplace.agreements.values();
        let agreements = agreements.map(|one| json!([one.purchase.agreement, one.status, one.entitlements]));
        let licenses = state.license_manager.licenses();
        let licenses = licenses.map(|one| json!([one.id(), one.status.as_str(), one.version, one.created]));
        let queues = state.queues.all().map(|queue| json!([queue.url(), queue.counts(state.now())]));
        let events = state.bus.events().iter().map(|event| json!([event["detail-type"], event["time"]]));
        let ways = state.license_manager.transitions().iter().map(|(way, count)| json!([way.number(), count]));
        json!({
            "now": state.now(), "grants": sorted(grants.collect()), "accounts": sorted(accounts.collect()),
            "agreements": agreements.collect::<Vec<_>>(), "licenses": licenses.collect::<Vec<_>>(),
            "queues": queues.collect::<Vec<_>>(), "events": events.collect::<Vec<_>>(),
            "transitions": ways.collect::<Vec<_>>(), "writes": state.license_manager.writes().len(),
            "displaced": state.license_manager.displacements().len(), "struck": state.faults.happened(),
        })
    })
}

#[test]
fn a_world_saved_and_loaded_saves_as_the_same_document() {
    let (world, _) = in_the_middle();
    let document = world.save().unwrap();
    assert_eq!(loaded(&document).save().unwrap(), document);
    assert!(document.starts_with("{\n  \"schema\": 1,\n"), "{}", &document[..80]);
    let value: Value = serde_json::from_str(&document).unwrap();
    let under_way = |pointer: &str| {
        let list = value.pointer(pointer).unwrap_or_else(|| panic!("no {pointer}"));
        assert!(list.as_array().is_some_and(|list| !list.is_empty()), "{pointer}: {list}");
    };
    for pointer in ["/license_manager/workflows", "/bus/waiting", "/untold/events", "/tables/0/items", "/struck/next"] {
        under_way(pointer);
    }
}

#[test]
fn a_loaded_world_goes_on_as_the_one_that_was_saved() {
    let (world, queue) = in_the_middle();
    let other = loaded(&world.save().unwrap());
    assert_eq!(standing(&other), standing(&world));
    for seconds in [1, 30, 60, 300, 3_600, 86_400] {
        for one in [&world, &other] {
            one.advance(Duration::from_secs(seconds));
        }
        assert_eq!(standing(&other), standing(&world), "after another {seconds} s");
    }
    let came = |world: &World| receive(world, &queue).as_array().unwrap().len();
    assert_eq!((came(&other), came(&world)), (3, 3));
    let grants = standing(&other)["grants"].to_string();
    assert!(grants.contains("ACTIVE") && grants.contains("WORKFLOW_COMPLETED"), "{grants}");
}

#[test]
fn what_a_client_holds_of_a_saved_world_is_good_in_the_loaded_one() {
    let (world, queue) = in_the_middle();
    world.advance(Duration::from_secs(60));
    let receipt = receive(&world, &queue)[0]["ReceiptHandle"].clone();
    let organization = world.with(|state| state.organization.arn());
    let first = told(&world, LICENSES, "CreateGrant", &grant(&organization, "wide"));

    let world = loaded(&world.save().unwrap());
    let again = told(&world, LICENSES, "CreateGrant", &grant(&organization, "wide"));
    assert_eq!(again, first, "the client token is remembered");
    let (status, _) = ask(&world, LICENSES, "CreateGrant", &grant(&organization, "another"));
    assert_eq!(status, 400, "there is a grant already");
    told(&world, QUEUES, "DeleteMessage", &json!({"QueueUrl": queue.url, "ReceiptHandle": receipt}));
    world.advance(Duration::from_secs(60));
    let left = receive(&world, &queue).as_array().unwrap().len();
    assert_eq!(left, 1, "of the two that were received one is deleted");
}

#[test]
fn tables_come_back_as_they_were_made_and_their_streams_begin_behind_what_is_there() {
    let (world, _) = in_the_middle();
    let other = loaded(&world.save().unwrap());
    let shown = |world: &World| {
        let mut shown = told(world, TABLES, "DescribeTable", &json!({"TableName": "policy"}))["Table"].clone();
        let own = ["TableId", "CreationDateTime", "LatestStreamArn", "LatestStreamLabel", "BillingModeSummary"];
        own.iter().for_each(|name| drop(shown.as_object_mut().unwrap().remove(*name)));
        let arn = json!({"ResourceArn": shown["TableArn"]});
        let expiry = told(world, TABLES, "DescribeTimeToLive", &json!({"TableName": "policy"}));
        (shown, told(world, TABLES, "ListTagsOfResource", &arn), expiry)
    };
    assert_eq!(shown(&other), shown(&world));
    let mut mapping = StreamMapping::new("policy", 10);
    assert!(mapping.poll(&other).is_none(), "nothing happened to the table since");
    told(&other, TABLES, "PutItem", &json!({"TableName": "policy", "Item": item("rule", "2", 2)}));
    let batch = mapping.poll(&other).unwrap();
    assert_eq!(batch.payload()["Records"].as_array().unwrap().len(), 1);
    assert_eq!(batch.payload()["Records"][0]["eventName"], "INSERT");
}

#[test]
fn the_same_document_goes_on_the_same_way_twice_and_repeats_no_id() {
    let (world, _) = in_the_middle();
    let document = world.save().unwrap();
    let id = |world: &World| {
        let sent = json!({"QueueUrl": "triggers", "MessageBody": "x"});
        told(world, QUEUES, "SendMessage", &sent)["MessageId"].clone()
    };
    let (one, two) = (loaded(&document), loaded(&document));
    let first = id(&one);
    assert_eq!(first, id(&two));
    assert_eq!(one.save().unwrap(), two.save().unwrap());
    // No time has passed since the first load: the clock cannot be what tells the two apart.
    assert_ne!(id(&loaded(&one.save().unwrap())), first);
}

#[test]
fn a_running_world_catches_up_with_the_wall_clock_each_thing_at_its_time() {
    let start = "2020-02-01T00:00:00Z".parse().unwrap();
    let settings = Settings { time: pretend_aws::Time::Virtual(start), ..Settings::default() };
    let world = World::new(&Blueprint::sample(), settings);
    world.purchase(&Purchase::sample());
    let document = world.save().unwrap();
    world.advance(Duration::from_secs(90));
    let running = World::load(&document, Resume::Running).unwrap();
    let made = |world: &World| {
        world.with(|state| state.license_manager.license(&Purchase::sample().license).map(|license| license.created))
    };
    assert_eq!(made(&running), made(&world));
    assert!(running.now() > world.now() + Duration::from_secs(86_400 * 365), "{}", running.now());
}

#[test]
fn a_running_world_never_goes_back() {
    let start = "2999-01-01T00:00:00Z".parse().unwrap();
    let settings = Settings { time: pretend_aws::Time::Virtual(start), ..Settings::default() };
    let document = World::new(&Blueprint::sample(), settings).save().unwrap();
    let running = World::load(&document, Resume::Running).unwrap();
    assert!(running.now() >= start && running.now() < start + Duration::from_secs(3_600), "{}", running.now());
}

#[test]
fn what_is_no_saved_world_is_refused_by_field_value_and_remedy() {
    let (world, _) = in_the_middle();
    let document: Value = serde_json::from_str(&world.save().unwrap()).unwrap();
    let refusal = |change: &dyn Fn(&mut Value)| {
        let mut changed = document.clone();
        change(&mut changed);
        World::load(&changed.to_string(), Resume::Standing).unwrap_err().to_string()
    };
    let newer = refusal(&|value| value["schema"] = json!(2));
    assert_eq!(newer, "`schema` is 2, and this pretend AWS knows 1: load the world with the release that saved it");
    let none = World::load("{}", Resume::Standing).unwrap_err();
    assert_eq!(none, DocumentError::NoSchema);
    let misspelt = refusal(&|value| value["knobs"]["workflow_secondz"] = json!(2));
    assert!(misspelt.starts_with("`knobs.workflow_secondz` cannot be read: unknown field"), "{misspelt}");
    let wrong = refusal(&|value| value["organization"]["accounts"][MEMBER]["joined"] = json!("yesterday"));
    assert!(wrong.starts_with(&format!("`organization.accounts.{MEMBER}.joined` cannot be read")), "{wrong}");
    let pattern = refusal(&|value| value["bus"]["rules"]["accounts"]["pattern"] = json!("{\"source\": []}"));
    assert!(pattern.contains("`bus.rules.accounts`") && pattern.contains("Empty arrays are not allowed"), "{pattern}");
    let table = refusal(&|value| value["tables"][0]["definition"]["KeySchema"] = json!([]));
    assert!(table.starts_with("`tables`: `policy`: "), "{table}");
    let broken = World::load("{\"schema\": 1", Resume::Standing).unwrap_err().to_string();
    assert!(broken.starts_with("`.` cannot be read: EOF"), "{broken}");
}
