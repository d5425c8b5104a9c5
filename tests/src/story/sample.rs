//! The sample organization, what is bought in it, and rules about that

use grant_plan::id::LicenseArn;
use pretend_aws::Purchase;
use pretend_aws::license_manager::LicenseManager;
use serde_json::{Value, json};

/// The management account, which holds the licenses
pub const HUB: &str = "210987654321";
/// A top-level unit of four active accounts, two of them in a unit inside
pub const WORKLOADS: &str = "ou-9xk2-h3n8d1pw";
/// The four accounts in it
pub const IN_WORKLOADS: [&str; 4] = ["318204957731", "402958173646", "519283746501", "560192837465"];
/// A top-level unit of two active accounts and a suspended one
pub const SANDBOX: &str = "ou-9xk2-z7c4q0me";
/// A top-level unit of two active accounts
pub const SECURITY: &str = "ou-9xk2-s1b5x8ld";
/// The two accounts in it
pub const IN_SECURITY: [&str; 2] = ["802746195038", "853920174662"];

/// The license ARN of a purchase
#[must_use]
pub fn license_arn(purchase: &Purchase) -> LicenseArn {
    LicenseManager::license_arn(&purchase.license).parse().expect("a license ARN")
}

/// The sample purchase, but for its ids: another product of the same buyer
#[must_use]
pub fn another_purchase(number: u32) -> Purchase {
    Purchase {
        agreement: format!("agmt-another{number:018}"),
        license: format!("l-{number:032x}"),
        sku: format!("prod-another{number:03}"),
        product: format!("Another Product {number}"),
        offer: format!("offer-another{number:06}"),
        ..Purchase::sample()
    }
}

/// A rule that grants a product to what `accounts` selects
#[must_use]
pub fn rule(id: &str, purchase: &Purchase, accounts: &Value) -> Value {
    json!({"rule": id, "products": {"sku": purchase.sku}, "accounts": accounts})
}

/// The accounts of some units, selected by more than their place: a grant to a unit would not be exact, so that each
/// account gets one of its own
#[must_use]
pub fn one_by_one(units: &[&str]) -> Value {
    json!({"ou": units, "name": "*"})
}
