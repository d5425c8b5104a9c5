//! What must come of each cell, written out from the design and not from the planner

use grant_plan::grant::GrantStatus;
use grant_plan::reason::ReasonCode;

use super::cell::{Age, Cell, Kind, MadeBy, Remembered, Seen};

/// What is done about the cell's principal
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Todo {
    Nothing,
    Create,
    Repeat,
    Record,
    Activate,
    AskGrantee,
    DeleteFailed,
    Close,
    NoteUnwanted,
    NoteContested,
    /// Nothing about the principal, a grant for each of the parts that it is made of instead
    CreateEach,
    /// As `CreateEach`, and the entry for the principal is closed
    CloseAndCreateEach,
}

/// What comes of one cell
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Expected {
    pub(crate) todo: Todo,
    /// The state of each wanted account; `None` where none is wanted
    pub(crate) pair: Option<ReasonCode>,
    /// Why a principal that nobody needs has something that is left alone
    pub(crate) hold: Option<ReasonCode>,
}

/// To whom a live grant belongs
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whose {
    Ours,
    /// Our stamp, unknown to the ledger
    Stamped,
    OtherDeployment,
    Somebody,
}

impl Cell {
    /// `None` without a live grant
    pub(crate) fn whose(&self) -> Option<Whose> {
        let Seen::Grant { status, by, .. } = &self.seen else { return None };
        if *status == GrantStatus::Deleted {
            return None;
        }
        let intent_known = match self.remembered {
            Remembered::HeldThis(_) | Remembered::Fought => return Some(Whose::Ours),
            Remembered::Intended(_) | Remembered::HeldAnother(_) => true,
            Remembered::Nothing | Remembered::Refused(_) | Remembered::Closed => false,
        };
        Some(match by {
            MadeBy::OurIntent if intent_known => Whose::Ours,
            MadeBy::OurIntent | MadeBy::OurStamp => Whose::Stamped,
            MadeBy::OtherDeployment => Whose::OtherDeployment,
            MadeBy::WhoeverTheLedgerSays | MadeBy::Hand => Whose::Somebody,
        })
    }

    pub(crate) fn in_use(&self) -> bool {
        matches!(self.seen, Seen::Grant { in_use: true, .. })
    }

    /// Whether the listing shows the grant that the entry holds as DELETED
    fn seen_deleted(&self) -> bool {
        matches!(
            (&self.seen, self.remembered),
            (Seen::Grant { status: GrantStatus::Deleted, .. }, Remembered::HeldThis(_) | Remembered::Fought)
        )
    }
}

/// The table
pub(crate) fn expected(cell: &Cell) -> Expected {
    match (cell.wanted, cell.whose()) {
        (true, None) => wanted_and_nothing_there(cell),
        (true, Some(Whose::Ours)) => wanted_and_ours(cell),
        (true, Some(Whose::Stamped)) if cell.in_use() => pair(Todo::Nothing, ReasonCode::Active),
        (true, Some(Whose::Stamped)) => pair(Todo::Nothing, ReasonCode::StampWithoutEntry),
        (true, Some(whose @ (Whose::OtherDeployment | Whose::Somebody))) => wanted_and_not_ours(cell, whose),
        (false, Some(Whose::Ours)) => match cell.remembered {
            Remembered::Intended(_) => hold(Todo::Record, ReasonCode::WorkflowPending),
            // What is seen may be what a listing has not yet forgotten.
            Remembered::HeldAnother(Age::Young) => hold(Todo::Nothing, ReasonCode::NotVisibleYet),
            Remembered::HeldThis(_) | Remembered::HeldAnother(Age::Old) | Remembered::Fought => {
                hold(Todo::NoteUnwanted, ReasonCode::NoLongerWanted)
            }
            Remembered::Nothing | Remembered::Refused(_) | Remembered::Closed => unreachable!("{cell:?}"),
        },
        (false, Some(Whose::Stamped)) => hold(Todo::Nothing, ReasonCode::StampWithoutEntry),
        (false, None | Some(Whose::OtherDeployment | Whose::Somebody)) => {
            let (todo, hold) = loose_end(cell);
            Expected { todo, pair: None, hold }
        }
    }
}

fn pair(todo: Todo, code: ReasonCode) -> Expected {
    Expected { todo, pair: Some(code), hold: None }
}

fn hold(todo: Todo, code: ReasonCode) -> Expected {
    Expected { todo, pair: None, hold: Some(code) }
}

fn wanted_and_nothing_there(cell: &Cell) -> Expected {
    match cell.remembered {
        Remembered::Fought if cell.seen_deleted() => pair(Todo::NoteContested, ReasonCode::Contested),
        _ if cell.seen_deleted() => pair(Todo::Create, ReasonCode::Creating),
        Remembered::Nothing | Remembered::Closed => pair(Todo::Create, ReasonCode::Creating),
        Remembered::Intended(Age::Young) => pair(Todo::Nothing, ReasonCode::IntentUnresolved),
        Remembered::Intended(Age::Old) => pair(Todo::Repeat, ReasonCode::IntentUnresolved),
        Remembered::HeldThis(Age::Young) | Remembered::HeldAnother(Age::Young) => {
            pair(Todo::Nothing, ReasonCode::NotVisibleYet)
        }
        Remembered::HeldThis(Age::Old) | Remembered::HeldAnother(Age::Old) | Remembered::Fought => {
            pair(Todo::Create, ReasonCode::Creating)
        }
        Remembered::Refused(Age::Young) => pair(Todo::Nothing, ReasonCode::AccessDenied),
        Remembered::Refused(Age::Old) => pair(Todo::Create, ReasonCode::Creating),
    }
}

/// Status, what is done about a grant to an account and in what state the account is, the same for a unit or the organization
#[rustfmt::skip]
const OURS: [(GrantStatus, Todo, ReasonCode, Todo, ReasonCode); 8] = [
    (GrantStatus::PendingWorkflow, Todo::Nothing, ReasonCode::WorkflowPending, Todo::Nothing, ReasonCode::WorkflowPending),
    (GrantStatus::PendingAccept, Todo::AskGrantee, ReasonCode::AwaitingAcceptance, Todo::Nothing, ReasonCode::UnknownStatus),
    (GrantStatus::Rejected, Todo::Nothing, ReasonCode::Rejected, Todo::Nothing, ReasonCode::Rejected),
    // Not yet read back from the organization-wide listing; for a place: not known to have been activated.
    (GrantStatus::Active, Todo::Nothing, ReasonCode::Activating, Todo::Activate, ReasonCode::Activating),
    (GrantStatus::FailedWorkflow, Todo::DeleteFailed, ReasonCode::Deleting, Todo::DeleteFailed, ReasonCode::Deleting),
    (GrantStatus::PendingDelete, Todo::Nothing, ReasonCode::Deleting, Todo::Nothing, ReasonCode::Deleting),
    (GrantStatus::Disabled, Todo::Activate, ReasonCode::Activating, Todo::Activate, ReasonCode::Activating),
    (GrantStatus::WorkflowCompleted, Todo::Nothing, ReasonCode::UnknownStatus, Todo::Activate, ReasonCode::Activating),
];

fn wanted_and_ours(cell: &Cell) -> Expected {
    let Seen::Grant { status, in_use, .. } = &cell.seen else { unreachable!("{cell:?}") };
    let (todo, code) = match cell.remembered {
        Remembered::Intended(_) => (Todo::Record, ReasonCode::WorkflowPending),
        Remembered::HeldAnother(Age::Young) => (Todo::Nothing, ReasonCode::NotVisibleYet),
        Remembered::Fought => fought(cell, status),
        Remembered::HeldThis(_) | Remembered::HeldAnother(Age::Old) => {
            let row = OURS.iter().find(|(row, ..)| row == status);
            match (row, cell.kind) {
                (Some((_, todo, code, _, _)), Kind::Account) => (*todo, *code),
                (Some((_, _, _, todo, code)), Kind::Unit | Kind::Organization) => (*todo, *code),
                (None, Kind::Account | Kind::Unit | Kind::Organization) => (Todo::Nothing, ReasonCode::UnknownStatus),
            }
        }
        Remembered::Nothing | Remembered::Refused(_) | Remembered::Closed => unreachable!("{cell:?}"),
    };
    match (in_use, todo, cell.kind) {
        (false, _, _) => pair(todo, code),
        (true, Todo::Record, _) => pair(Todo::Record, ReasonCode::Active),
        (true, Todo::Nothing, _) if code == ReasonCode::NotVisibleYet => {
            Expected { todo, pair: Some(ReasonCode::Active), hold: Some(code) }
        }
        // Who has it needs nothing more, and deleting what somebody uses would be a revocation.
        (true, _, Kind::Account) | (true, Todo::DeleteFailed, Kind::Unit | Kind::Organization) => {
            pair(Todo::Nothing, ReasonCode::Active)
        }
        // Accounts that join later need the grant above them to be active.
        (true, _, Kind::Unit | Kind::Organization) => pair(todo, ReasonCode::Active),
    }
}

/// What was activated before is known to have been, and what is off is so by somebody's hand
fn fought(cell: &Cell, status: &GrantStatus) -> (Todo, ReasonCode) {
    let whole = cell.kind != Kind::Account;
    match status {
        // Of a whole whose parts are all in use nobody lost anything.
        GrantStatus::Disabled if whole && cell.in_use() => (Todo::Activate, ReasonCode::Activating),
        GrantStatus::Disabled => (Todo::NoteContested, ReasonCode::Contested),
        // A quarter of an hour after the call it is made again.
        GrantStatus::PendingWorkflow => (Todo::Activate, ReasonCode::WorkflowPending),
        GrantStatus::Active | GrantStatus::WorkflowCompleted if whole => (Todo::Nothing, ReasonCode::SubGrantMissing),
        GrantStatus::PendingAccept
        | GrantStatus::Rejected
        | GrantStatus::Active
        | GrantStatus::FailedWorkflow
        | GrantStatus::Deleted
        | GrantStatus::PendingDelete
        | GrantStatus::WorkflowCompleted
        | GrantStatus::Unknown(_) => {
            let row = OURS.iter().find(|(row, ..)| row == status);
            let unknown = (Todo::Nothing, ReasonCode::UnknownStatus);
            row.map_or(
                unknown,
                |(_, to_account, code, to_place, of_place)| {
                    if whole { (*to_place, *of_place) } else { (*to_account, *code) }
                },
            )
        }
    }
}

fn wanted_and_not_ours(cell: &Cell, whose: Whose) -> Expected {
    let (end, hold) = loose_end(cell);
    let in_the_way = match whose {
        Whose::OtherDeployment => ReasonCode::OtherDeployment,
        Whose::Ours | Whose::Stamped | Whose::Somebody => ReasonCode::ForeignNotActive,
    };
    match (cell.in_use(), cell.kind) {
        (true, Kind::Account | Kind::Unit | Kind::Organization) => {
            Expected { todo: end, pair: Some(ReasonCode::CoveredByForeign), hold }
        }
        (false, Kind::Account) => Expected { todo: end, pair: Some(in_the_way), hold },
        // A second grant to the place would be refused; what is smaller can still have its own.
        (false, Kind::Unit | Kind::Organization) => {
            let todo = if end == Todo::Close { Todo::CloseAndCreateEach } else { Todo::CreateEach };
            Expected { todo, pair: Some(ReasonCode::Creating), hold }
        }
    }
}

/// What becomes of an entry whose grant is not there and will not be asked for
fn loose_end(cell: &Cell) -> (Todo, Option<ReasonCode>) {
    match cell.remembered {
        _ if cell.seen_deleted() => (Todo::Close, None),
        Remembered::Nothing | Remembered::Refused(_) | Remembered::Closed => (Todo::Nothing, None),
        Remembered::Intended(Age::Young) => (Todo::Nothing, Some(ReasonCode::IntentUnresolved)),
        Remembered::HeldThis(Age::Young) | Remembered::HeldAnother(Age::Young) => {
            (Todo::Nothing, Some(ReasonCode::NotVisibleYet))
        }
        Remembered::Intended(Age::Old)
        | Remembered::HeldThis(Age::Old)
        | Remembered::HeldAnother(Age::Old)
        | Remembered::Fought => (Todo::Close, None),
    }
}
