//! From a scope to the licenses it is about

use std::collections::BTreeSet;

use grant_engine::Engine;
use grant_engine::guard::count;
use grant_engine::ledger::DueItem;
use grant_plan::call::{Disposition, Failure};
use grant_plan::guard::Counts;
use grant_plan::id::{AgreementId, LicenseArn};
use grant_plan::license::License;
use grant_plan::policy::{Policy, SETTINGS};
use grant_plan::rule::Rule;

use crate::payload::PolicyEdit;
use crate::trigger::Scope;

/// Raises the lanes of every license the scope is about
///
/// # Errors
/// When AWS or the ledger did not answer; raising once more is harmless.
pub(super) async fn raise(engine: &Engine, scope: &Scope) -> Result<(), Failure> {
    match scope {
        Scope::Agreement(agreement) => raise_agreement(engine, agreement).await,
        Scope::Account(account) => {
            let policy = policy(engine).await?;
            engine.refresh_account(account, policy.asks_for_tags()).await?;
            raise_mentioned(engine, |license| policy.mentions(license)).await
        }
        Scope::License(id) => {
            let licenses = engine.received_licenses().await?;
            raise_all(engine, licenses.iter().filter(|license| license.arn.id() == id)).await
        }
        Scope::Grant(arn) => match engine.license_of_grant(arn).await? {
            Some(license) => raise_one(engine, &license).await,
            None => {
                tracing::info!("grant `{}` is not known to License Manager", arn.short());
                Ok(())
            }
        },
        Scope::OrganizationalUnit => {
            engine.refresh_organization().await?;
            let policy = policy(engine).await?;
            raise_mentioned(engine, |license| policy.mentions(license)).await
        }
        Scope::All => {
            engine.refresh_organization().await?;
            engine.record_untold().await?;
            raise_known(engine).await
        }
        Scope::Policy { rules: _ } => raise_known(engine).await,
        Scope::Sweep => sweep(engine).await,
    }
}

/// Raises the licenses that an edited rule named before or names now
///
/// An image that cannot be read as a rule says nothing about which licenses it touches, so all that might be are looked
/// at.
///
/// # Errors
/// When AWS or the ledger did not answer.
pub async fn raise_edited(engine: &Engine, edits: &[PolicyEdit]) -> Result<(), Failure> {
    if edits.is_empty() {
        return Ok(());
    }
    // Settings are about everything.
    if edits.iter().any(|edit| edit.rule.as_deref() == Some(SETTINGS)) {
        return raise_known(engine).await;
    }
    let images = edits.iter().flat_map(|edit| [edit.old.as_ref(), edit.new.as_ref()]).flatten();
    let Ok(rules) = images.map(Rule::read).collect::<Result<Vec<Rule>, _>>() else {
        return raise_known(engine).await;
    };
    // For what it notes of the policy as it is now
    policy(engine).await?;
    let licenses = engine.received_licenses().await?;
    let touched = |license: &&License| rules.iter().any(|rule| rule.products.select(license));
    raise_all(engine, licenses.iter().filter(touched)).await
}

/// From an agreement to its licenses; what is not provisioned yet is awaited
async fn raise_agreement(engine: &Engine, agreement: &AgreementId) -> Result<(), Failure> {
    let Some(entitlements) = engine.entitlements(agreement).await? else {
        tracing::info!(agreement.id = %agreement, "agreement `{agreement}` is another account's: held elsewhere");
        return engine.ledger().stop_awaiting(agreement).await;
    };
    let licenses: Vec<_> = entitlements.iter().filter_map(|one| Some(one.license.as_ref()?.id())).collect();
    engine.learn_purchase(agreement, &licenses).await?;
    let held = if licenses.is_empty() { Vec::new() } else { engine.received_licenses().await? };
    let mut awaited = None;
    for entitlement in &entitlements {
        let (named, status) = (entitlement.license.as_ref(), entitlement.status.as_str());
        let known = match named {
            Some(license) => as_held(engine, &held, license).await?,
            None => None,
        };
        match (known, status) {
            (Some(license), _) => raise_one(engine, &license).await?,
            (None, "DEPROVISIONED") => {}
            // A license may be named before License Manager shows it. FAILED is mostly a payment that can still be
            // mended; unknown statuses may become anything.
            (None, status) => awaited = Some(status.to_owned()),
        }
    }
    if entitlements.is_empty() {
        awaited = Some("NONE".to_owned());
    }
    match awaited {
        Some(status) => {
            let waiting = engine.ledger().await_license(agreement, &status, engine.now()).await?;
            tracing::info!(
                agreement.id = %agreement, entitlement.status = %status, due_at = waiting.due_at.0,
                "license of agreement `{agreement}` is awaited"
            );
            Ok(())
        }
        None => engine.ledger().stop_awaiting(agreement).await,
    }
}

/// A license that an agreement names, as License Manager writes its ARN, or wrote it when it was last looked at
///
/// License Manager is asked by its own ARNs only, and what the agreement service writes need not be one: just the id in it
/// is sure to be the same.
async fn as_held(engine: &Engine, held: &[License], named: &LicenseArn) -> Result<Option<LicenseArn>, Failure> {
    match held.iter().find(|license| license.arn.id() == named.id()) {
        Some(license) => Ok(Some(license.arn.clone())),
        None => match engine.ledger().lane(named.id()).await {
            Ok(lane) => Ok(lane.map(|lane| lane.license)),
            Err(failure) if failure.disposition == Disposition::Stale => Ok(Some(named.clone())),
            Err(failure) => Err(failure),
        },
    }
}

/// Everything due: licenses whose lanes want a look, agreements whose license is awaited, what waits to be revoked, tags
/// whose turn it is
///
/// What cannot be read keeps nothing else from being looked at; the sweep fails in the end.
async fn sweep(engine: &Engine) -> Result<(), Failure> {
    let (mut agreements, mut revocable) = (Vec::new(), Vec::new());
    for due in engine.ledger().due(engine.now()).await? {
        match due {
            DueItem::License(arn) => match arn.parse() {
                Ok(license) => raise_one(engine, &license).await?,
                Err(error) => tracing::error!("a lane in the ledger names no license: {error}"),
            },
            DueItem::Revocable(arn) => match arn.parse() {
                Ok(license) => revocable.push(license),
                Err(error) => tracing::error!("what waits in the ledger to be revoked names no license: {error}"),
            },
            DueItem::Agreement(id) => agreements.push(id),
        }
    }
    let mut failed = None;
    for id in agreements {
        match id.parse() {
            Ok(agreement) => {
                if let Err(failure) = raise_agreement(engine, &agreement).await {
                    tracing::warn!(
                        agreement.id = %agreement, error.code = failure.code.as_deref(),
                        "agreement `{agreement}` could not be looked at: {failure}"
                    );
                    failed = Some(failure);
                }
            }
            Err(error) => tracing::error!("an awaited agreement in the ledger has no id: {error}"),
        }
    }
    if !revocable.is_empty() {
        engine.pass_revocations(&revocable).await?;
    }
    sweep_tags(engine).await?;
    failed.map_or(Ok(()), Err)
}

/// Reads tags whose turn it is, and raises every license of the hub that a rule mentions by them if they changed
async fn sweep_tags(engine: &Engine) -> Result<(), Failure> {
    let policy = engine.policy().await?;
    if !policy.asks_for_tags() || !engine.refresh_tags().await? {
        return Ok(());
    }
    raise_mentioned(engine, |license| policy.mentions_by_tags(license)).await
}

/// Raises every license of the hub that is meant
async fn raise_mentioned(engine: &Engine, is_meant: impl Fn(&License) -> bool) -> Result<(), Failure> {
    let licenses = engine.received_licenses().await?;
    raise_all(engine, licenses.iter().filter(|license| is_meant(license))).await
}

/// Raises every license of the hub that a rule mentions, and every one that was ever looked at
///
/// What a rule mentioned until its edit got lost is mentioned no longer; only its lane tells that something of it may
/// be left to note.
async fn raise_known(engine: &Engine) -> Result<(), Failure> {
    let licenses = engine.received_licenses().await?;
    let accounts = engine.organization().await?.accounts.len();
    let note = |counts: &mut Counts| (counts.accounts, counts.licenses) = (count(accounts), count(licenses.len()));
    engine.note_counts(note).await?;
    engine.learn_purchases(&licenses).await?;
    let licenses = engine.received_licenses().await?;
    let policy = policy(engine).await?;
    for license in licenses {
        if policy.mentions(&license) || engine.ledger().has_lane(license.arn.id()).await? {
            raise_one(engine, &license.arn).await?;
        }
    }
    Ok(())
}

async fn policy(engine: &Engine) -> Result<Policy, Failure> {
    let policy = engine.policy().await?;
    let shrunk = engine.note_counts(|counts| counts.rules = policy.items).await?;
    if engine.ledger().note_policy(&policy, &shrunk, engine.now()).await? {
        for shrunk in &shrunk {
            tracing::warn!("{shrunk}; `grantctl policy accept-shrink` accepts it");
        }
        for finding in policy.findings.iter().chain(&policy.warnings) {
            tracing::warn!(rule = %finding.rule, attribute = %finding.attribute, "policy finding: {finding}");
        }
    }
    let invalid: BTreeSet<&str> = policy.findings.iter().map(|finding| finding.rule.as_str()).collect();
    // The metric filters of infra/hub.yaml read `invalid` and `shrunk` off this line.
    tracing::info!(
        rules = policy.rules.len(),
        invalid = invalid.len(),
        restored = policy.restored.len(),
        shrunk = shrunk.len(),
        "policy read"
    );
    Ok(policy)
}

async fn raise_all<'a>(engine: &Engine, licenses: impl Iterator<Item = &'a License>) -> Result<(), Failure> {
    for license in licenses {
        raise_one(engine, &license.arn).await?;
    }
    Ok(())
}

/// Raises one lane; a lane that a newer version has written is left alone, and keeps no other from being raised
async fn raise_one(engine: &Engine, license: &LicenseArn) -> Result<(), Failure> {
    match engine.raise(license).await {
        Ok(_wanted) => Ok(()),
        Err(failure) if failure.disposition == Disposition::Stale => {
            let id = license.id();
            tracing::error!(
                license.id = %id, error.code = failure.code.as_deref(),
                "license `{id}` is not looked at: a newer version has written its lane; deploy the newer version"
            );
            Ok(())
        }
        Err(failure) => Err(failure),
    }
}
