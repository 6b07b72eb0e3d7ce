//! Writes when the program was built into it: a time that is certainly past when it runs.
//!
//! `SOURCE_DATE_EPOCH`, seconds since 1970, makes builds repeatable; without it the building
//! machine's clock counts.

use std::time::{SystemTime, UNIX_EPOCH};

#[expect(
    clippy::disallowed_methods,
    reason = "a build script has no clock and no configuration handed in"
)]
fn main() {
    let given = std::env::var("SOURCE_DATE_EPOCH")
        .ok()
        .and_then(|text| text.trim().parse::<u64>().ok());
    let built_s = given.unwrap_or_else(|| {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_secs())
    });
    println!("cargo::rustc-env=KEEPWATCH_BUILT_S={built_s}");
    println!("cargo::rerun-if-env-changed=SOURCE_DATE_EPOCH");
    println!("cargo::rerun-if-changed=build.rs");
}
