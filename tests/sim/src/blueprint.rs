//! What a world is made from: an organization and what it has bought, as a file can say it

mod sample;

use serde::{Deserialize, Serialize};

/// An organization and its purchases at the beginning
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Blueprint {
    /// `o-` and 10 to 32 lower-case letters or digits
    pub organization: String,
    /// Twelve digits; must be one of `accounts`
    pub management_account: String,
    /// `r-` and 4 to 32 lower-case letters or digits
    pub root: String,
    /// Organizational units, parents before children
    #[serde(default)]
    pub units: Vec<UnitBlueprint>,
    /// Member accounts and the management account
    pub accounts: Vec<AccountBlueprint>,
    /// Purchases made before the world begins: their licenses exist at once
    #[serde(default)]
    pub purchases: Vec<Purchase>,
}

/// One organizational unit
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitBlueprint {
    /// `ou-xxxx-xxxxxxxx`
    pub id: String,
    /// Name as shown in the console
    pub name: String,
    /// The root's id or another unit's
    pub parent: String,
}

/// One account
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountBlueprint {
    /// Twelve digits
    pub id: String,
    /// Name as shown in the console
    pub name: String,
    /// The root's id or a unit's
    pub parent: String,
    /// Account.State: PENDING_ACTIVATION, ACTIVE, SUSPENDED, PENDING_CLOSURE, CLOSED
    #[serde(default = "active")]
    pub state: String,
    /// Organizations tags
    #[serde(default)]
    pub tags: std::collections::BTreeMap<String, String>,
}

fn active() -> String {
    "ACTIVE".to_owned()
}

/// A product bought: an agreement and, for most product types, a license
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Purchase {
    /// The account that accepted the agreement and holds the license
    pub acceptor: String,
    /// `agmt-...`
    pub agreement: String,
    /// Trailing part of the license ARN: `l-` and 32 hexadecimal digits
    pub license: String,
    /// Product id, the license's ProductSKU
    pub sku: String,
    /// Product title, the license's ProductName
    pub product: String,
    /// Marketplace resource type: AmiProduct, ContainerProduct, MachineLearningProduct, DataProduct, SaaSProduct
    pub product_type: String,
    /// Seller's account id
    pub proposer: String,
    /// `offer-...`
    pub offer: String,
}

impl Purchase {
    /// SaaS licenses exist but cannot be shared: their received operations lack CreateGrant
    pub fn shareable(&self) -> bool {
        self.product_type != "SaaSProduct"
    }
}
