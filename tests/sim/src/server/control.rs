//! `/_sim/`: looking at a world and doing to it what people and AWS do, from outside the process

use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, Response, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::marketplace::{Agreement, Entitlement};
use crate::state::State;
use crate::{Faults, Knobs, Purchase, World};

#[derive(Debug, Deserialize)]
struct Advance {
    seconds: u64,
}

/// A new account when it has a name and is not there yet, otherwise what happens to it
#[derive(Debug, Deserialize)]
struct AccountChange {
    id: String,
    name: Option<String>,
    state: Option<String>,
    #[serde(default)]
    tags: std::collections::BTreeMap<String, Option<String>>,
    /// LEFT, REMOVED or CLEANED
    departs: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Move {
    id: String,
    to: String,
}

#[derive(Debug, Deserialize)]
struct End {
    agreement: String,
    status: String,
}

pub(super) fn answer(world: &World, method: &Method, path: &str, body: &Bytes) -> Response<Bytes> {
    let done = match (method, path) {
        (&Method::GET, "world") => saved(world),
        (&Method::GET, _) => look(world, path).map(|value| value.as_ref().map(Value::to_string)),
        _ => change(world, path, body).map(|value| value.as_ref().map(Value::to_string)),
    };
    let (status, text) = match done {
        Ok(Some(text)) => (StatusCode::OK, text),
        Ok(None) => (StatusCode::NOT_FOUND, json!({"error": format!("no {method} /_sim/{path}")}).to_string()),
        Err(why) => (StatusCode::BAD_REQUEST, json!({"error": why}).to_string()),
    };
    let mut response = Response::new(Bytes::from(text));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// As [`World::load`] takes it
fn saved(world: &World) -> Result<Option<String>, String> {
    world.save().map(Some).map_err(|error| error.to_string())
}

fn look(world: &World, path: &str) -> Result<Option<Value>, String> {
    world.with(|state| {
        Ok(Some(match path {
            "state" => whole(state),
            "knobs" => serde_json::to_value(&state.knobs).map_err(|error| error.to_string())?,
            "faults" => serde_json::to_value(&state.faults).map_err(|error| error.to_string())?,
            "calls" => serde_json::to_value(state.calls.log()).map_err(|error| error.to_string())?,
            "events" => json!(state.bus.events()),
            _ => return Ok(None),
        }))
    })
}

fn change(world: &World, path: &str, body: &Bytes) -> Result<Option<Value>, String> {
    match path {
        "advance" => world.advance(Duration::from_secs(read::<Advance>(body)?.seconds)),
        "event" => world.put_event(read(body)?),
        "purchase" if body.is_empty() => world.purchase(&Purchase::sample()),
        "purchase" => world.purchase(&read(body)?),
        "end" => {
            let end: End = read(body)?;
            world.end_agreement(&end.agreement, &end.status);
        }
        "account" => change_account(world, read(body)?),
        "move" => {
            let step: Move = read(body)?;
            world.move_account(&step.id, &step.to);
        }
        "knobs" => {
            let knobs: Knobs = read(body)?;
            world.with(|state| state.knobs = knobs);
        }
        "faults" => {
            let faults: Faults = read(body)?;
            world.with(|state| {
                let luck = std::mem::take(&mut state.faults.luck);
                state.faults = Faults { luck, ..faults };
            });
        }
        _ => return Ok(None),
    }
    Ok(Some(json!({"now": world.now()})))
}

fn change_account(world: &World, change: AccountChange) {
    let known = world.with(|state| state.organization.accounts.contains_key(&change.id));
    if let (Some(name), false) = (&change.name, known) {
        world.create_account(&change.id, name);
    }
    if let Some(state) = &change.state {
        world.set_account_state(&change.id, state);
    }
    for (key, value) in &change.tags {
        world.tag_account(&change.id, key, value.as_deref());
    }
    if let Some(method) = &change.departs {
        world.remove_account(&change.id, method);
    }
}

fn read<T: DeserializeOwned>(body: &Bytes) -> Result<T, String> {
    serde_json::from_slice(body).map_err(|error| error.to_string())
}

fn entitlements(agreement: &Agreement) -> Vec<Value> {
    let shape = |one: &Entitlement| json!({"resource": one.resource, "status": one.status, "reason": one.reason, "license": one.license});
    agreement.entitlements.iter().map(shape).collect()
}

fn whole(state: &State) -> Value {
    let now = state.now();
    let organization = &state.organization;
    let accounts: Vec<Value> = organization
        .accounts
        .values()
        .map(|account| {
            json!({
                "id": account.id, "name": account.name, "parent": account.parent, "state": account.state,
                "tags": account.tags, "ready": account.ready <= now,
            })
        })
        .collect();
    let units: Vec<Value> = organization
        .units
        .values()
        .map(|unit| json!({"id": unit.id, "name": unit.name, "parent": unit.parent}))
        .collect();
    let agreements: Vec<Value> = state
        .marketplace
        .agreements
        .values()
        .map(|agreement| {
            json!({
                "id": agreement.purchase.agreement, "acceptor": agreement.purchase.acceptor, "status": agreement.status,
                "initial": agreement.initial, "entitlements": entitlements(agreement),
                "license": agreement.purchase.license,
            })
        })
        .collect();
    let licenses: Vec<Value> = state
        .license_manager
        .licenses()
        .map(|license| {
            json!({
                "id": license.id(), "holder": license.holder(), "sku": license.sku(),
                "product": license.purchase.product, "status": license.status.as_str(), "version": license.version,
            })
        })
        .collect();
    let grants: Vec<Value> = state
        .license_manager
        .grants()
        .map(|grant| {
            json!({
                "arn": grant.arn, "name": grant.name, "parent": grant.parent_arn, "license": grant.license,
                "principal": grant.principal_arn, "grantor": grant.grantor, "status": grant.status.as_str(),
                "version": grant.version, "sub_grant": grant.sub_grant,
            })
        })
        .collect();
    let queues: Vec<Value> = state
        .queues
        .all()
        .map(|queue| {
            let (visible, in_flight, delayed) = queue.counts(now);
            json!({"url": queue.url(), "visible": visible, "in_flight": in_flight, "delayed": delayed})
        })
        .collect();
    let happened: serde_json::Map<String, Value> = state
        .faults
        .happened()
        .iter()
        .filter_map(|(fault, count)| Some((serde_json::to_value(fault).ok()?.as_str()?.to_owned(), (*count).into())))
        .collect();
    json!({
        "now": now,
        "organization": {
            "id": organization.id, "management_account": organization.management_account, "root": organization.root,
            "units": units, "accounts": accounts, "trusted_services": organization.trusted_services,
        },
        "agreements": agreements,
        "licenses": licenses,
        "grants": grants,
        "queues": queues,
        "calls": state.calls.counters(),
        "faults": happened,
    })
}
