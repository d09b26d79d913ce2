// SPDX-License-Identifier: MIT
//! Durations as the milliseconds of the C API.

use crate::sys;
use std::time::Duration;

/// Rounded up, so that no limit is shorter than asked for. The library refuses those above `SP_TIMEOUT_MAX`, 292 years.
pub(crate) fn milliseconds(duration: Duration) -> i64 {
    let rounded = (duration.as_nanos() + 999_999) / 1_000_000;
    i64::try_from(rounded).unwrap_or(i64::MAX)
}

/// The limit of a call; `None` waits without limit.
pub(crate) fn of_call(limit: Option<Duration>) -> i64 {
    limit.map_or(sys::SP_FOREVER, milliseconds)
}

/// For options of which 0 means that there is no limit: no time at all becomes the shortest time there is.
pub(crate) fn of_option(limit: Duration) -> i64 {
    milliseconds(limit).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_never_shorter_than_asked_for() {
        assert_eq!(milliseconds(Duration::ZERO), 0);
        assert_eq!(milliseconds(Duration::from_nanos(1)), 1);
        assert_eq!(milliseconds(Duration::from_millis(7)), 7);
        assert_eq!(milliseconds(Duration::from_micros(7001)), 8);
        assert_eq!(of_option(Duration::ZERO), 1);
    }

    #[test]
    fn limits_that_are_too_long_stay_so() {
        assert_eq!(milliseconds(Duration::MAX), i64::MAX);
        assert_eq!(milliseconds(Duration::from_millis(sys::SP_TIMEOUT_MAX as u64)), sys::SP_TIMEOUT_MAX);
        assert_eq!(of_call(None), sys::SP_FOREVER);
    }
}
