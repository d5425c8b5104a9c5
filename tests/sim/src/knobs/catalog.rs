//! Every knob with its outcomes: the list is made where the field is declared, so none can be left out

use rand::Rng;
use rand::seq::IndexedRandom;
use serde::Serialize;
use serde_json::Value;

/// One open question and the answers that a world may give to it
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Knob {
    /// The field of [`Knobs`](super::Knobs)
    pub name: &'static str,
    /// What it decides
    pub description: String,
    /// Every answer; for numbers, a few that stand for all
    pub outcomes: Vec<Outcome>,
    /// The likeliest answer, as JSON; always one of `outcomes`
    pub default: Value,
}

/// One answer
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// As JSON
    pub value: Value,
    /// What it means; empty where the value says it all
    pub meaning: &'static str,
}

/// A value a knob can have
pub(super) trait Answer: Serialize + PartialEq + Copy {
    fn meaning(&self) -> &'static str {
        ""
    }
}

impl Answer for bool {}
impl Answer for u64 {}
impl Answer for usize {}

/// A kind of value that has few enough values to try them all
pub(super) trait Answers: Answer + 'static {
    const ALL: &'static [Self];
}

impl Answers for bool {
    const ALL: &'static [Self] = &[false, true];
}

impl Knob {
    pub(super) fn new<T: Answer>(name: &'static str, lines: &[&str], outcomes: &[T], default: T) -> Self {
        let json = |value: &T| serde_json::to_value(value).unwrap_or_default();
        let lines: Vec<&str> = lines.iter().map(|line| line.trim()).collect();
        Self {
            name,
            description: lines.join(" "),
            outcomes: outcomes.iter().map(|value| Outcome { value: json(value), meaning: value.meaning() }).collect(),
            default: json(&default),
        }
    }
}

pub(super) fn drawn<T: Answer>(outcomes: &[T], default: T, rng: &mut impl Rng) -> T {
    outcomes.choose(rng).copied().unwrap_or(default)
}

pub(super) fn place<T: Answer>(outcomes: &[T], value: T) -> usize {
    outcomes.iter().position(|outcome| *outcome == value).unwrap_or(outcomes.len())
}

/// Declares `Knobs` and all that must name every one of its fields
macro_rules! knobs {
    ($($(#[doc = $line:literal])+ $name:ident: $type:ty = $default:expr $(, of [$($value:expr),+])?;)+) => {
        /// One world's answers to the open questions about AWS
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct Knobs {
            $($(#[doc = $line])+ pub $name: $type,)+
        }

        impl Default for Knobs {
            fn default() -> Self {
                Self { $($name: $default,)+ }
            }
        }

        impl Knobs {
            /// Every knob, in the order of the fields
            pub fn catalog() -> Vec<Knob> {
                vec![$(
                    Knob::new(
                        stringify!($name),
                        &[$($line),+],
                        catalog::knobs!(@outcomes $type $(, [$($value),+])?),
                        $default,
                    ),
                )+]
            }

            /// Every knob set to one of its outcomes, each as likely as the others
            pub fn draw(rng: &mut impl Rng) -> Self {
                Self { $(
                    $name: catalog::drawn(
                        catalog::knobs!(@outcomes $type $(, [$($value),+])?), $default, rng,
                    ),
                )+ }
            }

            /// For every knob its name and which of its outcomes it has, counted from 0 in the catalog's order; the
            /// number of outcomes for a value that is none of them
            pub fn choices(&self) -> Vec<(&'static str, usize)> {
                vec![$(
                    (stringify!($name), catalog::place(
                        catalog::knobs!(@outcomes $type $(, [$($value),+])?), self.$name,
                    )),
                )+]
            }
        }
    };
    (@outcomes $type:ty) => { <$type as catalog::Answers>::ALL };
    (@outcomes $type:ty, [$($value:expr),+]) => {{
        const ALL: &[$type] = &[$($value),+];
        ALL
    }};
}

/// Declares the answers to one open question
macro_rules! answers {
    ($(#[doc = $outer:literal])+ $name:ident { $(#[doc = $line:literal] $variant:ident,)+ }) => {
        $(#[doc = $outer])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name {
            $(#[doc = $line] $variant,)+
        }

        impl Answer for $name {
            fn meaning(&self) -> &'static str {
                match self {
                    $(Self::$variant => $line.trim_ascii(),)+
                }
            }
        }

        impl Answers for $name {
            const ALL: &'static [Self] = &[$(Self::$variant),+];
        }
    };
}

pub(super) use {answers, knobs};
