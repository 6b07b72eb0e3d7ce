//! The pages of the coordinator, as text: view models in, HTML out.
//!
//! A page is a view model (plain structs filled by whoever has read the store), a template and the
//! words of one language. Nothing here reads the store, a clock, a cookie or a socket, so every page
//! can be drawn from samples and looked at. A page works without scripts and under
//! [`CONTENT_SECURITY_POLICY`]: no inline style, no inline script, nothing from another origin.

/// Addresses of pages, built in one place so that every link is encoded.
pub mod address;
/// The style sheet and the icon, under addresses that change with their content.
pub mod asset;
/// Drawings: geometry here, markup in `templates/drawing`.
pub mod drawing;
/// What surrounds every page: navigation, language, theme, the person, the stale banner.
pub mod frame;
/// A small value as a template hands it over.
pub mod given;
/// An instant as a page shows it.
pub mod moment;
/// One file per page: its view model and its rendering.
pub mod page;
/// The one sentence with a number that a finding says.
pub mod sentence;
/// Words in two languages, numbers and durations.
pub mod text;
/// What a verdict is called and how it is drawn.
pub mod verdict;

#[cfg(test)]
mod samples;

/// The policy every page is served under. Drawings take their colours from classes, so not even
/// `style` attributes are needed.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
