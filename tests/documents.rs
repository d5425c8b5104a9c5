//! The documents say what the code says

use grant_plan::reason::{ReasonCode, Standing};

const README: &str = include_str!("../README.md");

#[test]
fn the_readme_has_every_reason_code_as_the_code_has_it() {
    let told: Vec<&str> =
        README.lines().filter(|line| line.starts_with("| `") && line.matches(" | ").count() == 3).collect();
    let standing = |code: ReasonCode| match code.standing() {
        Standing::Settled => "settled",
        Standing::Moving => "moving",
        Standing::Blocked => "blocked",
    };
    let should: Vec<String> = ReasonCode::ALL
        .iter()
        .map(|code| {
            let mend = if code.mend().is_empty() { "-" } else { code.mend() };
            format!("| `{code}` | {} | {} | {mend} |", standing(*code), code.meaning())
        })
        .collect();
    assert_eq!(told, should, "the README's table should be:\n{}", should.join("\n"));
}
