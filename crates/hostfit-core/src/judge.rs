//! One workload on one fleet: where it may land, what comes of it there, and what the one cause of a failure is.
