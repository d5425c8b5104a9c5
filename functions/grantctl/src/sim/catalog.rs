//! What a scenario can choose from, exactly as the pretend AWS declares it

use comfy_table::{ColumnConstraint, ContentArrangement, Table, presets};
use pretend_aws::knobs::Knob;
use pretend_aws::{Faults, Knobs};

use crate::cli::Format;
use crate::output;

/// Columns of text, the frames included
const WIDTH: u16 = 130;

pub(super) fn knobs(format: Format) -> anyhow::Result<()> {
    let catalog = Knobs::catalog();
    match format {
        Format::Json => output::json(&catalog)?,
        Format::Text => {
            output::line(table(["knob", "answers, * unless said", "what it decides"], 2, catalog.iter().map(row)))
        }
    }
    Ok(())
}

pub(super) fn faults(format: Format) -> anyhow::Result<()> {
    let catalog = Faults::catalog();
    match format {
        Format::Json => output::json(&catalog)?,
        Format::Text => {
            let rows =
                catalog.into_iter().map(|kind| [kind.name.to_owned(), kind.description, kind.suffers.to_owned()]);
            output::line(table(["fault", "what happens", "to what"], 1, rows));
        }
    }
    Ok(())
}

fn row(knob: &Knob) -> [String; 3] {
    let answer = |value: &serde_json::Value| {
        let word = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        if *value == knob.default { format!("{word} *") } else { word }
    };
    let answers: Vec<String> = knob.outcomes.iter().map(|outcome| answer(&outcome.value)).collect();
    [knob.name.to_owned(), answers.join("\n"), knob.description.clone()]
}

/// `tight` columns from the left are as wide as what is in them
fn table(header: [&str; 3], tight: usize, rows: impl Iterator<Item = [String; 3]>) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED);
    table.set_content_arrangement(ContentArrangement::Dynamic).set_width(WIDTH);
    table.set_header(header).add_rows(rows);
    // Names are copied from here; only sentences may go on in the next line.
    for column in table.column_iter_mut().take(tight) {
        column.set_constraint(ColumnConstraint::ContentWidth);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_knob_is_a_row_with_all_its_answers_and_one_of_them_marked() {
        for knob in Knobs::catalog() {
            let [name, answers, description] = row(&knob);
            assert_eq!((name.as_str(), description.as_str()), (knob.name, knob.description.as_str()));
            let answers: Vec<&str> = answers.lines().collect();
            assert_eq!(answers.len(), knob.outcomes.len(), "{name}");
            assert_eq!(answers.iter().filter(|answer| answer.ends_with(" *")).count(), 1, "{name}: {answers:?}");
        }
    }

    #[test]
    fn no_name_and_no_answer_is_broken_over_two_lines() {
        let knobs = Knobs::catalog();
        let text = table(["", "", ""], 2, knobs.iter().map(row)).to_string();
        assert!(text.lines().all(|line| line.chars().count() <= usize::from(WIDTH)));
        for knob in &knobs {
            assert!(text.lines().any(|line| line.contains(&format!("│ {} ", knob.name))), "{}", knob.name);
            for answer in row(knob)[1].lines() {
                assert!(text.contains(&format!("┆ {answer} ")), "{}: {answer}\n{text}", knob.name);
            }
        }
    }
}
