//! Stretches of time in which something held, in whole seconds

/// From when to when; the last one may be open
#[derive(Debug, Clone, Default)]
pub(super) struct Spans(Vec<(i64, i64)>);

impl Spans {
    /// It holds from now on, or it does not
    pub(super) fn mark(&mut self, now: i64, holds: bool) {
        if let Some((_, ended)) = self.0.last_mut() {
            *ended = now.min(*ended);
        }
        if holds {
            self.0.push((now, i64::MAX));
        }
    }

    /// Whether it held at a moment, and had for so many seconds
    pub(super) fn cover(&self, at: i64, for_seconds: i64) -> bool {
        self.0.iter().any(|(began, ended)| at >= began + for_seconds && at < *ended)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stretch_begins_and_ends_where_it_is_marked() {
        let mut spans = Spans::default();
        assert!(!spans.cover(10, 0));
        spans.mark(10, true);
        spans.mark(20, true);
        spans.mark(30, false);
        let covered: Vec<i64> =
            [9, 10, 14, 15, 19, 20, 24, 25, 29, 30].into_iter().filter(|at| spans.cover(*at, 5)).collect();
        assert_eq!(covered, [15, 19, 25, 29]);
        assert!(spans.cover(10, 0) && spans.cover(20, 0) && !spans.cover(30, 0));
    }
}
