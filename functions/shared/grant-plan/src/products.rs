//! What a rule's `products` selects

use std::collections::BTreeSet;
use std::fmt::Display;

use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::answer::Answer;
use crate::id::{AccountId, AgreementId, LicenseId};
use crate::license::License;
use crate::nearest::nearest;
use crate::pattern::Pattern;
use crate::reader::{Reader, id};
use crate::selector::miss::list;

/// Which licenses a rule is about
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Products {
    /// `"*"`, written out on purpose
    Every,
    /// By what they are
    Parts(Box<Parts>),
}

/// All parts that are given must hold; at least one is given
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline, extend("minProperties" = 1)))]
#[serde(deny_unknown_fields)]
pub struct Parts {
    /// ProductSKU, exactly
    #[serde(rename = "sku", default, skip_serializing_if = "BTreeSet::is_empty")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::OneOrMany<String>"))]
    pub skus: BTreeSet<String>,
    /// ProductName, by glob
    #[serde(rename = "name", default, skip_serializing_if = "BTreeSet::is_empty")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::OneOrMany<String>"))]
    pub names: BTreeSet<Pattern>,
    /// The product's type, such as `AmiProduct` or `ContainerProduct`
    #[serde(rename = "type", default, skip_serializing_if = "BTreeSet::is_empty")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::OneOrMany<String>"))]
    pub types: BTreeSet<String>,
    /// The agreement under which it was bought, or one that this renews or replaces
    #[serde(rename = "agreement", default, skip_serializing_if = "BTreeSet::is_empty")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::OneOrMany<String>"))]
    pub agreements: BTreeSet<AgreementId>,
    /// The offer that was accepted
    #[serde(rename = "offer", default, skip_serializing_if = "BTreeSet::is_empty")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::OneOrMany<String>"))]
    pub offers: BTreeSet<String>,
    /// The account that sells it
    #[serde(rename = "seller", default, skip_serializing_if = "BTreeSet::is_empty")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::OneOrMany<crate::schema::Account>"))]
    pub sellers: BTreeSet<AccountId>,
    /// The license by ARN or id, or the one that goes on from it
    #[serde(rename = "license", default, skip_serializing_if = "BTreeSet::is_empty")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::OneOrMany<String>"))]
    pub licenses: BTreeSet<LicenseId>,
    /// `agreement` and `license` do not follow the chain of renewals
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Flag"))]
    pub exact: bool,
}

/// The parts a selector of products may have
pub(crate) const PARTS: [&str; 8] = ["sku", "name", "type", "agreement", "offer", "seller", "license", "exact"];

/// Product types as agreements and events write them; others may come
const TYPES: [&str; 6] = [
    "AmiProduct",
    "ContainerProduct",
    "DataProduct",
    "MachineLearningProduct",
    "ProfessionalServicesProduct",
    "SaaSProduct",
];

impl Products {
    /// Whether the license is one of these, or may be once more is known of it
    #[must_use]
    pub fn select(&self, license: &License) -> bool {
        self.answer(license).is_possible()
    }

    /// Whether the license is one of these
    #[must_use]
    pub fn answer(&self, license: &License) -> Answer {
        match self {
            Self::Every => Answer::Yes,
            Self::Parts(parts) => parts.answers(license).into_iter().fold(Answer::Yes, Answer::and),
        }
    }

    /// Every part that does not select the license, or of which that is not known, in words
    #[must_use]
    pub fn misses(&self, license: &License) -> Vec<String> {
        match self {
            Self::Every => Vec::new(),
            Self::Parts(parts) => {
                let words = parts.answers(license).into_iter().zip(parts.words(license));
                words.filter(|(answer, _)| *answer != Answer::Yes).map(|(_, words)| words).collect()
            }
        }
    }

    pub(crate) fn read(reader: &mut Reader, value: Option<&Value>) -> Option<Self> {
        const HELP: &str = "write `\"*\"` for every product, or a map of `sku`, `name`, `type`, `agreement`, `offer`, `seller`, `license`";
        let parts = match value {
            Some(Value::String(text)) if text == "*" => return Some(Self::Every),
            Some(Value::Object(parts)) if !parts.is_empty() => parts,
            other => {
                reader.error("products", other.unwrap_or(&Value::Null), "must say which products", HELP);
                return None;
            }
        };
        let before = reader.errors();
        reader.known(parts, &PARTS, &[], "products.");
        let mut part = |name: &str, expected: &str| reader.part(parts, "products", name, expected, of_text);
        let (skus, offers) = (part("sku", "a product id"), part("offer", "an offer id"));
        let types: BTreeSet<String> = part("type", "a product's type");
        for unknown in types.iter().filter(|kind| !TYPES.contains(&kind.as_str())) {
            let near = nearest(unknown, TYPES).map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
            let help = format!("{near}known ones are {}", TYPES.join(", "));
            reader.warning(
                "products.type",
                &unknown.as_str().into(),
                "is no product type that this version knows",
                &help,
            );
        }
        let exact = parts.get("exact").and_then(|flag| reader.flag("products.exact", flag));
        let arn = |text: &str| LicenseId::from_arn(text).map_err(|_| "correct it or take it out".to_owned());
        let read = Parts {
            skus,
            names: reader.part(parts, "products", "name", "a product name or glob", Pattern::new),
            types,
            agreements: reader.part(parts, "products", "agreement", "an agreement id such as `agmt-1a2b3c4d5e`", id),
            offers,
            sellers: reader.part(parts, "products", "seller", "the seller's account id of twelve digits, as text", id),
            licenses: reader.part(parts, "products", "license", "a license ARN or `l-...`", arn),
            exact: exact.unwrap_or_default(),
        };
        if (Parts { exact: false, ..read.clone() }) == Parts::default() && reader.errors() == before {
            reader.error("products", value.unwrap_or(&Value::Null), "must say which products", HELP);
        } else if read.exact && read.agreements.is_empty() && read.licenses.is_empty() {
            let help = "take it out, or add `agreement` or `license`";
            reader.warning("products.exact", &true.into(), "says something about `agreement` and `license` only", help);
        }
        Some(Self::Parts(Box::new(read)))
    }
}

impl Parts {
    /// What each part says, in the order of the fields
    fn answers(&self, license: &License) -> [Answer; 7] {
        let origin = &license.origin;
        let agreement = origin.agreement.as_ref();
        let renews = agreement.filter(|_| !self.exact);
        let renewed = renews.is_some_and(|known| !known.renews.is_disjoint(&self.agreements));
        let succeeded = renews.is_some_and(|known| !known.earlier_licenses.is_disjoint(&self.licenses));
        [
            one(&self.skus, Some(&license.sku)),
            (self.names.is_empty() || self.names.iter().any(|name| name.is_match(&license.product))).into(),
            one(&self.types, origin.kind.as_ref()),
            if renewed { Answer::Yes } else { one(&self.agreements, agreement.map(|known| &known.id)) },
            one(&self.offers, origin.offer.as_ref()),
            one(&self.sellers, origin.seller.as_ref()),
            if succeeded { Answer::Yes } else { self.names_license(license) },
        ]
    }

    /// Whether the license itself is named. What goes on from a named one is meant, too, and until it is known what a
    /// license goes on from, it may be that.
    fn names_license(&self, license: &License) -> Answer {
        let named = one(&self.licenses, Some(license.arn.id()));
        if named == Answer::No && self.may_go_on(license) { Answer::Unknown } else { named }
    }

    /// Whether the license may go on from one that is not known yet
    fn may_go_on(&self, license: &License) -> bool {
        !self.exact && license.origin.agreement.as_ref().is_none_or(|agreement| agreement.is_open)
    }

    /// Why a part does not say yes, in the order of the fields
    fn words(&self, license: &License) -> [String; 7] {
        let origin = &license.origin;
        let agreement = origin.agreement.as_ref().map(|agreement| &agreement.id);
        [
            miss("product", &self.skus, Some(&license.sku)),
            miss("product name", &self.names, Some(&license.product)),
            miss("product type", &self.types, origin.kind.as_ref()),
            miss("agreement", &self.agreements, agreement),
            miss("offer", &self.offers, origin.offer.as_ref()),
            miss("seller", &self.sellers, origin.seller.as_ref()),
            if self.may_go_on(license) {
                format!(
                    "whether license {} goes on from one of {} is not known yet",
                    license.arn.id(),
                    list(&self.licenses)
                )
            } else {
                miss("license", &self.licenses, Some(license.arn.id()))
            },
        ]
    }
}

fn one<T: Ord>(asked: &BTreeSet<T>, given: Option<&T>) -> Answer {
    match given {
        _ if asked.is_empty() => Answer::Yes,
        Some(given) => asked.contains(given).into(),
        None => Answer::Unknown,
    }
}

fn miss<T: Display, G: Display>(what: &str, asked: &BTreeSet<T>, given: Option<&G>) -> String {
    match given {
        Some(given) => format!("{what} {given} is not in {}", list(asked)),
        None => format!("{what} is not known yet"),
    }
}

fn of_text(text: &str) -> Result<String, String> {
    if text.is_empty() { Err("correct it or take it out".to_owned()) } else { Ok(text.to_owned()) }
}

impl Serialize for Products {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Every => serializer.serialize_str("*"),
            Self::Parts(parts) => parts.serialize(serializer),
        }
    }
}
