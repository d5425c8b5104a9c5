//! One license that everybody has who should have it, as listings show it

use std::collections::{BTreeMap, BTreeSet};

use grant_plan::desired::desired;
use grant_plan::grant::{Grant, GrantStatus};
use grant_plan::organization::Principal;
use grant_plan::snapshot::{Limits, Snapshot};

use crate::world::{NOW, World};

/// The world of the license that most accounts have
pub(crate) fn snapshot(world: World) -> Snapshot {
    let World { items: _, policy, organization, licenses } = world;
    let asked = licenses.into_iter().map(|license| (desired(&policy, &organization, &license, NOW), license));
    let (desired, license) = asked.max_by_key(|(desired, _)| desired.accounts.len()).unwrap();
    let received = desired.accounts.keys().enumerate().map(|(number, account)| Grant {
        arn: format!("arn:aws:license-manager::000000000000:grant:g-{number:032}").parse().unwrap(),
        name: "by hand".into(),
        license: license.arn.id().clone(),
        principal: Some(Principal::Account(account.clone())),
        parent: None,
        status: GrantStatus::Active,
        status_reason: None,
        version: "1".into(),
        operations: BTreeSet::new(),
    });
    let received = received.collect();
    Snapshot {
        deployment: "main".parse().unwrap(),
        now: NOW,
        policy,
        organization,
        license,
        distributed: Vec::new(),
        received,
        blind: None,
        shrunk: Vec::new(),
        own_subscriptions: BTreeSet::new(),
        releases: Default::default(),
        entries: BTreeMap::new(),
        remembered: BTreeMap::new(),
        limits: Limits { grant_budget: 1500 },
    }
}
