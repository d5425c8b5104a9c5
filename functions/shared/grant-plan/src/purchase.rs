//! Which agreement brought which license, and how agreements follow each other

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::id::{AccountId, AgreementId, LicenseId};
use crate::license::{Agreement, Origin};
use crate::time::Timestamp;

/// What Marketplace says of the agreement that brought a license (DescribeAgreement; SearchAgreements says the same)
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Purchase {
    /// The agreement
    pub agreement: AgreementId,
    /// The first one of those that follow each other by renewal or replacement (`initialAgreementId`)
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub initial: Option<AgreementId>,
    /// When it was accepted
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted_at: Option<Timestamp>,
    /// The product's type, such as `AmiProduct` (`proposalSummary.resources[].type`)
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The offer that was accepted
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offer: Option<String>,
    /// The account that sells it (`proposer`)
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seller: Option<AccountId>,
    /// The agreements before it that brought the same license
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub earlier: BTreeSet<AgreementId>,
    /// Whether all agreements were searched for the one that it goes on from, in vain perhaps: more is not to be learned
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub searched: bool,
}

impl Purchase {
    /// What to keep of a license's purchase, given what was kept before: that of its newest agreement
    ///
    /// Whether a renewal keeps the license is not documented, and agreements are told of in any order.
    #[must_use]
    pub fn over(self, known: Option<&Self>) -> Self {
        let Some(known) = known else { return self };
        let is_older = self.precedes(known).unwrap_or(self.accepted_at < known.accepted_at);
        let (mut newer, older) = if is_older { (known.clone(), &self) } else { (self, known) };
        newer.searched |= newer.agreement == older.agreement && older.searched;
        newer.earlier.extend(older.earlier.iter().cloned());
        newer.earlier.insert(older.agreement.clone());
        newer.earlier.remove(&newer.agreement);
        newer
    }

    /// What names the chain: its first agreement
    fn chain(&self) -> &AgreementId {
        self.initial.as_ref().unwrap_or(&self.agreement)
    }

    /// Whether it was accepted before another: by its place in the chain, where that says so, for two may be accepted
    /// within a second; `None` where nobody knows
    fn precedes(&self, other: &Self) -> Option<bool> {
        let is_first = |one: &Self| one.agreement == *one.chain();
        if self.chain() == other.chain() && is_first(self) != is_first(other) {
            return Some(is_first(self));
        }
        let (own, other) = self.accepted_at.zip(other.accepted_at)?;
        (own != other).then_some(own < other)
    }

    /// Whether it goes on from another; where the order of the two is not known, it does not
    fn follows(&self, other: &Self) -> bool {
        self.agreement != other.agreement && self.chain() == other.chain() && other.precedes(self) == Some(true)
    }
}

/// Where a license comes from, given what is known of all purchases
#[must_use]
pub fn origin(license: &LicenseId, purchases: &BTreeMap<LicenseId, Purchase>) -> Origin {
    let Some(purchase) = purchases.get(license) else { return Origin::default() };
    let mut renews: BTreeSet<AgreementId> = purchase.initial.iter().chain(&purchase.earlier).cloned().collect();
    let mut earlier_licenses = BTreeSet::new();
    for (other, earlier) in purchases.iter().filter(|(_, other)| purchase.follows(other)) {
        renews.insert(earlier.agreement.clone());
        renews.extend(earlier.earlier.iter().cloned());
        earlier_licenses.insert(other.clone());
    }
    renews.remove(&purchase.agreement);
    let is_open = is_open(purchase, purchases);
    Origin {
        kind: purchase.kind.clone(),
        agreement: Some(Agreement { id: purchase.agreement.clone(), renews, earlier_licenses, is_open }),
        offer: purchase.offer.clone(),
        seller: purchase.seller.clone(),
    }
}

/// Whether a purchase goes on from a first one whose license is not known yet: bought before the deployment, or its event
/// was lost
#[must_use]
pub fn is_open(purchase: &Purchase, purchases: &BTreeMap<LicenseId, Purchase>) -> bool {
    let brought =
        |known: &Purchase, agreement: &AgreementId| known.agreement == *agreement || known.earlier.contains(agreement);
    let first = purchase.initial.as_ref().filter(|first| !purchase.searched && !brought(purchase, first));
    first.is_some_and(|first| !purchases.values().any(|known| brought(known, first)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn purchase(agreement: &str, initial: Option<&str>, accepted_at: Option<i64>) -> Purchase {
        Purchase {
            agreement: agreement.parse().unwrap(),
            initial: initial.map(|id| id.parse().unwrap()),
            accepted_at: accepted_at.map(Timestamp),
            kind: None,
            offer: None,
            seller: None,
            earlier: BTreeSet::new(),
            searched: false,
        }
    }

    fn known(purchases: &[(&str, Purchase)]) -> BTreeMap<LicenseId, Purchase> {
        purchases.iter().map(|(license, purchase)| (license.parse().unwrap(), purchase.clone())).collect()
    }

    fn chain(license: &str, purchases: &BTreeMap<LicenseId, Purchase>) -> (Vec<String>, Vec<String>) {
        let agreement = origin(&license.parse().unwrap(), purchases).agreement.unwrap();
        let licenses = agreement.earlier_licenses.iter().map(ToString::to_string).collect();
        (agreement.renews.iter().map(ToString::to_string).collect(), licenses)
    }

    #[test]
    fn a_renewal_goes_on_from_all_before_it_and_from_none_after() {
        let purchases = known(&[
            ("l-1", purchase("agmt-1", Some("agmt-1"), Some(10))),
            ("l-2", purchase("agmt-2", Some("agmt-1"), Some(20))),
            ("l-3", purchase("agmt-3", Some("agmt-1"), Some(30))),
            ("l-9", purchase("agmt-9", Some("agmt-9"), Some(5))),
        ]);
        assert_eq!(chain("l-1", &purchases), (vec![], vec![]));
        assert_eq!(chain("l-2", &purchases), (vec!["agmt-1".into()], vec!["l-1".into()]));
        assert_eq!(
            chain("l-3", &purchases),
            (vec!["agmt-1".into(), "agmt-2".into()], vec!["l-1".into(), "l-2".into()])
        );
    }

    #[test]
    fn the_first_agreement_is_known_by_name_where_nothing_else_of_it_is() {
        let purchases = known(&[("l-2", purchase("agmt-2", Some("agmt-1"), None))]);
        assert_eq!(chain("l-2", &purchases), (vec!["agmt-1".into()], vec![]));
        let is_open = |purchases: &BTreeMap<LicenseId, Purchase>| {
            origin(&"l-2".parse().unwrap(), purchases).agreement.unwrap().is_open
        };
        assert!(is_open(&purchases), "which license that brought is not known");
        let in_vain = Purchase { searched: true, ..purchase("agmt-2", Some("agmt-1"), None) };
        assert!(!is_open(&known(&[("l-2", in_vain)])), "nor will it be");
        let (first, second) = (purchase("agmt-1", None, None), purchase("agmt-2", Some("agmt-1"), None));
        assert!(!is_open(&known(&[("l-1", first.clone()), ("l-2", second.clone())])));
        assert!(!is_open(&known(&[("l-2", second.over(Some(&first)))])), "it kept the license");
        assert_eq!(origin(&"l-7".parse().unwrap(), &purchases), Origin::default());
    }

    #[test]
    fn a_license_that_its_renewal_keeps_is_of_the_newest_agreement_in_whatever_order_they_are_told_of() {
        let (first, second) =
            (purchase("agmt-1", Some("agmt-1"), Some(10)), purchase("agmt-2", Some("agmt-1"), Some(20)));
        let third = purchase("agmt-3", Some("agmt-1"), Some(30));
        let all = [
            first.clone().over(Some(&second.clone().over(Some(&third)))),
            third.clone().over(Some(&second.clone().over(Some(&first)))),
            third.clone().over(Some(&first.clone().over(Some(&second)).over(Some(&third)))),
        ];
        for kept in all {
            assert_eq!(kept.agreement, third.agreement);
            let (renews, _) = chain("l-1", &known(&[("l-1", kept)]));
            assert_eq!(renews, ["agmt-1", "agmt-2"]);
        }
        assert_eq!(second.clone().over(Some(&second)), second, "the same once more");
    }

    #[test]
    fn the_first_of_a_chain_is_before_the_others_whatever_their_dates_say() {
        let purchases = known(&[
            ("l-1", purchase("agmt-1", Some("agmt-1"), Some(10))),
            ("l-2", purchase("agmt-2", Some("agmt-1"), Some(10))),
            ("l-3", purchase("agmt-3", Some("agmt-1"), None)),
        ]);
        assert_eq!(chain("l-1", &purchases), (vec![], vec![]));
        for license in ["l-2", "l-3"] {
            assert_eq!(chain(license, &purchases), (vec!["agmt-1".into()], vec!["l-1".into()]), "{license}");
        }
        let (first, second) = (&purchases[&"l-1".parse().unwrap()], &purchases[&"l-2".parse().unwrap()]);
        assert_eq!(first.clone().over(Some(second)).agreement, second.agreement, "told of late");
    }

    #[test]
    fn agreements_without_a_date_or_beside_each_other_follow_nobody() {
        let purchases = known(&[
            ("l-1", purchase("agmt-1", None, Some(10))),
            ("l-2", purchase("agmt-1", None, Some(10))),
            ("l-3", purchase("agmt-3", Some("agmt-0"), None)),
            ("l-4", purchase("agmt-4", Some("agmt-0"), Some(20))),
            ("l-5", purchase("agmt-5", Some("agmt-0"), Some(20))),
        ]);
        assert_eq!(chain("l-2", &purchases), (vec![], vec![]), "one agreement, two licenses");
        for license in ["l-3", "l-4", "l-5"] {
            assert_eq!(chain(license, &purchases), (vec!["agmt-0".into()], vec![]), "{license}");
        }
    }
}
