//! What the cells of the table are, and the world that each one stands for

use std::time::Duration;

use grant_plan::entry::{Attempts, Entry, Phase};
use grant_plan::grant::GrantStatus;
use grant_plan::organization::Principal;
use grant_plan::reason::ReasonCode;
use grant_plan::time::{hours, minutes};
use serde_json::json;

use crate::world::{MEMBERS, World, ago, entry, everyone, grant, holds, intent, only, stamp, to_account};

/// The account of the cells about accounts
pub(crate) const SUBJECT: u64 = 101;

/// Whom the cell is about
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Account,
    Unit,
    Organization,
}

/// The unit of the cells about units
pub(crate) const UNIT: &str = "ou-root-prod0000";
/// The accounts in it
const IN_UNIT: [u64; 2] = [101, 102];

/// Whose hand a live grant shows
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MadeBy {
    /// Nothing but the ledger's entry could tell
    WhoeverTheLedgerSays,
    /// The name carries intent `a`, which is the intent of every entry that has one
    OurIntent,
    /// Our stamp with an intent that no entry has
    OurStamp,
    OtherDeployment,
    Hand,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Seen {
    Nothing,
    Grant {
        status: GrantStatus,
        by: MadeBy,
        /// The accounts' own listing shows it, or its sub-grants, as ACTIVE
        in_use: bool,
    },
}

/// Young is within the wait that the phase has, old is beyond it
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Age {
    Young,
    Old,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Remembered {
    Nothing,
    Intended(Age),
    /// Held with the ARN of the grant that is seen (or would be, if any were)
    HeldThis(Age),
    HeldAnother(Age),
    /// Held with the ARN of the grant that is seen, in use at the last look, and undone twice today
    Fought,
    Refused(Age),
    Closed,
}

/// One cell
#[derive(Debug, Clone)]
pub(crate) struct Cell {
    pub(crate) kind: Kind,
    pub(crate) wanted: bool,
    pub(crate) seen: Seen,
    pub(crate) remembered: Remembered,
}

pub(crate) fn statuses() -> [GrantStatus; 10] {
    [
        GrantStatus::PendingWorkflow,
        GrantStatus::PendingAccept,
        GrantStatus::Rejected,
        GrantStatus::Active,
        GrantStatus::FailedWorkflow,
        GrantStatus::Deleted,
        GrantStatus::PendingDelete,
        GrantStatus::Disabled,
        GrantStatus::WorkflowCompleted,
        GrantStatus::Unknown("FROZEN".into()),
    ]
}

/// Every cell, once
pub(crate) fn cells() -> Vec<Cell> {
    use Age::{Old, Young};
    let makers =
        [MadeBy::WhoeverTheLedgerSays, MadeBy::OurIntent, MadeBy::OurStamp, MadeBy::OtherDeployment, MadeBy::Hand];
    let mut seen = vec![Seen::Nothing];
    for status in statuses() {
        for by in makers {
            seen.push(Seen::Grant { status: status.clone(), by, in_use: false });
            if status != GrantStatus::Deleted {
                seen.push(Seen::Grant { status: status.clone(), by, in_use: true });
            }
        }
    }
    let memories = [
        Remembered::Nothing,
        Remembered::Intended(Young),
        Remembered::Intended(Old),
        Remembered::HeldThis(Young),
        Remembered::HeldThis(Old),
        Remembered::HeldAnother(Young),
        Remembered::HeldAnother(Old),
        Remembered::Fought,
        Remembered::Refused(Young),
        Remembered::Refused(Old),
        Remembered::Closed,
    ];
    let mut cells = Vec::new();
    for kind in [Kind::Account, Kind::Unit, Kind::Organization] {
        for wanted in [true, false] {
            for seen in &seen {
                for remembered in memories {
                    cells.push(Cell { kind, wanted, seen: seen.clone(), remembered });
                }
            }
        }
    }
    cells
}

impl Cell {
    pub(crate) fn principal(&self) -> Principal {
        match self.kind {
            Kind::Account => to_account(SUBJECT),
            Kind::Unit => Principal::Unit(UNIT.parse().unwrap()),
            Kind::Organization => Principal::Organization,
        }
    }

    /// The accounts under the principal that are not the holder's
    pub(crate) fn accounts(&self) -> &'static [u64] {
        match self.kind {
            Kind::Account => &[SUBJECT],
            Kind::Unit => &IN_UNIT,
            Kind::Organization => &MEMBERS,
        }
    }

    pub(crate) fn world(&self) -> World {
        let mut world = World::new();
        world = match (self.wanted, self.kind) {
            (true, Kind::Account) => world.rule(only(&[SUBJECT])),
            (true, Kind::Unit) => world.rule(json!({"rule": "everyone", "products": "*", "accounts": {"ou": UNIT}})),
            (true, Kind::Organization) => world.rule(everyone()),
            (false, Kind::Account | Kind::Unit | Kind::Organization) => world,
        };
        world = self.show(world);
        let at = |age: Age, wait: Duration| match age {
            Age::Young => ago(wait - Duration::from_secs(1)),
            Age::Old => ago(wait),
        };
        let phase = match self.remembered {
            Remembered::Nothing => return world,
            Remembered::HeldThis(age) => return world.entry(self.principal(), holds("A", at(age, minutes(6)))),
            Remembered::HeldAnother(age) => return world.entry(self.principal(), holds("B", at(age, minutes(6)))),
            Remembered::Fought => {
                let activation = Attempts { count: 1, last: Some(ago(minutes(16))) };
                let reversals = vec![ago(hours(3)), ago(hours(2))];
                let entry = Entry { activation, reversals, ..holds("A", ago(hours(9))) };
                return world.entry(self.principal(), entry);
            }
            Remembered::Intended(age) => {
                let one_call = self.kind != Kind::Account;
                Phase::Intended { intent: intent('a'), at: at(age, minutes(6)), one_call }
            }
            Remembered::Refused(age) => Phase::Refused {
                reason: ReasonCode::AccessDenied,
                detail: "AccessDeniedException".into(),
                at: at(age, hours(1)),
            },
            Remembered::Closed => Phase::Closed { because: "the grant is gone".into(), at: ago(hours(9)) },
        };
        world.entry(self.principal(), entry(phase))
    }

    fn show(&self, world: World) -> World {
        let Seen::Grant { status, by, in_use } = &self.seen else { return world };
        let name = match by {
            MadeBy::WhoeverTheLedgerSays => String::new(),
            MadeBy::OurIntent => stamp("main", 'a'),
            MadeBy::OurStamp => stamp("main", 'b'),
            MadeBy::OtherDeployment => stamp("other", 'b'),
            MadeBy::Hand => "laptops, ask Kim".to_owned(),
        };
        let mut world = world.distributed(grant("A", self.principal(), status.clone(), &name));
        if *in_use {
            for number in self.accounts() {
                world = match self.kind {
                    Kind::Account => world.received("A", *number, None, GrantStatus::Active),
                    Kind::Unit | Kind::Organization => {
                        world.received(&format!("A{number}"), *number, Some("A"), GrantStatus::Active)
                    }
                };
            }
        }
        world
    }
}
