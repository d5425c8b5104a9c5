//! Scenario scripts with everything that is seen in them: `tests/scenarios`
//!
//! `BLESS=1 cargo test -p grantway-tests --test scenarios` writes the outputs anew; never in CI, where it could hide a
//! drift.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets something unexpected should stop there and say so"
)]

#[path = "scenarios/deeds.rs"]
mod deeds;
#[path = "scenarios/met.rs"]
mod met;
#[path = "scenarios/names.rs"]
mod names;
#[path = "scenarios/operator.rs"]
mod operator;
#[path = "scenarios/people.rs"]
mod people;
#[path = "scenarios/player.rs"]
mod player;
#[path = "scenarios/script.rs"]
mod script;
#[path = "scenarios/shown.rs"]
mod shown;
#[path = "scenarios/trouble.rs"]
mod trouble;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{LazyLock, Mutex, PoisonError};

use grant_plan::reason::ReasonCode;
use similar::TextDiff;

use met::{ACTIONS, Met, SHAPES};
use script::Script;

/// Codes that no scenario reaches, each with the reason
const OUT_OF_REACH: [(&str, &str); 0] = [];

/// One file, as it is recorded and as it came out
struct Played {
    path: PathBuf,
    recorded: Script,
    came_out: Result<(Script, Met), String>,
}

/// Every file once, for all tests of this suite
static PLAYED: LazyLock<Vec<Played>> = LazyLock::new(|| {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let files = std::fs::read_dir(folder).expect("the folder of scenarios");
    let mut paths: Vec<PathBuf> = files.map(|file| file.expect("a file").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
    paths.sort();
    let (left, played) = (Mutex::new(paths.into_iter()), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                let next = || left.lock().unwrap_or_else(PoisonError::into_inner).next();
                while let Some(path) = next() {
                    let one = play(path);
                    played.lock().unwrap_or_else(PoisonError::into_inner).push(one);
                }
            });
        }
    });
    let mut played = played.into_inner().unwrap_or_else(PoisonError::into_inner);
    played.sort_by(|one, other| one.path.cmp(&other.path));
    played
});

fn play(path: PathBuf) -> Played {
    let text = std::fs::read_to_string(&path).expect("a scenario");
    let recorded = Script::read(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let came_out = runtime.block_on(player::play(&recorded));
    Played { path, recorded, came_out }
}

/// What differs, line by line; `None`: nothing
fn difference(recorded: &Script, came_out: &Script) -> Option<String> {
    let (recorded, came_out) = (recorded.to_string(), came_out.to_string());
    (recorded != came_out).then(|| TextDiff::from_lines(&recorded, &came_out).unified_diff().to_string())
}

/// Whether outputs are to be written anew
fn is_blessing(bless: Option<&str>, ci: Option<&str>) -> Result<bool, String> {
    match (bless.filter(|bless| !bless.is_empty()), ci) {
        (Some(_), Some(_)) => Err("BLESS is set in CI, where it could hide a drift".to_owned()),
        (Some(_), None) => Ok(true),
        (None, _) => Ok(false),
    }
}

#[expect(clippy::disallowed_methods, reason = "whoever runs the suite says so, not a deployment's configuration")]
fn variable(name: &str) -> Option<String> {
    std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())
}

#[test]
fn every_scenario_comes_out_as_it_is_recorded() {
    let bless =
        is_blessing(variable("BLESS").as_deref(), variable("CI").as_deref()).unwrap_or_else(|why| panic!("{why}"));
    let mut wrong = Vec::new();
    for Played { path, recorded, came_out } in &*PLAYED {
        match came_out {
            Err(error) => wrong.push(format!("{}: {error}", path.display())),
            Ok((came_out, _)) if bless => std::fs::write(path, came_out.to_string()).expect("the file can be written"),
            Ok((came_out, _)) => {
                wrong.extend(difference(recorded, came_out).map(|found| format!("{}\n{found}", path.display())));
            }
        }
    }
    assert!(wrong.is_empty(), "{} scenarios differ (README.md beside them)\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn nothing_is_blessed_in_ci() {
    assert_eq!(is_blessing(None, None), Ok(false));
    assert_eq!(is_blessing(None, Some("true")), Ok(false));
    assert_eq!(is_blessing(Some("1"), None), Ok(true));
    assert!(is_blessing(Some("1"), Some("true")).is_err());
    assert!(is_blessing(Some("1"), Some("")).is_err());
}

#[test]
fn a_line_less_in_any_output_is_found() {
    let mut deleted = 0;
    for Played { path, came_out, .. } in &*PLAYED {
        let Ok((came_out, _)) = came_out else { continue };
        let text = came_out.to_string();
        let again = Script::read(&text).expect("what came out is a scenario");
        assert_eq!(again.to_string(), text, "{}: reading it changes it", path.display());
        let lines = (0..).map_while(|which| again.without_line(which)).inspect(|shortened| {
            assert!(difference(shortened, came_out).is_some(), "{}: {shortened}", path.display());
        });
        let lines = lines.count();
        assert!(lines >= 3, "{}: {lines} lines of output", path.display());
        deleted += lines;
    }
    assert!(deleted > 100, "{deleted} lines of output in all");
}

#[test]
fn all_scenarios_together_show_every_shape_action_and_reason() {
    let mut all = Met::default();
    for Played { came_out, .. } in &*PLAYED {
        if let Ok((_, met)) = came_out {
            all.add(met);
        }
    }
    let absent = |known: &[&str], met: &BTreeSet<String>| -> Vec<String> {
        known.iter().filter(|one| !met.contains(**one)).map(|one| (*one).to_owned()).collect()
    };
    let actions: BTreeSet<String> = all.actions.iter().map(|kind| (*kind).to_owned()).collect();
    assert_eq!(absent(&SHAPES, &all.shapes), [""; 0], "shapes");
    assert_eq!(all.shapes.iter().filter(|shape| !SHAPES.contains(&shape.as_str())).count(), 0, "{:?}", all.shapes);
    assert_eq!(absent(&ACTIONS, &actions), [""; 0], "kinds of actions");
    let codes: Vec<&str> = ReasonCode::ALL.iter().map(|code| code.as_str()).collect();
    let mut expected: Vec<&str> = OUT_OF_REACH.iter().map(|(code, _)| *code).collect();
    expected.sort_by_key(|code| codes.iter().position(|known| known == code));
    assert_eq!(absent(&codes, &all.codes), expected, "codes that no scenario shows");
    assert!(OUT_OF_REACH.iter().all(|(_, why)| why.len() > 20), "a reason is a sentence");
}

#[test]
fn there_are_many_scenarios() {
    assert!(PLAYED.len() >= 25, "{} scenarios", PLAYED.len());
    let whys: BTreeSet<&str> = PLAYED.iter().map(|played| played.recorded.why.as_str()).collect();
    assert_eq!(whys.len(), PLAYED.len(), "each has a reason of its own");
}
