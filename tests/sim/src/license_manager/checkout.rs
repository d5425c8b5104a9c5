//! CheckoutLicense and CheckInLicense: what the bought software does, and the proof that a grant is of use

use std::sync::Arc;

use jiff::Timestamp;
use rand::Rng;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::grant::Grant;
use super::license::{AllowedOperation, KEY_FINGERPRINT, License, LicenseStatus};
use super::wire::{Request, license_arn, millis, missing};
use super::{Context, LicenseManager, after};
use crate::error::ApiError;

/// Something checked out
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Consumption {
    account: String,
    expires: Timestamp,
}

/// The one entitlement that every Marketplace license here has
pub(super) const USAGE: &str = "AWS::Marketplace::Usage";

/// API_EntitlementData, `Unit`
const UNITS: [&str; 27] = [
    "Count",
    "None",
    "Seconds",
    "Microseconds",
    "Milliseconds",
    "Bytes",
    "Kilobytes",
    "Megabytes",
    "Gigabytes",
    "Terabytes",
    "Bits",
    "Kilobits",
    "Megabits",
    "Gigabits",
    "Terabits",
    "Percent",
    "Bytes/Second",
    "Kilobytes/Second",
    "Megabytes/Second",
    "Gigabytes/Second",
    "Terabytes/Second",
    "Bits/Second",
    "Kilobits/Second",
    "Megabits/Second",
    "Gigabits/Second",
    "Terabits/Second",
    "Count/Second",
];

/// How long a provisional checkout holds (user guide, "Seller-issued licenses": one hour unless extended)
const HOLD_SECONDS: u64 = 3_600;

impl LicenseManager {
    /// CheckoutLicense: only where a grant of the product is ACTIVE and allows it
    ///
    /// A client token is not looked at twice: each checkout is one more consumption, of which there are enough.
    pub(super) fn checkout(&mut self, context: &mut Context<'_>, request: &Request<'_>) -> Result<Value, ApiError> {
        let sku = request.required("ProductSKU")?;
        let kind = request.required("CheckoutType")?;
        if !matches!(kind, "PROVISIONAL" | "PERPETUAL") {
            return Err(ApiError::validation("CheckoutType must be PROVISIONAL or PERPETUAL"));
        }
        let fingerprint = request.required("KeyFingerprint")?;
        request.client_token()?;
        let node = request.text("NodeId")?;
        let wanted = request.structures("Entitlements")?.ok_or_else(|| missing("Entitlements"))?;
        for entitlement in &wanted {
            entitlement.required("Unit")?;
            entitlement.word("Unit", |word| UNITS.contains(&word).then_some(()))?;
            if entitlement.required("Name")? != USAGE {
                return Err(ApiError::refused(
                    "NoEntitlementsAllowedException",
                    "There are no entitlements found for this license, or the entitlement maximum count is reached",
                ));
            }
        }
        let (_, license) = self.usable(context, sku, fingerprint)?;
        let arn = license_arn(license.id(), context.knobs);
        let token = format!("{:032x}", context.ids.random::<u128>());
        let expires = after(context.now, HOLD_SECONDS);
        let consumption = Consumption { account: context.caller.to_owned(), expires };
        self.consumptions.insert(token.clone(), Arc::new(consumption));
        let mut answer = json!({
            "CheckoutType": kind,
            "LicenseConsumptionToken": token,
            "EntitlementsAllowed": [{ "Name": USAGE, "Unit": "None", "Value": "Enabled" }],
            "IssuedAt": millis(context.now),
            "Expiration": millis(expires),
            "LicenseArn": arn,
        });
        if let (Some(node), Some(members)) = (node, answer.as_object_mut()) {
            members.insert("NodeId".to_owned(), node.into());
        }
        Ok(answer)
    }

    /// CheckInLicense: each checkout is checked in once, by the account that has it
    pub(super) fn check_in(&mut self, context: &Context<'_>, request: &Request<'_>) -> Result<Value, ApiError> {
        let token = request.required("LicenseConsumptionToken")?;
        let held = self.consumptions.get(token);
        let held = held.is_some_and(|held| held.account == context.caller && held.expires > context.now);
        if !held {
            return Err(ApiError::refused("ResourceNotFoundException", "LicenseConsumptionToken does not exist"));
        }
        self.consumptions.remove(token);
        Ok(json!({}))
    }

    /// The grant and license of a product that an account can use now
    fn usable(&self, context: &Context<'_>, sku: &str, fingerprint: &str) -> Result<(&Grant, &License), ApiError> {
        let rows = self.received_licenses(context.caller, context.now);
        if fingerprint != KEY_FINGERPRINT || !rows.iter().any(|row| row.license.sku() == sku) {
            return Err(ApiError::refused("ResourceNotFoundException", "The license does not exist"));
        }
        let grant = self.places.get(context.caller, sku).and_then(|arn| self.grant(arn));
        let usable = grant.and_then(|grant| Some((grant, self.license(&grant.license)?)));
        usable
            .filter(|(_, license)| license.status == LicenseStatus::Available)
            .filter(|(grant, _)| grant.operations.contains(&AllowedOperation::CheckoutLicense))
            .ok_or_else(|| {
                ApiError::refused(
                    "NoEntitlementsAllowedException",
                    "No grant for this license is active in the account",
                )
            })
    }
}
