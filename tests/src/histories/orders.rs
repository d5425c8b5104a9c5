//! The first family: two runs at once, in every order of their turns

use std::collections::BTreeSet;

use super::draw::{chance, dice, pick};
use super::judge::Broken;
use super::log::Log;
use super::prelude;
use super::rest::judged;
use super::run::{Run, Turn};
use super::scene;
use super::world::World;

/// Asks of each run whose order is searched; what comes after is done run by run
const ASKS: usize = 8;

/// Where two runs stand
#[derive(Debug, Clone)]
struct Pair {
    world: World,
    runs: [Run; 2],
    asked: [usize; 2],
    /// Seconds that each turn takes
    pace: u64,
    /// A look is one turn
    whole: bool,
}

impl Pair {
    fn begin(seed: u64, log: &mut Log) -> Self {
        let mut world = scene::draw(seed, 2, log);
        let mut dice = dice(seed ^ 0x6f72_6465);
        prelude::play(&mut world, &mut dice, log);
        let runs = [Run::new(&world, 0), Run::new(&world, 0)];
        let pace = *pick(&mut dice, &[0, 1, 1, 10]);
        let whole = chance(&mut dice, 60);
        log.tell(|| format!("two runs, {pace} s for each turn"));
        Self { world, runs, asked: [0, 0], pace, whole }
    }

    /// The next turn of one of them; `false`: it has none left that counts
    fn turn(&mut self, hand: usize, log: &mut Log) -> bool {
        let (Some(run), Some(asked)) = (self.runs.get_mut(hand), self.asked.get_mut(hand)) else { return false };
        if run.is_over() || *asked == ASKS {
            return false;
        }
        log.tell(|| if hand == 0 { "one:" } else { "other:" });
        if run.turn(&mut self.world, self.whole, None, log) == Turn::Asked {
            *asked += 1;
        }
        self.world.wait(self.pace, log);
        true
    }

    fn may(&self, hand: usize) -> bool {
        let open = |hand: usize| {
            let over = self.runs.get(hand).is_none_or(Run::is_over);
            !over && self.asked.get(hand).is_some_and(|asked| *asked < ASKS)
        };
        // The two are alike until one has looked: that one is called the first.
        open(hand) && (hand == 0 || self.runs.first().is_none_or(|run| !run.is_fresh()))
    }

    /// Both go on to their end
    fn finish(&mut self, log: &mut Log) {
        for run in &mut self.runs {
            while run.turn(&mut self.world, true, None, log) != Turn::Over {
                self.world.wait(self.pace, log);
            }
        }
    }

    fn end(mut self, log: &mut Log) -> World {
        self.finish(log);
        self.world
    }
}

/// All orders of one world, those from `from` on
pub(super) struct Search<'a> {
    log: &'a mut Log,
    most: u64,
    ends: BTreeSet<u64>,
    /// Orders driven to their end
    pub(super) orders: u64,
    /// Ends that differ, each followed until it came to rest
    pub(super) followed: u64,
    /// What did not hold, by order
    pub(super) broken: Vec<(u64, Broken)>,
}

impl<'a> Search<'a> {
    /// Searches a world, up to `most` orders
    pub(super) fn of(seed: u64, most: u64, log: &'a mut Log) -> Self {
        let pair = Pair::begin(seed, log);
        let mut search = Self { log, most, ends: BTreeSet::new(), orders: 0, followed: 0, broken: Vec::new() };
        search.go(&pair);
        search
    }

    fn go(&mut self, pair: &Pair) {
        if self.orders >= self.most {
            return;
        }
        let mut branched = false;
        for hand in [0, 1] {
            if pair.may(hand) {
                let mut next = pair.clone();
                if next.turn(hand, self.log) {
                    branched = true;
                    self.go(&next);
                }
            }
        }
        if !branched {
            let place = self.orders;
            self.orders += 1;
            let world = pair.clone().end(self.log);
            if self.ends.insert(world.fingerprint()) {
                self.followed += 1;
                let broken = judged(world, self.log);
                self.broken.extend(broken.into_iter().map(|broken| (place, broken)));
            }
        }
    }
}

/// One order of a world, told
pub(super) fn tell(seed: u64, place: u64, log: &mut Log) -> Vec<Broken> {
    let mut quiet = Log::default();
    let pair = Pair::begin(seed, &mut quiet);
    let mut left = place;
    let mut path = Vec::new();
    if !find(&pair, &mut left, &mut path, &mut quiet) {
        log.tell(|| "no such order in this world");
        return Vec::new();
    }
    let mut pair = Pair::begin(seed, log);
    for hand in path {
        pair.turn(hand, log);
    }
    judged(pair.end(log), log)
}

/// The turns that lead to an order
fn find(pair: &Pair, left: &mut u64, path: &mut Vec<usize>, log: &mut Log) -> bool {
    let mut branched = false;
    for hand in [0, 1] {
        if pair.may(hand) {
            let mut next = pair.clone();
            if next.turn(hand, log) {
                branched = true;
                path.push(hand);
                if find(&next, left, path, log) {
                    return true;
                }
                path.pop();
            }
        }
    }
    if branched {
        return false;
    }
    let found = *left == 0;
    *left = left.saturating_sub(1);
    found
}
