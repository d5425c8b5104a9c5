//! What Marketplace says of the agreements that brought the hub's licenses: read and kept
//!
//! Rules may select by it, and nothing else goes by it: where it cannot be read, those rules wait and all others go on.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_marketplaceagreement::operation::describe_agreement::DescribeAgreementOutput;
use aws_sdk_marketplaceagreement::types::{AgreementViewSummary, Filter, ProposalSummary, Proposer};
use grant_plan::call::{Failure, Operation};
use grant_plan::id::{AgreementId, LicenseArn, LicenseId};
use grant_plan::license::License;
use grant_plan::purchase::{Purchase, is_open};
use grant_plan::time::Timestamp;

use crate::Engine;
use crate::failure::{understand, unreadable};
use crate::observe::pages;

impl Engine {
    /// Learns where the licenses of an agreement come from, again at each of its events: amendments may change it
    ///
    /// # Errors
    /// When the ledger cannot be read or written. What Marketplace refuses is said in the log.
    pub async fn learn_purchase(&self, agreement: &AgreementId, licenses: &[&LicenseId]) -> Result<(), Failure> {
        if licenses.is_empty() {
            return Ok(());
        }
        let purchase = match self.describe(agreement).await {
            Ok(purchase) => purchase,
            Err(failure) => {
                not_learned(&failure);
                return Ok(());
            }
        };
        let mut known = self.ledger.purchases().await?;
        for license in licenses {
            let (before, after) = (known.get(*license), purchase.clone().over(known.get(*license)));
            if before != Some(&after) {
                self.ledger.note_purchase(license, &after).await?;
                known.insert((*license).clone(), after);
            }
        }
        // Rules that name the license before it wait until it is known which that is.
        let is_open = |license: &&LicenseId| known.get(*license).is_some_and(|purchase| is_open(purchase, &known));
        if licenses.iter().any(is_open) { self.learn_missing(known).await } else { Ok(()) }
    }

    /// Learns where those of some licenses come from of which that is not known, or not back to the first agreement: bought
    /// before the deployment, or missed
    ///
    /// # Errors
    /// When the ledger cannot be read or written. What Marketplace refuses is said in the log.
    pub async fn learn_purchases(&self, licenses: &[License]) -> Result<(), Failure> {
        let known = self.ledger.purchases().await?;
        let is_whole = |purchase: &Purchase| !is_open(purchase, &known);
        if licenses.iter().all(|license| known.get(license.arn.id()).is_some_and(is_whole)) {
            return Ok(());
        }
        self.learn_missing(known).await
    }

    /// Searches all agreements once for what is not among the known
    async fn learn_missing(&self, mut known: BTreeMap<LicenseId, Purchase>) -> Result<(), Failure> {
        let found = match self.search().await {
            Ok(found) => found,
            Err(failure) => {
                not_learned(&failure);
                return Ok(());
            }
        };
        // Those of licenses that ended, too: rules may name what the present ones go on from.
        let mut learned: BTreeMap<LicenseId, Purchase> = BTreeMap::new();
        for (license, purchase) in found.into_iter().filter(|(license, _)| !known.contains_key(license)) {
            let purchase = purchase.over(learned.get(&license));
            learned.insert(license, purchase);
        }
        known.extend(learned.clone());
        // An agreement that ended may name its license no more: what this search does not show is shown by none.
        for (license, purchase) in known.iter().filter(|(_, purchase)| is_open(purchase, &known)) {
            learned.insert(license.clone(), Purchase { searched: true, ..purchase.clone() });
        }
        for (license, purchase) in &learned {
            self.ledger.note_purchase(license, purchase).await?;
        }
        Ok(())
    }

    async fn describe(&self, agreement: &AgreementId) -> Result<Purchase, Failure> {
        let call = self.clients.agreements.describe_agreement().agreement_id(agreement.as_str());
        described(call.send().await.map_err(|error| understand(Operation::Observe, &error))?)
    }

    /// Every license that an agreement of this account brought, ended ones included
    async fn search(&self) -> Result<Vec<(LicenseId, Purchase)>, Failure> {
        let filter = |name: &str, value: &str| Filter::builder().name(name).values(value).build();
        let filters = vec![filter("PartyType", "Acceptor"), filter("AgreementType", "PurchaseAgreement")];
        let listing = pages::all(async |token| {
            let call = self.clients.agreements.search_agreements().set_filters(Some(filters.clone()));
            let page = call.set_next_token(token).send().await;
            let page = page.map_err(|error| understand(Operation::Observe, &error))?;
            Ok((page.agreement_view_summaries, page.next_token))
        });
        let mut found = Vec::new();
        for summary in listing.await? {
            let licenses: Vec<LicenseId> = summary
                .entitlements()
                .iter()
                .filter_map(|entitlement| entitlement.license_arn()?.parse::<LicenseArn>().ok())
                .map(|arn| arn.id().clone())
                .collect();
            if !licenses.is_empty() {
                let purchase = summarized(&summary)?;
                found.extend(licenses.into_iter().map(|license| (license, purchase.clone())));
            }
        }
        Ok(found)
    }
}

fn not_learned(failure: &Failure) {
    tracing::warn!(
        error.code = failure.code.as_deref(),
        "where a license comes from could not be read: {failure}; rules that go by it wait"
    );
}

fn described(answer: DescribeAgreementOutput) -> Result<Purchase, Failure> {
    let of_proposal = (answer.proposal_summary(), answer.proposer());
    read(answer.agreement_id(), answer.initial_agreement_id(), answer.acceptance_time(), of_proposal)
}

fn summarized(summary: &AgreementViewSummary) -> Result<Purchase, Failure> {
    let of_proposal = (summary.proposal_summary(), summary.proposer());
    read(summary.agreement_id(), summary.initial_agreement_id(), summary.acceptance_time(), of_proposal)
}

/// Both answers have the same members; each may be missing
fn read(
    agreement: Option<&str>,
    initial: Option<&str>,
    accepted_at: Option<&aws_smithy_types::DateTime>,
    (proposal, proposer): (Option<&ProposalSummary>, Option<&Proposer>),
) -> Result<Purchase, Failure> {
    let of = |error: grant_plan::id::IdError| unreadable(Operation::Observe, "an agreement", error);
    let resource = proposal.and_then(|proposal| proposal.resources().first());
    Ok(Purchase {
        agreement: agreement.unwrap_or_default().parse().map_err(of)?,
        initial: initial.map(str::parse).transpose().map_err(of)?,
        accepted_at: accepted_at.map(|at| Timestamp(at.secs())),
        kind: resource.and_then(|resource| resource.r#type()).map(str::to_owned),
        offer: proposal.and_then(ProposalSummary::offer_id).map(str::to_owned),
        earlier: BTreeSet::new(),
        searched: false,
        seller: proposer.and_then(Proposer::account_id).map(str::parse).transpose().map_err(of)?,
    })
}
