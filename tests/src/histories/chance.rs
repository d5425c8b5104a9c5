//! The third family: long histories at random

use rand::Rng;
use rand::rngs::StdRng;

use super::draw::{chance, dice, pick};
use super::judge::Broken;
use super::log::Log;
use super::people;
use super::rest::judged;
use super::run::{Run, Turn};
use super::scene;
use super::trouble::TROUBLES;
use super::world::{Memory, World};

/// One history, from its number
pub(super) fn judge(seed: u64, log: &mut Log) -> Vec<Broken> {
    let mut dice = dice(seed ^ 0x6368_616e);
    let mut world = scene::draw(seed, 3, log);
    world.prompt = false;
    live(&mut world, &mut dice, log);
    judged(world, log)
}

fn live(world: &mut World, dice: &mut StdRng, log: &mut Log) {
    let mut runs: Vec<Run> = Vec::new();
    let mut copy: Option<Vec<Memory>> = None;
    let clumsy = *pick(dice, &[0, 5, 15, 30]);
    let restores = chance(dice, 12);
    for _ in 0..dice.random_range(20..90) {
        match dice.random_range(0..100) {
            0..60 if !runs.is_empty() => {
                let hand = dice.random_range(0..runs.len());
                turn(world, &mut runs, hand, clumsy, dice, log);
            }
            0..70 if runs.len() < 3 => {
                let license = dice.random_range(0..world.licenses.len());
                runs.push(Run::new(world, license));
            }
            0..70 => {}
            70..80 => deliver(world, dice, log),
            80..92 => world.wait(people::pause(dice), log),
            92..95 => people::act(world, dice, log),
            95..98 => world.pass(),
            98 if restores => {
                copy = Some(world.ledger.clone());
            }
            _ if restores && chance(dice, 50) => {
                let copy = copy.clone().filter(|_| chance(dice, 70));
                people::restore(world, copy, log);
            }
            _ => {}
        }
    }
    // Runs that are left may go on within their time limit, whatever happens meanwhile.
    while let Some(mut run) = runs.pop() {
        if chance(dice, 50) {
            world.wait(dice.random_range(0..200), log);
            while run.turn(world, false, None, log) != Turn::Over {}
        }
    }
    if world.rules.paused {
        let rules = world.rules.with_paused(chance(dice, 30));
        world.rule(rules);
    }
}

fn turn(world: &mut World, runs: &mut Vec<Run>, hand: usize, clumsy: u32, dice: &mut StdRng, log: &mut Log) {
    let trouble = chance(dice, clumsy).then(|| *pick(dice, &TROUBLES));
    let whole = chance(dice, 50);
    let Some(run) = runs.get_mut(hand) else { return };
    log.tell(|| format!("run {hand} at {}", world.now));
    if run.turn(world, whole, trouble, log) == Turn::Over || run.is_over() {
        runs.remove(hand);
    }
    world.wait(*pick(dice, &[0, 0, 1, 5, 20]), log);
}

/// A request reaches accept-grants, perhaps not for the last time
fn deliver(world: &mut World, dice: &mut StdRng, log: &mut Log) {
    if world.inbox.is_empty() {
        return;
    }
    let place = dice.random_range(0..world.inbox.len());
    let request = if chance(dice, 15) { world.inbox.get(place).cloned() } else { Some(world.inbox.remove(place)) };
    if let Some(request) = request {
        world.act_as_grantee(&request, log);
    }
}
