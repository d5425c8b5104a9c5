//! Protocol histories: a few thousand of each family, and checks that fire

use grantway_tests::histories;

#[test]
fn trial() {
    let from = std::env::var("FROM").map_or(0, |text| text.parse().unwrap());
    let count = std::env::var("COUNT").map_or(1000, |text| text.parse().unwrap());
    let began = std::time::Instant::now();
    let report = histories::run(from, count, 2);
    println!("{report}\n{:?}", began.elapsed());
    println!(
        "{:#?}",
        (
            &report.coverage.actions,
            &report.coverage.codes,
            &report.coverage.at_rest,
            &report.coverage.dispositions,
            &report.coverage.transitions,
            &report.coverage.deeds
        )
    );
}

#[test]
fn tell() {
    let Ok(history) = std::env::var("HISTORY") else { return };
    println!("{}", histories::tell(history.parse().unwrap()).0);
}
