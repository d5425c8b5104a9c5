//! Wire storms in short: a handful of seeds, and every seed that ever failed for a mistake of the engine
