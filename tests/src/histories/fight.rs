//! Somebody undoes what Grantway does, again and again

use pretend_aws::license_manager::{Grant, GrantStatus, WriteOperation};
use serde_json::json;

use super::deed::by_hand;
use super::judge::{Broken, FIGHTS};
use super::log::Log;
use super::rest::look;
use super::world::{OURS, World};

/// For so long, in seconds
const DAYS: u64 = 3 * 86_400;
/// So often, in seconds
const EVERY: u64 = 2_400;
/// Between what somebody does and the next look
const MOMENT: u64 = 1_200;

/// Two healings a day, each with the calls that the ladder allows where the first does not take
const MOST: usize = 2 * 4;

/// One account's grant, whatever it is made to, is switched off or deleted whenever it is in use; answers what is wrong if
/// Grantway gives it back more often than it should
pub(super) fn fought(world: World, log: &mut Log) -> Option<Broken> {
    fight(world, |_| {}, log)
}

/// The same with something done before each look
pub(super) fn fight(mut world: World, before: impl Fn(&mut World), log: &mut Log) -> Option<Broken> {
    let account = in_use(&world, None)?.principal.account()?.to_owned();
    let deletes = world.seed.is_multiple_of(2);
    log.tell(|| format!("{} somebody begins to undo what {account} has, deletes: {deletes}", world.now));
    let began = world.now.as_second();
    while world.now.as_second().abs_diff(began) < DAYS {
        if let Some(grant) = in_use(&world, Some(&account)) {
            undo(&mut world, &grant, deletes, log);
        }
        for wait in [MOMENT, EVERY - MOMENT] {
            world.wait(wait, log);
            before(&mut world);
            look(&mut world, log);
        }
    }
    let last_day = world.now.as_second() - 86_400;
    let license = &world.licenses.first()?.license;
    let writes = world.license_manager.writes().iter().filter(|write| {
        let makes = write.operation == WriteOperation::CreateGrant || write.status == Some(GrantStatus::Active);
        let to_it = write.principal.account().is_none_or(|to| to == account);
        makes && to_it && !write.person && write.license == *license && write.at.as_second() >= last_day
    });
    let given_back = writes.count();
    (given_back > MOST).then(|| Broken::new(FIGHTS, format!("{account} was given it {given_back} times in a day")))
}

/// A grant or sub-grant of ours of the first license that is ACTIVE in this account, or in some account
fn in_use(world: &World, account: Option<&str>) -> Option<Grant> {
    let license = &world.licenses.first()?.license;
    let ours = |grant: &&Grant| grant.name.starts_with(OURS) && grant.license == *license;
    let active = |grant: &&Grant| grant.status == GrantStatus::Active && grant.principal.account().is_some();
    let here = |grant: &&Grant| account.is_none() || grant.principal.account() == account;
    world.license_manager.grants().filter(ours).filter(active).find(here).cloned()
}

fn undo(world: &mut World, grant: &Grant, deletes: bool, log: &mut Log) {
    let hub = std::sync::Arc::clone(&world.hub);
    let whole = if grant.sub_grant { world.license_manager.grant(&grant.parent_arn) } else { Some(grant) };
    let (operation, body) = match whole.filter(|_| deletes) {
        Some(whole) => ("DeleteGrant", json!({"GrantArn": whole.arn, "Version": whole.version.to_string()})),
        None => {
            let token = format!("off-{}-{}", grant.version, world.now.as_second());
            ("CreateGrantVersion", json!({"ClientToken": token, "GrantArn": grant.arn, "Status": "DISABLED"}))
        }
    };
    let answer = by_hand(world, &hub, operation, &body, log);
    log.tell(|| format!("{} undone by hand: {operation} {body}: {answer:?}", world.now));
}
