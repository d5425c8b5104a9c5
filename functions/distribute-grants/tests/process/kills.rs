//! Lanes that are killed at moments nobody chose, each followed by another with the same message

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Display};
use std::time::Duration;

use grant_engine::clients::Clients;
use grant_engine::clock::Clock;
use grant_plan::entry::EntryKey;
use grant_plan::id::{AccountId, LicenseId};
use grant_plan::organization::Principal;
use pretend_aws::calls::Call;
use pretend_aws::invariants::{self, Expectations};
use pretend_aws::license_manager::WriteOperation;
use pretend_aws::{Knobs, Purchase};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};

use crate::function::Function;
use crate::hub::{Environment, Hub};
use crate::mappings::{Answer, Mappings, Woken, in_process};

/// Time between two sweeps
const SWEEP: Duration = Duration::from_secs(5 * 60);
/// How long the queue hides what a dead process was working on (`infra/hub.yaml`, work queue)
const HIDDEN: Duration = Duration::from_secs(1800);
/// How long a request that a dead process had sent may be on its way
const LAST_WORDS: Duration = Duration::from_millis(5);
/// Lanes started, killed or not; far more than it takes
const MOST_LANES: usize = 200;

/// The sample organization's members that are not suspended, and four that come
const DOZEN: [&str; 12] = [
    "318204957731",
    "402958173646",
    "519283746501",
    "560192837465",
    "611029384756",
    "674839201583",
    "802746195038",
    "853920174662",
    "900000000001",
    "900000000002",
    "900000000003",
    "900000000004",
];
const HOLDER: &str = "210987654321";

/// When a lane is to be killed
#[derive(Debug, Clone, Copy)]
enum Moment {
    /// As soon as the door has seen it make so many calls
    Calls(usize),
    /// As soon as the door has seen it make so many calls that write
    Writes(usize),
}

impl Moment {
    /// One in five anywhere; the others where the protocol is, on any of its Asks
    fn choose(random: &mut StdRng) -> Self {
        if random.random_ratio(1, 5) {
            Self::Calls(random.random_range(1..=12))
        } else {
            Self::Writes(random.random_range(1..=6))
        }
    }

    fn has_come(self, seen: &[Call]) -> bool {
        match self {
            Self::Calls(count) => seen.len() >= count,
            Self::Writes(count) => seen.iter().filter(|call| call.write).count() >= count,
        }
    }
}

/// A lane that was killed, by what the door saw of it
#[derive(Debug)]
pub(crate) struct Kill {
    moment: Moment,
    seen: Vec<Call>,
    /// Whether its message came again when the queue's time-out was over, or at once
    late: bool,
}

impl Kill {
    /// Whether it fell after the run's first write and before its last, which is the lane's own note that it is done
    pub(crate) fn fell_amid_writes(&self) -> bool {
        self.seen.iter().any(|call| call.write) && self.seen.iter().all(|call| call.operation != "UpdateItem")
    }

    /// The last thing that it asked of AWS
    pub(crate) fn last(&self) -> String {
        self.seen.last().map_or_else(|| "nothing".to_owned(), |call| format!("{} {}", call.service, call.operation))
    }
}

impl Display for Kill {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let writes = self.seen.iter().filter(|call| call.write).count();
        let place = if self.fell_amid_writes() { ", amid its writes" } else { "" };
        let again = if self.late { "half an hour later" } else { "at once" };
        let (moment, calls, last) = (self.moment, self.seen.len(), self.last());
        write!(
            formatter,
            "{moment:?}: killed after {calls} calls, {writes} of them writes{place}; last {last}; again {again}"
        )
    }
}

/// A hub whose only lane at any time is a process that may be killed, and a license that is to go to a dozen accounts
#[derive(Debug)]
pub(crate) struct Killing<'a> {
    hub: &'a Hub,
    binary: &'a str,
    environment: Environment,
    mappings: Mappings,
    purchase: Purchase,
    expected: Expectations,
    random: StdRng,
}

impl<'a> Killing<'a> {
    /// Of lanes that this binary is, with a license in the hub that a dozen accounts are to have
    ///
    /// License Manager is at its least helpful: it makes a second grant if asked to, and shows none in its first minute.
    pub(crate) async fn new(hub: &'a Hub, binary: &'a str, environment: Environment, seed: u64) -> Self {
        let (world, purchase) = (hub.world(), Purchase::sample());
        world.with(|state| {
            let known = state.knobs.clone();
            let least = Knobs { duplicate_grants_refused: false, visibility_seconds: 60, ..known };
            state.knobs = Knobs { page_size: 5, empty_pages: true, ..least };
        });
        for newcomer in DOZEN.iter().skip(8) {
            world.create_account(newcomer, "newcomer");
        }
        world.purchase(&purchase);
        world.advance(Duration::from_secs(2));
        hub.put_rule(json!({
            "rule": "dozen", "products": {"sku": [purchase.sku]}, "accounts": {"account": DOZEN},
        }))
        .await;
        let expected = Expectations {
            name_prefix: format!("gw/{}/", hub.config().deployment),
            wanted: DOZEN.map(|account| (purchase.license.clone(), account.to_owned())).into(),
            hub: HOLDER.to_owned(),
            unheard: BTreeMap::new(),
            may_displace: Default::default(),
        };
        let mappings = Mappings::new(world, &hub.config().policy_table);
        Self { hub, binary, environment, mappings, purchase, expected, random: StdRng::seed_from_u64(seed) }
    }

    /// Kills so many lanes; each one's message is handed to another
    ///
    /// Between a death and the next life either nothing else happens, or the queue's whole time-out passes.
    pub(crate) async fn kill(&mut self, count: usize) -> Vec<Kill> {
        let (mut kills, mut idle) = (Vec::new(), false);
        for _ in 0..MOST_LANES {
            if kills.len() == count {
                return kills;
            }
            let Some((woken, batch)) = self.mappings.next() else {
                // Once all is settled only the full reconcile still has anything looked at.
                if std::mem::replace(&mut idle, true) {
                    self.reconcile().await;
                } else {
                    self.sweep().await;
                }
                continue;
            };
            if woken != Woken::Lane {
                let answer = self.beside(woken, batch.payload().clone()).await;
                batch.settle(self.hub.world(), answer.map_err(drop));
                continue;
            }
            idle = false;
            let moment = Moment::choose(&mut self.random);
            let (answer, seen) = self.run_until(moment, batch.payload()).await;
            match answer {
                Some(answer) => batch.settle(self.hub.world(), answer.map_err(drop)),
                None => {
                    let late = self.random.random_bool(0.5);
                    let receipts = receipts(batch.payload());
                    // The process is dead, and Lambda's answer to that is none.
                    batch.settle(self.hub.world(), Err(()));
                    if late {
                        self.hub.pass(HIDDEN).await;
                    } else {
                        self.show_again(&receipts).await;
                    }
                    kills.push(Kill { moment, seen, late });
                }
            }
            self.check();
        }
        panic!("only {} lanes of {MOST_LANES} could be killed", kills.len());
    }

    /// Lets everything come to its end undisturbed, with sweeps, until the license is ACTIVE in all accounts
    pub(crate) async fn settle(&mut self) {
        let everyone: BTreeSet<String> = DOZEN.iter().chain([&HOLDER]).map(|account| (*account).to_owned()).collect();
        let lane = Function::start(self.binary, &self.environment).await;
        for _ in 0..20 {
            while let Some((woken, batch)) = self.mappings.next() {
                let payload = batch.payload().clone();
                let answer = match woken {
                    Woken::Lane => lane.invoke(payload).await,
                    Woken::Dispatch | Woken::Accept => self.beside(woken, payload).await,
                };
                assert_eq!(answer, Ok(json!({"batchItemFailures": []})), "{woken:?}");
                batch.settle(self.hub.world(), answer.map_err(drop));
                self.check();
            }
            if self.hub.active(&self.purchase.license).await == everyone {
                return;
            }
            self.sweep().await;
        }
        panic!("ACTIVE only in {:?}\n{}", self.hub.active(&self.purchase.license).await, lane.said());
    }

    /// License Manager has made as many grants as there are accounts, and the ledger has each one's under its intent
    pub(crate) async fn check_ledger(&self) {
        let made = self.hub.world().with(|state| {
            let writes = state.license_manager.writes().iter();
            let made = writes.filter(|write| write.operation == WriteOperation::CreateGrant);
            made.map(|write| (write.principal.clone(), write.grant_arn.clone(), write.name.clone())).collect::<Vec<_>>()
        });
        assert_eq!(made.len(), DOZEN.len(), "{made:?}");
        let license: LicenseId = self.purchase.license.parse().expect("a license");
        for (principal, arn, name) in made {
            let account: AccountId = principal.account().expect("an account").parse().expect("twelve digits");
            let key = EntryKey::Grant(Principal::Account(account));
            let entry = self.hub.engine().ledger().entry(&license, &key).await.expect("the ledger").expect("an entry");
            assert_eq!(entry.arn().map(ToString::to_string), Some(arn));
            assert_eq!(entry.intent().map(ToString::to_string).as_deref(), name.rsplit('/').next());
        }
    }

    /// Has everything looked at once more
    pub(crate) async fn reconcile(&self) {
        let answer = self.beside(Woken::Dispatch, json!({"job": "reconcile"})).await;
        assert!(answer.is_ok(), "{answer:?}");
    }

    /// A lane with this event until it answers, or until it is killed, which is when there is no answer; and its calls
    async fn run_until(&self, moment: Moment, payload: &Value) -> (Option<Answer>, Vec<Call>) {
        let world = self.hub.world();
        let before = world.with(|state| state.calls.log().len());
        let seen = || world.with(|state| state.calls.log()[before..].to_vec());
        let mut lane = Function::start(self.binary, &self.environment).await;
        let comes = async {
            while !moment.has_come(&seen()) {
                // Not by a timer, which would be slower than the calls are.
                tokio::task::yield_now().await;
            }
        };
        let answer = tokio::select! {
            answer = lane.invoke(payload.clone()) => Some(answer),
            () = comes => None,
        };
        assert!(lane.lives() && !lane.said().contains("panicked"), "it ended by itself:\n{}", lane.said());
        // SIGKILL. What it had sent before still arrives.
        drop(lane);
        let mut pause = tokio::time::interval(LAST_WORDS);
        for _ in 0..2 {
            pause.tick().await;
        }
        (answer, seen())
    }

    /// What the other two functions do
    async fn beside(&self, woken: Woken, payload: Value) -> Answer {
        let engine = self.hub.engine();
        match woken {
            Woken::Dispatch => in_process(distribute_grants::dispatch::handle(engine, payload).await),
            Woken::Lane => in_process(distribute_grants::lane::handle(engine, payload).await),
            Woken::Accept => in_process(accept_grants::handle(engine, payload).await),
        }
    }

    async fn sweep(&self) {
        self.hub.pass(SWEEP).await;
        self.hub.send_sweep().await;
    }

    /// Ends the time for which the queue hides these messages
    async fn show_again(&self, receipts: &[String]) {
        let (world, config) = (self.hub.world(), self.hub.config());
        let clock = Clock::new(world.time_source(), world.sleep());
        let hub = world.with(|state| state.hub.clone());
        let sqs = Clients::on(world.http_client(), &config.home_region, &hub, &clock).sqs;
        for receipt in receipts {
            let call = sqs.change_message_visibility().queue_url(&config.work_queue).receipt_handle(receipt);
            call.visibility_timeout(0).send().await.expect("the queue holds the message");
        }
    }

    /// Nothing has happened so far that never may
    fn check(&self) {
        let broken = self.hub.world().with(|state| {
            let history = state.license_manager.writes();
            invariants::broken(&state.license_manager, &state.organization, history, &self.expected)
        });
        assert_eq!(broken, []);
    }
}

fn receipts(payload: &Value) -> Vec<String> {
    let records = payload["Records"].as_array().expect("records").iter();
    records.map(|record| record["receiptHandle"].as_str().expect("a receipt").to_owned()).collect()
}
