use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use pretend_aws::event_bus::pattern::Pattern;
use pretend_aws::event_bus::policy_for;
use pretend_aws::{Purchase, QueueAttributes, Resume, World};
use serde_json::{Value, json};

use crate::ask::{MANAGEMENT, MEMBER, ask, ask_as, told, world};

const TARGET: &str = "AWSEvents";

fn fixtures(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures").join(folder)
}

fn read(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// Every sample that is an EventBridge event, by file name
fn samples() -> BTreeMap<String, Value> {
    let files = fs::read_dir(fixtures("events")).unwrap().map(|entry| entry.unwrap().path());
    files
        .filter(|path| path.extension().is_some_and(|kind| kind == "json"))
        .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), read(&path)))
        .filter(|(_, event)| event.get("detail-type").is_some())
        .collect()
}

#[test]
fn each_rule_wants_the_samples_that_it_should_and_no_other() {
    let samples = samples();
    assert!(samples.len() > 40);
    let rules = read(&fixtures("patterns/rules.json"));
    let expected = read(&fixtures("patterns/matches.json"));
    let mut wrong = BTreeMap::new();
    for (name, wanted) in expected.as_object().unwrap() {
        let pattern = Pattern::parse(&rules[name]["pattern"]).unwrap();
        let matched: Vec<&String> =
            samples.iter().filter(|(_, event)| pattern.matches(event)).map(|(name, _)| name).collect();
        if json!(matched) != *wanted {
            wrong.insert(name, matched);
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_operator_matches_what_the_user_guide_says() {
    let event = json!({
        "source": "my.app", "detail": {
            "name": "Invoice.PDF", "count": 5, "flag": true, "nothing": null, "empty": "",
            "list": ["a", "b"], "nested": {"deep": "x"}, "items": [{"id": 1, "kind": "p"}, {"id": 2, "kind": "q"}],
        },
    });
    for (pattern, wanted) in [
        (json!({"name": ["Invoice.PDF"]}), true),
        (json!({"name": ["invoice.pdf"]}), false),
        (json!({"name": [{"equals-ignore-case": "invoice.pdf"}]}), true),
        (json!({"name": [{"prefix": "Inv"}]}), true),
        (json!({"name": [{"prefix": {"equals-ignore-case": "INV"}}]}), true),
        (json!({"name": [{"suffix": ".PDF"}]}), true),
        (json!({"name": [{"suffix": {"equals-ignore-case": ".pdf"}}]}), true),
        (json!({"name": [{"wildcard": "In*e.*F"}]}), true),
        (json!({"name": [{"wildcard": "In*x*F"}]}), false),
        (json!({"name": [{"anything-but": "other"}]}), true),
        (json!({"name": [{"anything-but": ["Invoice.PDF", "y"]}]}), false),
        (json!({"name": [{"anything-but": {"prefix": "Inv"}}]}), false),
        (json!({"name": [{"anything-but": {"wildcard": "*.txt"}}]}), true),
        (json!({"missing": [{"anything-but": "x"}]}), false),
        (json!({"count": [5]}), true),
        (json!({"count": [5.0]}), true),
        (json!({"count": ["5"]}), false),
        (json!({"count": [{"numeric": [">", 0, "<=", 5]}]}), true),
        (json!({"count": [{"numeric": ["<", 5]}]}), false),
        (json!({"count": [{"numeric": ["=", 5]}]}), true),
        (json!({"flag": [true]}), true),
        (json!({"nothing": [null]}), true),
        (json!({"empty": [""]}), true),
        (json!({"list": ["b"]}), true),
        (json!({"list": ["c"]}), false),
        (json!({"nested": {"deep": ["x"]}}), true),
        (json!({"nested": {"deep": [{"exists": false}]}}), false),
        (json!({"missing": {"deep": [{"exists": false}]}}), true),
        (json!({"missing": [{"exists": false}]}), true),
        (json!({"name": [{"exists": true}]}), true),
        (json!({"items": {"id": [2]}}), true),
        (json!({"items": {"id": [3]}}), false),
        (json!({"$or": [{"name": ["x"]}, {"count": [5]}]}), true),
        (json!({"$or": [{"name": ["x"]}, {"count": [6]}], "flag": [true]}), false),
        (json!({"flag": [true], "count": [6]}), false),
    ] {
        let whole = json!({"source": ["my.app"], "detail": pattern});
        assert_eq!(Pattern::parse(&whole).unwrap().matches(&event), wanted, "{pattern}");
    }
}

#[test]
fn patterns_that_eventbridge_refuses_are_refused() {
    for pattern in [
        json!({}),
        json!([]),
        json!({"source": "text"}),
        json!({"source": []}),
        json!({"source": [{"like": "x"}]}),
        json!({"source": [{"prefix": 1}]}),
        json!({"source": [{"prefix": "a", "suffix": "b"}]}),
        json!({"source": [{"wildcard": "a**b"}]}),
        json!({"detail": {"count": [{"numeric": [">"]}]}}),
        json!({"$or": [{"source": ["a"]}]}),
    ] {
        assert!(Pattern::parse(&pattern).is_err(), "{pattern}");
        let body = json!({"Name": "r", "EventPattern": pattern.to_string()});
        assert_eq!(ask(&world(), TARGET, "PutRule", &body).1["__type"], "InvalidEventPatternException");
    }
}

fn bodies(world: &World, queue: &str) -> Vec<Value> {
    world.with(|state| {
        let queue = state.queues.find(queue).unwrap();
        queue.messages().map(|message| serde_json::from_str(&message.body).unwrap()).collect()
    })
}

/// The same members in the same places, whatever the values
fn shape(value: &Value) -> Value {
    match value {
        Value::Object(members) => members.iter().map(|(name, member)| (name.clone(), shape(member))).collect(),
        Value::Array(items) => items.iter().map(shape).collect(),
        Value::Null => json!("null"),
        Value::Bool(_) => json!("bool"),
        Value::Number(_) => json!("number"),
        Value::String(_) => json!("string"),
    }
}

#[test]
fn what_people_do_appears_in_the_shape_of_the_samples() {
    let world = world();
    let queue = world.create_queue("all", QueueAttributes::default());
    world.put_rule("everything", json!({"version": ["0"]}), &queue.arn).unwrap();
    world.purchase(&Purchase::sample());
    world.create_account("487120396655", "new one");
    world.move_account("487120396655", "ou-9xk2-h3n8d1pw");
    world.remove_account("487120396655", "REMOVED");
    world.tag_account("318204957731", "team", Some("x"));
    world.end_agreement(&Purchase::sample().agreement, "REPLACED");
    let events = bodies(&world, "all");
    for (event, sample) in events.iter().zip([
        "mp-agreement-created-new.json",
        "org-create-account-result-succeeded.json",
        "org-account-joined-created.inferred.json",
        "org-move-account-api.inferred.json",
        "org-account-departed-removed.inferred.json",
        "org-tag-resource-api.inferred.json",
        "mp-agreement-ended.json",
    ]) {
        let mut wanted = shape(&read(&fixtures("events").join(sample)));
        let mut got = shape(event);
        // CreateAccountResult is of an older event version, whose sample lacks two members that all others have.
        for name in ["managementEvent", "eventCategory"] {
            wanted["detail"].as_object_mut().unwrap().remove(name);
            got["detail"].as_object_mut().unwrap().remove(name);
        }
        assert_eq!(got, wanted, "{sample}");
    }
    assert_eq!(events.len(), 7);
    assert_eq!(
        events[1]["detail"]["serviceEventDetails"]["createAccountStatus"]["completedTimestamp"],
        "Sep 14, 2026 8:00:00 AM"
    );
}

#[test]
fn a_purchase_in_a_member_account_stays_on_that_accounts_bus() {
    let world = world();
    let queue = world.create_queue("all", QueueAttributes::default());
    world.put_rule("everything", json!({"version": ["0"]}), &queue.arn).unwrap();
    world.purchase(&Purchase { acceptor: "318204957731".into(), ..Purchase::sample() });
    assert!(bodies(&world, "all").is_empty());
}

#[test]
fn put_events_takes_our_own_sources_and_refuses_amazons() {
    let world = world();
    let queue = world.create_queue("hub.fifo", QueueAttributes { content_deduplication: true, ..Default::default() });
    told(&world, TARGET, "PutRule", &json!({"Name": "own", "EventPattern": json!({"source": ["my.app"]}).to_string()}));
    let target = json!({"Id": "q", "Arn": queue.arn, "SqsParameters": {"MessageGroupId": "$.detail.key"}});
    told(&world, TARGET, "PutTargets", &json!({"Rule": "own", "Targets": [target]}));
    let entry =
        |source: &str| json!({"Source": source, "DetailType": "Something", "Detail": json!({"key": "k1"}).to_string()});
    let answer = told(
        &world,
        TARGET,
        "PutEvents",
        &json!({"Entries": [entry("my.app"), entry("aws.organizations"), {"Source": "x"}]}),
    );
    assert_eq!(answer["FailedEntryCount"], 2);
    assert_eq!(answer["Entries"][1]["ErrorCode"], "NotAuthorizedForSourceException");
    assert_eq!(answer["Entries"][2]["ErrorCode"], "InvalidArgument");
    let groups: Vec<_> = world
        .with(|state| state.queues.find("hub.fifo").unwrap().messages().map(|message| message.group.clone()).collect());
    assert_eq!(groups, [Some("k1".to_owned())]);
}

#[test]
fn read_only_events_reach_only_rules_that_ask_for_all_management_events() {
    let world = world();
    let queue = world.create_queue("all", QueueAttributes::default());
    let event = read(&fixtures("events").join("org-effective-policy-validation.json"));
    for (state, wanted) in [("ENABLED", 0), ("DISABLED", 0), ("ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS", 1)] {
        let pattern = json!({"source": ["aws.organizations"]}).to_string();
        told(&world, TARGET, "PutRule", &json!({"Name": "r", "EventPattern": pattern, "State": state}));
        told(&world, TARGET, "PutTargets", &json!({"Rule": "r", "Targets": [{"Id": "q", "Arn": queue.arn}]}));
        world.put_event(event.clone());
        assert_eq!(bodies(&world, "all").len(), wanted, "{state}");
    }
}

#[test]
fn an_event_for_another_account_s_bus_goes_by_that_bus_s_policy_to_the_function_there() {
    let world = world();
    let bus = format!("arn:aws:events:us-east-1:{MEMBER}:event-bus/default");
    let function = format!("arn:aws:lambda:us-east-1:{MEMBER}:function:one");
    let entry = json!({"EventBusName": bus, "Source": "mine", "DetailType": "Told", "Detail": "{\"n\": 1}"});
    let other = json!({"EventBusName": bus, "Source": "other", "DetailType": "Told", "Detail": "{}"});
    let put = |key: &str| {
        let (status, answer) = ask_as(&world, key, TARGET, "PutEvents", &json!({"Entries": [entry, other]}));
        assert_eq!(status, 200, "{answer}");
        let entries = answer["Entries"].as_array().unwrap();
        let codes: Vec<&str> = entries.iter().map(|entry| entry["ErrorCode"].as_str().unwrap_or("OK")).collect();
        (answer["FailedEntryCount"].as_u64().unwrap(), codes.join(" "))
    };
    let closed = (2, "AccessDeniedException AccessDeniedException".to_owned());
    assert_eq!(put(MANAGEMENT), closed);

    let organization = world.with(|state| state.organization.id.clone());
    world.set_bus_policy(&bus, Some(policy_for(&bus, MANAGEMENT, &organization, "mine"))).unwrap();
    world.put_rule_on(&bus, "told", &json!({"source": ["mine"], "account": [MANAGEMENT]}), &function).unwrap();
    world.host_function(&function);
    assert_eq!(put(MANAGEMENT), (1, "OK AccessDeniedException".to_owned()));
    assert_eq!(put("402958173646"), closed);
    let invocation = world.next_invocation(&function).expect("the rule wants it");
    assert_eq!(invocation.payload()["account"], MANAGEMENT);
    assert_eq!(invocation.payload()["detail"], json!({"n": 1}));
    invocation.settle(&world, Ok(()));
    assert!(world.next_invocation(&function).is_none());
    assert_eq!(world.events_on(&bus).len(), 1);
    assert_eq!(world.with(|state| state.bus.events().len()), 0, "it is no event of the hub's bus");

    // A saved world has all of it.
    let loaded = World::load(&world.save().unwrap(), Resume::Standing).unwrap();
    ask_as(&loaded, MANAGEMENT, TARGET, "PutEvents", &json!({"Entries": [entry]}));
    loaded.next_invocation(&function).expect("the rule wants it").settle(&loaded, Ok(()));

    world.set_bus_policy(&bus, None).unwrap();
    assert_eq!(put(MANAGEMENT), closed);
    assert!(world.set_bus_policy("arn:aws:events:us-east-1:1:event-bus/default", None).is_err());
}
