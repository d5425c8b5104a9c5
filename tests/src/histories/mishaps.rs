//! The second family: one or two things go wrong, at every ask and in every way

use grant_plan::step::Ask;

use super::draw::dice;
use super::judge::Broken;
use super::log::Log;
use super::prelude;
use super::rest::judged;
use super::run::{Run, Turn};
use super::scene;
use super::trouble::{TROUBLES, Trouble};
use super::world::World;

/// Asks of the first runs at which something may go wrong
const ASKS: usize = 16;

/// How far apart two mishaps may be, in asks
const APART: usize = 5;

/// Runs in which something may go wrong, and the waits after them in seconds
const WAITS: [u64; 4] = [70, 400, 400, 1000];

/// What goes wrong: at which ask, and how
type Mishap = (usize, Trouble);

fn begin(seed: u64, log: &mut Log) -> World {
    let mut world = scene::draw(seed, 2, log);
    let mut dice = dice(seed ^ 0x6d69_7368);
    prelude::play(&mut world, &mut dice, log);
    world
}

/// Runs with these mishaps; counts asks, and remembers of what kind each was
fn with(world: &mut World, mishaps: &[Mishap], kinds: &mut Vec<Ask>, log: &mut Log) {
    let mut asks = 0;
    for wait in WAITS {
        for license in 0..world.licenses.len() {
            let mut run = Run::new(world, license);
            loop {
                let mut trouble = None;
                if let Some(ask) = run.ask() {
                    trouble = mishaps.iter().find(|(at, _)| *at == asks).map(|(_, trouble)| *trouble);
                    asks += 1;
                    kinds.push(ask.clone());
                }
                if run.turn(world, true, trouble, log) == Turn::Over {
                    break;
                }
            }
        }
        world.wait(wait, log);
    }
}

/// Every single mishap of a world and then every two, as far as they differ from none
fn all(seed: u64) -> Vec<Vec<Mishap>> {
    let mut quiet = Log::default();
    let mut kinds = Vec::new();
    with(&mut begin(seed, &mut quiet), &[], &mut kinds, &mut quiet);
    kinds.truncate(ASKS);
    let at = |place: usize, ask: &Ask| {
        let befalling = TROUBLES.into_iter().filter(|trouble| trouble.befalls(ask));
        befalling.map(move |trouble| (place, trouble)).collect::<Vec<_>>()
    };
    let mut all = vec![Vec::new()];
    for (place, ask) in kinds.iter().enumerate() {
        all.extend(at(place, ask).into_iter().map(|mishap| vec![mishap]));
    }
    for (place, ask) in kinds.iter().enumerate() {
        for one in at(place, ask) {
            // The first changes what comes after, so all that could befall any ask is tried there.
            for apart in 1..=APART {
                all.extend(TROUBLES.into_iter().map(|trouble| vec![one, (place + apart, trouble)]));
            }
        }
    }
    all
}

/// Every history of a world, up to `most`: how many there were, and what did not hold
pub(super) fn search(seed: u64, most: u64, log: &mut Log) -> (u64, Vec<(u64, Broken)>) {
    let world = begin(seed, log);
    let mut histories = 0;
    let mut broken = Vec::new();
    for mishaps in all(seed).into_iter().take(usize::try_from(most).unwrap_or(usize::MAX)) {
        let place = histories;
        histories += 1;
        let mut world = world.clone();
        with(&mut world, &mishaps, &mut Vec::new(), log);
        broken.extend(judged(world, log).into_iter().map(|broken| (place, broken)));
    }
    (histories, broken)
}

/// One history of a world, told
pub(super) fn tell(seed: u64, place: u64, log: &mut Log) -> Vec<Broken> {
    let all = all(seed);
    let Some(mishaps) = usize::try_from(place).ok().and_then(|place| all.get(place)) else {
        log.tell(|| "no such mishaps in this world");
        return Vec::new();
    };
    log.tell(|| format!("mishaps, by ask: {mishaps:?}"));
    let mut world = begin(seed, log);
    with(&mut world, mishaps, &mut Vec::new(), log);
    judged(world, log)
}
