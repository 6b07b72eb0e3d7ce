//! What is usual for one camera, hour by hour, over its last seven days.
//!
//! A shop is dark at night and its camera blurry against the morning sun; what happens every day at
//! an hour is no fault at that hour. What is suspicious is not learned from, so a fault does not
//! become usual by lasting.

use std::collections::VecDeque;

use keepwatch_common::time::{DAY_MS, Instant};
use serde::{Deserialize, Serialize};

/// How long a camera is only learned from.
pub const LEARNING_MS: i64 = 7 * DAY_MS;

/// Days of one hour that are kept.
const DAYS_MAX: usize = 7;

/// Days of an hour that must be known before it says what is usual.
const DAYS_MIN: usize = 3;

/// Days on which something must have been so at an hour to be usual then.
const USUAL_DAYS: usize = 2;

/// Hours of a day at which something may be usual; what is so at nearly all of them is wrong.
const USUAL_HOURS_MAX: usize = 20;

/// Hours of a day.
const HOURS: usize = 24;

/// By which light a picture was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Light {
    /// In colour.
    Day,
    /// By infrared, or in the dark.
    Night,
}

/// What may be usual at an hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Condition {
    Black,
    Dark,
    Bright,
    Flat,
}

/// What one sample teaches.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lesson {
    pub(super) light: Light,
    pub(super) condition: Option<Condition>,
    pub(super) sharpness: f32,
    /// `None` when there was no picture just before it.
    pub(super) liveliness: Option<f32>,
    pub(super) patch: f32,
}

/// What is usual at an hour by one light, to the camera's favour.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Usual {
    pub(super) sharpness: f32,
    /// `None` when too few pictures followed each other.
    pub(super) liveliness: Option<f32>,
    pub(super) patch: f32,
}

/// All that is usual for a camera.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Habit {
    first: Option<Instant>,
    /// One for each hour of the day, each with its last days, oldest first.
    hours: Vec<VecDeque<Day>>,
}

/// One hour of one day, in sums.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Day {
    /// Days since 1970.
    number: i64,
    samples: u16,
    /// Of these, how many were black, dark, bright, flat.
    conditions: [u16; 4],
    /// By day, by night.
    lights: [Sums; 2],
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
struct Sums {
    samples: u16,
    sharpness: f32,
    pairs: u16,
    liveliness: f32,
    patch: f32,
}

impl Habit {
    pub(super) fn new() -> Self {
        Self {
            first: None,
            hours: vec![VecDeque::new(); HOURS],
        }
    }

    /// Marks the first sample.
    pub(super) fn begin(&mut self, at: Instant) {
        self.first.get_or_insert(at);
    }

    /// Whether the camera is only learned from.
    pub(super) fn is_learning(&self, at: Instant) -> bool {
        self.first.is_none_or(|first| at.since(first) < LEARNING_MS)
    }

    /// Learns from a sample at an hour of the branch's day.
    pub(super) fn learn(&mut self, at: Instant, hour: u8, lesson: Lesson) {
        let day = at.ms().div_euclid(DAY_MS);
        let Some(days) = self.hours.get_mut(usize::from(hour)) else {
            return;
        };
        if days.back().is_none_or(|last| last.number != day) {
            days.push_back(Day::new(day));
            if days.len() > DAYS_MAX {
                days.pop_front();
            }
        }
        if let Some(today) = days.back_mut() {
            today.learn(lesson);
        }
    }

    /// Whether something is usual at an hour or beside it, without being so all day.
    pub(super) fn is_usual(&self, condition: Condition, hour: u8) -> bool {
        let usual = |days: &VecDeque<Day>| {
            days.iter().filter(|day| day.is_mostly(condition)).count() >= USUAL_DAYS
        };
        let always = self.hours.iter().filter(|days| usual(days)).count() > USUAL_HOURS_MAX;
        !always && self.around(hour).any(usual)
    }

    /// What is usual at an hour, or beside it, or at any hour by this light; `None` when nothing is.
    pub(super) fn usual(&self, light: Light, hour: u8) -> Option<Usual> {
        let near = self.around(hour).filter_map(|days| usual_of(days, light));
        near.reduce(Usual::kinder).or_else(|| {
            let all = self.hours.iter().filter_map(|days| usual_of(days, light));
            all.reduce(Usual::kinder)
        })
    }

    fn around(&self, hour: u8) -> impl Iterator<Item = &VecDeque<Day>> {
        let hour = usize::from(hour);
        let near = [hour + HOURS - 1, hour, hour + 1].map(|hour| hour % HOURS);
        near.into_iter().filter_map(|hour| self.hours.get(hour))
    }

    /// Whether it could have come from here.
    pub(super) fn is_sound(&self) -> bool {
        let days = self.hours.iter().flatten();
        let mut sums = days.flat_map(|day| &day.lights);
        self.hours.len() == HOURS
            && self.hours.iter().all(|days| days.len() <= DAYS_MAX)
            && sums.all(|s| {
                [s.sharpness, s.liveliness, s.patch]
                    .iter()
                    .all(|f| f.is_finite())
            })
    }
}

impl Day {
    fn new(number: i64) -> Self {
        Self {
            number,
            samples: 0,
            conditions: [0; 4],
            lights: [Sums::default(); 2],
        }
    }

    fn learn(&mut self, lesson: Lesson) {
        self.samples = self.samples.saturating_add(1);
        if let Some(condition) = lesson.condition {
            let count = &mut self.conditions[index(condition)];
            *count = count.saturating_add(1);
            return;
        }
        let sums = &mut self.lights[light_index(lesson.light)];
        // An hour of a sample every two seconds is full: more would teach nothing.
        if sums.samples >= 1_800 {
            return;
        }
        sums.samples += 1;
        sums.sharpness += lesson.sharpness;
        sums.patch += lesson.patch;
        if let Some(liveliness) = lesson.liveliness {
            sums.pairs += 1;
            sums.liveliness += liveliness;
        }
    }

    fn is_mostly(&self, condition: Condition) -> bool {
        // What is black is dark, too.
        let black = self.conditions[index(Condition::Black)];
        let count = match condition {
            Condition::Dark => black.saturating_add(self.conditions[index(condition)]),
            _ => self.conditions[index(condition)],
        };
        count > 0 && u32::from(count) * 2 >= u32::from(self.samples)
    }
}

impl Usual {
    /// What both have in common, to the camera's favour.
    fn kinder(self, other: Self) -> Self {
        Self {
            sharpness: self.sharpness.min(other.sharpness),
            liveliness: match (self.liveliness, other.liveliness) {
                (Some(one), Some(other)) => Some(one.min(other)),
                (one, other) => one.or(other),
            },
            patch: self.patch.max(other.patch),
        }
    }
}

fn usual_of(days: &VecDeque<Day>, light: Light) -> Option<Usual> {
    let sums = || days.iter().map(|day| day.lights[light_index(light)]);
    let mean = |sum: f32, count: u16| (count > 0).then(|| sum / f32::from(count));
    Some(Usual {
        sharpness: median(sums().filter_map(|s| mean(s.sharpness, s.samples)))?,
        liveliness: median(sums().filter_map(|s| mean(s.liveliness, s.pairs))),
        patch: median(sums().filter_map(|s| mean(s.patch, s.samples)))?,
    })
}

/// The middle of at least [`DAYS_MIN`] values.
fn median(values: impl Iterator<Item = f32>) -> Option<f32> {
    let mut values: Vec<_> = values.collect();
    values.sort_by(f32::total_cmp);
    (values.len() >= DAYS_MIN).then(|| values[values.len() / 2])
}

fn index(condition: Condition) -> usize {
    match condition {
        Condition::Black => 0,
        Condition::Dark => 1,
        Condition::Bright => 2,
        Condition::Flat => 3,
    }
}

fn light_index(light: Light) -> usize {
    match light {
        Light::Day => 0,
        Light::Night => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use keepwatch_common::time::HOUR_MS;

    fn lesson(condition: Option<Condition>, sharpness: f32) -> Lesson {
        Lesson {
            light: Light::Day,
            condition,
            sharpness,
            liveliness: Some(1.0),
            patch: 0.1,
        }
    }

    fn taught(days: i64, teach: impl Fn(u8) -> Lesson) -> Habit {
        let mut habit = Habit::new();
        for hour in 0..days * 24 {
            let of_day = u8::try_from(hour % 24).unwrap();
            let at = Instant::from_ms(hour * HOUR_MS);
            habit.begin(at);
            habit.learn(at, of_day, teach(of_day));
        }
        habit
    }

    #[test]
    fn a_camera_is_learned_from_for_a_week() {
        let habit = taught(1, |_| lesson(None, 1.0));
        assert!(habit.is_learning(Instant::from_ms(LEARNING_MS - 1)));
        assert!(!habit.is_learning(Instant::from_ms(LEARNING_MS)));
        assert!(Habit::new().is_learning(Instant::LATEST));
    }

    #[test]
    fn dark_nights_are_usual_at_night_only() {
        let night = |hour| (hour < 6).then_some(Condition::Black);
        let habit = taught(5, |hour| lesson(night(hour), 1.0));
        assert!(habit.is_usual(Condition::Black, 3));
        assert!(habit.is_usual(Condition::Dark, 3));
        assert!(habit.is_usual(Condition::Black, 6), "beside a dark hour");
        assert!(!habit.is_usual(Condition::Black, 12));
    }

    #[test]
    fn what_is_so_all_day_is_not_usual() {
        let habit = taught(7, |_| lesson(Some(Condition::Flat), 1.0));
        assert!(!habit.is_usual(Condition::Flat, 3));
    }

    #[test]
    fn what_is_usual_is_the_median_of_days_to_the_cameras_favour() {
        let habit = taught(7, |hour| lesson(None, f32::from(hour)));
        assert_eq!(habit.usual(Light::Day, 9).map(|u| u.sharpness), Some(8.0));
        assert_eq!(habit.usual(Light::Night, 9), None);
        assert_eq!(taught(2, |_| lesson(None, 1.0)).usual(Light::Day, 9), None);
    }

    #[test]
    fn only_the_last_seven_days_are_kept() {
        let habit = taught(40, |_| lesson(None, 1.0));
        assert!(habit.is_sound());
        assert!(habit.hours.iter().all(|days| days.len() == DAYS_MAX));
    }
}
