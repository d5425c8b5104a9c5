//! The world's clock as the AWS SDK's time source and sleep, and as DynamoDB's clock

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_smithy_async::rt::sleep::{AsyncSleep, Sleep};
use aws_smithy_async::time::TimeSource;

use super::sleep::Sleeping;
use super::{Clock, epoch_seconds};

#[derive(Debug, Clone)]
pub(crate) struct SdkClock(pub(crate) Arc<Clock>);

impl TimeSource for SdkClock {
    fn now(&self) -> SystemTime {
        UNIX_EPOCH + Duration::try_from(self.0.now().as_duration()).unwrap_or_default()
    }
}

impl AsyncSleep for SdkClock {
    fn sleep(&self, duration: Duration) -> Sleep {
        Sleep::new(Sleeping::new(Arc::clone(&self.0), duration))
    }
}

impl dynoxide::storage_backend::Clock for SdkClock {
    fn now_unix_secs(&self) -> u64 {
        u64::try_from(self.0.now().as_second()).unwrap_or_default()
    }

    fn now_unix_secs_f64(&self) -> f64 {
        epoch_seconds(self.0.now())
    }
}
