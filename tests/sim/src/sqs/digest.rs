//! MD5 and SHA-256 as SQS uses them: of bodies, and of message attributes in their own binary form

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sha2::{Digest, Sha256};

pub(crate) fn hex_md5(text: &[u8]) -> String {
    format!("{:x}", md5::compute(text))
}

/// What stands in for a missing deduplication id: SHA-256 of the body, not of the attributes
pub(super) fn content_id(body: &str) -> String {
    Sha256::digest(body.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// MD5 over name, type and value of each attribute in the order of names, each behind its length; the transport byte is
/// 1 for text and 2 for bytes (SQS Developer Guide, "Calculating the MD5 message digest for message attributes")
pub(super) fn of_attributes(attributes: &Value) -> Option<String> {
    let attributes = attributes.as_object().filter(|members| !members.is_empty())?;
    let mut bytes = Vec::new();
    for (name, attribute) in attributes {
        let kind = attribute.get("DataType").and_then(Value::as_str).unwrap_or_default();
        let transport = if attribute.get("BinaryValue").is_some() { 2 } else { 1 };
        put(&mut bytes, name.as_bytes());
        put(&mut bytes, kind.as_bytes());
        bytes.push(transport);
        put(&mut bytes, &value_bytes(attribute));
    }
    Some(hex_md5(&bytes))
}

/// Bytes of names, types and values, which count as part of the message
pub(super) fn size_of_attributes(attributes: &Value) -> usize {
    let sizes = attributes.as_object().into_iter().flatten().map(|(name, attribute)| {
        let kind = attribute.get("DataType").and_then(Value::as_str).unwrap_or_default();
        name.len() + kind.len() + value_bytes(attribute).len()
    });
    sizes.sum()
}

fn put(bytes: &mut Vec<u8>, part: &[u8]) {
    bytes.extend_from_slice(&u32::try_from(part.len()).unwrap_or_default().to_be_bytes());
    bytes.extend_from_slice(part);
}

fn value_bytes(attribute: &Value) -> Vec<u8> {
    match (attribute.get("StringValue").and_then(Value::as_str), attribute.get("BinaryValue").and_then(Value::as_str)) {
        (Some(text), _) => text.as_bytes().to_vec(),
        (None, Some(coded)) => STANDARD.decode(coded).unwrap_or_default(),
        (None, None) => Vec::new(),
    }
}
