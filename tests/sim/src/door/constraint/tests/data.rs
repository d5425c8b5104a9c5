//! What `constraints.py` wrote, against what is here

use serde_json::json;

use super::{route, world};
use crate::door::constraint::table::{Shape, Table};
use crate::door::constraint::walk;
use crate::door::{Service, served};

const ALL: [Service; 12] = [
    Service::LicenseManager,
    Service::Organizations,
    Service::Marketplace,
    Service::Sts,
    Service::Iam,
    Service::Sqs,
    Service::Sns,
    Service::EventBridge,
    Service::CloudTrail,
    Service::ServiceQuotas,
    Service::DynamoDb,
    Service::DynamoDbStreams,
];

#[test]
fn all_data_can_be_read_and_every_pattern_compiles() {
    for service in ALL {
        let table = Table::of(service);
        assert!(table.operations().next().is_some(), "{service:?}");
        for shape in table.shapes() {
            match shape {
                Shape::Text { pattern: Some(pattern), .. } => assert!(pattern.compiled().is_some(), "{pattern:?}"),
                Shape::List { of, .. } => assert!(!matches!(table.shape(*of), Shape::Anything), "{shape:?}"),
                Shape::Map { key, of, .. } => {
                    assert!(matches!(table.shape(*key), Shape::Text { .. }), "{shape:?}");
                    assert!(!matches!(table.shape(*of), Shape::Anything), "{shape:?}");
                }
                Shape::Structure(structure) => {
                    for member in structure.members.values() {
                        assert!(!matches!(table.shape(member.shape), Shape::Anything), "{structure:?}");
                    }
                    let mut bits: Vec<u64> =
                        structure.required.iter().map(|name| structure.members[name].bit).collect();
                    bits.dedup();
                    assert!(
                        bits.len() == structure.required.len() && bits.iter().all(|bit| *bit != 0),
                        "{structure:?}"
                    );
                }
                Shape::Text { pattern: None, .. } | Shape::Whole { .. } | Shape::Flag | Shape::Time | Shape::Blob => {}
                Shape::Anything => panic!("a shape of no type"),
            }
        }
    }
}

#[test]
fn an_operation_is_in_the_data_when_its_service_answers_it_and_only_then() {
    let world = world();
    let is_answered = |service: Service, operation: &str| {
        let reply = world.with(|state| served(state, &route(service, operation, json!({})), None));
        !["UnknownOperationException", "InvalidAction"].contains(&reply.code())
    };
    for service in ALL {
        let table = Table::of(service);
        for operation in table.operations() {
            assert!(is_answered(service, operation), "{service:?} does not know {operation}");
        }
        for operation in &table.unanswered {
            assert!(!is_answered(service, operation), "{service:?} {operation}: run constraints.py once more");
        }
    }
}

#[test]
fn license_manager_misses_by_itself_what_its_model_requires() {
    let world = world();
    let table = Table::of(Service::LicenseManager);
    for operation in table.operations() {
        let found = walk::breaches(table, table.input(operation).unwrap(), walk::Spelling::Typed, json!({}));
        let asked = route(Service::LicenseManager, operation, json!({}));
        let reply = world.with(|state| served(state, &asked, None));
        // Not every operation has a ValidationException.
        let missed = matches!(reply.code(), "ValidationException" | "InvalidParameterValueException");
        assert_eq!(missed, !found.is_empty(), "{operation}: {reply:?}");
    }
}
