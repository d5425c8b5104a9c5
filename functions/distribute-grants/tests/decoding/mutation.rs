//! Damage done to samples

use serde_json::{Map, Value, json};

use super::fixture::Fixture;

/// A kind of damage
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Family {
    DropKey,
    RenameKey,
    Null,
    WrongType,
    HugeText,
    DeepNesting,
    TruncatedText,
    Unicode,
    RepeatedKey,
    SwappedIds,
    NegativeNumber,
    Emptied,
    CutBytes,
}

impl Family {
    pub(crate) const ALL: [Self; 13] = [
        Self::DropKey,
        Self::RenameKey,
        Self::Null,
        Self::WrongType,
        Self::HugeText,
        Self::DeepNesting,
        Self::TruncatedText,
        Self::Unicode,
        Self::RepeatedKey,
        Self::SwappedIds,
        Self::NegativeNumber,
        Self::Emptied,
        Self::CutBytes,
    ];
}

/// A damaged sample
#[derive(Debug)]
pub(crate) struct Damaged {
    pub(crate) payload: Value,
    pub(crate) place: Where,
}

/// What was damaged
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Where {
    /// The payload
    Payload,
    /// An event, which is now the body of a message
    Event,
    /// The event in the body of this record
    Record(usize),
}

impl Damaged {
    /// Whether there is any damage at all
    pub(crate) fn differs_from(&self, fixture: &Fixture) -> bool {
        match self.place {
            Where::Payload | Where::Record(_) => self.payload != fixture.payload,
            Where::Event => self.payload["Records"][0]["body"] != fixture.text,
        }
    }
}

/// Damages the payload, or the event in the body of one of its messages
///
/// A payload that is no JSON any more never reaches the function: it is delivered as a message's body instead.
pub(crate) fn damage(fixture: &Fixture, family: Family, rng: &mut Rng) -> Damaged {
    for _ in 0..1_000 {
        let damaged = try_damage(&fixture.payload, family, rng);
        if damaged.differs_from(fixture) {
            return damaged;
        }
    }
    panic!("{}: {family:?} finds nothing to change", fixture.name);
}

fn try_damage(payload: &Value, family: Family, rng: &mut Rng) -> Damaged {
    let bodies: Vec<usize> = payload
        .get("Records")
        .and_then(Value::as_array)
        .map(|records| (0..records.len()).filter(|index| records[*index]["body"].is_string()).collect())
        .unwrap_or_default();
    if bodies.is_empty() || rng.chance(4) {
        // An event comes by queue or directly, a batch only directly.
        let directly = !bodies.is_empty() || rng.chance(2);
        let changed = change(payload, family, rng);
        return match changed.document() {
            Some(payload) if directly => Damaged { payload, place: Where::Payload },
            Some(_) | None => Damaged { payload: by_queue(&changed.text()), place: Where::Event },
        };
    }
    let record = bodies[rng.below(bodies.len())];
    let mut payload = payload.clone();
    let body = payload["Records"][record]["body"].as_str().unwrap();
    let text = match serde_json::from_str(body) {
        Ok(event) => change(&event, family, rng).text(),
        Err(_) => change_text(body, rng),
    };
    payload["Records"][record]["body"] = Value::String(text);
    Damaged { payload, place: Where::Record(record) }
}

fn by_queue(body: &str) -> Value {
    json!({"Records": [{
        "messageId": "9f6a2b3c-1d2e-4f50-8a9b-0c1d2e3f4a99",
        "body": body,
        "attributes": {"ApproximateReceiveCount": "1"},
        "eventSource": "aws:sqs",
    }]})
}

/// Stands where a key or text is put in that a `Value` cannot hold
const FIRST_MARK: &str = "!mark!";
const LAST_MARK: &str = "~mark~";

/// What texts of another origin may hold: direction, combining and zero-width characters, digits that are not ASCII,
/// the narrow no-break space of newer timestamps, an address
const UNUSUAL: [&str; 8] =
    ["\u{202e}", "\u{202f}", "e\u{301}", "４８７１２０３９６６５５", "\0", "\u{1f600}", "ünï@example.org", "\u{feff}"];

/// A damaged document
enum Changed {
    Document(Value),
    /// Perhaps no JSON, or JSON that a `Value` cannot tell from a sound one, such as a repeated key
    Text(String),
}

impl Changed {
    fn document(&self) -> Option<Value> {
        match self {
            Self::Document(document) => Some(document.clone()),
            Self::Text(text) => serde_json::from_str(text).ok(),
        }
    }

    fn text(self) -> String {
        match self {
            Self::Document(document) => document.to_string(),
            Self::Text(text) => text,
        }
    }
}

fn change(document: &Value, family: Family, rng: &mut Rng) -> Changed {
    let mut document = document.clone();
    match family {
        Family::DropKey => {
            let members = some_object(&mut document, rng);
            let key = key_of(members, rng);
            members.remove(&key);
        }
        Family::RenameKey => {
            let members = some_object(&mut document, rng);
            let key = key_of(members, rng);
            let value = members.remove(&key).unwrap();
            let renamed = match rng.below(4) {
                0 => key.to_uppercase(),
                1 => format!("{key}s"),
                2 => key.chars().skip(1).collect(),
                _ => key.replace('-', "").replace("Id", "ID"),
            };
            members.insert(renamed, value);
        }
        Family::Null => *some_value(&mut document, rng) = Value::Null,
        Family::WrongType => {
            let other = [
                json!(true),
                json!(487_120_396_655_u64),
                json!(1.5),
                json!("text"),
                json!(["text"]),
                json!({"id": "text"}),
            ];
            let other = other[rng.below(other.len())].clone();
            *some_value(&mut document, rng) = other;
        }
        Family::HugeText => {
            let unit = ["x", "9", "é", "a@b.example.org ", "\n", "agmt-"][rng.below(6)];
            let length = [65, 300, 1_000, 4_000][rng.below(4)];
            *some_value(&mut document, rng) = Value::String(unit.repeat(length / unit.len() + 1));
        }
        Family::DeepNesting => {
            let depth = 1 + rng.below(110);
            let inside = some_value(&mut document, rng);
            for level in 0..depth {
                let kept = inside.take();
                *inside = if level % 2 == 0 {
                    Value::Array(vec![kept])
                } else {
                    Map::from_iter([("deeper".into(), kept)]).into()
                };
            }
        }
        Family::TruncatedText => match some_text(&document, rng) {
            Some((place, text)) if !rng.chance(2) => {
                let count = rng.below(text.chars().count() + 1);
                *at(&mut document, place) = Value::String(take_chars(&text, count));
            }
            Some(_) | None => {
                let text = document.to_string();
                return Changed::Text(take_chars(&text, rng.below(text.chars().count())));
            }
        },
        Family::Unicode => match some_text(&document, rng) {
            Some((place, text)) if !rng.chance(5) => {
                let odd = UNUSUAL[rng.below(UNUSUAL.len())];
                let start = rng.below(text.chars().count() + 1);
                let rest: String = text.chars().skip(start).collect();
                *at(&mut document, place) = Value::String(format!("{}{odd}{rest}", take_chars(&text, start)));
            }
            Some(_) | None => {
                *some_value(&mut document, rng) = json!(LAST_MARK);
                // Half a character: legal to write, illegal to read
                return Changed::Text(document.to_string().replace(LAST_MARK, r"\ud83d"));
            }
        },
        Family::RepeatedKey => {
            let members = some_object(&mut document, rng);
            let key = key_of(members, rng);
            let value = [members[&key].clone(), Value::Null, json!("other"), json!({})][rng.below(4)].clone();
            // Keys are written in order, so one mark comes before the key and one after: the last one counts.
            let mark = if rng.chance(2) { FIRST_MARK } else { LAST_MARK };
            members.insert(mark.to_owned(), value);
            let key = Value::String(key);
            return Changed::Text(document.to_string().replace(&format!("\"{mark}\":"), &format!("{key}:")));
        }
        Family::SwappedIds => {
            let has_digit =
                |value: &Value| value.as_str().is_some_and(|text| text.contains(|c: char| c.is_ascii_digit()));
            let (first, second) = (some_text(&document, rng), pick(&document, rng, has_digit));
            let Some((first, text)) = first else { return Changed::Document(document) };
            let other = second.map(|second| at(&mut document, second).clone());
            match (second, other) {
                (Some(second), Some(other)) if other != text.as_str() => {
                    *at(&mut document, first) = other;
                    *at(&mut document, second) = Value::String(text);
                }
                // No second one: turned round
                (_, _) => *at(&mut document, first) = Value::String(text.chars().rev().collect()),
            }
        }
        Family::NegativeNumber => {
            let number = [json!(-1), json!(i64::MIN), json!(-0.5), json!(-1e300), json!("-487120396655")];
            let number = number[rng.below(number.len())].clone();
            *some_value(&mut document, rng) = number;
        }
        Family::Emptied => {
            let empty = [json!([]), json!({}), json!("")];
            let empty = empty[rng.below(empty.len())].clone();
            *some_value(&mut document, rng) = empty;
        }
        Family::CutBytes => return Changed::Text(change_text(&document.to_string(), rng)),
    }
    Changed::Document(document)
}

/// Takes out, turns or repeats a few characters anywhere
fn change_text(text: &str, rng: &mut Rng) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    if letters.is_empty() {
        return "?".to_owned();
    }
    let start = rng.below(letters.len());
    let end = (start + 1 + rng.below(6)).min(letters.len());
    match rng.below(4) {
        0 | 1 => drop(letters.drain(start..end)),
        2 => letters[start..end].reverse(),
        _ => {
            let again: Vec<char> = letters[start..end].to_vec();
            letters.splice(start..start, again);
        }
    }
    letters.into_iter().collect()
}

fn take_chars(text: &str, count: usize) -> String {
    text.chars().take(count).collect()
}

/// A value's number when the values of a document are counted from the root down
type Place = usize;

/// The place of a random value that `wanted` likes; none when there is none
fn pick(document: &Value, rng: &mut Rng, wanted: impl Fn(&Value) -> bool) -> Option<Place> {
    let mut found = Vec::new();
    collect(document, &mut 0, &mut |place, value| found.extend(wanted(value).then_some(place)));
    if found.is_empty() { None } else { Some(found[rng.below(found.len())]) }
}

fn collect<'a>(value: &'a Value, place: &mut Place, visit: &mut impl FnMut(Place, &'a Value)) {
    visit(*place, value);
    *place += 1;
    match value {
        Value::Object(members) => members.values().for_each(|value| collect(value, place, visit)),
        Value::Array(items) => items.iter().for_each(|value| collect(value, place, visit)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn at(document: &mut Value, place: Place) -> &mut Value {
    walk(document, &mut { place }).expect("the place was picked in this document")
}

fn walk<'a>(value: &'a mut Value, left: &mut usize) -> Option<&'a mut Value> {
    if *left == 0 {
        return Some(value);
    }
    *left -= 1;
    match value {
        Value::Object(members) => members.values_mut().find_map(|value| walk(value, left)),
        Value::Array(items) => items.iter_mut().find_map(|value| walk(value, left)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

fn some_text(document: &Value, rng: &mut Rng) -> Option<(Place, String)> {
    let mut texts = Vec::new();
    collect(document, &mut 0, &mut |place, value| texts.extend(value.as_str().map(|text| (place, text))));
    if texts.is_empty() {
        return None;
    }
    let (place, text) = texts[rng.below(texts.len())];
    Some((place, text.to_owned()))
}

fn some_value<'a>(document: &'a mut Value, rng: &mut Rng) -> &'a mut Value {
    let place = pick(document, rng, |_| true).unwrap_or_default();
    at(document, place)
}

/// One that has members, as every sample itself does
fn some_object<'a>(document: &'a mut Value, rng: &mut Rng) -> &'a mut Map<String, Value> {
    let place = pick(document, rng, |value| value.as_object().is_some_and(|members| !members.is_empty()));
    at(document, place.unwrap_or_default()).as_object_mut().expect("an object was picked")
}

fn key_of(members: &Map<String, Value>, rng: &mut Rng) -> String {
    members.keys().nth(rng.below(members.len())).unwrap().clone()
}

/// SplitMix64: small, and the same everywhere
#[derive(Debug)]
pub(crate) struct Rng(u64);

impl Rng {
    pub(crate) fn seeded(name: &str, family: Family, copy: u64) -> Self {
        let start = 0xcbf2_9ce4_8422_2325 ^ ((family as u64) << 32) ^ copy;
        Self(name.bytes().fold(start, |seed, byte| (seed ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        let limit = u64::try_from(limit.max(1)).unwrap();
        usize::try_from(self.next() % limit).unwrap()
    }

    /// True one time in `of`
    fn chance(&mut self, of: usize) -> bool {
        self.below(of) == 0
    }
}
