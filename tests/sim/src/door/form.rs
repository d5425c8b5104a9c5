//! Form bodies of the query protocol: dotted names as nested members, numbered ones as lists
//!
//! `Tags.member.1.Key=a` is `{"Tags": [{"Key": "a"}]}`; `Attributes.entry.1.key=a&Attributes.entry.1.value=b` is
//! `{"Attributes": {"a": "b"}}`. Every leaf is text.

use serde_json::{Map, Value};

/// No request of the services here nests deeper; what does is not followed
const DEEPEST: usize = 8;

pub(super) fn read(body: &[u8]) -> Map<String, Value> {
    let text = String::from_utf8_lossy(body);
    let mut members = Map::new();
    for (name, value) in text.split('&').filter_map(|pair| pair.split_once('=')) {
        put(&mut members, &percent_decoded(name), percent_decoded(value));
    }
    members.into_iter().map(|(name, value)| (name, settled(value))).collect()
}

fn put(members: &mut Map<String, Value>, name: &str, value: String) {
    let mut parts: Vec<&str> = name.splitn(DEEPEST, '.').collect();
    let last = parts.pop().unwrap_or(name);
    let mut at = members;
    for part in parts {
        let slot = at.entry(part).or_insert_with(|| Value::Object(Map::new()));
        // A name that is both a leaf and a parent: the first word stands.
        let Value::Object(inner) = slot else { return };
        at = inner;
    }
    at.insert(last.to_owned(), Value::String(value));
}

fn settled(value: Value) -> Value {
    let Value::Object(mut members) = value else { return value };
    if members.len() == 1 {
        if let Some(items) = members.remove("member") {
            return list(items);
        }
        if let Some(entries) = members.remove("entry") {
            return map(list(entries));
        }
    }
    if !members.is_empty() && members.keys().all(|name| name.parse::<u32>().is_ok()) {
        return list(Value::Object(members));
    }
    Value::Object(members.into_iter().map(|(name, value)| (name, settled(value))).collect())
}

fn list(items: Value) -> Value {
    let Value::Object(items) = items else { return items };
    let mut numbered: Vec<(u32, Value)> =
        items.into_iter().filter_map(|(number, item)| Some((number.parse().ok()?, settled(item)))).collect();
    numbered.sort_by_key(|(number, _)| *number);
    Value::Array(numbered.into_iter().map(|(_, item)| item).collect())
}

/// SNS writes the entries of attributes with `key` and `value`, those of message attributes with `Name` and `Value`
fn map(entries: Value) -> Value {
    let Value::Array(entries) = entries else { return entries };
    let pairs = entries.into_iter().filter_map(|mut entry| {
        let entry = entry.as_object_mut()?;
        let key = entry.remove("key").or_else(|| entry.remove("Name"))?;
        let value = entry.remove("value").or_else(|| entry.remove("Value")).unwrap_or_default();
        Some((key.as_str()?.to_owned(), value))
    });
    Value::Object(pairs.collect())
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        rest = tail;
        match first {
            b'+' => bytes.push(b' '),
            b'%' => {
                let hex = tail.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
                if let Some(byte) = hex.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
                    bytes.push(byte);
                    rest = tail.get(2..).unwrap_or_default();
                } else {
                    bytes.push(b'%');
                }
            }
            other => bytes.push(*other),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_form_is_decoded() {
        let form = read(b"Action=AssumeRole&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fx&RoleSessionName=a+b");
        assert_eq!(form["RoleArn"], "arn:aws:iam::1:role/x");
        assert_eq!(form["RoleSessionName"], "a b");
    }

    #[test]
    fn numbered_names_are_lists_in_the_order_of_their_numbers_and_entries_are_maps() {
        let form = read(
            b"Tags.member.10.Key=last&Tags.member.2.Key=first&Attributes.entry.1.key=A&Attributes.entry.1.value=1\
              &MessageAttributes.entry.1.Name=n&MessageAttributes.entry.1.Value.DataType=String&Plain.1=x",
        );
        assert_eq!(form["Tags"], json!([{"Key": "first"}, {"Key": "last"}]));
        assert_eq!(form["Attributes"], json!({"A": "1"}));
        assert_eq!(form["MessageAttributes"], json!({"n": {"DataType": "String"}}));
        assert_eq!(form["Plain"], json!(["x"]));
    }

    #[test]
    fn a_name_of_a_thousand_dots_does_no_harm() {
        let name = vec!["a"; 1000].join(".");
        assert_eq!(read(format!("{name}=1&a=2&a.b=3").as_bytes()).len(), 1);
    }
}
