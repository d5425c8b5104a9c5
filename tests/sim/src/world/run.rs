//! Running a program in virtual time: when it waits, the clock goes to the moment it waits for

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use super::World;

/// Remembers that something wants to go on, and tells whoever drives the driver
struct Alarm {
    rung: AtomicBool,
    outer: Mutex<Waker>,
}

impl Wake for Alarm {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.rung.store(true, Ordering::SeqCst);
        self.outer.lock().unwrap_or_else(PoisonError::into_inner).wake_by_ref();
    }
}

impl World {
    /// Runs `work` to its end
    ///
    /// In virtual time, whenever `work` can go no further and nothing has woken it, the clock moves to the earliest
    /// sleeper, every service doing on the way what is due. Needs no runtime. Work that waits for a socket or another
    /// thread does not count as waiting for the clock: keep those out of virtual time. With [`Time::Real`] it just
    /// waits.
    ///
    /// [`Time::Real`]: crate::Time::Real
    pub async fn run<F: Future>(&self, work: F) -> F::Output {
        if !self.clock.is_virtual() {
            return work.await;
        }
        let alarm = Arc::new(Alarm { rung: AtomicBool::new(false), outer: Mutex::new(Waker::noop().clone()) });
        let waker = Waker::from(Arc::clone(&alarm));
        // Under a tokio runtime its channels and locks would rest after so many steps and be woken only when this whole
        // future is, which looks like waiting for the clock.
        let mut work = pin!(tokio::task::unconstrained(work));
        poll_fn(|outer| {
            *alarm.outer.lock().unwrap_or_else(PoisonError::into_inner) = outer.waker().clone();
            loop {
                alarm.rung.store(false, Ordering::SeqCst);
                if let Poll::Ready(done) = work.as_mut().poll(&mut Context::from_waker(&waker)) {
                    return Poll::Ready(done);
                }
                if alarm.rung.load(Ordering::SeqCst) {
                    continue;
                }
                // Nobody sleeps: it waits for something outside this world, and only that can wake it.
                let Some(next) = self.clock.next_timer() else { return Poll::Pending };
                self.advance_to(next);
            }
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use aws_smithy_async::rt::sleep::AsyncSleep;

    use super::*;
    use crate::{Blueprint, Settings};

    fn block_on<F: Future>(work: F) -> F::Output {
        // Under a tokio runtime its channels and locks would rest after so many steps and be woken only when this whole
        // future is, which looks like waiting for the clock.
        let mut work = pin!(tokio::task::unconstrained(work));
        match work.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(done) => done,
            Poll::Pending => panic!("the driver left work waiting"),
        }
    }

    #[test]
    fn sleeping_a_day_takes_no_time_and_moves_the_clock_a_day() {
        let world = World::new(&Blueprint::sample(), Settings::default());
        let before = world.now();
        let sleep = world.sleep();
        block_on(world.run(sleep.sleep(Duration::from_secs(86_400))));
        assert_eq!(world.now().duration_since(before).as_secs(), 86_400);
    }

    #[test]
    fn sleepers_wake_in_the_order_of_their_time() {
        let world = World::new(&Blueprint::sample(), Settings::default());
        let order = Mutex::new(Vec::new());
        let sleeper = |seconds: u64| {
            let (sleep, order, world) = (world.sleep(), &order, world.clone());
            async move {
                sleep.sleep(Duration::from_secs(seconds)).await;
                order.lock().unwrap().push((seconds, world.now()));
            }
        };
        let before = world.now();
        let mut all: Vec<_> = [30, 10, 20].map(|seconds| Box::pin(sleeper(seconds))).into_iter().collect();
        block_on(world.run(poll_fn(|context| {
            all.retain_mut(|one| one.as_mut().poll(context).is_pending());
            if all.is_empty() { Poll::Ready(()) } else { Poll::Pending }
        })));
        let seen: Vec<_> =
            order.lock().unwrap().iter().map(|(s, at)| (*s, at.duration_since(before).as_secs())).collect();
        assert_eq!(seen, [(10, 10), (20, 20), (30, 30)]);
    }

    #[test]
    fn a_dropped_sleep_does_not_move_the_clock() {
        let world = World::new(&Blueprint::sample(), Settings::default());
        let before = world.now();
        let sleep = world.sleep();
        block_on(world.run(async {
            let mut long = Box::pin(sleep.sleep(Duration::from_secs(3600)));
            poll_fn(|context| {
                assert!(long.as_mut().poll(context).is_pending());
                Poll::Ready(())
            })
            .await;
            drop(long);
            sleep.sleep(Duration::from_secs(1)).await;
        }));
        assert_eq!(world.now().duration_since(before).as_secs(), 1);
    }
}
