//! How far back footage reaches, on one axis of days before now, with the duty as a thick tick.
//!
//! The depth is what is there; the continuous depth is what counts. Whoever drew this has judged it;
//! here it is only placed.

use crate::web::given::Given;
use crate::web::verdict::Verdict;

/// Where the axis begins: names of the rows stand before it.
const LEFT: u32 = 80;
/// How long the axis is, in the drawing's own units; all in all it fits a telephone unscaled.
const LENGTH: u32 = 220;
/// Room behind the axis for a number that stands at its end.
const BEHIND: u32 = 80;
/// The axis reaches a tenth beyond the greatest value.
const MARGIN_PERCENT: u32 = 110;
/// Steps of the axis in days, the first that gives at most this many ticks.
const STEPS: [u32; 7] = [1, 5, 10, 30, 60, 90, 365];
const TICKS_MAX: u32 = 9;

/// How far the footage of a camera reaches back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Age of the oldest footage, in tenths of days; none when there is none or it is not known.
    pub depth_tenths: Option<u32>,
    /// The continuous depth, in tenths of days.
    pub continuous_tenths: Option<u32>,
    /// The continuous depth is cut short by something unknown: it is at least this.
    pub at_least: bool,
    /// What the rules ask for, in days.
    pub required_days: u32,
    /// Where the depth will be after the recorder's next clean-up, in tenths of days.
    pub forecast_tenths: Option<u32>,
    /// How the continuous depth is judged; *not applicable* while a camera is too new.
    pub verdict: Verdict,
}

impl Retention {
    /// Width of the drawing.
    pub fn width(&self) -> u32 {
        LEFT + LENGTH + BEHIND
    }

    /// Where the axis begins.
    pub fn left(&self) -> u32 {
        LEFT
    }

    /// How long the axis is.
    pub fn length(&self) -> u32 {
        LENGTH
    }

    /// Days on the axis and where they stand.
    pub fn ticks(&self) -> Vec<(u32, u32)> {
        let days = self.axis_tenths() / 10;
        let step = STEPS
            .into_iter()
            .find(|step| days / step < TICKS_MAX)
            .unwrap_or(days.max(1));
        let nth = 1..=days / step;
        nth.map(|nth| (nth * step, self.x(nth * step * 10)))
            .collect()
    }

    /// Where a value stands, in tenths of days.
    pub fn x(&self, tenths: impl Given<u32>) -> u32 {
        let axis = u64::from(self.axis_tenths());
        let along = u64::from(tenths.given()) * u64::from(LENGTH) / axis;
        LEFT + u32::try_from(along).unwrap_or(LENGTH).min(LENGTH)
    }

    /// How long the bar of a value is.
    pub fn bar(&self, tenths: impl Given<u32>) -> u32 {
        (self.x(tenths) - LEFT).max(2)
    }

    /// Where the duty stands.
    pub fn duty(&self) -> u32 {
        self.x(self.required_days.saturating_mul(10))
    }

    /// What the continuous depth lacks, in tenths of days; none when nothing, when it is not known,
    /// and while a camera is too new to lack anything.
    pub fn lacking_tenths(&self) -> Option<u32> {
        let duty = self.required_days.saturating_mul(10);
        let have = self.continuous_tenths?;
        let due = self.verdict != Verdict::NotApplicable && !self.at_least;
        (have < duty && due).then(|| duty - have)
    }

    fn axis_tenths(&self) -> u32 {
        let values = [
            self.depth_tenths,
            self.continuous_tenths,
            self.forecast_tenths,
        ];
        let greatest = values.into_iter().flatten().max().unwrap_or(0);
        let greatest = greatest.max(self.required_days.saturating_mul(10)).max(10);
        greatest.saturating_mul(MARGIN_PERCENT) / 100
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: Retention = Retention {
        depth_tenths: Some(312),
        continuous_tenths: Some(151),
        at_least: false,
        required_days: 30,
        forecast_tenths: None,
        verdict: Verdict::Fail,
    };

    #[test]
    fn the_duty_stands_where_thirty_days_stand() {
        let thirty = SHORT.ticks().into_iter().find(|(day, _)| *day == 30);
        assert_eq!(thirty.unwrap().1, SHORT.duty());
        assert!(SHORT.ticks().len() <= 9);
    }

    #[test]
    fn what_is_lacking_is_only_told_when_it_is_known() {
        assert_eq!(SHORT.lacking_tenths(), Some(149));
        let unsure = Retention {
            at_least: true,
            ..SHORT
        };
        assert_eq!(unsure.lacking_tenths(), None);
        let new = Retention {
            verdict: Verdict::NotApplicable,
            ..SHORT
        };
        assert_eq!(new.lacking_tenths(), None);
    }

    #[test]
    fn a_year_of_footage_stays_on_the_axis() {
        let long = Retention {
            depth_tenths: Some(u32::MAX),
            ..SHORT
        };
        assert!(long.x(u32::MAX) <= long.width());
        assert!(long.ticks().iter().all(|(_, x)| *x <= LEFT + LENGTH));
    }

    #[test]
    fn nothing_kept_still_draws_an_axis() {
        let none = Retention {
            depth_tenths: None,
            continuous_tenths: None,
            ..SHORT
        };
        assert_eq!(none.lacking_tenths(), None);
        assert!(!none.ticks().is_empty());
    }
}
