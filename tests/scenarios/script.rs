//! A scenario as a file has it: commands, each followed by what came of it

use std::fmt;

/// What a line of output begins with
const INDENT: &str = "  ";

/// A scenario script
#[derive(Debug, Clone)]
pub(crate) struct Script {
    /// Why there is this scenario
    pub(crate) why: String,
    parts: Vec<Part>,
}

#[derive(Debug, Clone)]
enum Part {
    /// The reason at the top, a blank line or a remark
    Kept(String),
    Command(Command),
}

/// One command and what came of it
#[derive(Debug, Clone)]
pub(crate) struct Command {
    /// Which line of the file, from 1
    pub(crate) line: usize,
    /// As it is written
    pub(crate) text: String,
    /// Lines of output, without what they begin with
    pub(crate) output: Vec<String>,
}

impl Script {
    /// Reads a file's text
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut why: Option<String> = None;
        let mut in_why = false;
        for (line, text) in (1..).zip(text.lines()) {
            if let Some(output) = text.strip_prefix(INDENT) {
                if in_why {
                    why = why.map(|why| format!("{why} {}", output.trim()));
                    parts.push(Part::Kept(text.to_owned()));
                    continue;
                }
                match parts.last_mut() {
                    Some(Part::Command(command)) => command.output.push(output.to_owned()),
                    Some(Part::Kept(_)) | None => return Err(format!("line {line}: output of no command")),
                }
                continue;
            }
            let first = text.strip_prefix("why:").filter(|_| parts.is_empty());
            in_why = first.is_some();
            why = why.or_else(|| first.map(|first| first.trim().to_owned()));
            if in_why || text.is_empty() || text.starts_with('#') {
                parts.push(Part::Kept(text.to_owned()));
            } else {
                parts.push(Part::Command(Command { line, text: text.to_owned(), output: Vec::new() }));
            }
        }
        let why = why.filter(|why| why.len() >= 40).ok_or("it begins with `why:` and a sentence or two")?;
        Ok(Self { why, parts })
    }

    /// The commands, in their order
    pub(crate) fn commands(&mut self) -> impl Iterator<Item = &mut Command> {
        self.parts.iter_mut().filter_map(|part| match part {
            Part::Command(command) => Some(command),
            Part::Kept(_) => None,
        })
    }

    /// The script without one of its lines of output, counted over all commands; `None` when there are fewer
    pub(crate) fn without_line(&self, which: usize) -> Option<Self> {
        let mut shortened = self.clone();
        let mut left = which;
        let mut found = false;
        for command in shortened.commands() {
            if left < command.output.len() {
                command.output.remove(left);
                found = true;
                break;
            }
            left -= command.output.len();
        }
        found.then_some(shortened)
    }
}

impl fmt::Display for Script {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in &self.parts {
            match part {
                Part::Kept(text) => writeln!(formatter, "{text}")?,
                Part::Command(command) => {
                    writeln!(formatter, "{}", command.text)?;
                    for line in &command.output {
                        writeln!(formatter, "{INDENT}{line}")?;
                    }
                }
            }
        }
        Ok(())
    }
}
