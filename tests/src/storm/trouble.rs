//! What befalls Grantway itself: runs at once, death in the middle, a ledger that is not what it was, nonsense in queues

use std::time::Duration;

use futures_util::future::join3;
use grant_engine::Engine;
use grant_engine::lane::LaneMessage;
use grant_plan::call::Failure;
use rand::Rng;
use rand::seq::IndexedRandom;

use super::scene::Scene;
use crate::story::{Wire, license_arn};

impl Scene {
    /// Two runs look at one license while dispatch reads the organization; one of them may die on the way
    pub(super) async fn two_at_once(&mut self) -> bool {
        let ours: Vec<_> = self.bought.iter().filter(|one| one.acceptor == self.hub).cloned().collect();
        let Some(purchase) = ours.choose(&mut self.random).cloned() else { return false };
        let (world, arn) = (self.world(), license_arn(&purchase));
        let seeds: [u64; 3] = self.random.random();
        let wires = seeds.map(|seed| Wire::slow(&world, seed));
        if self.random.random_bool(0.4) {
            wires[0].die_after_writes(self.random.random_range(0..6));
        }
        self.tell(|_| format!("two runs at once look at {}", purchase.license));
        let [one, other, dispatch] = [0, 1, 2].map(|at: usize| self.story.another_engine(&wires[at], seeds[at]));
        let look = async |engine: Engine| {
            let message = LaneMessage { license: arn.clone(), wanted: engine.raise(&arn).await? };
            let looked = engine.look(&message, false).await;
            Ok::<_, Failure>((message, looked))
        };
        let (one, other, dispatch) = world.run(join3(look(one), look(other), dispatch.refresh_organization())).await;
        for looked in [one, other] {
            match looked {
                Ok((_, Ok(_))) => {}
                // The queue hands its message out again.
                Ok((message, Err(failure))) => {
                    self.tell(|_| format!("  one of them failed: {failure}"));
                    let heir = self.story.another_engine(&Wire::slow(&world, seeds[2]), seeds[2]);
                    if let Err(failure) = world.run(heir.look(&message, true)).await {
                        self.tell(|_| format!("  so did its heir: {failure}"));
                    }
                }
                Err(failure) => self.tell(|_| format!("  one of them never began: {failure}")),
            }
        }
        if let Err(failure) = dispatch {
            self.tell(|_| format!("  dispatch failed: {failure}"));
        }
        true
    }

    /// After some more writes, the functions die; whoever comes next finds what they left behind
    pub(super) fn death(&mut self) -> bool {
        let writes = self.random.random_range(0..12);
        self.tell(|_| format!("the functions die after {writes} writes more"));
        self.story.wire().die_after_writes(writes);
        true
    }

    /// One reply, of a call that changes something, is lost
    pub(super) fn reply_lost(&mut self) -> bool {
        const OF: [&str; 8] = [
            "CreateGrant",
            "CreateGrantVersion",
            "DeleteGrant",
            "AcceptGrant",
            "PutItem",
            "UpdateItem",
            "SendMessage",
            "DeleteItem",
        ];
        let operation = OF.choose(&mut self.random).copied().unwrap_or("CreateGrant");
        let skip = self.random.random_range(0..4);
        self.tell(|_| format!("the reply of one {operation} is lost, {skip} arrive before"));
        self.story.wire().lose_reply(operation, skip);
        true
    }

    /// Grants that no listing shows yet are known to the ledger alone, so nobody could make up for losing it then
    fn all_is_visible(&self) {
        let seconds = self.world().with(|state| state.knobs.visibility_seconds);
        self.world().advance(Duration::from_secs(seconds));
    }

    pub(super) async fn ledger_emptied(&mut self) -> bool {
        self.all_is_visible();
        self.look_at_releases().await;
        self.tell(|_| "the ledger is emptied".to_owned());
        self.story.ledger_emptied().await;
        self.ledger_lost = true;
        true
    }

    /// The first time a copy is taken, the second time it is brought back
    pub(super) async fn ledger_restored(&mut self) -> bool {
        let (world, table) = (self.world(), self.story.config().ledger_table.clone());
        let Some(kept) = self.kept.take() else {
            self.kept = world.snapshot_table(&table).ok();
            self.tell(|_| "a copy of the ledger is taken".to_owned());
            return true;
        };
        self.all_is_visible();
        self.look_at_releases().await;
        self.tell(|_| format!("the ledger is as it was, {} items", kept.len()));
        world.restore_table(&table, &kept).expect("the ledger is there");
        self.ledger_lost = true;
        true
    }

    pub(super) async fn bad_message(&mut self) -> bool {
        const QUEUES: [&str; 3] = ["triggers", "work.fifo", "accept"];
        let queue = QUEUES.choose(&mut self.random).copied().unwrap_or("triggers");
        let number = self.number();
        // A courier that brings nothing but the schedule's jobs brings this one, too.
        let body = match queue {
            "triggers" => format!("{{\"job\": \"whatever {number}\"}}"),
            _ => format!("nonsense {number}"),
        };
        self.tell(|_| format!("a bad message in {queue}: {body}"));
        self.story.message(queue, &body).await;
        self.unreadable.push(body);
        true
    }
}
