//! JSON values as CBOR and back, with the one difference that smithy's RPC v2 makes: times carry tag 1

use ciborium::Value as Cbor;
use serde_json::{Map, Number, Value};

/// Members of the Marketplace Agreement service that are times; in JSON they are plain seconds
const TIMES: [&str; 4] = ["acceptanceTime", "startTime", "endTime", "lastUpdateTime"];

pub(crate) fn encode(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    // Writing into memory cannot fail, and every value made here is encodable.
    let _written = ciborium::into_writer(&to_cbor(value, false), &mut bytes);
    bytes
}

pub(crate) fn decode(bytes: &[u8]) -> Option<Value> {
    if bytes.is_empty() {
        return Some(Value::Object(Map::new()));
    }
    let cbor: Cbor = ciborium::from_reader(bytes).ok()?;
    to_json(cbor)
}

fn to_cbor(value: &Value, time: bool) -> Cbor {
    match value {
        Value::Null => Cbor::Null,
        Value::Bool(flag) => Cbor::Bool(*flag),
        Value::Number(number) => {
            let plain = match (number.as_i64(), number.as_f64()) {
                (Some(whole), _) => Cbor::Integer(whole.into()),
                (None, Some(fraction)) => Cbor::Float(fraction),
                (None, None) => Cbor::Null,
            };
            if time { Cbor::Tag(1, Box::new(plain)) } else { plain }
        }
        Value::String(text) => Cbor::Text(text.clone()),
        Value::Array(items) => Cbor::Array(items.iter().map(|item| to_cbor(item, time)).collect()),
        Value::Object(members) => Cbor::Map(
            members
                .iter()
                .map(|(name, member)| (Cbor::Text(name.clone()), to_cbor(member, TIMES.contains(&name.as_str()))))
                .collect(),
        ),
    }
}

fn to_json(cbor: Cbor) -> Option<Value> {
    Some(match cbor {
        Cbor::Null => Value::Null,
        Cbor::Bool(flag) => Value::Bool(flag),
        Cbor::Integer(whole) => Value::Number(i64::try_from(whole).ok()?.into()),
        Cbor::Float(fraction) => Value::Number(Number::from_f64(fraction)?),
        Cbor::Text(text) => Value::String(text),
        Cbor::Tag(_, inner) => to_json(*inner)?,
        Cbor::Array(items) => Value::Array(items.into_iter().map(to_json).collect::<Option<_>>()?),
        Cbor::Map(members) => {
            let mut object = Map::new();
            for (name, member) in members {
                object.insert(name.into_text().ok()?, to_json(member)?);
            }
            Value::Object(object)
        }
        Cbor::Bytes(_) => return None,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_value_survives_the_way_through_cbor() {
        let value = json!({"agreementId": "agmt-1", "maxResults": 50, "endTime": 1789373517.25, "filters": [{"a": null}, true]});
        assert_eq!(decode(&encode(&value)), Some(value));
    }

    #[test]
    fn times_carry_tag_one_and_other_numbers_do_not() {
        let bytes = encode(&json!({"startTime": 5, "maxResults": 5}));
        let Cbor::Map(members) = ciborium::from_reader::<Cbor, _>(bytes.as_slice()).unwrap() else { panic!("no map") };
        assert!(members.contains(&(Cbor::Text("startTime".into()), Cbor::Tag(1, Box::new(Cbor::Integer(5.into()))))));
        assert!(members.contains(&(Cbor::Text("maxResults".into()), Cbor::Integer(5.into()))));
    }
}
