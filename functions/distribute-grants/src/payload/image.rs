//! DynamoDB's typed JSON made plain

use serde_json::{Map, Number, Value};

/// DynamoDB itself nests no deeper than 32 levels (Service, account, and table quotas)
const DEEPEST: usize = 40;

/// An item as plain JSON; `None` where there is no image
pub(super) fn plain(image: &Value) -> Option<Value> {
    match image {
        Value::Null => None,
        Value::Object(attributes) => Some(members(attributes, 0)),
        // Kept, so that it is refused as a bad item and does not pass for a removed one.
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Some(image.clone()),
    }
}

fn members(attributes: &Map<String, Value>, depth: usize) -> Value {
    attributes.iter().map(|(name, value)| (name.clone(), attribute(value, depth))).collect()
}

/// The value of `{"S": "text"}` and its like; whatever is no such thing stays as it is, for validation to name
fn attribute(typed: &Value, depth: usize) -> Value {
    known(typed, depth).unwrap_or_else(|| typed.clone())
}

fn known(typed: &Value, depth: usize) -> Option<Value> {
    let members_of_type = typed.as_object()?;
    let (kind, value) = members_of_type.iter().next()?;
    if members_of_type.len() != 1 || depth > DEEPEST {
        return None;
    }
    match kind.as_str() {
        "S" | "B" => value.is_string().then(|| value.clone()),
        "BOOL" => value.is_boolean().then(|| value.clone()),
        "NULL" => value.is_boolean().then_some(Value::Null),
        "N" => value.as_str().map(number),
        "M" => Some(members(value.as_object()?, depth + 1)),
        "L" => Some(value.as_array()?.iter().map(|item| attribute(item, depth + 1)).collect()),
        "SS" | "BS" => Some(set(value)?.into_iter().map(Value::from).collect()),
        "NS" => Some(set(value)?.into_iter().map(number).collect()),
        _ => None,
    }
}

/// Sets have no order of their own; sorted, the same set is the same array
fn set(value: &Value) -> Option<Vec<&str>> {
    let mut items: Vec<&str> = value.as_array()?.iter().map(Value::as_str).collect::<Option<_>>()?;
    items.sort_unstable();
    Some(items)
}

/// DynamoDB's numbers have 38 digits and travel as text; one that JSON's cannot hold stays text
fn number(text: &str) -> Value {
    let whole = text.parse::<i64>().map(Number::from).or_else(|_| text.parse::<u64>().map(Number::from));
    if let Ok(whole) = whole {
        return Value::Number(whole);
    }
    // A whole number this large would lose digits without a word.
    let is_whole = text.trim_start_matches('-').bytes().all(|byte| byte.is_ascii_digit());
    let fraction = text.parse::<f64>().ok().filter(|_| !is_whole).and_then(Number::from_f64);
    fraction.map_or_else(|| Value::from(text), Value::Number)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_type_has_a_plain_form() {
        let item = json!({
            "rule": {"S": "everyone"},
            "priority": {"N": "10"},
            "share": {"N": "0.5"},
            "enabled": {"BOOL": true},
            "valid_until": {"NULL": true},
            "blob": {"B": "dGVzdA=="},
            "owners": {"SS": ["finops", "cloud"]},
            "days": {"NS": ["30", "7"]},
            "blobs": {"BS": ["dGVzdA=="]},
            "accounts": {"M": {"ou": {"L": [{"S": "ou-9xk2-h3n8d1pw"}, {"L": []}]}, "organization": {"BOOL": false}}},
        });
        assert_eq!(
            plain(&item),
            Some(json!({
                "rule": "everyone",
                "priority": 10,
                "share": 0.5,
                "enabled": true,
                "valid_until": null,
                "blob": "dGVzdA==",
                "owners": ["cloud", "finops"],
                "days": [30, 7],
                "blobs": ["dGVzdA=="],
                "accounts": {"ou": ["ou-9xk2-h3n8d1pw", []], "organization": false},
            }))
        );
    }

    #[test]
    fn numbers_that_json_cannot_hold_stay_text() {
        assert_eq!(number("-5"), json!(-5));
        assert_eq!(number("18446744073709551615"), json!(u64::MAX));
        assert_eq!(number("1.5"), json!(1.5));
        assert_eq!(number("99999999999999999999999999999999999999"), json!("99999999999999999999999999999999999999"));
        for text in ["", "-", "many", "NaN", "inf", "1e999"] {
            assert_eq!(number(text), json!(text));
        }
    }

    #[test]
    fn what_is_no_attribute_stays_as_it_came() {
        let odd =
            json!({"a": {"S": 5}, "b": {"X": "y"}, "c": "text", "d": {}, "e": {"S": "a", "N": "1"}, "f": {"SS": [1]}});
        assert_eq!(plain(&odd), Some(odd));
    }

    #[test]
    fn no_image_is_none_and_a_broken_one_is_not() {
        assert_eq!(plain(&json!(null)), None);
        assert_eq!(plain(&json!("gone?")), Some(json!("gone?")));
    }
}
