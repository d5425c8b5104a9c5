//! Chance against the probabilities, and the catalog against the fields

use std::collections::BTreeSet;

use super::*;

#[test]
fn calm_faults_never_strike() {
    let mut faults = Faults::calm();
    for _ in 0..1000 {
        assert_eq!(faults.draw(Service::LicenseManager, "1", "CreateGrant", true), None);
        assert_eq!((faults.draw_for_event(), faults.draw_for_message()), (None, None));
    }
}

#[test]
fn a_one_shot_strikes_once_and_only_its_operation() {
    let mut faults = Faults::calm();
    faults.fail_next(Service::Sqs, "SendMessage", Fault::ServerError);
    assert_eq!(faults.draw(Service::Sqs, "1", "ReceiveMessage", false), None);
    assert_eq!(faults.draw(Service::Sqs, "1", "SendMessage", true), Some(CallFault::ServerError));
    assert_eq!(faults.draw(Service::Sqs, "1", "SendMessage", true), None);
}

#[test]
fn what_befalls_events_and_messages_strikes_no_call() {
    let mut faults = Faults::calm();
    for fault in [Fault::EventDropped, Fault::MessageDoubled, Fault::Throttle] {
        faults.fail_next(Service::Sqs, "SendMessage", fault);
    }
    assert_eq!(faults.draw(Service::Sqs, "1", "SendMessage", true), Some(CallFault::Throttle));
    assert_eq!(faults.draw(Service::Sqs, "1", "SendMessage", true), None);
}

#[test]
fn a_probability_strikes_about_that_often_and_spares_other_services() {
    let mut faults = Faults { throttle: 0.25, ..Faults::calm() };
    faults.seed(7);
    let struck =
        (0..2000).filter(|_| faults.draw(Service::Organizations, "1", "ListAccounts", false).is_some()).count();
    assert!((400..600).contains(&struck), "{struck}");
    assert!((0..100).all(|_| faults.draw(Service::DynamoDb, "1", "PutItem", true).is_none()));
}

#[test]
fn a_denied_account_is_denied_everything_and_others_nothing() {
    let mut faults = Faults { denied_accounts: vec!["1".to_owned()], ..Faults::calm() };
    assert_eq!(faults.draw(Service::DynamoDb, "1", "GetItem", false), Some(CallFault::AccessDenied));
    assert_eq!(faults.draw(Service::LicenseManager, "2", "AcceptGrant", true), None);
}

#[test]
fn each_fault_strikes_what_it_is_said_to_strike() {
    let certain = |name: &str| -> Faults {
        let mut faults: Faults = serde_json::from_str(&format!("{{\"{name}\": 1.0}}")).unwrap();
        faults.services.push(Service::Sqs);
        faults
    };
    let calls = [
        (Service::LicenseManager, "CreateGrant", true),
        (Service::LicenseManager, "AcceptGrant", true),
        (Service::LicenseManager, "ListReceivedGrants", false),
        (Service::Sqs, "SendMessage", true),
    ];
    for kind in Faults::catalog() {
        let mut faults = certain(kind.name);
        let is_it = |struck: Option<Fault>| struck == Some(kind.fault);
        let hit = calls
            .map(|(service, operation, write)| is_it(faults.draw(service, "1", operation, write).map(Fault::from)));
        let delivered = [faults.draw_for_event().map(Fault::from), faults.draw_for_message().map(Fault::from)];
        let delivered = delivered.map(is_it);
        let (expected, passages) = match kind.fault {
            Fault::Throttle | Fault::ServerError | Fault::AccessDenied | Fault::LostReply => {
                ([true; 4], [false, false])
            }
            Fault::AccountNotReady => ([false, true, false, false], [false, false]),
            Fault::SlowWorkflow | Fault::FailedWorkflow => ([true, true, false, false], [false, false]),
            Fault::StaleListing => ([false, false, true, false], [false, false]),
            Fault::EventDropped | Fault::EventDoubled | Fault::EventLate => ([false; 4], [true, false]),
            Fault::MessageDoubled | Fault::MessageReordered => ([false; 4], [false, true]),
        };
        assert_eq!((hit, delivered), (expected, passages), "{kind:?}");
        assert_eq!(faults.happened().get(&kind.fault).copied().unwrap_or_default(), u64::from(passages != [false; 2]));
    }
}

#[test]
fn the_catalog_has_every_probability_and_stopping_ends_them_all() {
    let fields = serde_json::to_value(Faults::calm()).unwrap();
    let fields: BTreeSet<&str> =
        fields.as_object().unwrap().iter().filter(|(_, value)| value.is_f64()).map(|(name, _)| name.as_str()).collect();
    let catalog = Faults::catalog();
    assert_eq!(catalog.iter().map(|kind| kind.name).collect::<BTreeSet<_>>(), fields);
    assert_eq!(catalog.iter().map(|kind| kind.fault).collect::<BTreeSet<_>>().len(), fields.len());
    let all: serde_json::Map<String, serde_json::Value> =
        fields.iter().map(|name| ((*name).to_owned(), 0.5.into())).collect();
    let mut faults: Faults = serde_json::from_value(all.into()).unwrap();
    assert_ne!(faults, Faults::calm());
    faults.stop();
    assert_eq!(faults, Faults::calm());
}

#[test]
fn ages_and_lateness_keep_within_their_bounds() {
    let mut faults = Faults { stale_seconds: 3, late_seconds: 0, ..Faults::calm() };
    let ages: BTreeSet<i64> = (0..100).map(|_| faults.draw_age().as_secs()).collect();
    assert_eq!(ages, BTreeSet::from([1, 2, 3]));
    assert_eq!(faults.draw_lateness().as_secs(), 1);
}
