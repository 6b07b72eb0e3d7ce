//! What people and programs reach over HTTP: pages and `/api/v1`.
//!
//! A *face*: it uses its children. Requests come in over our own sockets, are bounded and answered,
//! and every act is checked by who acts and written down. No rule about footage, alerts or roles
//! stands here: what may be done is asked of `auth`, what follows of `assess`. A page is a view model
//! (plain structs filled by whoever has read the store), a template and the words of one language, so
//! every page can be drawn from samples and looked at.

/// What people do to alerts and baselines.
pub mod act;
/// Addresses of pages, built in one place so that every link is encoded.
pub mod address;
/// What is wrong under a volume, in the reader's language.
pub mod ailment;
/// `/api/v1`, for programs and the command line.
pub mod api;
/// Where a request came in.
pub mod arrival;
/// The style sheet and the icon, under addresses that change with their content.
pub mod asset;
/// Cookies, read and written.
pub mod cookie;
/// Drawings: geometry here, markup in `templates/drawing`.
pub mod drawing;
/// What went wrong, as an answer.
pub mod failure;
/// What surrounds every page: navigation, language, theme, the person, the stale banner.
pub mod frame;
/// A small value as a template hands it over.
pub mod given;
/// Whether the coordinator lives, is ready, and what it counted.
pub mod health;
/// What people do to holds.
pub mod holding;
/// An instant as a page shows it.
pub mod moment;
/// One file per page: its view model and its rendering.
pub mod page;
/// The one sentence with a number that a finding says.
pub mod sentence;
/// Sockets, limits and headers.
pub mod server;
/// What answering needs.
pub mod services;
/// Who asks.
pub mod session;
/// The pages' routes.
pub mod site;
/// Words in two languages, numbers and durations.
pub mod text;
/// What a verdict is called and how it is drawn.
pub mod verdict;

#[cfg(test)]
mod samples;
