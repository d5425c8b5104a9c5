//! Sleeping until the world's clock shows an instant

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use jiff::Timestamp;

use super::{Clock, later};

#[expect(clippy::disallowed_methods, reason = "in real time a sleep has to take time")]
fn alarm(duration: Duration) -> tokio::time::Sleep {
    tokio::time::sleep(duration)
}

/// Done when the world's clock shows `until`, whether time passed or somebody moved the hands
pub(crate) struct Sleeping {
    clock: Arc<Clock>,
    until: Timestamp,
    id: u64,
    /// With the wall clock somebody must look at the time: tokio's timer does
    alarm: Option<Pin<Box<tokio::time::Sleep>>>,
}

impl Sleeping {
    pub(crate) fn new(clock: Arc<Clock>, duration: Duration) -> Self {
        let until = later(clock.now(), duration);
        let id = clock.new_timer();
        let alarm = (!clock.is_virtual()).then(|| Box::pin(alarm(duration)));
        Self { clock, until, id, alarm }
    }
}

impl Future for Sleeping {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.clock.now() >= self.until {
            return Poll::Ready(());
        }
        if let Some(alarm) = &mut self.alarm
            && alarm.as_mut().poll(context).is_ready()
        {
            return Poll::Ready(());
        }
        self.clock.park(self.until, self.id, context.waker().clone());
        Poll::Pending
    }
}

impl Drop for Sleeping {
    fn drop(&mut self) {
        // A forgotten timer would make the driver move the clock for nobody.
        self.clock.unpark(self.until, self.id);
    }
}
