//! The inputs of a service's operations, read once from the data that `constraints.py` wrote

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::pattern::Pattern;
use crate::door::Service;

/// Place of a shape in its table
pub(super) type Id = usize;

/// One service's operations and shapes
#[derive(Debug, Default)]
pub(super) struct Table {
    operations: HashMap<String, Option<Id>>,
    shapes: Vec<Shape>,
    #[cfg(test)]
    pub(super) unanswered: Vec<String>,
}

/// What a value has to be
#[derive(Debug)]
pub(super) enum Shape {
    Text {
        length: Bounds,
        pattern: Option<Pattern>,
        words: Vec<String>,
    },
    Whole {
        name: &'static str,
        value: Bounds,
    },
    Flag,
    Time,
    Blob,
    List {
        count: Bounds,
        of: Id,
    },
    Map {
        count: Bounds,
        key: Id,
        of: Id,
    },
    Structure(Structure),
    /// Of a type that no input of today has
    Anything,
}

#[derive(Debug)]
pub(super) struct Structure {
    pub(super) members: HashMap<String, Member>,
    /// In the order of their bits
    pub(super) required: Vec<String>,
}

#[derive(Debug)]
pub(super) struct Member {
    pub(super) shape: Id,
    /// One bit for each required member, none for the others
    pub(super) bit: u64,
}

/// Both included
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Bounds {
    pub(super) least: Option<i64>,
    pub(super) most: Option<i64>,
}

impl Table {
    pub(super) fn of(service: Service) -> &'static Self {
        macro_rules! table {
            ($file:literal) => {{
                static TABLE: LazyLock<Table> =
                    LazyLock::new(|| Table::read(include_str!(concat!("../../../constraints/", $file))));
                &TABLE
            }};
        }
        match service {
            Service::LicenseManager => table!("license-manager.json"),
            Service::Organizations => table!("organizations.json"),
            Service::Marketplace => table!("marketplace-agreement.json"),
            Service::Sts => table!("sts.json"),
            Service::Iam => table!("iam.json"),
            Service::Sqs => table!("sqs.json"),
            Service::Sns => table!("sns.json"),
            Service::EventBridge => table!("events.json"),
            Service::CloudTrail => table!("cloudtrail.json"),
            Service::ServiceQuotas => table!("service-quotas.json"),
            Service::DynamoDb => table!("dynamodb.json"),
            Service::DynamoDbStreams => table!("dynamodbstreams.json"),
        }
    }

    pub(super) fn input(&self, operation: &str) -> Option<&Shape> {
        self.operations.get(operation).copied().flatten().map(|id| self.shape(id))
    }

    pub(super) fn shape(&self, id: Id) -> &Shape {
        self.shapes.get(id).unwrap_or(&Shape::Anything)
    }

    #[cfg(test)]
    pub(super) fn operations(&self) -> impl Iterator<Item = &String> {
        self.operations.keys()
    }

    #[cfg(test)]
    pub(super) fn shapes(&self) -> &[Shape] {
        &self.shapes
    }

    /// Data that cannot be read demand nothing; the tests have that each can
    fn read(text: &str) -> Self {
        serde_json::from_str::<Written>(text).map(Self::from).unwrap_or_default()
    }
}

impl From<Written> for Table {
    fn from(written: Written) -> Self {
        let (names, shapes): (Vec<String>, Vec<WrittenShape>) = written.shapes.into_iter().unzip();
        let ids: HashMap<&str, Id> = names.iter().enumerate().map(|(id, name)| (name.as_str(), id)).collect();
        // A name that is nobody's is `Anything`.
        let id = |name: &str| ids.get(name).copied().unwrap_or(Id::MAX);
        let operations = written.operations.into_iter().map(|(name, input)| (name, input.map(|input| id(&input))));
        Self {
            operations: operations.collect(),
            shapes: shapes.into_iter().map(|shape| shape.resolved(id)).collect(),
            #[cfg(test)]
            unanswered: written.unanswered,
        }
    }
}

#[derive(Debug, Deserialize)]
struct Written {
    operations: HashMap<String, Option<String>>,
    shapes: HashMap<String, WrittenShape>,
    #[cfg(test)]
    unanswered: Vec<String>,
}

/// One shape, whichever type it has
#[derive(Debug, Deserialize)]
struct WrittenShape {
    #[serde(rename = "type")]
    kind: String,
    min: Option<i64>,
    max: Option<i64>,
    pattern: Option<String>,
    same: Option<String>,
    #[serde(default, rename = "enum")]
    words: Vec<String>,
    key: Option<String>,
    of: Option<String>,
    #[serde(default)]
    members: HashMap<String, String>,
    #[serde(default)]
    required: Vec<String>,
}

impl WrittenShape {
    fn resolved(self, id: impl Fn(&str) -> Id) -> Shape {
        let bounds = Bounds { least: self.min, most: self.max };
        let id_of = |name: &Option<String>| id(name.as_deref().unwrap_or_default());
        match self.kind.as_str() {
            "string" => {
                let pattern = self.pattern.map(|text| Pattern::new(text, self.same));
                Shape::Text { length: bounds, pattern, words: self.words }
            }
            "integer" => Shape::Whole { name: "an Integer", value: bounds },
            "long" => Shape::Whole { name: "a Long", value: bounds },
            "boolean" => Shape::Flag,
            "timestamp" => Shape::Time,
            "blob" => Shape::Blob,
            "list" => Shape::List { count: bounds, of: id_of(&self.of) },
            "map" => Shape::Map { count: bounds, key: id_of(&self.key), of: id_of(&self.of) },
            "structure" => {
                let bit = |name: &String| {
                    let place = self.required.iter().position(|required| required == name)?;
                    1_u64.checked_shl(u32::try_from(place).ok()?)
                };
                let member = |(name, shape): (String, String)| {
                    let bit = bit(&name).unwrap_or_default();
                    (name, Member { shape: id(&shape), bit })
                };
                let members = self.members.into_iter().map(member).collect();
                Shape::Structure(Structure { members, required: self.required })
            }
            _ => Shape::Anything,
        }
    }
}
