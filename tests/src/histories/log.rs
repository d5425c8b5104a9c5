//! What a history leaves behind: counts for the report, and its story when somebody wants to read it

use std::fmt;

use super::coverage::Coverage;

/// Takes notes while a history goes on
#[derive(Debug, Default)]
pub(super) struct Log {
    pub(super) coverage: Coverage,
    /// Lines for a reader; `None`: nobody reads
    pub(super) story: Option<Vec<String>>,
}

impl Log {
    /// A line of the story, put together only when there is a reader
    pub(super) fn tell<T: fmt::Display>(&mut self, line: impl FnOnce() -> T) {
        if let Some(story) = &mut self.story {
            story.push(line().to_string());
        }
    }
}
