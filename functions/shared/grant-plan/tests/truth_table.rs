//! The plan's truth table: every combination of wanted, observed and remembered, against expectations written by hand

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that meets something unexpected should stop there and say so"
)]

#[path = "world/small.rs"]
mod world;

/// The table, one noun each
mod truth_table {
    pub(crate) mod cell;
    pub(crate) mod expected;
}

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use grant_plan::action::Action;
use grant_plan::call::GrantReply;
use grant_plan::entry::{Attempts, Entry, EntryKey, Phase, Report};
use grant_plan::grant::GrantStatus;
use grant_plan::id::AccountId;
use grant_plan::license::LicenseStatus;
use grant_plan::organization::{AccountState, Principal};
use grant_plan::plan::{Hold, Plan};
use grant_plan::reason::{ReasonCode, Standing};
use grant_plan::snapshot::{Remembered as RememberedPair, Snapshot};
use grant_plan::step::{Answer, Ask, Context, Next, Step};
use grant_plan::time::{hours, minutes};

use truth_table::cell::{Age, Cell, Kind, Remembered, SUBJECT, Seen, UNIT, cells, statuses};
use truth_table::expected::{Todo, Whose, expected};
use world::{
    HOLDER, MEMBERS, NOW, World, account, ago, arn, entry, everyone, grant, holds, intent, only, stamp, to_account,
};

/// An action in short: what, and on which key
fn short(action: &Action) -> (Todo, EntryKey) {
    let todo = match action {
        Action::Create(_) => Todo::Create,
        Action::Repeat(_) => Todo::Repeat,
        Action::Record { .. } => Todo::Record,
        Action::Activate { .. } => Todo::Activate,
        Action::AskGrantee { .. } => Todo::AskGrantee,
        Action::DeleteFailed { .. } => Todo::DeleteFailed,
        Action::Close { .. } => Todo::Close,
        Action::NoteUnwanted { since: Some(_), .. } => Todo::NoteUnwanted,
        Action::NoteContested { .. } => Todo::NoteContested,
        Action::NoteUnwanted { since: None, .. } => panic!("nothing was noted as unwanted before: {action:?}"),
        Action::SwitchOff { .. } | Action::Retire { .. } | Action::NoteTerms { .. } | Action::NoteServed { .. } => {
            panic!("no rule lets go of anything, and nobody asked for it: {action:?}")
        }
    };
    (todo, action.key())
}

/// The actions a [`Todo`] stands for in a cell
fn spelled_out(cell: &Cell, todo: Todo) -> Vec<(Todo, EntryKey)> {
    let on_the_principal = |todo| (todo, EntryKey::Grant(cell.principal()));
    let parts = match cell.kind {
        Kind::Account | Kind::Unit => cell.accounts().iter().map(|number| to_account(*number)).collect::<Vec<_>>(),
        Kind::Organization => ["ou-root-dev00000", UNIT].map(|unit| Principal::Unit(unit.parse().unwrap())).to_vec(),
    };
    let each = parts.into_iter().map(|part| (Todo::Create, EntryKey::Grant(part)));
    match todo {
        Todo::Nothing => Vec::new(),
        Todo::CreateEach => each.collect(),
        Todo::CloseAndCreateEach => std::iter::once(on_the_principal(Todo::Close)).chain(each).collect(),
        Todo::Create
        | Todo::Repeat
        | Todo::Record
        | Todo::Activate
        | Todo::AskGrantee
        | Todo::DeleteFailed
        | Todo::Close
        | Todo::NoteUnwanted
        | Todo::NoteContested => vec![on_the_principal(todo)],
    }
}

fn codes(plan: &Plan) -> BTreeMap<AccountId, ReasonCode> {
    plan.pairs.iter().map(|(account, pair)| (account.clone(), pair.code)).collect()
}

/// Who the rules of a cell name, holder included
fn named(cell: &Cell) -> BTreeSet<AccountId> {
    let holder = (cell.kind == Kind::Organization).then_some(&HOLDER);
    let named = cell.accounts().iter().chain(holder).map(|number| account(*number));
    if cell.wanted { named.collect() } else { BTreeSet::new() }
}

/// Whether the action makes something at AWS that was not there
fn makes(action: &Action) -> bool {
    matches!(action, Action::Create(_) | Action::Repeat(_))
}

/// Carries one action to its end, or only to its first ledger write, as if every call worked
fn carry(action: &Action, entries: &mut BTreeMap<EntryKey, Entry>, to_the_end: bool) {
    let context = Context { deployment: "main".parse().unwrap(), license: "l-1".parse().unwrap() };
    let (mut step, mut next) = Step::start(context, action, entries.get(&action.key()), intent('f'), NOW);
    while let Next::Ask(ask) = next {
        let answer = match ask {
            Ask::Record { key, expected, entry } => {
                assert_eq!(expected, entries.get(&key).map(|entry| entry.revision), "{action:?}");
                entries.insert(key, *entry);
                Answer::Recorded
            }
            Ask::Create(_) | Ask::Activate(_) | Ask::SwitchOff(_) | Ask::Delete { .. } => Answer::Replied(GrantReply {
                arn: arn("new"),
                status: GrantStatus::PendingWorkflow,
                version: "1".into(),
            }),
            Ask::Find { .. } => Answer::Found(Vec::new()),
            Ask::Tell(_) => Answer::Told,
        };
        if !to_the_end {
            return;
        }
        next = step.next(answer, NOW);
    }
}

#[test]
fn there_are_six_thousand_three_hundred_and_thirty_six_cells() {
    // Three kinds of principal, wanted or not, eleven memories, and as observations: nothing, five makers of a tombstone,
    // nine living statuses by five makers, in use or not.
    assert_eq!(cells().len(), 3 * 2 * 11 * (1 + 5 + 9 * 5 * 2));
    assert_eq!(cells().len(), 6336);
    let distinct: BTreeSet<String> = cells().iter().map(|cell| format!("{cell:?}")).collect();
    assert_eq!(distinct.len(), 6336);
}

#[test]
fn every_cell_comes_out_as_the_table_says() {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for cell in cells() {
        let plan = cell.world().plan();
        let expected = expected(&cell);
        let actions: Vec<_> = plan.actions.iter().map(short).collect();
        assert_eq!(actions, spelled_out(&cell, expected.todo), "{cell:?}\n{plan}");
        let pairs: BTreeMap<_, _> = named(&cell)
            .into_iter()
            .map(|name| {
                let code = if name == account(HOLDER) { ReasonCode::Holder } else { expected.pair.unwrap() };
                (name, code)
            })
            .collect();
        assert_eq!(codes(&plan), pairs, "{cell:?}\n{plan}");
        let hold = expected.hold.map(|code| Hold { principal: cell.principal(), code });
        assert_eq!(plan.holds, Vec::from_iter(hold), "{cell:?}\n{plan}");
        *seen.entry(format!("{:?}", expected.todo)).or_default() += 1;
    }
    // That each outcome is met, so that no column of the table has gone quiet.
    assert_eq!(seen.len(), 12, "{seen:?}");
}

#[test]
fn no_cell_creates_beside_a_live_grant_of_ours_or_a_young_intent() {
    for cell in cells() {
        let plan = cell.world().plan();
        let ours = matches!(cell.whose(), Some(Whose::Ours | Whose::Stamped));
        if ours || cell.remembered == Remembered::Intended(Age::Young) {
            let made =
                plan.actions.iter().any(|action| makes(action) && action.key() == EntryKey::Grant(cell.principal()));
            assert!(!made, "{cell:?}\n{plan}");
        }
    }
}

#[test]
fn no_cell_writes_to_a_grant_that_we_did_not_make() {
    for cell in cells() {
        for action in cell.world().plan().actions {
            let touched = match &action {
                Action::Activate { arn, .. }
                | Action::AskGrantee { arn, .. }
                | Action::SwitchOff { arn, .. }
                | Action::Retire { arn, .. }
                | Action::DeleteFailed { arn, .. } => Some(arn),
                Action::Record { grant, .. } => Some(&grant.arn),
                Action::NoteContested { .. } => {
                    assert_eq!(cell.remembered, Remembered::Fought, "{cell:?}: {action:?}");
                    None
                }
                Action::Create(_)
                | Action::Repeat(_)
                | Action::Close { .. }
                | Action::NoteUnwanted { .. }
                | Action::NoteTerms { .. }
                | Action::NoteServed { .. } => None,
            };
            if let Some(touched) = touched {
                assert_eq!(cell.whose(), Some(Whose::Ours), "{cell:?}: {action:?}");
                assert_eq!(*touched, arn("A"), "{cell:?}");
            }
        }
    }
}

#[test]
fn only_a_failed_distribution_of_ours_that_nobody_uses_is_ever_deleted() {
    let mut deleted = 0;
    for cell in cells() {
        for action in cell.world().plan().actions {
            if let Action::DeleteFailed { .. } = action {
                deleted += 1;
                let failed = matches!(&cell.seen, Seen::Grant { status: GrantStatus::FailedWorkflow, .. });
                assert!(failed && cell.wanted && !cell.in_use() && cell.whose() == Some(Whose::Ours), "{cell:?}");
            }
        }
    }
    assert!(deleted > 0);
}

#[test]
fn whoever_is_not_settled_is_looked_at_again_or_tells_what_to_mend() {
    for cell in cells() {
        for pair in cell.world().plan().pairs.values() {
            match pair.code.standing() {
                Standing::Settled => {}
                Standing::Moving => assert!(pair.next_look.is_some_and(|look| look > NOW), "{cell:?}: {pair:?}"),
                Standing::Blocked => {
                    let told = !pair.code.mend().is_empty();
                    assert!(told || pair.next_look.is_some_and(|look| look > NOW), "{cell:?}: {pair:?}");
                }
            }
        }
    }
}

#[test]
fn a_paused_policy_changes_nothing_and_still_corrects_the_ledger() {
    for cell in cells() {
        let free = cell.world().plan();
        let paused = cell.world().paused().plan();
        let corrections: Vec<&Action> = free.actions.iter().filter(|action| !action.writes()).collect();
        assert_eq!(Vec::from_iter(&paused.actions), corrections, "{cell:?}");
        assert_eq!(paused.pairs.keys().collect::<Vec<_>>(), free.pairs.keys().collect::<Vec<_>>(), "{cell:?}");
    }
}

#[test]
fn nothing_counts_as_unwanted_while_a_rule_cannot_be_read_and_all_else_goes_on() {
    let mut notes = 0;
    for cell in cells() {
        let whole = cell.world().plan();
        let broken = cell.world().with_a_broken_rule().plan();
        let is_note = |action: &&Action| matches!(action, Action::NoteUnwanted { since: Some(_), .. });
        notes += whole.actions.iter().filter(is_note).count();
        let others: Vec<&Action> = whole.actions.iter().filter(|action| !is_note(action)).collect();
        assert_eq!(Vec::from_iter(&broken.actions), others, "{cell:?}");
        assert_eq!(broken.holds, whole.holds, "{cell:?}");
    }
    assert!(notes > 0);
}

#[test]
fn a_plan_depends_on_what_is_there_and_not_on_the_order_of_listings() {
    for cell in cells() {
        let world = cell.world().distributed(grant("Z", to_account(103), GrantStatus::Active, "by hand"));
        let mut turned = world.clone();
        turned.snapshot.distributed.reverse();
        turned.snapshot.received.reverse();
        assert_eq!(world.plan(), world.plan());
        assert_eq!(world.plan(), turned.plan(), "{cell:?}");
    }
}

#[test]
fn a_plan_made_again_after_it_was_applied_or_broken_off_makes_no_second_grant() {
    for cell in cells() {
        let first = cell.world().plan();
        let busy: BTreeSet<EntryKey> = first
            .actions
            .iter()
            .filter(|action| action.writes() && !matches!(action, Action::DeleteFailed { .. }))
            .map(Action::key)
            .collect();
        for to_the_end in [true, false] {
            let mut world = cell.world().later(minutes(1));
            for action in &first.actions {
                carry(action, &mut world.snapshot.entries, to_the_end);
            }
            let second = world.plan();
            let again: Vec<_> = second.actions.iter().filter(|action| busy.contains(&action.key())).collect();
            assert!(again.is_empty(), "{cell:?}, carried to the end: {to_the_end}\n{first}\n{second}");
        }
    }
}

/// What an account or a license is decides before any grant does
#[test]
fn whoever_is_to_be_left_alone_gets_no_call_even_with_a_grant_of_ours_that_could_use_one() {
    type Change = fn(&mut Snapshot);
    fn state(snapshot: &mut Snapshot, state: AccountState) {
        snapshot.organization.accounts.get_mut(&account(SUBJECT)).unwrap().state = state;
    }
    let changes: [(Change, ReasonCode); 13] = [
        (|it| it.license.holder = account(SUBJECT), ReasonCode::Holder),
        (|it| it.license.operations.retain(|name| name != "CreateGrant"), ReasonCode::NotShareable),
        (|it| it.license.status = LicenseStatus::PendingAvailable, ReasonCode::LicensePending),
        (|it| it.license.status = LicenseStatus::Deactivated, ReasonCode::LicenseEnded),
        (|it| it.license.status = LicenseStatus::Suspended, ReasonCode::LicenseEnded),
        (|it| it.license.status = LicenseStatus::Expired, ReasonCode::LicenseEnded),
        (|it| it.license.status = LicenseStatus::PendingDelete, ReasonCode::LicenseEnded),
        (|it| it.license.status = LicenseStatus::Deleted, ReasonCode::LicenseEnded),
        (|it| it.license.status = LicenseStatus::Unknown("FROZEN".into()), ReasonCode::UnknownStatus),
        (|it| state(it, AccountState::PendingActivation), ReasonCode::AccountNotReady),
        (|it| state(it, AccountState::Suspended), ReasonCode::AccountSuspended),
        (|it| state(it, AccountState::PendingClosure), ReasonCode::AccountSuspended),
        (|it| state(it, AccountState::Closed), ReasonCode::AccountClosed),
    ];
    let principal = to_account(SUBJECT);
    let young = Phase::Intended { intent: intent('a'), at: ago(minutes(1)), one_call: false };
    let old = Phase::Intended { intent: intent('a'), at: ago(minutes(9)), one_call: false };
    for (change, code) in changes {
        let mut worlds: Vec<World> =
            statuses().map(|status| World::new().granted(principal.clone(), status)).into_iter().collect();
        worlds.push(World::new());
        worlds.push(World::new().entry(principal.clone(), entry(young.clone())));
        worlds.push(World::new().entry(principal.clone(), entry(old.clone())));
        for world in worlds {
            let mut world = world.rule(only(&[SUBJECT]));
            change(&mut world.snapshot);
            let plan = world.plan();
            assert_eq!(codes(&plan)[&account(SUBJECT)], code, "{plan}");
            assert!(plan.actions.iter().all(|action| !action.writes()), "{plan}");
            assert!(plan.actions.iter().all(|action| !matches!(action, Action::NoteUnwanted { .. })), "{plan}");
        }
    }
}

#[test]
fn a_license_that_ended_gets_no_call_for_the_organization_either() {
    for status in statuses() {
        let mut world = World::new().rule(everyone()).granted(Principal::Organization, status);
        world.snapshot.license.status = LicenseStatus::Expired;
        let plan = world.plan();
        assert!(plan.actions.iter().all(|action| !action.writes()), "{plan}");
    }
}

#[test]
fn an_account_with_a_subscription_of_its_own_is_left_alone() {
    for (activation, code) in [("keep", ReasonCode::OwnSubscription), ("replace", ReasonCode::ReplaceUnapproved)] {
        let mut rule = only(&[SUBJECT]);
        rule["activation"] = activation.into();
        for status in statuses() {
            let world = World::new().rule(rule.clone()).own_subscription(SUBJECT).granted(to_account(SUBJECT), status);
            let plan = world.plan();
            assert_eq!(codes(&plan)[&account(SUBJECT)], code, "{plan}");
            assert!(plan.actions.iter().all(|action| !action.writes()), "{plan}");
        }
    }
}

#[test]
fn an_intent_on_which_somebody_else_got_in_first_is_closed_and_not_repeated() {
    let old = Phase::Intended { intent: intent('a'), at: ago(minutes(9)), one_call: false };
    let world = World::new()
        .rule(only(&[SUBJECT]))
        .entry(to_account(SUBJECT), entry(old))
        .distributed(grant("X", to_account(SUBJECT), GrantStatus::Active, "by hand"))
        .received("X", SUBJECT, None, GrantStatus::Active);
    let plan = world.plan();
    assert_eq!(
        plan.actions.iter().map(short).collect::<Vec<_>>(),
        [(Todo::Close, EntryKey::Grant(to_account(SUBJECT)))]
    );
    assert_eq!(codes(&plan)[&account(SUBJECT)], ReasonCode::CoveredByForeign);
}

#[test]
fn a_closed_entry_of_an_earlier_account_grant_does_not_hide_the_sub_grant() {
    let closed = Phase::Closed { because: "the grant is gone".into(), at: ago(hours(9)) };
    let refused = Phase::Refused { reason: ReasonCode::CallRefused, detail: String::new(), at: ago(hours(9)) };
    let gone = Phase::Held { intent: None, arn: arn("gone"), at: ago(hours(9)) };
    for phase in [closed, refused, gone] {
        let mut world = World::new()
            .rule(everyone())
            .granted(Principal::Organization, GrantStatus::WorkflowCompleted)
            .received("S", SUBJECT, Some("A"), GrantStatus::Disabled)
            .entry(to_account(SUBJECT), entry(phase));
        let organization = world.snapshot.entries.get_mut(&EntryKey::Grant(Principal::Organization)).unwrap();
        organization.activation = Attempts { count: 1, last: Some(ago(minutes(3))) };
        let plan = world.plan();
        assert_eq!(codes(&plan)[&account(SUBJECT)], ReasonCode::Activating, "{plan}");
        let activates = |action: &Action| matches!(action, Action::Activate { arn: it, .. } if *it == arn("S"));
        assert!(plan.actions.iter().any(activates), "{plan}");
    }
}

#[test]
fn of_two_grants_of_ours_the_one_that_the_ledger_holds_is_treated() {
    for (held, other) in [("A", "B"), ("B", "A")] {
        let world = World::new()
            .rule(only(&[SUBJECT]))
            .distributed(grant("A", to_account(SUBJECT), GrantStatus::Disabled, &stamp("main", 'a')))
            .distributed(grant("B", to_account(SUBJECT), GrantStatus::Disabled, &stamp("main", 'a')))
            .entry(to_account(SUBJECT), holds(held, ago(hours(1))));
        match world.plan().actions.as_slice() {
            [Action::Activate { arn: activated, .. }] => assert_eq!(*activated, arn(held), "and not {other}"),
            others => panic!("one activation of {held}, not {others:?}"),
        }
    }
}

#[test]
fn a_grant_of_ours_that_is_wanted_again_is_noted_as_such_once() {
    let mut world = World::new().rule(only(&[SUBJECT])).granted(to_account(SUBJECT), GrantStatus::Disabled);
    let key = EntryKey::Grant(to_account(SUBJECT));
    world.snapshot.entries.get_mut(&key).unwrap().unwanted_since = Some(ago(hours(2)));
    let plan = world.plan();
    assert_eq!(plan.actions, [Action::NoteUnwanted { key, since: None, of: None }]);
    carry(&plan.actions[0], &mut world.snapshot.entries, true);
    assert_eq!(world.plan().actions.iter().map(|action| short(action).0).collect::<Vec<_>>(), [Todo::Activate]);
}

#[test]
fn what_was_noted_as_unwanted_is_not_noted_again() {
    let mut world = World::new().granted(to_account(SUBJECT), GrantStatus::Active);
    let plan = world.plan();
    carry(&plan.actions[0], &mut world.snapshot.entries, true);
    let again = world.later(hours(1)).plan();
    assert!(again.actions.is_empty(), "{again}");
    assert_eq!(again.holds, [Hold { principal: to_account(SUBJECT), code: ReasonCode::NoLongerWanted }]);
}

#[test]
fn an_activation_that_does_not_take_climbs_the_ladder_and_then_calls_for_a_person() {
    let key = EntryKey::Grant(to_account(SUBJECT));
    let mut world = World::new().rule(only(&[SUBJECT])).granted(to_account(SUBJECT), GrantStatus::Disabled);
    let mut calls = Vec::new();
    for _ in 0..(5 * 24 * 12) {
        let plan = world.plan();
        if !plan.actions.is_empty() {
            calls.push((world.snapshot.now.0 - NOW.0) / 60);
            let entry = world.snapshot.entries.get_mut(&key).unwrap();
            entry.activation = entry.activation.again(world.snapshot.now);
            let remembered = RememberedPair { code: codes(&plan)[&account(SUBJECT)], since: NOW };
            world.snapshot.remembered.insert(account(SUBJECT), remembered);
        }
        world = world.later(minutes(5));
    }
    assert_eq!(calls, [0, 15, 75, 435, 1875, 3315, 4755, 6195]);
    assert_eq!(codes(&world.plan())[&account(SUBJECT)], ReasonCode::ActivationStalled);
}

#[test]
fn the_grantee_is_asked_with_growing_waits_and_what_it_reports_is_shown() {
    let key = EntryKey::Grant(to_account(SUBJECT));
    let mut world = World::new().rule(only(&[SUBJECT])).granted(to_account(SUBJECT), GrantStatus::PendingAccept);
    let mut asks = Vec::new();
    for _ in 0..40 {
        let plan = world.plan();
        if !plan.actions.is_empty() {
            asks.push((world.snapshot.now.0 - NOW.0) / 60);
            let entry = world.snapshot.entries.get_mut(&key).unwrap();
            entry.grantee = entry.grantee.again(world.snapshot.now);
        }
        world = world.later(minutes(5));
    }
    assert_eq!(asks, [0, 5, 15, 30, 50, 75, 105, 140, 180]);
    let report = Report { code: ReasonCode::MemberRoleMissing, detail: "AccessDenied".into(), at: NOW };
    world.snapshot.entries.get_mut(&key).unwrap().grantee_report = Some(report);
    let plan = world.plan();
    let pair = &plan.pairs[&account(SUBJECT)];
    assert_eq!((pair.code, pair.detail.as_deref()), (ReasonCode::MemberRoleMissing, Some("AccessDenied")));
    assert!(plan.actions.is_empty(), "{plan}");
}

#[test]
fn a_rule_that_leaves_activation_to_the_owner_has_the_grant_accepted_and_no_more() {
    let mut rule = only(&[SUBJECT]);
    rule["activation"] = "manual".into();
    let world = |status| World::new().rule(rule.clone()).granted(to_account(SUBJECT), status).plan();
    let disabled = world(GrantStatus::Disabled);
    assert!(disabled.actions.is_empty() && disabled.is_settled(), "{disabled}");
    assert_eq!(codes(&disabled)[&account(SUBJECT)], ReasonCode::ManualActivation);
    match world(GrantStatus::PendingAccept).actions.as_slice() {
        [Action::AskGrantee { activate, .. }] => assert!(!activate),
        others => panic!("{others:?}"),
    }
}

#[test]
fn the_budget_stops_new_grants_and_leaves_those_that_are_there() {
    let world = |budget| {
        let mut world = World::new().rule(only(&MEMBERS)).granted(to_account(101), GrantStatus::Disabled);
        world.snapshot.limits.grant_budget = budget;
        world.plan()
    };
    for (budget, created) in [(0, 0), (1, 0), (2, 1), (3, 2), (9, 2)] {
        let plan = world(budget);
        assert_eq!(plan.actions.iter().filter(|action| makes(action)).count(), created, "{plan}");
        assert!(plan.actions.iter().any(|action| short(action).0 == Todo::Activate), "{plan}");
        let held = codes(&plan).values().filter(|code| **code == ReasonCode::GrantBudget).count();
        assert_eq!(held, 2 - created, "{plan}");
    }
}

#[test]
fn a_sub_grant_missing_for_long_is_asked_for_by_the_organization_s_grant_once_a_rung() {
    let mut world = World::new()
        .rule(everyone())
        .granted(Principal::Organization, GrantStatus::WorkflowCompleted)
        .received("S1", 101, Some("A"), GrantStatus::Active)
        .received("S2", 102, Some("A"), GrantStatus::Active);
    let key = EntryKey::Grant(Principal::Organization);
    world.snapshot.entries.get_mut(&key).unwrap().activation = Attempts { count: 1, last: Some(ago(minutes(20))) };
    let plan = world.plan();
    assert!(plan.actions.is_empty(), "{plan}");
    assert_eq!(codes(&plan)[&account(103)], ReasonCode::SubGrantMissing);
    let missing = RememberedPair { code: ReasonCode::SubGrantMissing, since: ago(minutes(15)) };
    world.snapshot.remembered.insert(account(103), missing);
    assert_eq!(world.plan().actions.iter().map(short).collect::<Vec<_>>(), [(Todo::Activate, key.clone())]);
    world.snapshot.entries.get_mut(&key).unwrap().activation = Attempts { count: 2, last: Some(ago(minutes(20))) };
    assert!(world.plan().actions.is_empty());
}

#[test]
fn a_settled_world_is_left_alone() {
    let mut world = World::new().rule(everyone()).granted(Principal::Organization, GrantStatus::WorkflowCompleted);
    for number in MEMBERS {
        world = world.received(&format!("S{number}"), number, Some("A"), GrantStatus::Active);
    }
    let key = EntryKey::Grant(Principal::Organization);
    world.snapshot.entries.get_mut(&key).unwrap().activation = Attempts { count: 1, last: Some(ago(minutes(20))) };
    for wait in [Duration::ZERO, minutes(5), hours(24), hours(2400)] {
        let plan = world.clone().later(wait).plan();
        assert!(plan.actions.is_empty() && plan.is_settled() && plan.holds.is_empty(), "{plan}");
        assert_eq!(plan.next_look(), None);
    }
}
