//! What tells one text of an item from another

use serde_json::Value;
use sha2::{Digest, Sha256};

/// The beginning of the SHA-256 of an item in canonical form, without who wrote it: 16 hexadecimal digits
///
/// Object keys are ordered, so equal items have equal fingerprints.
pub(crate) fn fingerprint(item: &Value) -> String {
    let mut item = item.clone();
    if let Some(attributes) = item.as_object_mut() {
        attributes.remove("edited_by");
    }
    let digest = Sha256::digest(item.to_string().as_bytes());
    digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}
