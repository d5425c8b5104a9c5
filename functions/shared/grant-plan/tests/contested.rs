//! Histories of several looks in which somebody undoes what the rules ask for

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that meets something unexpected should stop there and say so"
)]

#[path = "world/small.rs"]
#[expect(dead_code, reason = "the builder serves several suites")]
mod small;

use std::collections::BTreeSet;
use std::time::Duration;

use grant_plan::action::{Action, Create};
use grant_plan::call::GrantReply;
use grant_plan::entry::{Attempts, Entry, EntryKey};
use grant_plan::grant::{Grant, GrantStatus};
use grant_plan::id::GrantArn;
use grant_plan::organization::Principal;
use grant_plan::plan::Plan;
use grant_plan::reason::ReasonCode;
use grant_plan::snapshot::Remembered;
use grant_plan::step::{Answer, Ask, Context, Next, Step};
use grant_plan::time::{hours, minutes};
use small::{MEMBERS, NOW, World, account, ago, arn, everyone, grant, holds, only, to_account};

/// A world over many looks, in which License Manager does at once what it is asked for
struct Story {
    world: World,
    /// The ClientTokens of activations so far
    tokens: BTreeSet<String>,
    made: u32,
}

impl Story {
    fn of(world: World) -> Self {
        Self { world, tokens: BTreeSet::new(), made: 0 }
    }

    fn entry(&self, key: &EntryKey) -> &Entry {
        self.world.snapshot.entries.get(key).unwrap()
    }

    fn grants(&mut self) -> impl Iterator<Item = &mut Grant> {
        self.world.snapshot.distributed.iter_mut().chain(&mut self.world.snapshot.received)
    }

    /// Every listing shows this status of a grant from now on
    fn show(&mut self, name: &GrantArn, status: &GrantStatus) {
        self.grants().filter(|grant| grant.arn == *name).for_each(|grant| grant.status = status.clone());
    }

    /// A run to its end: its plan, its actions, and the pairs as the ledger keeps them
    fn look(&mut self) -> Plan {
        let plan = self.world.plan();
        for action in &plan.actions {
            self.carry(action);
        }
        let now = self.world.snapshot.now;
        let remembered = &mut self.world.snapshot.remembered;
        remembered.retain(|account, _| plan.pairs.get(account).is_some_and(|pair| pair.code != ReasonCode::Active));
        for (account, pair) in plan.pairs.iter().filter(|(_, pair)| pair.code != ReasonCode::Active) {
            if remembered.get(account).is_none_or(|before| before.code != pair.code) {
                remembered.insert(account.clone(), Remembered { code: pair.code, since: now });
            }
        }
        plan
    }

    fn carry(&mut self, action: &Action) {
        let context = Context { deployment: "main".parse().unwrap(), license: "l-1".parse().unwrap() };
        let now = self.world.snapshot.now;
        let entry = action.entry(&self.world.snapshot.entries).cloned();
        let fresh = format!("{:016x}{:016x}", self.made, self.tokens.len()).parse().unwrap();
        let (mut step, mut next) = Step::start(context, action, entry.as_ref(), fresh, now);
        while let Next::Ask(ask) = next {
            let answer = match ask {
                Ask::Record { key, entry, .. } => {
                    self.world.snapshot.entries.insert(key, *entry);
                    Answer::Recorded
                }
                Ask::Activate(call) => {
                    assert!(self.tokens.insert(call.token.clone()), "{} was used before", call.token);
                    let whole =
                        self.world.snapshot.received.iter().any(|grant| grant.parent.as_ref() == Some(&call.arn));
                    self.show(&call.arn, &if whole { GrantStatus::WorkflowCompleted } else { GrantStatus::Active });
                    let below = self.grants().filter(|grant| grant.parent.as_ref() == Some(&call.arn));
                    below.for_each(|grant| grant.status = GrantStatus::Active);
                    reply(call.arn)
                }
                Ask::SwitchOff(call) => panic!("{} is wanted and to be switched off", call.arn),
                Ask::Create(call) => {
                    self.made += 1;
                    let made = arn(&format!("made{}", self.made));
                    let organization = &self.world.snapshot.organization.id;
                    let principal = Principal::from_arn(&call.principal, organization).unwrap();
                    let (on, name) = (GrantStatus::Active, call.name.as_str());
                    let mut grant = grant("A", principal.clone(), on, name);
                    grant.arn = made.clone();
                    match principal {
                        Principal::Account(_) => self.world.snapshot.received.push(grant.clone()),
                        Principal::Organization | Principal::Unit(_) => {
                            grant.status = GrantStatus::WorkflowCompleted;
                            for number in MEMBERS {
                                let name = format!("made{}-{number}", self.made);
                                self.world = self.world.clone().received(&name, number, None, GrantStatus::Active);
                                self.world.snapshot.received.last_mut().unwrap().parent = Some(made.clone());
                            }
                        }
                    }
                    self.world.snapshot.distributed.push(grant);
                    reply(made)
                }
                Ask::Tell(request) => {
                    self.show(&request.grant, &GrantStatus::Active);
                    Answer::Told
                }
                Ask::Delete { .. } | Ask::Find { .. } => panic!("{action:?}"),
            };
            next = step.next(answer, now);
        }
    }

    fn wait(&mut self, wait: Duration) {
        self.world = self.world.clone().later(wait);
    }

    /// Somebody switches a grant off, and a run comes by
    fn switched_off(&mut self, name: &GrantArn) -> Plan {
        self.show(name, &GrantStatus::Disabled);
        self.look()
    }

    /// Somebody deletes a grant with its parts, and a run comes by
    fn deleted(&mut self, name: &GrantArn) -> Plan {
        self.show(name, &GrantStatus::Deleted);
        self.world.snapshot.received.retain(|grant| grant.arn != *name && grant.parent.as_ref() != Some(name));
        self.look()
    }

    /// A run finds that everything is as it should be
    fn all_is_well(&mut self) {
        let plan = self.look();
        assert!(plan.actions.is_empty() && plan.pairs.values().all(|pair| is_well(pair.code)), "{plan}");
    }
}

fn is_well(code: ReasonCode) -> bool {
    matches!(code, ReasonCode::Active | ReasonCode::Holder)
}

fn reply(arn: GrantArn) -> Answer {
    Answer::Replied(GrantReply { arn, status: GrantStatus::PendingWorkflow, version: "1".into() })
}

fn only_action(plan: &Plan) -> &Action {
    let [action] = plan.actions.as_slice() else { panic!("{plan}") };
    action
}

/// Whether the one action of a plan is done because somebody undid it before
fn heals(plan: &Plan) -> bool {
    let action = only_action(plan);
    assert!(action.writes(), "{plan}");
    matches!(
        action,
        Action::Create(Create { heals: true, .. })
            | Action::Activate { heals: true, .. }
            | Action::AskGrantee { heals: true, .. }
    )
}

fn is_noted(plan: &Plan) -> bool {
    matches!(only_action(plan), Action::NoteContested { .. })
}

fn activated(count: u32, last: Duration) -> Attempts {
    Attempts { count, last: Some(ago(last)) }
}

/// An account whose grant `A` was activated a while ago, and is ACTIVE
fn account_grant() -> Story {
    let entry = Entry { activation: activated(1, hours(1)), ..holds("A", ago(hours(2))) };
    let world = World::new().rule(only(&[101])).granted(to_account(101), GrantStatus::Active);
    let world = world.entry(to_account(101), entry).received("A", 101, None, GrantStatus::Active);
    Story::of(world)
}

/// An organization's grant `A` with its parts `S101` and so on, all in use, activated so long ago
fn organization_grant(last: Duration) -> Story {
    let entry = Entry { activation: activated(1, last), ..holds("A", ago(last)) };
    let mut world = World::new().rule(everyone()).granted(Principal::Organization, GrantStatus::WorkflowCompleted);
    world = world.entry(Principal::Organization, entry);
    for number in MEMBERS {
        world = world.received(&format!("S{number}"), number, Some("A"), GrantStatus::Active);
    }
    Story::of(world)
}

fn key() -> EntryKey {
    EntryKey::Grant(to_account(101))
}

#[test]
fn what_is_switched_off_is_healed_twice_a_day_and_the_third_time_left_until_the_first_is_a_day_old() {
    let parts =
        [(account_grant(), "A", key()), (organization_grant(hours(9)), "S101", EntryKey::SubGrant(account(101)))];
    for (mut story, name, key) in parts {
        story.all_is_well();
        for _ in 0..2 {
            let plan = story.switched_off(&arn(name));
            assert!(heals(&plan), "{plan}");
            assert_eq!(story.entry(&key).activation.count, 1, "the ladder begins anew");
            story.all_is_well();
            story.wait(hours(6));
        }
        assert_eq!(story.entry(&key).reversals, [NOW, NOW.after(hours(6))]);

        let plan = story.switched_off(&arn(name));
        assert!(is_noted(&plan), "{plan}");
        let pair = plan.pairs[&account(101)].clone();
        assert_eq!((pair.code, pair.next_look), (ReasonCode::Contested, Some(NOW.after(hours(24)))));
        let detail = pair.detail.unwrap();
        assert!(detail.contains(&NOW.to_string()) && detail.contains(&NOW.after(hours(12)).to_string()), "{detail}");
        assert_eq!(story.entry(&key).reversals.len(), 3);

        story.wait(hours(12) - Duration::from_secs(1));
        let plan = story.look();
        assert!(plan.actions.is_empty() && plan.is_settled(), "{plan}");
        assert_eq!(plan.pairs[&account(101)].code, ReasonCode::Contested);
        story.wait(Duration::from_secs(1));
        assert!(heals(&story.look()));
        story.all_is_well();
    }
}

#[test]
fn a_fight_that_goes_on_is_answered_twice_a_day_and_no_more() {
    let mut story = account_grant();
    let mut healed = Vec::new();
    for hour in 0..(24 * 7) {
        story.show(&arn("A"), &GrantStatus::Disabled);
        if story.look().actions.iter().any(Action::writes) {
            healed.push(hour);
        }
        story.wait(minutes(30));
        story.look();
        story.wait(minutes(30));
    }
    assert!(healed.len() >= 13, "{healed:?}");
    assert!(healed.windows(3).all(|three| three[2] - three[0] >= 24), "{healed:?}");
}

#[test]
fn a_person_who_switches_off_every_three_months_does_not_climb_the_ladder() {
    let mut story = account_grant();
    for _ in 0..8 {
        story.all_is_well();
        let plan = story.switched_off(&arn("A"));
        assert!(heals(&plan), "{plan}");
        assert_eq!(plan.pairs[&account(101)].code, ReasonCode::Activating);
        assert_eq!((story.entry(&key()).activation.count, story.entry(&key()).reversals.len()), (1, 1));
        story.wait(hours(90 * 24));
    }
}

#[test]
fn what_is_deleted_is_made_anew_twice_a_day() {
    let whole = (organization_grant(hours(9)), EntryKey::Grant(Principal::Organization));
    for (mut story, key) in [(account_grant(), key()), whole] {
        let mut stands = arn("A");
        for _ in 0..2 {
            story.all_is_well();
            let plan = story.deleted(&stands);
            assert!(heals(&plan), "{plan}");
            stands = story.entry(&key).arn().unwrap().clone();
            story.wait(hours(1));
        }
        let plan = story.deleted(&stands);
        assert!(is_noted(&plan), "{plan}");
        let contested = |plan: &Plan| plan.pairs[&account(101)].code == ReasonCode::Contested;
        assert!(contested(&plan), "{plan}");
        for _ in 0..2 {
            story.wait(hours(10));
            let plan = story.look();
            assert!(contested(&plan) && plan.actions.is_empty(), "{plan}");
        }
        story.wait(hours(3));
        assert!(heals(&story.look()));
    }
}

#[test]
fn an_organization_s_grant_that_is_switched_off_with_its_parts_is_healed_and_then_contested() {
    let mut story = organization_grant(hours(9));
    let off = |story: &mut Story| {
        MEMBERS.iter().for_each(|number| story.show(&arn(&format!("S{number}")), &GrantStatus::Disabled));
        story.switched_off(&arn("A"))
    };
    for _ in 0..2 {
        story.all_is_well();
        let plan = off(&mut story);
        assert!(heals(&plan), "{plan}");
        story.all_is_well();
        story.wait(hours(2));
    }
    let plan = off(&mut story);
    assert!(is_noted(&plan), "{plan}");
    for number in MEMBERS {
        assert_eq!(plan.pairs[&account(number)].code, ReasonCode::Contested);
    }
}

#[test]
fn an_organization_s_grant_that_was_not_in_use_by_most_was_switched_off_by_nobody() {
    let mut story = organization_grant(hours(9));
    story.show(&arn("A"), &GrantStatus::Disabled);
    story.world.snapshot.received.clear();
    for number in &MEMBERS[..2] {
        let remembered = Remembered { code: ReasonCode::Activating, since: ago(hours(9)) };
        story.world.snapshot.remembered.insert(account(*number), remembered);
    }
    assert!(!heals(&story.look()));
}

#[test]
fn where_only_the_account_may_activate_it_is_asked_anew() {
    let mut story = account_grant();
    let entry = story.world.snapshot.entries.get_mut(&key()).unwrap();
    (entry.by_grantee, entry.activation) = (true, Attempts::default());
    entry.grantee = activated(4, hours(5));
    story.all_is_well();
    let plan = story.switched_off(&arn("A"));
    assert!(matches!(only_action(&plan), Action::AskGrantee { heals: true, .. }), "{plan}");
    assert_eq!(story.entry(&key()).grantee.count, 1);
    assert_eq!(story.entry(&key()).reversals, [NOW]);
}

#[test]
fn what_was_not_in_use_at_the_last_look_was_undone_by_nobody() {
    // An activation that does not take.
    let mut story = account_grant();
    story.show(&arn("A"), &GrantStatus::Disabled);
    let remembered = Remembered { code: ReasonCode::Activating, since: ago(hours(1)) };
    story.world.snapshot.remembered.insert(account(101), remembered);
    assert!(!heals(&story.look()));
    // One that was asked for a moment ago, by a run that could not say so any more.
    let mut story = account_grant();
    story.world.snapshot.entries.get_mut(&key()).unwrap().activation = activated(1, minutes(14));
    assert!(story.switched_off(&arn("A")).actions.is_empty());
    // One that nobody ever activated.
    let mut story = account_grant();
    story.world.snapshot.entries.get_mut(&key()).unwrap().activation = Attempts::default();
    assert!(!heals(&story.switched_off(&arn("A"))));
    // A ledger that knows nothing.
    let mut story = account_grant();
    story.world.snapshot.entries.clear();
    assert!(story.switched_off(&arn("A")).actions.is_empty());
}

#[test]
fn a_part_that_is_off_shortly_after_the_whole_was_activated_is_aws_s_own_doing() {
    for (last, counts) in [(minutes(59), false), (hours(1), true)] {
        let mut story = organization_grant(last);
        let plan = story.switched_off(&arn("S102"));
        assert_eq!(heals(&plan), counts, "{plan}");
        assert_eq!(story.entry(&EntryKey::SubGrant(account(102))).reversals.len(), usize::from(counts));
    }
}

#[test]
fn a_part_of_a_new_whole_has_nothing_to_do_with_what_the_ledger_holds_of_an_earlier_one() {
    let mut story = organization_grant(minutes(20));
    let entry = Entry { activation: activated(2, hours(9)), ..holds("earlier", ago(hours(9))) };
    story.world.snapshot.entries.insert(EntryKey::SubGrant(account(101)), entry);
    assert!(!heals(&story.switched_off(&arn("S101"))));
}

#[test]
fn who_has_the_product_otherwise_had_nothing_undone() {
    let mut story = account_grant();
    story.show(&arn("A"), &GrantStatus::Disabled);
    story.world = story.world.clone().own_subscription(101);
    let plan = story.look();
    assert!(plan.actions.is_empty(), "{plan}");
    assert_eq!(plan.pairs[&account(101)].code, ReasonCode::OwnSubscription);

    let mut story = account_grant();
    story.show(&arn("A"), &GrantStatus::Disabled);
    story.world = story.world.clone().received("theirs", 101, None, GrantStatus::Active);
    let plan = story.look();
    assert!(plan.actions.is_empty(), "{plan}");
    assert_eq!(plan.pairs[&account(101)].code, ReasonCode::CoveredByForeign);
}

#[test]
fn what_we_had_deleted_ourselves_was_deleted_by_nobody_else() {
    let mut story = account_grant();
    story.world.snapshot.entries.get_mut(&key()).unwrap().recalled = Some(arn("A"));
    assert!(!heals(&story.deleted(&arn("A"))));
}

#[test]
fn a_grant_that_no_listing_shows_is_made_anew_and_counts_for_nothing() {
    let mut story = account_grant();
    story.world.snapshot.distributed.clear();
    story.world.snapshot.received.clear();
    assert!(!heals(&story.look()));
}

#[test]
fn nothing_is_healed_and_nothing_counted_while_everything_is_paused() {
    let mut story = account_grant();
    story.world = story.world.clone().paused();
    let plan = story.switched_off(&arn("A"));
    assert!(plan.actions.is_empty(), "{plan}");
    assert_eq!(story.entry(&key()).reversals, []);
}

#[test]
fn reversals_outlive_the_grant_and_a_ledger_of_before_has_none() {
    let mut story = account_grant();
    story.switched_off(&arn("A"));
    story.look();
    story.wait(hours(1));
    let plan = story.deleted(&arn("A"));
    assert!(heals(&plan), "{plan}");
    assert_eq!((story.entry(&key()).generation, story.entry(&key()).reversals.len()), (2, 2));

    let mut written = serde_json::to_value(holds("A", NOW)).unwrap();
    written.as_object_mut().unwrap().remove("reversals").unwrap();
    assert_eq!(serde_json::from_value::<Entry>(written).unwrap(), holds("A", NOW));
}

#[test]
fn a_plan_says_that_it_does_again_what_somebody_undid() {
    let mut story = account_grant();
    let text = story.switched_off(&arn("A")).to_string();
    assert!(text.contains("(somebody switched it off)"), "{text}");
    let mut story = account_grant();
    let text = story.deleted(&arn("A")).to_string();
    assert!(text.contains("; somebody deleted it)"), "{text}");
}
