//! What one sample says of each check, against what is usual for its camera.

use super::check::{Check, Why};
use super::habit::{Condition, Habit, Light, Usual};
use super::trace::Seen;
use crate::picture::figures::Figures;
use crate::picture::grid::Grid;
use crate::picture::sample::Sample;
use crate::picture::view::{View, likeness};

/// Share of dark pixels that makes a picture black: `pic_th` of ffmpeg's `blackdetect`.
const BLACK_SHARE: f32 = 0.98;

/// Share of one colour that makes a picture the one of a lost signal.
const ONE_COLOUR_SHARE: f32 = 0.98;

/// Noise up to which a picture was drawn and not taken, in grey levels.
const DRAWN_NOISE: f32 = 0.25;

/// Mean luma under and over which nothing is made out.
const DARK_MEAN: f32 = 30.0;
const BRIGHT_MEAN: f32 = 220.0;

/// Standard deviation under which all is of one grey.
const FLAT_DEVIATION: f32 = 20.0;

/// Part of the usual sharpness under which a picture is blurred.
const BLURRED_PART: f32 = 0.25;

/// Variance of the Laplacian of noise of deviation 1: 4² + 4 · 1².
const LAPLACIAN_OF_NOISE: f32 = 20.0;

/// Sharpness that a camera must usually have for its lack to say something.
const SHARPNESS_MIN: f32 = 0.02;

/// Variance that is added to a picture's own before sharpness is measured by it, so that an even
/// picture is not divided by nothing.
const SHARPNESS_FLOOR: f32 = 25.0;

/// Part of the usual liveliness under which a picture is frozen.
const FROZEN_PART: f32 = 0.25;

/// Liveliness, in 1/256 of a grey level, that a camera must usually have for its lack to say something.
const LIVELINESS_MIN: f32 = 2.0;

/// Share of the picture that something held before the lens covers at least, and how much more of it
/// that is than what is usually even.
const OBSCURED_SHARE: f32 = 0.4;
const OBSCURED_MORE: f32 = 0.25;

/// Likeness to the reference under which the view is another: one turned by a third has about 0.1,
/// a busy one by another light 0.5.
const MOVED_LIKENESS: f32 = 0.4;

/// Colourfulness up to which a picture was taken by infrared.
const GREY_COLOUR: f32 = 2.0;

/// Mean luma up to which a picture in colour was taken in the dark all the same.
const NIGHT_MEAN: f32 = 50.0;

/// The views that a person approved.
#[derive(Debug, Clone, Default)]
pub struct References {
    /// By day.
    pub day: Option<View>,
    /// By night.
    pub night: Option<View>,
}

/// What a sample is compared with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Against<'a> {
    pub(super) habit: &'a Habit,
    pub(super) learning: bool,
    pub(super) hour: u8,
    pub(super) references: &'a References,
    pub(super) counted: &'a Grid<bool>,
    /// How much of the picture has changed since the last one.
    pub(super) liveliness: Option<f32>,
    /// The edges that the last pictures had, too.
    pub(super) steady: &'a Grid<u8>,
}

/// What is said of one check, and why if nothing can be.
pub(super) type Said = (Seen, Option<Why>);

const NOTHING_TO_SEE: Said = (Seen::Nothing, Some(Why::NothingToSee));
const CLEAR: Said = (Seen::Clear, None);

/// By which light it was taken.
pub(super) fn light(figures: &Figures) -> Light {
    let night = figures.colourfulness <= GREY_COLOUR || figures.mean <= NIGHT_MEAN;
    if night { Light::Night } else { Light::Day }
}

/// How sharp it is for its contrast, without what noise adds.
pub(super) fn sharpness(figures: &Figures) -> f32 {
    let noise = LAPLACIAN_OF_NOISE * figures.noise * figures.noise;
    let contrast = figures.deviation * figures.deviation + SHARPNESS_FLOOR;
    (figures.laplacian - noise).max(0.0) / contrast
}

/// The largest part of it that shows nothing.
pub(super) fn patch(figures: &Figures) -> f32 {
    figures.patch_share.max(figures.dark_patch_share)
}

/// How much changed between two pictures: the median over the cells that count, in 1/256 of a grey
/// level. Half of the picture may change, or not, without it.
pub(super) fn liveliness(one: &Grid<u16>, other: &Grid<u16>, counted: &Grid<bool>) -> f32 {
    let pairs = one.cells().iter().zip(other.cells()).zip(counted.cells());
    let mut steps: Vec<u16> = pairs
        .filter(|(_, counts)| **counts)
        .map(|((a, b), _)| a.abs_diff(*b))
        .collect();
    let middle = steps.len() / 2;
    if steps.is_empty() {
        return 0.0;
    }
    f32::from(*steps.select_nth_unstable(middle).1)
}

/// Which of the conditions that may be usual it has.
pub(super) fn condition(figures: &Figures) -> Option<Condition> {
    if figures.dark_share >= BLACK_SHARE {
        Some(Condition::Black)
    } else if figures.mean < DARK_MEAN {
        Some(Condition::Dark)
    } else if figures.mean > BRIGHT_MEAN {
        Some(Condition::Bright)
    } else if figures.deviation < FLAT_DEVIATION {
        Some(Condition::Flat)
    } else {
        None
    }
}

fn is_signal_lost(figures: &Figures) -> bool {
    figures.one_colour_share >= ONE_COLOUR_SHARE
        && figures.noise <= DRAWN_NOISE
        && (DARK_MEAN..=BRIGHT_MEAN).contains(&figures.mean)
}

/// What a sample says of a check.
pub(super) fn say(check: Check, sample: &Sample, against: &Against<'_>) -> Said {
    let figures = &sample.figures;
    let lost = is_signal_lost(figures);
    let condition = condition(figures);
    let of = |asked: Condition| match condition {
        Some(found) if found == asked && !lost => against.tell(asked),
        _ => CLEAR,
    };
    match check {
        Check::SignalLost if lost => (Seen::Suspect, None),
        Check::SignalLost => CLEAR,
        Check::Black => of(Condition::Black),
        Check::TooDark => of(Condition::Dark),
        Check::TooBright => of(Condition::Bright),
        Check::LowContrast => of(Condition::Flat),
        Check::Blurred | Check::Frozen | Check::Obscured | Check::Moved
            if lost || condition.is_some() =>
        {
            NOTHING_TO_SEE
        }
        Check::Moved => against.moved(figures),
        Check::Blurred | Check::Frozen | Check::Obscured => {
            let usual = against.habit.usual(light(figures), against.hour);
            match usual.filter(|_| !against.learning) {
                Some(usual) => against.learned(check, figures, usual),
                None => (Seen::Nothing, Some(Why::NotLearned)),
            }
        }
    }
}

impl Against<'_> {
    /// Something is wrong, unless it is usual at this hour or nothing is known yet.
    fn tell(&self, condition: Condition) -> Said {
        if self.learning {
            (Seen::Tentative, Some(Why::NotLearned))
        } else if self.habit.is_usual(condition, self.hour) {
            (Seen::Tentative, Some(Why::Usual))
        } else {
            (Seen::Suspect, None)
        }
    }

    fn learned(&self, check: Check, figures: &Figures, usual: Usual) -> Said {
        let suspect = match check {
            Check::Blurred if usual.sharpness < SHARPNESS_MIN => return NOTHING_TO_SEE,
            Check::Blurred => sharpness(figures) < usual.sharpness * BLURRED_PART,
            Check::Obscured => {
                let patch = patch(figures);
                patch >= OBSCURED_SHARE && patch >= usual.patch + OBSCURED_MORE
            }
            _ => match (self.liveliness, usual.liveliness) {
                (_, Some(usual)) if usual < LIVELINESS_MIN => {
                    return (Seen::Nothing, Some(Why::AlwaysStill));
                }
                (Some(now), Some(usual)) => now < usual * FROZEN_PART,
                _ => return (Seen::Nothing, None),
            },
        };
        (if suspect { Seen::Suspect } else { Seen::Clear }, None)
    }

    /// Another view than all that are approved, the one of this light among them.
    fn moved(&self, figures: &Figures) -> Said {
        let References { day, night } = self.references;
        let of_this_light = match light(figures) {
            Light::Day => day,
            Light::Night => night,
        };
        let approved = day.iter().chain(night);
        let like = |view: &View| likeness(&view.edges, self.steady, self.counted);
        let nearest = approved.filter_map(like).reduce(f32::max);
        match (nearest, of_this_light) {
            (Some(nearest), _) if nearest >= MOVED_LIKENESS => CLEAR,
            (Some(_), Some(_)) => (Seen::Suspect, None),
            (None, Some(_)) => NOTHING_TO_SEE,
            (_, None) => (Seen::Nothing, Some(Why::NoReference)),
        }
    }
}
