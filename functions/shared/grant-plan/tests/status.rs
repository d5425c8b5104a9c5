//! How things stand: what is counted, what is an exception, and what a filter leaves

#![expect(clippy::unwrap_used, reason = "a test that meets something unexpected should stop there and say so")]
#![expect(dead_code, reason = "the world has verbs for other suites too")]

#[path = "world/small.rs"]
mod small;

use grant_plan::grant::GrantStatus;
use grant_plan::organization::{AccountState, Principal};
use grant_plan::reason::{ReasonCode, Standing};
use grant_plan::snapshot::Remembered;
use grant_plan::status::{Filter, FilterError, Lane, Looked, Status, status};
use grant_plan::time::{Timestamp, days, hours, minutes};
use serde_json::{Value, json};

use small::{HOLDER, NOW, World, account, ago, everyone, only, to_account};

/// 101 has its sub-grant, 102 has been asked to accept its own an hour ago, 103 has a subscription of its own and was
/// CREATING when the last run noted it
fn mixed() -> World {
    let mut world = World::new()
        .rule(everyone())
        .granted(Principal::Organization, GrantStatus::Active)
        .received("S1", 101, Some("A"), GrantStatus::Active)
        .received("S2", 102, Some("A"), GrantStatus::PendingAccept)
        .own_subscription(103);
    world.snapshot.entries.values_mut().for_each(|entry| entry.activation.count = 1);
    remember(&mut world, 102, ReasonCode::AwaitingAcceptance, ago(hours(1)));
    remember(&mut world, 103, ReasonCode::Creating, ago(hours(2)));
    world
}

fn remember(world: &mut World, number: u64, code: ReasonCode, since: Timestamp) {
    world.snapshot.remembered.insert(account(number), Remembered { code, since });
}

fn of(world: &World, filter: &Filter) -> Status {
    status(&[Looked::of(&world.snapshot, Lane::default())], filter)
}

fn accounts(status: &Status) -> Vec<u64> {
    status.exceptions.iter().map(|exception| exception.account.as_str().parse().unwrap()).collect()
}

#[test]
fn what_is_plainly_right_is_counted_and_not_listed() {
    let found = of(&mixed(), &Filter::default());
    let counts = &found.counts;
    assert_eq!((counts.pairs, counts.licenses, counts.accounts), (4, 1, 4));
    assert_eq!((counts.settled, counts.moving, counts.blocked), (3, 1, 0));
    let by_code: Vec<(ReasonCode, usize)> = counts.reason_codes.iter().map(|(code, count)| (*code, *count)).collect();
    let expected = [
        (ReasonCode::Active, 1),
        (ReasonCode::Holder, 1),
        (ReasonCode::OwnSubscription, 1),
        (ReasonCode::AwaitingAcceptance, 1),
    ];
    assert_eq!(by_code, expected);
    assert_eq!(accounts(&found), [102, 103], "what moves comes before what is settled");
    assert!(!found.is_settled());
}

#[test]
fn since_when_is_the_ledgers_word_and_only_about_the_same_state() {
    let found = of(&mixed(), &Filter::default());
    let (waits, own) = (&found.exceptions[0], &found.exceptions[1]);
    assert_eq!((waits.since, waits.noted.as_ref()), (Some(ago(hours(1))), None));
    assert_eq!(own.since, None, "the ledger knows of another state");
    let noted = own.noted.as_ref().unwrap();
    assert_eq!((noted.reason_code, noted.since), (ReasonCode::Creating, ago(hours(2))));
    let mut world = mixed();
    world.snapshot.remembered.clear();
    assert!(own.to_string().contains(&format!("last noted as CREATING since {}", ago(hours(2)))), "{own}");
    let found = of(&world, &Filter::default());
    assert!(found.exceptions.iter().all(|exception| exception.since.is_none() && exception.noted.is_none()));
}

#[test]
fn the_next_look_is_a_moment_of_the_pairs_own_or_the_lanes() {
    let due_at = Some(NOW.after(minutes(3)));
    let look = |world: &World, lane| status(&[Looked::of(&world.snapshot, lane)], &Filter::default()).exceptions;
    let lane = Lane { due_at, owed: false };
    // A day from whenever somebody looks, so the lane knows better.
    assert_eq!(look(&mixed(), lane)[1].next_look, due_at);
    assert_eq!(look(&mixed(), Lane::default())[1].next_look, None);
    let later = json!({
        "rule": "later", "products": "*", "accounts": {"account": account(101).to_string()},
        "valid_from": ago(days(1)).to_string(),
        "rollout": {"first": {"account": account(102).to_string()}, "then_after_days": 3},
    });
    let waits = look(&World::new().rule(later), lane);
    assert_eq!(waits.len(), 1, "{waits:?}");
    assert_eq!((waits[0].reason_code, waits[0].next_look), (ReasonCode::RolloutLater, Some(NOW.after(days(2)))));
}

#[test]
fn each_filter_narrows_counts_and_exceptions_alike() {
    let mut before = only(&[103]);
    before["priority"] = json!(50);
    let world = mixed().rule(before);
    let narrowed = |filter: Filter| {
        let found = of(&world, &filter);
        assert_eq!(found.counts.settled + found.counts.moving + found.counts.blocked, found.counts.pairs);
        (found.counts.pairs, accounts(&found))
    };
    assert_eq!(narrowed(Filter::default()), (4, vec![102, 103]));
    assert_eq!(narrowed(Filter { account: Some(account(101)), ..Filter::default() }), (1, vec![]));
    assert_eq!(narrowed(Filter { account: Some(account(102)), ..Filter::default() }), (1, vec![102]));
    assert_eq!(narrowed(Filter { license: Some("l-1".parse().unwrap()), ..Filter::default() }), (4, vec![102, 103]));
    assert_eq!(narrowed(Filter { license: Some("l-2".parse().unwrap()), ..Filter::default() }), (0, vec![]));
    assert_eq!(narrowed(Filter { rule: Some("only".parse().unwrap()), ..Filter::default() }), (1, vec![103]));
    assert_eq!(narrowed(Filter { rule: Some("everyone".parse().unwrap()), ..Filter::default() }), (3, vec![102]));
    let reason = |code| Filter { reason: Some(code), ..Filter::default() };
    assert_eq!(narrowed(reason(ReasonCode::OwnSubscription)), (1, vec![103]));
    assert_eq!(narrowed(reason(ReasonCode::Holder)), (1, vec![]));
    let both = Filter { account: Some(account(102)), ..reason(ReasonCode::OwnSubscription) };
    assert_eq!(narrowed(both), (0, vec![]));
}

#[test]
fn a_filter_by_what_there_is_not_is_refused() {
    let world = mixed().snapshot;
    let held = [world.license.clone()];
    let check = |filter: Filter| filter.check(&world.policy, &world.organization, &held);
    assert_eq!(check(Filter::default()), Ok(()));
    let rule = |id: &str| Filter { rule: Some(id.parse().unwrap()), ..Filter::default() };
    assert_eq!(check(rule("everyone")), Ok(()));
    let error = check(rule("evryone")).unwrap_err();
    assert_eq!(error.to_string(), "no rule `evryone` is in force; did you mean `everyone`?");
    assert_eq!(check(rule("nobody")).unwrap_err().to_string(), "no rule `nobody` is in force");
    let error = check(Filter { account: Some(account(999)), ..Filter::default() }).unwrap_err();
    assert_eq!(error.to_string(), "`000000000999` is no account of organization `o-4kq7vt2m9x`");
    let license = Filter { license: Some("l-2".parse().unwrap()), ..Filter::default() };
    assert_eq!(check(license), Err(FilterError::NotHeld("l-2".parse().unwrap())));
    let known = Filter { account: Some(account(101)), license: Some("l-1".parse().unwrap()), ..Filter::default() };
    assert_eq!(check(known), Ok(()));
}

#[test]
fn what_is_kept_is_told_unless_a_rule_or_another_account_is_asked_for() {
    let world = World::new().rule(only(&[HOLDER])).granted(to_account(101), GrantStatus::Active);
    let kept =
        |filter: Filter| -> Vec<String> { of(&world, &filter).kept.into_iter().map(|kept| kept.grant).collect() };
    let one = [to_account(101).to_string()];
    assert_eq!(kept(Filter::default()), one);
    assert_eq!(kept(Filter { account: Some(account(101)), ..Filter::default() }), one);
    assert_eq!(kept(Filter { account: Some(account(102)), ..Filter::default() }), [""; 0]);
    assert_eq!(kept(Filter { rule: Some("only".parse().unwrap()), ..Filter::default() }), [""; 0]);
    assert_eq!(kept(Filter { reason: Some(ReasonCode::NoLongerWanted), ..Filter::default() }), one);
    assert_eq!(kept(Filter { reason: Some(ReasonCode::Holder), ..Filter::default() }), [""; 0]);
    let found = of(&world, &Filter::default());
    assert!(found.is_settled(), "a grant that is kept is nobody's task: {found}");
    assert_eq!(found.meanings.iter().map(|one| one.reason_code).collect::<Vec<_>>(), [ReasonCode::NoLongerWanted]);
    let whole = World::new().rule(only(&[HOLDER])).granted(Principal::Organization, GrantStatus::WorkflowCompleted);
    let filter = Filter { account: Some(account(102)), ..Filter::default() };
    assert_eq!(of(&whole, &filter).kept.len(), 1, "the organization's grant concerns each account");
}

#[test]
fn what_is_blocked_comes_first_and_is_not_settled() {
    let mut world = mixed().rule(json!({"rule": "_settings", "paused": true}));
    let suspended = world.snapshot.organization.accounts.get_mut(&account(101)).unwrap();
    suspended.state = AccountState::Suspended;
    let found = of(&world, &Filter::default());
    let standings: Vec<Standing> = found.exceptions.iter().map(|exception| exception.standing).collect();
    assert_eq!(standings[0], Standing::Blocked, "{found}");
    assert_eq!(found.exceptions[0].reason_code, ReasonCode::Paused);
    assert!(found.counts.blocked == 1 && !found.is_settled(), "{found}");
    let settled = Filter { account: Some(account(103)), ..Filter::default() };
    assert!(of(&world, &settled).is_settled(), "of what is asked for, nothing is blocked");
}

#[test]
fn a_lane_is_due_when_its_time_has_come_or_a_look_is_owed() {
    let due = |due_at: Option<Timestamp>, owed| {
        let found = status(&[Looked::of(&mixed().snapshot, Lane { due_at, owed })], &Filter::default());
        found.lanes_due.len()
    };
    assert_eq!(due(None, false), 0);
    assert_eq!(due(Some(NOW), false), 1);
    assert_eq!(due(Some(Timestamp(NOW.0 + 1)), false), 0);
    assert_eq!(due(Some(NOW.after(minutes(10))), true), 1);
}

#[test]
fn grants_under_way_that_no_pair_waits_for_keep_it_from_being_settled() {
    let mut world = World::new().rule(everyone()).granted(Principal::Organization, GrantStatus::PendingWorkflow);
    for number in small::MEMBERS {
        world = world.own_subscription(number);
    }
    let found = of(&world, &Filter::default());
    assert_eq!((found.counts.moving, found.counts.blocked, found.under_way.len()), (0, 0, 1), "{found}");
    assert!(!found.is_settled(), "{found}");
}

#[test]
fn text_has_counts_then_exceptions_then_each_meaning_once() {
    let mut world = mixed();
    remember(&mut world, 103, ReasonCode::OwnSubscription, ago(hours(2)));
    let lane = Lane { due_at: Some(NOW), owed: false };
    let text = status(&[Looked::of(&world.snapshot, lane)], &Filter::default()).to_string();
    let lines: Vec<&str> = text.lines().collect();
    let (now, since) = (NOW.to_string(), ago(hours(2)).to_string());
    assert_eq!(lines[0], "pairs: 4 (3 settled, 1 moving, 0 blocked), licenses: 1, accounts: 4");
    assert_eq!(lines[1], "       1  ACTIVE");
    assert_eq!(
        lines[6],
        format!("  settled   l-1 -> 000000000103  OWN_SUBSCRIPTION (rule everyone), since {since}, next look {now}")
    );
    assert_eq!(lines[7], format!("  due       l-1  since {now}"));
    assert!(lines[8].starts_with("OWN_SUBSCRIPTION: ") && lines[8].contains("; to mend it: cancel"), "{text}");
    assert_eq!(lines[9], format!("AWAITING_ACCEPTANCE: {}", ReasonCode::AwaitingAcceptance.meaning()));
    assert_eq!(lines.len(), 10, "{text}");
}

#[test]
fn json_says_the_same() {
    let found: Value = serde_json::to_value(of(&mixed(), &Filter::default())).unwrap();
    assert_eq!((&found["counts"]["pairs"], &found["counts"]["reason_codes"]["ACTIVE"]), (&json!(4), &json!(1)));
    let waits = &found["exceptions"][0];
    assert_eq!(waits["account"], account(102).to_string());
    assert_eq!((&waits["standing"], &waits["reason_code"]), (&json!("moving"), &json!("AWAITING_ACCEPTANCE")));
    assert_eq!((&waits["rule"], &waits["since"]), (&json!("everyone"), &json!(ago(hours(1)).to_string())));
    assert_eq!(found["exceptions"][1]["noted"]["reason_code"], "CREATING");
    assert_eq!(found["meanings"].as_array().unwrap().len(), 2);
}
