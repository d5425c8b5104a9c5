//! How long it takes to know what a policy asks for, and how much memory: `cargo bench -p grant-plan --bench policy`
//!
//! The budget is for `whole_run` at the largest size: 250 ms and 512 MiB. A run compiles the policy, asks about every
//! license, and compares with a world in which everybody has what is asked for.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::as_conversions,
    reason = "a benchmark that meets something unexpected should stop there, and says what it found"
)]

#[path = "policy/settled.rs"]
mod settled;
#[path = "policy/world.rs"]
mod world;

use divan::{AllocProfiler, Bencher, black_box};
use grant_plan::desired::Desired;
use grant_plan::matcher::{AccountSet, Matcher};
use grant_plan::plan::plan;
use grant_plan::policy::Policy;

use world::{LARGE, MIDDLE, NOW, SMALL, Size, World};

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

const SIZES: [Size; 3] = [SMALL, MIDDLE, LARGE];

fn main() {
    describe(&World::new(LARGE));
    divan::main();
    // Linux says how much the whole process had at most; elsewhere the table has to do.
    if let Ok(status) = std::fs::read_to_string("/proc/self/status") {
        let peak = status.lines().filter(|line| line.starts_with("VmHWM"));
        peak.for_each(|line| println!("the whole process, worlds included: {line}"));
    }
}

fn describe(world: &World) {
    let matcher = Matcher::new(&world.policy, &world.organization, NOW);
    let pairs: usize = world.licenses.iter().map(|license| matcher.verdict(license).all.count()).sum();
    let denies = world.items.iter().filter(|item| item["effect"] == "deny").count();
    println!("{LARGE}: {denies} rules deny; {pairs} pairs are wanted");
}

/// What everybody has who should have it, by license
fn rosters(matcher: &Matcher<'_>, world: &World) -> Vec<AccountSet> {
    world.licenses.iter().map(|license| matcher.verdict(license).all).collect()
}

/// Reads the items of the policy table
#[divan::bench(args = SIZES)]
fn read(bencher: Bencher<'_, '_>, size: Size) {
    let world = World::new(size);
    bencher.bench_local(|| Policy::read(black_box(&world.items)));
}

/// Works out who every rule selects
#[divan::bench(args = SIZES)]
fn compile(bencher: Bencher<'_, '_>, size: Size) {
    let world = World::new(size);
    bencher.bench_local(|| Matcher::new(black_box(&world.policy), &world.organization, NOW));
}

/// Everything: compiles, asks about every license, compares with a settled world
#[divan::bench(args = SIZES)]
fn whole_run(bencher: Bencher<'_, '_>, size: Size) {
    let world = World::new(size);
    let matcher = Matcher::new(&world.policy, &world.organization, NOW);
    let rosters = rosters(&matcher, &world);
    bencher.bench_local(|| {
        let matcher = Matcher::new(black_box(&world.policy), &world.organization, NOW);
        let verdicts: Vec<_> = world.licenses.iter().map(|license| matcher.verdict(license)).collect();
        let settled = verdicts.iter().zip(&rosters).filter(|(verdict, roster)| verdict.difference(roster).is_empty());
        assert_eq!(settled.count(), world.licenses.len());
        verdicts.len()
    });
}

/// What one lane asks: one license, with every account by name
#[divan::bench(args = SIZES)]
fn one_license(bencher: Bencher<'_, '_>, size: Size) {
    let world = World::new(size);
    bencher.bench_local(|| {
        let matcher = Matcher::new(black_box(&world.policy), &world.organization, NOW);
        Desired::of(&matcher, &world.licenses[0])
    });
}

/// What one lane does when all is settled: the whole plan of one license that every account has
#[divan::bench(args = SIZES)]
fn one_lane(bencher: Bencher<'_, '_>, size: Size) {
    let snapshot = settled::snapshot(World::new(size));
    assert!(plan(&snapshot).is_settled());
    bencher.bench_local(|| plan(black_box(&snapshot)));
}
