//! Versions of the policy table's items, each as it was written

use aws_sdk_dynamodb::types::AttributeValue;
use grant_plan::call::Failure;
use grant_plan::entry::SCHEMA;
use grant_plan::time::Timestamp;
use grant_plan::version::Recorded;
use serde_json::Value;

use super::Ledger;
use super::items::{Item, from_item, text, to_item};

const VERSION: &str = "VERSION#";

/// An edit's place among those of its item
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// When, to the second
    pub at: Timestamp,
    /// `SequenceNumber` of its Stream record; empty where no record told of it, which comes first in its second
    pub sequence: String,
}

impl Place {
    /// Sorts as text as edits follow each other: sequence numbers are decimal and have up to 40 digits
    /// (`StreamRecord.SequenceNumber`)
    fn key(&self) -> String {
        format!("{VERSION}{:012}#{:0>40}", self.at.0.max(0), self.sequence)
    }
}

impl Ledger {
    /// Records what became of an item of the policy table; the same edit recorded twice is recorded once
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub async fn record_version(&self, rule: &str, place: &Place, image: Option<&Value>) -> Result<(), Failure> {
        let recorded = Recorded { at: place.at, image: image.cloned() };
        let mut item = to_item(&partition_of(rule), &place.key(), &recorded)?;
        item.insert("schema".to_owned(), AttributeValue::N(SCHEMA.to_string()));
        self.put(item).await
    }

    /// Every recorded version of an item, oldest first
    ///
    /// # Errors
    /// When the ledger cannot be read, or a newer version of Grantway has written there.
    pub async fn versions(&self, rule: &str) -> Result<Vec<Recorded>, Failure> {
        let items = self.partition(&partition_of(rule)).await?;
        items.into_iter().filter(is_version).map(from_item).collect()
    }
}

fn is_version(item: &Item) -> bool {
    text(item, "sk").is_some_and(|sk| sk.starts_with(VERSION))
}

fn partition_of(rule: &str) -> String {
    format!("RULE#{rule}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_sort_as_edits_follow_each_other() {
        let place = |at, sequence: &str| Place { at: Timestamp(at), sequence: sequence.to_owned() }.key();
        let keys = [place(9, "7"), place(10, ""), place(10, "99"), place(10, "100"), place(100, "1")];
        assert!(keys.is_sorted());
        assert_eq!(keys[2].len(), keys[3].len());
    }
}
