//! The protocol of applying one action, driven by hand through every path and by chance through any

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that meets something unexpected should stop there and say so"
)]

#[path = "steps/by_chance.rs"]
mod by_chance;

use grant_plan::action::{Action, Create, Noted};
use grant_plan::call::{CreateGrant, Disposition, Failure, GrantReply, Operation, Override};
use grant_plan::entry::{Attempts, Entry, EntryKey, Phase, Report};
use grant_plan::grant::{Grant, GrantStatus};
use grant_plan::id::{AccountId, GrantArn, Intent};
use grant_plan::organization::Principal;
use grant_plan::reason::ReasonCode;
use grant_plan::rule::Revoke;
use grant_plan::step::{Answer, Ask, Context, GranteeRequest, Next, Outcome, Step};
use grant_plan::time::Timestamp;

const EARLIER: Timestamp = Timestamp(1_799_990_000);
const START: Timestamp = Timestamp(1_800_000_000);
const LATER: Timestamp = Timestamp(1_800_000_007);

fn context() -> Context {
    Context { deployment: "main".parse().unwrap(), license: "l-1".parse().unwrap() }
}

fn intent(digit: char) -> Intent {
    digit.to_string().repeat(32).parse().unwrap()
}

fn account() -> AccountId {
    "000000000101".parse().unwrap()
}

fn arn(name: &str) -> GrantArn {
    format!("arn:aws:license-manager::000000000001:grant:g-{name}").parse().unwrap()
}

fn to(principal: Principal) -> Create {
    let activate = match principal {
        Principal::Organization | Principal::Unit(_) => Some(Override::DistributedGrantsOnly),
        Principal::Account(_) => None,
    };
    Create {
        principal_arn: format!("arn of {principal}"),
        principal,
        license: "arn:aws:license-manager::294406891311:license:l-1".into(),
        home_region: "us-east-1".into(),
        operations: vec!["CheckoutLicense".into()],
        rule: "everyone".parse().unwrap(),
        rule_version: "v2".into(),
        activate,
        revoke: Revoke::Never,
        served: None,
        if_refused: ReasonCode::CallRefused,
        heals: false,
    }
}

fn to_account() -> Create {
    to(Principal::Account(account()))
}

fn to_organization() -> Create {
    to(Principal::Organization)
}

fn grant(name: &str, status: GrantStatus, stamp: &str) -> Grant {
    Grant {
        arn: arn(name),
        name: stamp.to_owned(),
        license: "l-1".parse().unwrap(),
        principal: Some(Principal::Account(account())),
        parent: None,
        status,
        status_reason: None,
        version: "3".into(),
        operations: std::collections::BTreeSet::new(),
    }
}

fn entry(phase: Phase) -> Entry {
    let mut entry = Entry::new(None, "first-rule".parse().unwrap(), "v1".into(), phase);
    (entry.revision, entry.generation) = (41, 3);
    entry
}

fn intended(digit: char, one_call: bool) -> Entry {
    entry(Phase::Intended { intent: intent(digit), at: EARLIER, one_call })
}

fn held(name: &str) -> Entry {
    entry(Phase::Held { intent: Some(intent('a')), arn: arn(name), at: EARLIER })
}

fn activate(key: EntryKey, name: &str) -> Action {
    Action::Activate {
        key,
        arn: arn(name),
        overriding: Override::DistributedGrantsOnly,
        rule: "everyone".parse().unwrap(),
        rule_version: "v2".into(),
        heals: false,
    }
}

fn ask_grantee(key: EntryKey, name: &str, activate: bool) -> Action {
    Action::AskGrantee {
        key,
        account: account(),
        arn: arn(name),
        activate,
        rule: "everyone".parse().unwrap(),
        rule_version: "v2".into(),
        heals: false,
    }
}

fn account_key() -> EntryKey {
    EntryKey::Grant(Principal::Account(account()))
}

fn replied(name: &str) -> Answer {
    Answer::Replied(GrantReply { arn: arn(name), status: GrantStatus::PendingWorkflow, version: "1".into() })
}

fn refused(operation: Operation, code: &str, message: &str) -> Answer {
    Answer::Failed(Failure::of_code(operation, code, message, false))
}

fn ledger_down() -> Answer {
    Answer::Failed(Failure::unanswered(Operation::Ledger, "connection reset".into()))
}

/// A step under way, told by what it asks for
struct Ride {
    step: Step,
    next: Next,
}

impl Ride {
    fn of(action: &Action, entry: Option<&Entry>) -> Self {
        Self::by('f', action, entry)
    }

    /// By a step that is known by this digit
    fn by(digit: char, action: &Action, entry: Option<&Entry>) -> Self {
        let (step, next) = Step::start(context(), action, entry, intent(digit), START);
        Self { step, next }
    }

    fn answer(&mut self, answer: Answer) {
        self.next = self.step.next(answer, LATER);
    }

    /// The entry it wants written over revision `expected`, which is done
    fn records(&mut self, expected: Option<u64>) -> Entry {
        let (found, entry) = self.wants_to_record();
        assert_eq!(found, expected);
        self.answer(Answer::Recorded);
        entry
    }

    fn wants_to_record(&self) -> (Option<u64>, Entry) {
        let Next::Ask(Ask::Record { expected, entry, .. }) = &self.next else {
            panic!("not a ledger write: {:?}", self.next)
        };
        (*expected, (**entry).clone())
    }

    fn creates(&self) -> CreateGrant {
        let Next::Ask(Ask::Create(call)) = &self.next else { panic!("not CreateGrant: {:?}", self.next) };
        call.clone()
    }

    fn activates(&self) -> (String, GrantArn) {
        let Next::Ask(Ask::Activate(call)) = &self.next else { panic!("not CreateGrantVersion: {:?}", self.next) };
        assert_eq!(call.overriding, Override::DistributedGrantsOnly);
        (call.token.clone(), call.arn.clone())
    }

    fn looks(&self) {
        assert!(matches!(&self.next, Next::Ask(Ask::Find { .. })), "{:?}", self.next);
    }

    fn tells(&self) -> GranteeRequest {
        let Next::Ask(Ask::Tell(request)) = &self.next else { panic!("not a request: {:?}", self.next) };
        request.clone()
    }

    fn ends(&self) -> Outcome {
        match &self.next {
            Next::Done(outcome) => outcome.clone(),
            Next::Ask(ask) => panic!("it goes on: {ask:?}"),
        }
    }

    fn ends_held(&self) -> ReasonCode {
        match self.ends() {
            Outcome::Held { code, detail } => {
                assert!(!detail.is_empty());
                code
            }
            other @ (Outcome::Applied(_) | Outcome::Conflict) => panic!("not held: {other:?}"),
        }
    }
}

/// Until CreateGrant is to be called for the first time
fn creating(create: &Create) -> Ride {
    let mut ride = Ride::of(&Action::Create(create.clone()), None);
    ride.records(None);
    ride.creates();
    ride
}

#[test]
fn a_grant_is_made_after_its_intent_is_written_and_before_its_arn_is() {
    let mut ride = Ride::of(&Action::Create(to_account()), None);
    let first = ride.records(None);
    assert_eq!(first.phase, Phase::Intended { intent: intent('f'), at: START, one_call: false });
    assert_eq!((first.revision, first.generation, first.rule_version.as_str()), (1, 1, "v2"));
    let call = ride.creates();
    assert_eq!(call.token, intent('f').to_string());
    assert_eq!(call.name, format!("gw/main/everyone/{}", intent('f')));
    assert_eq!((call.principal.as_str(), call.activate), ("arn of 000000000101", None));
    ride.answer(replied("N"));
    let second = ride.records(Some(1));
    assert_eq!(second.phase, Phase::Held { intent: Some(intent('f')), arn: arn("N"), at: LATER });
    assert_eq!((second.revision, second.activation), (2, Attempts::default()));
    assert_eq!(ride.ends(), Outcome::Applied(ReasonCode::WorkflowPending));
}

#[test]
fn an_organization_grant_asks_for_activation_in_the_same_call_and_counts_it() {
    let mut ride = creating(&to_organization());
    assert_eq!(ride.creates().activate, Some(Override::DistributedGrantsOnly));
    ride.answer(replied("N"));
    let entry = ride.records(Some(1));
    assert_eq!(entry.activation, Attempts { count: 1, last: Some(LATER) });
}

#[test]
fn a_new_life_of_a_key_has_a_new_intent_and_nothing_of_the_old_attempts() {
    let mut old = held("A");
    old.activation = Attempts { count: 4, last: Some(EARLIER) };
    (old.by_grantee, old.unwanted_since) = (true, Some(EARLIER));
    let mut ride = Ride::of(&Action::Create(to_account()), Some(&old));
    let first = ride.records(Some(41));
    assert_eq!((first.revision, first.generation, first.activation), (42, 4, Attempts::default()));
    assert!(!first.by_grantee && first.unwanted_since.is_none());
    assert_eq!(first.intent(), Some(&intent('f')));
}

#[test]
fn a_creation_without_an_answer_leaves_the_intent_for_the_listing() {
    for failure in [
        Failure::unanswered(Operation::CreateGrant, "timed out".into()),
        Failure::of_code(Operation::CreateGrant, "ServerInternalException", "oops", true),
    ] {
        let mut ride = creating(&to_account());
        ride.answer(Answer::Failed(failure));
        assert_eq!(ride.ends_held(), ReasonCode::IntentUnresolved);
    }
}

#[test]
fn a_throttled_creation_leaves_the_intent_to_be_repeated() {
    let busy = "Too many concurrent org grants are in progress";
    for (code, message) in [("RateLimitExceededException", ""), ("ResourceLimitExceededException", busy)] {
        let mut ride = creating(&to_account());
        ride.answer(refused(Operation::CreateGrant, code, message));
        assert_eq!(ride.ends_held(), ReasonCode::Retrying);
    }
}

#[test]
fn a_refused_creation_finds_that_it_had_worked() {
    let mut ride = creating(&to_account());
    ride.answer(refused(Operation::CreateGrant, "ValidationException", "already has a grant"));
    ride.looks();
    let others = grant("O", GrantStatus::Deleted, "by hand");
    let ours = grant("N", GrantStatus::PendingAccept, &format!("gw/main/everyone/{}", intent('f')));
    ride.answer(Answer::Found(vec![others, ours]));
    let entry = ride.records(Some(1));
    assert_eq!(entry.phase, Phase::Held { intent: Some(intent('f')), arn: arn("N"), at: LATER });
    assert_eq!(ride.ends(), Outcome::Applied(ReasonCode::WorkflowPending));
}

#[test]
fn a_refused_creation_finds_that_somebody_else_was_first_and_closes_its_intent() {
    for create in [to_account(), to_organization()] {
        let mut ride = creating(&create);
        ride.answer(refused(Operation::CreateGrant, "ConflictException", "Try your request again"));
        ride.looks();
        ride.answer(Answer::Found(vec![grant("O", GrantStatus::Active, "by hand")]));
        let entry = ride.records(Some(1));
        assert!(matches!(entry.phase, Phase::Closed { .. }), "{entry:?}");
        assert_eq!(ride.ends_held(), ReasonCode::ForeignNotActive);
    }
}

#[test]
fn a_refused_creation_that_finds_nothing_is_refused() {
    for found in [Vec::new(), vec![grant("T", GrantStatus::Deleted, &format!("gw/main/everyone/{}", intent('f')))]] {
        let mut ride = creating(&to_account());
        ride.answer(refused(Operation::CreateGrant, "InvalidParameterValueException", "no such operation"));
        ride.looks();
        ride.answer(Answer::Found(found));
        let entry = ride.records(Some(1));
        let Phase::Refused { reason: ReasonCode::CallRefused, detail, at: LATER } = &entry.phase else {
            panic!("{entry:?}")
        };
        assert!(detail.contains("no such operation"), "{detail}");
        assert_eq!(ride.ends_held(), ReasonCode::CallRefused);
    }
}

/// Until the plain form of an organization grant's call is to be made
fn falling_back() -> Ride {
    let mut ride = creating(&to_organization());
    ride.answer(refused(Operation::CreateGrant, "ValidationException", "DesiredStatus is not supported"));
    ride.looks();
    ride.answer(Answer::Found(Vec::new()));
    let entry = ride.records(Some(1));
    assert_eq!(entry.phase, Phase::Intended { intent: intent('f'), at: LATER, one_call: false });
    ride
}

#[test]
fn where_one_call_is_refused_the_plain_form_follows_with_another_token_and_the_same_name() {
    let with_status = creating(&to_organization()).creates();
    let mut ride = falling_back();
    let plain = ride.creates();
    assert_eq!(plain.activate, None);
    assert_ne!(plain.token, with_status.token);
    assert!(plain.token.starts_with(intent('f').as_str()), "{}", plain.token);
    assert_eq!(plain.name, with_status.name);
    ride.answer(replied("N"));
    let entry = ride.records(Some(2));
    assert_eq!((entry.arn(), entry.activation), (Some(&arn("N")), Attempts::default()));
    assert_eq!(ride.ends(), Outcome::Applied(ReasonCode::WorkflowPending));
}

#[test]
fn where_both_forms_are_refused_the_creation_is() {
    let mut ride = falling_back();
    ride.answer(refused(Operation::CreateGrant, "ValidationException", "not this one either"));
    ride.looks();
    ride.answer(Answer::Found(Vec::new()));
    assert!(matches!(ride.records(Some(2)).phase, Phase::Refused { reason: ReasonCode::CallRefused, .. }));
    assert_eq!(ride.ends_held(), ReasonCode::CallRefused);
}

#[test]
fn a_throttled_plain_form_is_repeated_as_the_plain_form() {
    let mut ride = falling_back();
    let plain = ride.creates();
    ride.answer(refused(Operation::CreateGrant, "RateLimitExceededException", ""));
    assert_eq!(ride.ends_held(), ReasonCode::Retrying);
    let mut left = intended('f', false);
    left.rule = "everyone".parse().unwrap();
    let mut ride = Ride::of(&Action::Repeat(to_organization()), Some(&left));
    ride.records(Some(41));
    assert_eq!(ride.creates(), plain);
}

#[test]
fn every_lasting_refusal_is_kept_with_its_reason() {
    let trusted = "Grantor has disabled Trusted Access to AWS License Manager Service in AWS Organizations";
    for (code, message, reason) in [
        ("AccessDeniedException", "no", ReasonCode::AccessDenied),
        ("AuthorizationException", "no", ReasonCode::AccessDenied),
        ("ResourceLimitExceededException", "too many grants", ReasonCode::QuotaReached),
        ("ValidationException", trusted, ReasonCode::TrustedAccessMissing),
    ] {
        for create in [to_account(), to_organization()] {
            let mut ride = creating(&create);
            ride.answer(refused(Operation::CreateGrant, code, message));
            let entry = ride.records(Some(1));
            let Phase::Refused { reason: kept, detail, .. } = &entry.phase else { panic!("{entry:?}") };
            assert_eq!(*kept, reason);
            assert!(detail.contains(code) && detail.contains(message), "{detail}");
            assert_eq!(ride.ends_held(), reason);
        }
    }
}

#[test]
fn every_permanent_failure_of_a_creation_but_a_plain_refusal_ends_with_its_own_code() {
    for code in ReasonCode::ALL.iter().filter(|code| **code != ReasonCode::CallRefused) {
        let mut ride = creating(&to_account());
        let failure = Failure::of_code(Operation::CreateGrant, "SomeException", "for some reason", false);
        ride.answer(Answer::Failed(Failure { disposition: Disposition::Permanent(*code), ..failure }));
        assert!(matches!(ride.records(Some(1)).phase, Phase::Refused { reason, .. } if reason == *code));
        assert_eq!(ride.ends_held(), *code);
    }
}

#[test]
fn a_repetition_is_the_same_request_even_if_the_rule_has_changed() {
    let entry = intended('a', true);
    let mut ride = Ride::of(&Action::Repeat(to_organization()), Some(&entry));
    let again = ride.records(Some(41));
    assert_eq!(again.phase, Phase::Intended { intent: intent('a'), at: START, one_call: true });
    assert_eq!((again.revision, again.generation), (42, 3));
    let call = ride.creates();
    assert_eq!(call.token, intent('a').to_string());
    assert_eq!(call.name, format!("gw/main/first-rule/{}", intent('a')));
    assert_eq!(call.activate, Some(Override::DistributedGrantsOnly));
    ride.answer(replied("N"));
    assert_eq!(ride.records(Some(42)).phase, Phase::Held { intent: Some(intent('a')), arn: arn("N"), at: LATER });
}

#[test]
fn a_found_grant_is_recorded_with_the_intent_in_its_name() {
    for (one_call, count) in [(false, 0), (true, 1)] {
        let principal = Principal::Account(account());
        let made = grant("N", GrantStatus::PendingAccept, &format!("gw/main/first-rule/{}", intent('a')));
        let entry = intended('a', one_call);
        let mut ride = Ride::of(&Action::Record { principal, grant: made }, Some(&entry));
        let entry = ride.records(Some(41));
        assert_eq!(entry.phase, Phase::Held { intent: Some(intent('a')), arn: arn("N"), at: START });
        assert_eq!((entry.revision, entry.activation.count), (42, count));
        assert_eq!(ride.ends(), Outcome::Applied(ReasonCode::WorkflowPending));
    }
}

#[test]
fn an_activation_is_counted_before_it_is_called() {
    let mut ride = Ride::of(&activate(account_key(), "A"), Some(&held("A")));
    let entry = ride.records(Some(41));
    assert_eq!((entry.revision, entry.activation), (42, Attempts { count: 1, last: Some(START) }));
    assert_eq!(entry.phase, held("A").phase);
    assert_eq!(ride.activates().1, arn("A"));
    ride.answer(replied("A"));
    assert_eq!(ride.ends(), Outcome::Applied(ReasonCode::Activating));
}

#[test]
fn the_second_activation_is_a_request_of_its_own() {
    let mut tokens = std::collections::BTreeSet::new();
    let mut entry = held("A");
    for digit in ['1', '2', '3', '4'] {
        let mut ride = Ride::by(digit, &activate(account_key(), "A"), Some(&entry));
        entry = ride.records(Some(entry.revision));
        let (token, _) = ride.activates();
        assert!(!token.contains(char::is_whitespace) && tokens.insert(token));
    }
    assert_eq!(entry.activation.count, 4);
    // A person wants another try, and the counting begins anew.
    entry.activation = Attempts::default();
    let mut ride = Ride::by('5', &activate(account_key(), "A"), Some(&entry));
    assert_eq!(ride.records(Some(entry.revision)).activation.count, 1);
    assert!(tokens.insert(ride.activates().0), "an earlier attempt's token would be a replay");
}

#[test]
fn a_sub_grant_gets_its_entry_when_it_is_first_treated_and_a_new_parent_begins_anew() {
    let key = EntryKey::SubGrant(account());
    let mut ride = Ride::of(&activate(key.clone(), "S"), None);
    let first = ride.records(None);
    assert_eq!(first.phase, Phase::Held { intent: None, arn: arn("S"), at: START });
    assert_eq!((first.revision, first.activation.count, first.rule.as_str()), (1, 1, "everyone"));
    let mut old = first.clone();
    old.activation = Attempts { count: 3, last: Some(EARLIER) };
    let mut ride = Ride::of(&activate(key, "T"), Some(&old));
    let second = ride.records(Some(1));
    assert_eq!((second.arn(), second.activation.count, second.revision), (Some(&arn("T")), 1, 2));
}

#[test]
fn an_activation_that_the_world_has_passed_by_ends_and_is_looked_at_again() {
    for code in ["ValidationException", "InvalidParameterValueException"] {
        let mut ride = Ride::of(&activate(account_key(), "A"), Some(&held("A")));
        ride.records(Some(41));
        ride.answer(refused(Operation::CreateGrantVersion, code, "not in this state"));
        assert_eq!(ride.ends_held(), ReasonCode::Retrying);
    }
}

#[test]
fn an_activation_without_an_answer_keeps_its_rung() {
    let mut ride = Ride::of(&activate(account_key(), "A"), Some(&held("A")));
    ride.records(Some(41));
    ride.answer(Answer::Failed(Failure::unanswered(Operation::CreateGrantVersion, "timed out".into())));
    assert_eq!(ride.ends_held(), ReasonCode::Retrying);
}

#[test]
fn a_throttled_activation_gives_its_rung_back() {
    let mut before = held("A");
    before.activation = Attempts { count: 2, last: Some(EARLIER) };
    let mut ride = Ride::of(&activate(account_key(), "A"), Some(&before));
    assert_eq!(ride.records(Some(41)).activation.count, 3);
    ride.answer(refused(Operation::CreateGrantVersion, "RateLimitExceededException", ""));
    let after = ride.records(Some(42));
    assert_eq!((after.revision, after.activation.count), (43, 2));
    assert_eq!(ride.ends_held(), ReasonCode::Retrying);
}

#[test]
fn where_the_grantor_may_not_activate_the_account_is_told_to() {
    for (key, name) in [(account_key(), "A"), (EntryKey::SubGrant(account()), "S")] {
        let mut ride = Ride::of(&activate(key.clone(), name), Some(&held(name)));
        ride.records(Some(41));
        ride.answer(refused(Operation::CreateGrantVersion, "AccessDeniedException", "only the grantee may"));
        let entry = ride.records(Some(42));
        assert!(entry.by_grantee);
        assert_eq!((entry.grantee, entry.revision), (Attempts { count: 1, last: Some(LATER) }, 43));
        let license = "l-1".parse().unwrap();
        let request =
            GranteeRequest { license, account: account(), grant: arn(name), activate: true, key, asked_at: LATER };
        assert_eq!(ride.tells(), request);
        ride.answer(Answer::Told);
        assert_eq!(ride.ends(), Outcome::Applied(ReasonCode::AwaitingGrantee));
    }
}

#[test]
fn a_denied_activation_of_the_organization_s_grant_has_nobody_to_tell() {
    let mut ride = Ride::of(&activate(EntryKey::Grant(Principal::Organization), "A"), Some(&held("A")));
    ride.records(Some(41));
    ride.answer(refused(Operation::CreateGrantVersion, "AccessDeniedException", "no"));
    // Nothing was begun, so nothing is waited for: once the right is given the next look calls again.
    assert_eq!(ride.records(Some(42)).activation, Attempts::default());
    assert_eq!(ride.ends_held(), ReasonCode::AccessDenied);
}

#[test]
fn the_grantee_is_asked_after_the_asking_is_counted() {
    for (also, code) in [(false, ReasonCode::AwaitingAcceptance), (true, ReasonCode::AwaitingGrantee)] {
        let mut ride = Ride::of(&ask_grantee(account_key(), "A", also), Some(&held("A")));
        let entry = ride.records(Some(41));
        assert_eq!((entry.revision, entry.grantee), (42, Attempts { count: 1, last: Some(START) }));
        assert_eq!(entry.activation, Attempts::default());
        let request = ride.tells();
        assert_eq!((request.grant, request.activate, request.key), (arn("A"), also, account_key()));
        ride.answer(Answer::Told);
        assert_eq!(ride.ends(), Outcome::Applied(code));
    }
}

#[test]
fn a_request_that_could_not_be_sent_is_held() {
    let mut ride = Ride::of(&ask_grantee(EntryKey::SubGrant(account()), "S", true), None);
    ride.records(None);
    ride.tells();
    ride.answer(refused(Operation::Queue, "AccessDenied", "no"));
    assert_eq!(ride.ends_held(), ReasonCode::AccessDenied);
}

#[test]
fn a_closed_bus_is_kept_in_the_entry_until_the_next_request() {
    let ask = ask_grantee(account_key(), "A", true);
    let mut ride = Ride::of(&ask, Some(&held("A")));
    ride.records(Some(41));
    ride.tells();
    ride.answer(refused(Operation::Bus, "AccessDeniedException", "no policy allows it"));
    let entry = ride.records(Some(42));
    let report = entry.grantee_report.as_ref().map(|report| (report.code, report.at));
    assert_eq!(report, Some((ReasonCode::MemberBusClosed, LATER)));
    assert_eq!(ride.ends_held(), ReasonCode::MemberBusClosed);

    let mut again = Ride::of(&ask, Some(&entry));
    assert_eq!(again.records(Some(43)).grantee_report, None);
    again.tells();
    again.answer(Answer::Told);
    assert_eq!(again.ends(), Outcome::Applied(ReasonCode::AwaitingGrantee));

    // What passes by itself stands in nobody's way.
    let mut busy = Ride::of(&ask, Some(&held("A")));
    busy.records(Some(41));
    busy.tells();
    busy.answer(refused(Operation::Bus, "ThrottlingException", "slower"));
    assert_eq!(busy.ends_held(), ReasonCode::Retrying);
}

#[test]
fn what_the_account_s_side_reported_outlives_the_next_request() {
    let report = Report { code: ReasonCode::MemberRoleMissing, detail: "no role".into(), at: START };
    let entry = held("A").with(|entry| entry.grantee_report = Some(report.clone()));
    let mut ride = Ride::of(&ask_grantee(account_key(), "A", true), Some(&entry));
    assert_eq!(ride.records(Some(entry.revision)).grantee_report, Some(report));
}

#[test]
fn a_failed_distribution_is_deleted_by_the_version_that_was_seen() {
    let action = Action::DeleteFailed {
        principal: Principal::Account(account()),
        arn: arn("A"),
        version: "3".into(),
        rejected: false,
    };
    let entry = held("A");
    let start = || {
        let mut ride = Ride::of(&action, Some(&entry));
        let counted = ride.records(Some(entry.revision));
        assert_eq!((counted.failed.count, counted.failed.last), (1, Some(START)));
        assert_eq!(counted.recalled, Some(arn("A")));
        assert!(matches!(&ride.next, Next::Ask(Ask::Delete { arn: it, version }) if *it == arn("A") && version == "3"));
        ride
    };
    let mut ride = start();
    ride.answer(replied("A"));
    assert_eq!(ride.ends(), Outcome::Applied(ReasonCode::Deleting));
    let mut ride = start();
    ride.answer(refused(Operation::DeleteGrant, "ValidationException", "not the current version"));
    assert_eq!(ride.ends_held(), ReasonCode::Retrying);
}

/// Deletes a rejected grant that a person wants another try instead of
fn gives_up() -> Ride {
    let principal = Principal::Account(account());
    let action = Action::DeleteFailed { principal, arn: arn("A"), version: "3".into(), rejected: true };
    let entry = held("A").with(|entry| (entry.revision, entry.retried) = (41, Some(arn("A"))));
    let mut ride = Ride::of(&action, Some(&entry));
    let written = ride.records(Some(41));
    assert_eq!((written.failed, written.recalled), (Attempts::default(), Some(arn("A"))), "a rejection is no failure");
    ride
}

#[test]
fn a_rejected_grant_is_deleted_without_a_wait_for_the_next() {
    let mut ride = gives_up();
    ride.answer(replied("A"));
    assert_eq!(ride.ends(), Outcome::Applied(ReasonCode::Deleting));
}

#[test]
fn a_rejected_grant_that_cannot_be_deleted_is_given_up_where_it_stands() {
    let mut ride = gives_up();
    ride.answer(refused(Operation::DeleteGrant, "ValidationException", "the grant is REJECTED"));
    let entry = ride.records(Some(42));
    assert!(matches!(entry.phase, Phase::Closed { .. }), "{entry:?}");
    assert_eq!(entry.given_up, [arn("A")]);
    assert!(entry.knows(&intent('a')), "what it made is not taken for somebody else's");
    assert_eq!(ride.ends(), Outcome::Applied(ReasonCode::Deleting));
    // Refused for another reason, or with nobody knowing: it is tried again.
    for answer in [
        refused(Operation::DeleteGrant, "RateLimitExceededException", "slow down"),
        refused(Operation::DeleteGrant, "AccessDeniedException", "no"),
        Answer::Failed(Failure::unanswered(Operation::DeleteGrant, "timed out".into())),
    ] {
        let mut ride = gives_up();
        ride.answer(answer);
        let _held = ride.ends_held();
    }
}

#[test]
fn the_next_life_forgets_the_retry_and_keeps_what_was_given_up() {
    let entry = held("A").with(|entry| entry.retried = Some(arn("A"))).giving_up(&arn("A"), "rejected".into(), START);
    let mut ride = Ride::of(&Action::Create(to_account()), Some(&entry));
    let next = ride.records(Some(entry.revision));
    assert_eq!((next.retried, next.given_up), (None, vec![arn("A")]));
    // A refusal of the next does not take the given-up one for what stands in its way.
    ride.answer(refused(Operation::CreateGrant, "ValidationException", "no"));
    ride.looks();
    ride.answer(Answer::Found(vec![grant("A", GrantStatus::Rejected, "by hand")]));
    let closed = ride.records(Some(entry.revision + 1));
    assert!(matches!(closed.phase, Phase::Refused { reason: ReasonCode::CallRefused, .. }), "{closed:?}");
}

#[test]
fn closing_and_noting_write_one_thing_each() {
    let close = Action::Close { key: account_key(), because: "the grant is gone".into() };
    let mut ride = Ride::of(&close, Some(&held("A")));
    let entry = ride.records(Some(41));
    assert_eq!(entry.phase, Phase::Closed { because: "the grant is gone".into(), at: START });
    assert_eq!((entry.revision, entry.generation), (42, 3));
    assert!(matches!(ride.ends(), Outcome::Applied(_)));
    for since in [Some(START), None] {
        let mut ride = Ride::of(&Action::NoteUnwanted { key: account_key(), since, of: None }, Some(&held("A")));
        let entry = ride.records(Some(41));
        assert_eq!((entry.unwanted_since, entry.revision, entry.phase), (since, 42, held("A").phase));
        assert!(matches!(ride.ends(), Outcome::Applied(_)));
    }
}

fn switch_off(arn_of: &str) -> Action {
    Action::SwitchOff { key: account_key(), arn: arn(arn_of), of: None }
}

fn retire(arn_of: &str) -> Action {
    Action::Retire { principal: Principal::Account(account()), arn: arn(arn_of), version: "3".into() }
}

#[test]
fn what_another_has_taken_the_place_of_is_deleted_after_that_is_written_and_counts_as_no_failure() {
    let mut ride = Ride::of(&retire("A"), Some(&held("A")));
    let entry = ride.records(Some(41));
    assert_eq!((entry.recalled.as_ref(), entry.failed), (Some(&arn("A")), Attempts::default()));
    assert!(matches!(&ride.next, Next::Ask(Ask::Delete { version, .. }) if version == "3"), "{:?}", ride.next);
    assert_eq!(Ride::of(&retire("B"), Some(&held("A"))).ends(), Outcome::Conflict);
}

fn unwanted() -> Entry {
    Entry { unwanted_since: Some(EARLIER), ..held("A") }
}

#[test]
fn switching_off_is_counted_before_the_call_and_says_by_whose_word_there_was_a_grant() {
    let mut ride = Ride::of(&switch_off("A"), Some(&unwanted()));
    let entry = ride.records(Some(41));
    assert_eq!(entry.off, Attempts { count: 1, last: Some(START) });
    let Next::Ask(Ask::SwitchOff(call)) = &ride.next else { panic!("{:?}", ride.next) };
    assert_eq!(call.arn, arn("A"));
    assert!(call.reason.contains("first-rule") && call.reason.len() <= 400, "{}", call.reason);
    assert!(!call.token.contains(char::is_whitespace), "{}", call.token);
    ride.answer(replied("A"));
    assert_eq!(ride.ends(), Outcome::Applied(ReasonCode::Revoking));
}

#[test]
fn what_is_not_noted_as_unwanted_or_is_another_grant_is_not_switched_off() {
    for (action, entry) in
        [(switch_off("A"), Some(held("A"))), (switch_off("B"), Some(unwanted())), (switch_off("A"), None)]
    {
        assert_eq!(Ride::of(&action, entry.as_ref()).ends(), Outcome::Conflict, "{entry:?}");
    }
}

#[test]
fn a_call_that_was_turned_away_does_not_count_and_one_that_may_have_worked_does() {
    let count = |answer: Answer| {
        let mut ride = Ride::of(&switch_off("A"), Some(&unwanted()));
        let counted = ride.records(Some(41)).off.count;
        ride.answer(answer);
        match &ride.next {
            Next::Ask(Ask::Record { entry, .. }) => entry.off.count,
            Next::Ask(_) | Next::Done(_) => counted,
        }
    };
    assert_eq!(count(refused(Operation::CreateGrantVersion, "RateLimitExceededException", "")), 0);
    assert_eq!(count(Answer::Failed(Failure::unanswered(Operation::CreateGrantVersion, "timed out".into()))), 1);
}

#[test]
fn what_is_wanted_again_after_it_was_switched_off_is_activated_by_a_ladder_of_its_own() {
    let again = Attempts { count: 3, last: Some(EARLIER) };
    let off = Entry { off: Attempts { count: 1, last: Some(EARLIER) }, activation: again, ..unwanted() };
    let mut ride = Ride::of(&Action::NoteUnwanted { key: account_key(), since: None, of: None }, Some(&off));
    let entry = ride.records(Some(41));
    assert_eq!((entry.unwanted_since, entry.off, entry.activation), (None, Attempts::default(), Attempts::default()));
    let never_off = Entry { activation: again, ..unwanted() };
    let mut ride = Ride::of(&Action::NoteUnwanted { key: account_key(), since: None, of: None }, Some(&never_off));
    assert_eq!(ride.records(Some(41)).activation, again);
}

#[test]
fn whom_nobody_ever_asked_for_is_noted_and_switched_off_in_one_go() {
    let of = Noted { arn: arn("S"), rule: "first-rule".parse().unwrap(), rule_version: "v1".into() };
    let key = EntryKey::SubGrant(account());
    let off = Action::SwitchOff { key, arn: arn("S"), of: Some(of) };
    let mut ride = Ride::of(&off, None);
    let entry = ride.records(None);
    assert_eq!((entry.unwanted_since, entry.off.count), (Some(START), 1));
    assert!(matches!(&ride.next, Next::Ask(Ask::SwitchOff(_))), "{:?}", ride.next);
}

#[test]
fn a_sub_grant_that_is_noted_for_the_first_time_gets_an_entry() {
    let of = Noted { arn: arn("S"), rule: "first-rule".parse().unwrap(), rule_version: "v1".into() };
    let key = EntryKey::SubGrant(account());
    let mut ride = Ride::of(&Action::NoteUnwanted { key, since: Some(START), of: Some(of) }, None);
    let entry = ride.records(None);
    assert_eq!((entry.arn(), entry.unwanted_since), (Some(&arn("S")), Some(START)));
}

#[test]
fn what_needs_an_entry_does_nothing_without_one() {
    let principal = Principal::Account(account());
    for action in [
        Action::Close { key: account_key(), because: "gone".into() },
        Action::NoteUnwanted { key: account_key(), since: Some(START), of: None },
        Action::Record { principal, grant: grant("N", GrantStatus::Active, "by hand") },
    ] {
        assert_eq!(Ride::of(&action, None).ends(), Outcome::Conflict);
    }
}

/// Every action with an entry it could meet, and the answers that lead it along its longest path
fn journeys() -> Vec<(Action, Option<Entry>, Vec<Answer>)> {
    let principal = Principal::Account(account());
    let refused_create = || refused(Operation::CreateGrant, "ValidationException", "no");
    let nothing = || Answer::Found(Vec::new());
    let longest = vec![
        Answer::Recorded,
        refused_create(),
        nothing(),
        Answer::Recorded,
        refused_create(),
        nothing(),
        Answer::Recorded,
    ];
    let denied = refused(Operation::CreateGrantVersion, "AccessDeniedException", "no");
    let throttled = refused(Operation::CreateGrantVersion, "RateLimitExceededException", "");
    let throttled_off = throttled.clone();
    let made = grant("N", GrantStatus::Active, &format!("gw/main/first-rule/{}", intent('a')));
    vec![
        (Action::Create(to_account()), None, vec![Answer::Recorded, replied("N"), Answer::Recorded]),
        (Action::Create(to_organization()), Some(held("A")), longest.clone()),
        (Action::Repeat(to_organization()), Some(intended('a', true)), longest),
        (Action::Repeat(to_organization()), None, vec![Answer::Recorded, replied("N"), Answer::Recorded]),
        (Action::Record { principal, grant: made }, Some(intended('a', false)), vec![Answer::Recorded]),
        (activate(account_key(), "A"), Some(held("A")), vec![Answer::Recorded, denied, Answer::Recorded, Answer::Told]),
        (activate(account_key(), "A"), Some(held("A")), vec![Answer::Recorded, throttled, Answer::Recorded]),
        (ask_grantee(EntryKey::SubGrant(account()), "S", true), None, vec![Answer::Recorded, Answer::Told]),
        (Action::Close { key: account_key(), because: "gone".into() }, Some(held("A")), vec![Answer::Recorded]),
        (Action::NoteUnwanted { key: account_key(), since: None, of: None }, Some(held("A")), vec![Answer::Recorded]),
        (switch_off("A"), Some(unwanted()), vec![Answer::Recorded, replied("A")]),
        (switch_off("A"), Some(unwanted()), vec![Answer::Recorded, throttled_off, Answer::Recorded]),
        (retire("A"), Some(held("A")), vec![Answer::Recorded, replied("A")]),
        (Action::NoteTerms { key: account_key(), revoke: Revoke::Now }, Some(held("A")), vec![Answer::Recorded]),
        (
            Action::NoteServed { key: account_key(), served: [account()].into() },
            Some(held("A")),
            vec![Answer::Recorded],
        ),
    ]
}

#[test]
fn at_every_ledger_write_a_conflict_or_a_failure_ends_the_step_without_another_call() {
    let mut writes = 0;
    for (action, entry, answers) in journeys() {
        for stop in 0..answers.len() {
            for (answer, conflict) in [(Answer::Conflict, true), (ledger_down(), false)] {
                let mut ride = Ride::of(&action, entry.as_ref());
                for answer in &answers[..stop] {
                    ride.answer(answer.clone());
                }
                if !matches!(&ride.next, Next::Ask(Ask::Record { .. })) {
                    continue;
                }
                writes += 1;
                ride.answer(answer);
                if conflict {
                    assert_eq!(ride.ends(), Outcome::Conflict, "{action:?} at {stop}");
                } else {
                    assert_eq!(ride.ends_held(), ReasonCode::Retrying, "{action:?} at {stop}");
                }
            }
        }
        let mut ride = Ride::of(&action, entry.as_ref());
        for answer in answers {
            ride.answer(answer);
        }
        let _ = ride.ends();
    }
    // Twenty-four writes on fifteen journeys, each met twice.
    assert_eq!(writes, 48);
}

#[test]
fn an_answer_nobody_asked_for_ends_the_step_and_makes_nothing() {
    for (action, entry, answers) in journeys() {
        for stop in 0..answers.len() {
            for wrong in [Answer::Recorded, replied("X"), Answer::Found(Vec::new()), Answer::Told] {
                let mut ride = Ride::of(&action, entry.as_ref());
                for answer in &answers[..stop] {
                    ride.answer(answer.clone());
                }
                let fits = match &ride.next {
                    Next::Ask(Ask::Record { .. }) => wrong == Answer::Recorded,
                    Next::Ask(Ask::Create(_) | Ask::Activate(_) | Ask::SwitchOff(_) | Ask::Delete { .. }) => {
                        matches!(wrong, Answer::Replied(_))
                    }
                    Next::Ask(Ask::Find { .. }) => matches!(wrong, Answer::Found(_)),
                    Next::Ask(Ask::Tell(_)) => wrong == Answer::Told,
                    Next::Done(_) => panic!("{action:?} ended early"),
                };
                if !fits {
                    ride.answer(wrong);
                    assert_eq!(ride.ends(), Outcome::Conflict);
                }
            }
        }
    }
}
