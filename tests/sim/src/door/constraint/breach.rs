//! One thing about a request that its model forbids

/// Where in a request
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// Into a structure
    Member(String),
    /// Into a list, from 0
    Item(usize),
    /// Into a map, to the value under a key
    Entry(String),
    /// To a map's key itself
    Key(String),
}

/// What is wrong
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule<'t> {
    /// A required member is not there
    Required,
    /// Text, list or map: so many characters or members at least
    Shortest(i64),
    /// So many at most
    Longest(i64),
    /// Number, this at least
    Least(i64),
    /// This at most
    Most(i64),
    /// Text as a whole matches
    Pattern(&'t str),
    /// Text is one of these
    Words(&'t [String]),
    /// The value is of another JSON type: what cannot be converted to what, in the service's words
    Type(&'static str, &'static str),
}

/// A rule, and the value that breaks it
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Breach<'t> {
    pub(super) place: Vec<Step>,
    /// As messages show it
    pub(super) value: String,
    pub(super) rule: Rule<'t>,
}

impl Breach<'_> {
    /// The innermost member's name
    pub(super) fn member<'a>(&'a self) -> &'a str {
        let name = |step: &'a Step| match step {
            Step::Member(name) => Some(name.as_str()),
            Step::Item(_) | Step::Entry(_) | Step::Key(_) => None,
        };
        self.place.iter().rev().find_map(name).unwrap_or_default()
    }

    /// `Entries.2.Id`, counted from 1
    pub(super) fn dotted(&self) -> String {
        let word = |step: &Step| match step {
            Step::Member(name) | Step::Entry(name) | Step::Key(name) => name.clone(),
            Step::Item(index) => index.saturating_add(1).to_string(),
        };
        self.place.iter().map(word).collect::<Vec<_>>().join(".")
    }

    /// `Value '' at 'entries.2.member.source' failed to satisfy constraint: Member must have length ...`: the sentence
    /// of the framework that most of AWS's services are written in
    ///
    /// Such as in aws-sdk-js-v3 issue 2240 (EventBridge) and in the "Error handling" page of DynamoDB's developer guide.
    pub(super) fn sentence(&self) -> String {
        let (rule, mut steps) = (self.demand(), self.place.as_slice());
        let rule = match steps.split_last() {
            Some((Step::Item(_), list)) => {
                steps = list;
                format!("Member must satisfy constraint: [{rule}]")
            }
            Some((Step::Entry(_), map)) => {
                steps = map;
                format!("Map value must satisfy constraint: [{rule}]")
            }
            Some((Step::Key(_), map)) => {
                steps = map;
                format!("Map keys must satisfy constraint: [{rule}]")
            }
            Some((Step::Member(_), _)) | None => rule,
        };
        let value = match self.rule {
            Rule::Required => "null".to_owned(),
            Rule::Shortest(_)
            | Rule::Longest(_)
            | Rule::Least(_)
            | Rule::Most(_)
            | Rule::Pattern(_)
            | Rule::Words(_)
            | Rule::Type(..) => format!("'{}'", self.value),
        };
        format!("Value {value} at '{}' failed to satisfy constraint: {rule}", spelled(steps))
    }

    fn demand(&self) -> String {
        match self.rule {
            Rule::Required => "Member must not be null".to_owned(),
            Rule::Shortest(least) => format!("Member must have length greater than or equal to {least}"),
            Rule::Longest(most) => format!("Member must have length less than or equal to {most}"),
            Rule::Least(least) => format!("Member must have value greater than or equal to {least}"),
            Rule::Most(most) => format!("Member must have value less than or equal to {most}"),
            Rule::Pattern(pattern) => format!("Member must satisfy regular expression pattern: {pattern}"),
            Rule::Words(words) => format!("Member must satisfy enum value set: [{}]", words.join(", ")),
            Rule::Type(is, wanted) => format!("{is} can not be converted to {wanted}"),
        }
    }
}

/// Members begin with a small letter, and what is inside of a list's item or a map's entry is `member`'s
fn spelled(steps: &[Step]) -> String {
    let mut parts: Vec<String> = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        if index > 0 && !matches!(steps.get(index.saturating_sub(1)), Some(Step::Member(_))) {
            parts.push("member".to_owned());
        }
        parts.push(match step {
            Step::Member(name) => {
                let mut letters = name.chars();
                letters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(letters).collect()
            }
            Step::Item(item) => item.saturating_add(1).to_string(),
            Step::Entry(key) | Step::Key(key) => key.clone(),
        });
    }
    parts.join(".")
}
