//! Handing out messages, with what befalls them on the way

use std::time::Duration;

use super::Message;
use crate::faults::MessageFault;
use crate::state::State;

impl State {
    /// Up to `most` messages for whoever polls; those of standard queues may come twice, or a later one before them
    pub(crate) fn receive(&mut self, queue: &str, most: usize, visibility: Option<Duration>) -> Vec<Message> {
        let now = self.now();
        let mut received = self.queues.receive(queue, most, visibility, now, &mut self.rng);
        if self.queues.find(queue).is_none_or(|queue| queue.fifo) {
            return received;
        }
        for at in 0..received.len() {
            match self.faults.draw_for_message() {
                Some(MessageFault::MessageDoubled) => {
                    if let (Some(message), Some(queue)) = (received.get(at), self.queues.find_mut(queue)) {
                        queue.put_back(message, now);
                    }
                }
                Some(MessageFault::MessageReordered) if at + 1 < received.len() => received.swap(at, at + 1),
                Some(MessageFault::MessageReordered) => self.reach_past(queue, &mut received, visibility),
                None => {}
            }
        }
        received
    }

    /// The last of a batch waits and the next in the queue comes in its place, if there is one
    fn reach_past(&mut self, queue: &str, received: &mut [Message], visibility: Option<Duration>) {
        let now = self.now();
        let next = self.queues.receive(queue, 1, visibility, now, &mut self.rng).pop();
        if let (Some(next), Some(last), Some(queue)) = (next, received.last_mut(), self.queues.find_mut(queue)) {
            queue.put_back(last, now);
            *last = next;
        }
    }
}
