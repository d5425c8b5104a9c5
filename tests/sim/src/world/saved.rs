//! A whole world as one JSON document, and back
//!
//! Everything that lasts is in it. Not in it: the call log, the records in a table's Stream, and how far indexes lag
//! behind, which a loaded world begins anew; and the streams of random numbers, which cannot be saved. A loaded world
//! draws from streams seeded by all that the document says: loaded twice, it goes on the same way twice, and never
//! makes an id that it made before.

pub(crate) mod digits;
mod document;
pub(crate) mod pairs;

use std::sync::{Arc, Mutex};

use serde::Deserialize;

use super::World;
use crate::clock::{Clock, Time, wall};
use document::{Document, SCHEMA};

/// How a loaded world's clock goes on
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resume {
    /// It stands at the saved time until somebody moves it
    Standing,
    /// It goes by the wall clock: what came due since the world was saved happens while it is loaded, each thing at its
    /// time. Where the saved time is later than the wall clock, it goes on from the saved time
    Running,
}

/// Why a document is no world, or a world no document
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// Not JSON, or a field that is missing, not known or of another kind
    #[error("`{field}` cannot be read: {why}")]
    Unreadable {
        /// Where, with dots; a lone dot for the whole
        field: String,
        /// What is wrong, with line and column
        why: String,
    },
    /// There is no `schema`
    #[error("`schema` is missing: a saved world begins with `\"schema\": {SCHEMA}`; `GET /_sim/world` gives one")]
    NoSchema,
    /// Another form of document
    #[error("`schema` is {0}, and this pretend AWS knows {SCHEMA}: load the world with the release that saved it")]
    UnknownSchema(u64),
    /// The embedded database refuses a table
    #[error("`tables`: {0}")]
    Tables(String),
}

impl World {
    /// Everything that lasts, as indented JSON
    ///
    /// Saving changes nothing. What came due meanwhile, in real time, is still to happen in the document too.
    ///
    /// # Errors
    ///
    /// When the embedded database cannot be read.
    pub fn save(&self) -> Result<String, DocumentError> {
        let document = self.with(|state| Document::of(state))?;
        serde_json::to_string_pretty(&document).map_err(|error| unreadable(".", &error))
    }

    /// The world that a document describes
    ///
    /// # Errors
    ///
    /// When `schema` is another one than this release writes, when a field is missing, unknown or of another kind, and
    /// when the embedded database refuses a table.
    pub fn load(document: &str, resume: Resume) -> Result<Self, DocumentError> {
        let document = read(document)?;
        let clock = Arc::new(Clock::new(Time::Virtual(document.now)));
        let state = document.into_state(Arc::clone(&clock))?;
        let world = Self { clock, state: Arc::new(Mutex::new(state)) };
        if resume == Resume::Running {
            world.advance_to(wall());
            world.clock.start();
        }
        Ok(world)
    }
}

/// What tells whether the rest can be read at all
#[derive(Debug, Deserialize)]
struct Heading {
    schema: Option<u64>,
}

fn read(text: &str) -> Result<Document, DocumentError> {
    let heading: Heading = serde_json::from_str(text).map_err(|error| unreadable(".", &error))?;
    match heading.schema {
        None => return Err(DocumentError::NoSchema),
        Some(SCHEMA) => {}
        Some(other) => return Err(DocumentError::UnknownSchema(other)),
    }
    serde_path_to_error::deserialize(&mut serde_json::Deserializer::from_str(text))
        .map_err(|error| unreadable(&error.path().to_string(), error.inner()))
}

fn unreadable(field: &str, why: &serde_json::Error) -> DocumentError {
    DocumentError::Unreadable { field: field.to_owned(), why: why.to_string() }
}
