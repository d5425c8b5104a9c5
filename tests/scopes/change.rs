//! What changes in a settled world without an event, and which scopes an event of it would have raised

use distribute_grants::trigger::Scope;
use pretend_aws::license_manager::GrantStatus;
use pretend_aws::organizations::Unit;
use rand::Rng;
use rand::seq::IndexedRandom;
use serde_json::{Value, json};

use crate::scene::Scene;

/// A scope, and how the rule that it is about read before, if it is about one
#[derive(Debug, Clone)]
pub(crate) struct Untold {
    pub(crate) scope: Scope,
    pub(crate) old: Option<Value>,
}

/// Something about an account happens of which Grantway hears nothing; answers what it should have heard
pub(crate) async fn of_accounts(scene: &mut Scene) -> Vec<Untold> {
    let scopes = match scene.random.random_range(0..8) {
        0 | 1 => moved(scene),
        2 => closed(scene),
        3 => joined(scene),
        4 => departed(scene),
        5 | 6 => tagged(scene),
        _ => unit_made(scene),
    };
    untold(scene, scopes).await
}

/// The same about agreements, grants and rules; nothing where what was drawn cannot happen in this world
pub(crate) async fn of_licenses(scene: &mut Scene) -> Vec<Untold> {
    let scopes = match scene.random.random_range(0..6) {
        0 => bought(scene),
        1 => ended(scene),
        2 => deed(scene),
        3 => scene.granted_by_hand().and_then(|license| license.parse().ok()).map(Scope::License).into_iter().collect(),
        _ => return edited(scene).await,
    };
    untold(scene, scopes).await
}

async fn untold(scene: &mut Scene, scopes: Vec<Scope>) -> Vec<Untold> {
    Box::pin(scene.story.pump()).await;
    scopes.into_iter().map(|scope| Untold { scope, old: None }).collect()
}

fn account(id: &str) -> Vec<Scope> {
    id.parse().map(Scope::Account).into_iter().collect()
}

/// The root or some unit
fn some_place(scene: &mut Scene) -> String {
    let places: Vec<String> = scene.story.world().with(|state| {
        let organization = &state.organization;
        organization.units.keys().chain([&organization.root]).cloned().collect()
    });
    places.choose(&mut scene.random).cloned().unwrap_or_default()
}

fn moved(scene: &mut Scene) -> Vec<Scope> {
    let (id, place) = (scene.some_member(), some_place(scene));
    scene.tell(format!("{id} is moved to {place}"));
    scene.story.world().move_account(&id, &place);
    account(&id)
}

fn closed(scene: &mut Scene) -> Vec<Scope> {
    let id = scene.some_member();
    let state = ["CLOSED", "SUSPENDED", "ACTIVE"].choose(&mut scene.random).copied().unwrap_or_default();
    scene.tell(format!("{id} becomes {state}"));
    scene.story.world().set_account_state(&id, state);
    account(&id)
}

fn joined(scene: &mut Scene) -> Vec<Scope> {
    let id = format!("{:012}", scene.random.random_range(100_000_000_000_u64..1_000_000_000_000));
    let place = some_place(scene);
    scene.tell(format!("{id} is created and goes to {place}"));
    scene.story.world().create_account(&id, "joiner-prod");
    scene.story.world().move_account(&id, &place);
    account(&id)
}

fn departed(scene: &mut Scene) -> Vec<Scope> {
    let id = scene.some_member();
    scene.tell(format!("{id} leaves"));
    scene.story.world().remove_account(&id, "REMOVED");
    account(&id)
}

fn tagged(scene: &mut Scene) -> Vec<Scope> {
    let id = scene.some_member();
    let value = [Some("prod"), Some("dev"), None].choose(&mut scene.random).copied().flatten();
    scene.tell(format!("{id} has env {value:?}"));
    scene.tags_changed = true;
    scene.story.world().tag_account(&id, "env", value);
    account(&id)
}

/// An account goes to a unit that was not there; what tells of it names no account
fn unit_made(scene: &mut Scene) -> Vec<Scope> {
    let (account, parent) = (scene.some_member(), some_place(scene));
    let id = format!("ou-9xk2-new{:05}", scene.random.random_range(0..100_000));
    scene.tell(format!("{id} is made under {parent}, {account} goes there"));
    let unit = Unit { id: id.clone(), name: id.clone(), parent };
    scene.story.world().with(|state| state.organization.units.insert(id.clone(), unit));
    scene.story.world().move_account(&account, &id);
    vec![Scope::OrganizationalUnit]
}

fn bought(scene: &mut Scene) -> Vec<Scope> {
    let Some(purchase) = scene.for_sale.pop() else { return Vec::new() };
    scene.tell(format!("{} of {} is bought", purchase.license, purchase.sku));
    scene.story.world().purchase(&purchase);
    let scopes = purchase.agreement.parse().map(Scope::Agreement).into_iter().collect();
    scene.bought.push(purchase);
    scopes
}

fn ended(scene: &mut Scene) -> Vec<Scope> {
    let Some(purchase) = scene.bought.choose(&mut scene.random).cloned() else { return Vec::new() };
    scene.tell(format!("the agreement of {} ends", purchase.license));
    scene.story.world().end_agreement(&purchase.agreement, "EXPIRED");
    purchase.agreement.parse().map(Scope::Agreement).into_iter().collect()
}

/// A person of the hub deletes a grant, switches it off or switches it on
fn deed(scene: &mut Scene) -> Vec<Scope> {
    let hub = scene.hub.clone();
    let grants: Vec<_> = scene.story.world().with(|state| {
        let live = state.license_manager.grants().filter(|grant| grant.is_live() && !grant.sub_grant);
        live.filter(|grant| grant.grantor == hub && grant.status != GrantStatus::PendingDelete).cloned().collect()
    });
    let Some(grant) = grants.choose(&mut scene.random) else { return Vec::new() };
    let token = format!("deed-{}", scene.random.random::<u32>());
    let (operation, body) = match scene.random.random_range(0..3) {
        0 => ("DeleteGrant", json!({"GrantArn": grant.arn, "Version": grant.version.to_string()})),
        1 => ("CreateGrantVersion", json!({"ClientToken": token, "GrantArn": grant.arn, "Status": "DISABLED"})),
        _ => ("CreateGrantVersion", json!({"ClientToken": token, "GrantArn": grant.arn, "Status": "ACTIVE"})),
    };
    let answer = scene.story.person_tries(&hub, operation, &body);
    scene.tell(format!("{operation} {body} by hand, to {:?}: {answer:?}", grant.principal));
    grant.arn.parse().map(Scope::Grant).into_iter().collect()
}

/// A rule is put, reads differently or is gone
async fn edited(scene: &mut Scene) -> Vec<Untold> {
    let ids: Vec<String> = scene.rules.keys().filter(|id| *id != "_settings").cloned().collect();
    let id = match ids.choose(&mut scene.random) {
        Some(id) if scene.random.random_bool(0.8) => id.clone(),
        Some(_) | None => "rule-new".to_owned(),
    };
    let old = if ids.len() > 1 && ids.contains(&id) && scene.random.random_bool(0.3) {
        scene.tell(format!("rule {id} is deleted"));
        Box::pin(scene.story.without_rule(&id)).await;
        scene.rules.remove(&id)
    } else {
        scene.put_rule(&id).await
    };
    vec![Untold { scope: Scope::Policy { rules: vec![id] }, old }]
}
