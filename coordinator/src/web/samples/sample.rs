//! What a sample is, and the hour and the person all of them share.

use keepwatch_common::time::{Instant, MINUTE_MS, Zone};

use crate::web::frame::{Frame, Notice, Stale};
use crate::web::moment::Moment;
use crate::web::text::{Locale, Text, Texts};

/// Draws a page in one language.
pub(super) type Draw = Box<dyn Fn(&Texts, Locale, Frame) -> Result<String, askama::Error>>;

/// One page with one set of data.
pub(super) struct Sample {
    /// What the file is called.
    pub(super) name: &'static str,
    pub(super) frame: Frame,
    pub(super) draw: Draw,
    /// Texts the page must contain in every language.
    pub(super) facts: Vec<&'static str>,
}

impl Sample {
    pub(super) fn new<V: 'static>(
        name: &'static str,
        view: V,
        render: fn(&V, &Frame, &Text) -> Result<String, askama::Error>,
        facts: &[&'static str],
    ) -> Self {
        Self {
            name,
            frame: signed_in(),
            draw: Box::new(move |texts, locale, frame| render(&view, &frame, texts.of(locale))),
            facts: facts.to_vec(),
        }
    }

    pub(super) fn within(mut self, frame: Frame) -> Self {
        self.frame = frame;
        self
    }

    pub(super) fn html(&self, texts: &Texts, locale: Locale) -> String {
        (self.draw)(texts, locale, self.frame.clone()).unwrap()
    }
}

/// The wall clock of all samples.
pub(super) fn shanghai() -> Zone {
    Zone::named("Asia/Shanghai").unwrap()
}

/// When all samples are drawn: 2026-11-23 10:32:07 in Shanghai.
fn now() -> Instant {
    Instant::parse("2026-11-23T10:32:07+08:00").unwrap()
}

pub(super) fn ago(ms: i64) -> Moment {
    Moment::new(now() - ms, &shanghai())
}

pub(super) fn signed_in() -> Frame {
    Frame {
        here: "/branches/0123?a=1&b=2".to_owned(),
        person: Some("许知行".to_owned()),
        open_alerts: 12,
        ..Frame::default()
    }
}

pub(super) fn stale() -> Frame {
    Frame {
        stale: Some(Stale {
            last: ago(47 * MINUTE_MS),
            for_ms: 47 * MINUTE_MS,
        }),
        ..signed_in()
    }
}

pub(super) fn noticed(notice: Notice) -> Frame {
    Frame {
        notice: Some(notice),
        ..signed_in()
    }
}
