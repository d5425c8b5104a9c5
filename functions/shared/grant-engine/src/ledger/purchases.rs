//! Which agreement brought which license, as Marketplace said it

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use grant_plan::call::{Failure, Operation};
use grant_plan::entry::SCHEMA;
use grant_plan::id::LicenseId;
use grant_plan::purchase::Purchase;

use super::Ledger;
use super::items::{from_item, text, to_item};
use crate::failure::unreadable;

const PURCHASES: &str = "PURCHASES";

impl Ledger {
    /// Every purchase that is known, by the license it brought
    ///
    /// # Errors
    /// When the ledger cannot be read, or a newer version of Grantway has written there.
    pub async fn purchases(&self) -> Result<BTreeMap<LicenseId, Purchase>, Failure> {
        let read = |item| {
            let license = text(&item, "sk").unwrap_or_default().parse();
            let license = license.map_err(|error| unreadable(Operation::Ledger, PURCHASES, error))?;
            Ok((license, from_item(item)?))
        };
        self.partition(PURCHASES).await?.into_iter().map(read).collect()
    }

    /// Notes what Marketplace says of the agreement that brought a license
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub async fn note_purchase(&self, license: &LicenseId, purchase: &Purchase) -> Result<(), Failure> {
        let mut item = to_item(PURCHASES, license.as_str(), purchase)?;
        item.insert("schema".to_owned(), AttributeValue::N(SCHEMA.to_string()));
        self.put(item).await
    }
}
