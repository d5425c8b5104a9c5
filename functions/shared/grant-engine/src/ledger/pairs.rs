//! Pairs that are not plainly ACTIVE: why, since when, by which rule

use std::collections::BTreeMap;

use grant_plan::call::Failure;
use grant_plan::entry::SCHEMA;
use grant_plan::id::{AccountId, LicenseId, RuleId};
use grant_plan::plan::PairState;
use grant_plan::reason::ReasonCode;
use grant_plan::snapshot::Remembered;
use grant_plan::time::Timestamp;
use serde::Serialize;

use super::Ledger;
use super::items::{license_key, to_item};

pub(super) const PAIR: &str = "PAIR#";

#[derive(Serialize)]
struct Item<'a> {
    schema: u32,
    code: ReasonCode,
    since: Timestamp,
    rule: &'a RuleId,
    next_look: Option<Timestamp>,
    detail: Option<&'a str>,
}

impl Ledger {
    /// Brings the PAIR items of a license to what a run found; writes nothing that says the same already
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub(crate) async fn note_pairs(
        &self,
        license: &LicenseId,
        remembered: &BTreeMap<AccountId, Remembered>,
        pairs: &BTreeMap<AccountId, PairState>,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let pk = license_key(license);
        for (account, pair) in pairs {
            let same = remembered.get(account).is_some_and(|remembered| remembered.code == pair.code);
            if pair.code == ReasonCode::Active || same {
                continue;
            }
            let item = Item {
                schema: SCHEMA,
                code: pair.code,
                since: now,
                rule: &pair.rule,
                next_look: pair.next_look,
                detail: pair.detail.as_deref(),
            };
            self.put(to_item(&pk, &format!("{PAIR}{account}"), &item)?).await?;
        }
        let is_active = |account: &&AccountId| pairs.get(*account).is_none_or(|pair| pair.code == ReasonCode::Active);
        for account in remembered.keys().filter(is_active) {
            self.delete(&pk, &format!("{PAIR}{account}")).await?;
        }
        Ok(())
    }
}
