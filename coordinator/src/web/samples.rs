//! Every page drawn from invented data, and what must be true of each of them.
//!
//! A page that nobody has looked at is not done, so the samples are also written as files below the
//! build's own folder (`target/pages`), one per language, to be opened in a browser.

mod alerts;
mod branch;
mod camera;
mod drift;
mod fleet;
mod hold;
mod html;
mod sample;

use keepwatch_common::time::MINUTE_MS;

use sample::{Sample, signed_in, stale};

use super::asset;
use super::frame::{Frame, Theme};
use super::page::error::{self, ErrorKind, ErrorView};
use super::page::sign_in::{self, SignInState, SignInView};
use super::text::{Locale, Texts};

fn sign_in_samples() -> Vec<Sample> {
    let view = |state, name: &str| SignInView {
        state,
        name: name.to_owned(),
        then: "/alerts?severity=critical".to_owned(),
    };
    let too_many = SignInState::TooMany {
        retry_after_ms: 14 * MINUTE_MS,
    };
    let states = [
        ("sign_in", SignInState::Fresh, "", "\"current-password\""),
        (
            "sign_in-wrong",
            SignInState::Wrong,
            "xu.zhixing",
            "value=\"xu.zhixing\"",
        ),
        ("sign_in-too_many", too_many, "xu.zhixing", "14\u{a0}"),
        (
            "sign_in-no_user",
            SignInState::NoUserYet,
            "",
            "keepwatch user add",
        ),
    ];
    states
        .into_iter()
        .map(|(name, state, typed, fact)| {
            Sample::new(name, view(state, typed), sign_in::render, &[fact]).within(Frame::default())
        })
        .collect()
}

fn error_samples() -> Vec<Sample> {
    let forbidden = ErrorKind::Forbidden {
        permission: "approve_baseline".to_owned(),
    };
    let kinds = [
        ("error-403", 403, forbidden, "403"),
        ("error-403-cross_site", 403, ErrorKind::CrossSite, "403"),
        ("error-404", 404, ErrorKind::NotFound, "404"),
        ("error-404-day", 404, ErrorKind::NoDay, "404"),
        ("error-409", 409, ErrorKind::Conflict, "409"),
        ("error-422", 422, ErrorKind::Refused, "422"),
        ("error-500", 500, ErrorKind::Internal, "500"),
        ("error-503", 503, ErrorKind::Busy, "503"),
    ];
    kinds
        .into_iter()
        .map(|(name, status, kind, fact)| {
            let view = ErrorView {
                kind,
                status,
                request_id: "0198c7e2-5a31-7c04".to_owned(),
                camera: None,
            };
            Sample {
                name,
                frame: signed_in(),
                draw: Box::new(move |texts, locale, frame| {
                    error::render(&view, &frame, texts.of(locale), texts.of(locale.other()))
                }),
                facts: vec![fact, "0198c7e2-5a31-7c04", "lang=\"en\"", "lang=\"zh-CN\""],
            }
        })
        .collect()
}

fn all() -> Vec<Sample> {
    let mut samples = sign_in_samples();
    samples.extend(fleet::samples());
    samples.extend(branch::samples());
    samples.extend(camera::samples());
    samples.extend(drift::samples());
    samples.extend(hold::samples());
    samples.extend(alerts::samples());
    samples.extend(error_samples());
    samples
}

/// Every sample in every language, with its name for messages.
fn pages() -> Vec<(String, Locale, String, Sample)> {
    let texts = Texts::load().unwrap();
    let drawn = Locale::ALL.into_iter().flat_map(|locale| {
        let texts = &texts;
        all().into_iter().map(move |sample| {
            let html = sample.html(texts, locale);
            (
                format!("{}.{}", sample.name, locale.tag()),
                locale,
                html,
                sample,
            )
        })
    });
    drawn.collect()
}

#[test]
fn every_page_says_what_it_is_about() {
    for (name, locale, html, sample) in pages() {
        for fact in &sample.facts {
            assert!(html.contains(fact), "{name} does not say “{fact}”");
        }
        let lang = format!("<html lang=\"{}\"", locale.tag());
        assert!(html.contains(&lang), "{name} does not name its language");
    }
}

#[test]
fn every_word_is_there_and_every_variable_filled() {
    for (name, _, html, _) in pages() {
        for sign in ["⟦", "{$", "{ $", "**", "]("] {
            assert!(!html.contains(sign), "{name} shows {sign}");
        }
    }
}

#[test]
fn every_page_keeps_the_content_security_policy() {
    for (name, _, html, _) in pages() {
        for forbidden in [" style=", "<script", "<style", "javascript:", " on"] {
            let found = html.find(forbidden).filter(|at| {
                // “ on” only counts where an attribute begins with it: ` onclick=`.
                forbidden != " on" || {
                    let rest = html[at + 3..].trim_start_matches(|c: char| c.is_ascii_lowercase());
                    rest.starts_with("=\"")
                }
            });
            assert_eq!(found, None, "{name} holds {forbidden}");
        }
    }
}

#[test]
fn every_link_and_form_stays_on_this_coordinator() {
    for (name, _, html, _) in pages() {
        for attribute in ["href=\"", "action=\"", "src=\""] {
            for value in html.split(attribute).skip(1) {
                let inside = value.starts_with('/') && !value.starts_with("//");
                let fragment = attribute == "href=\"" && value.starts_with('#');
                let value = value.split('"').next().unwrap_or_default();
                assert!(inside || fragment, "{name}: {attribute}{value}");
            }
        }
    }
}

#[test]
fn every_page_is_well_formed_and_its_ids_are_unique() {
    for (name, _, html, _) in pages() {
        let faults = html::faults(&html);
        assert!(faults.is_empty(), "{name}: {faults:?}");
    }
}

#[test]
fn what_a_form_changes_carries_a_version_and_counts_once() {
    for (name, _, html, _) in pages() {
        for form in html.split("<form method=\"post\"").skip(1) {
            let form = form.split("</form>").next().unwrap_or_default();
            let changes = form.contains("/acknowledge\"") || form.contains("name=\"reason\"");
            let guarded =
                form.contains("name=\"version\"") && form.contains("name=\"idempotency_key\"");
            assert_eq!(changes, guarded, "{name}: {form}");
        }
    }
}

#[test]
fn a_page_without_fresh_reports_is_marked_stale() {
    let texts = Texts::load().unwrap();
    for sample in all() {
        let html = (sample.draw)(&texts, Locale::English, stale()).unwrap();
        assert!(html.contains("class=\"stale\""), "{}", sample.name);
        assert!(html.contains("47\u{a0}min"), "{}", sample.name);
    }
}

#[test]
fn a_page_in_english_speaks_chinese_only_in_names() {
    let texts = Texts::load().unwrap();
    let html = sign_in_samples()[0].html(&texts, Locale::English);
    let others = html.replace("中文", "");
    assert!(
        !others.contains(|c: char| ('\u{2e80}'..'\u{a000}').contains(&c)),
        "{others}"
    );
}

#[test]
fn the_theme_that_was_chosen_is_on_the_root() {
    let texts = Texts::load().unwrap();
    let frame = Frame {
        theme: Theme::Dark,
        ..signed_in()
    };
    let html = (fleet::samples()[0].draw)(&texts, Locale::Chinese, frame).unwrap();
    assert!(html.contains("data-theme=\"dark\""));
    assert!(html.contains("value=\"dark\" aria-pressed=\"true\""));
}

#[test]
fn every_sample_is_written_for_a_browser_to_open() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/pages");
    fs_err::create_dir_all(format!("{folder}/assets")).unwrap();
    for asset in [&*asset::STYLE, &*asset::ICON] {
        fs_err::write(format!("{folder}{}", asset.address), asset.bytes).unwrap();
    }
    for (name, _, html, _) in pages() {
        assert!(html.len() < 200_000, "{name} weighs {} bytes", html.len());
        fs_err::write(format!("{folder}/{name}.html"), html).unwrap();
    }
}
