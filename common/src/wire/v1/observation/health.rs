//! Health of volumes, from the model to the wire and back; and how names and texts are checked.

use super::{HealthSource, ObservationError};
use crate::limits::DETAIL_BYTES_MAX;
use crate::model::health::{
    FIGURES_MAX, Figure, Measure, Reason, SOURCES_MAX, Source, SourceHealth, Word,
};
use crate::model::name::Name;

/// What the sources say, as it travels.
pub(super) fn sources_from(sources: Vec<SourceHealth>) -> Vec<HealthSource> {
    let source = |one: SourceHealth| HealthSource {
        source: one.source.number(),
        subject: one.subject.into(),
        word: one.word.number(),
        reason: one.reason.number(),
        figures: one
            .figures
            .iter()
            .map(|figure| (figure.measure.number(), figure.value))
            .collect(),
        detail: one.detail,
    };
    sources.into_iter().map(source).collect()
}

/// What the sources say, checked: no more than there can be, and nothing twice.
pub(super) fn sources_into(
    coded: Vec<HealthSource>,
) -> Result<Vec<SourceHealth>, ObservationError> {
    bounded("sources", coded.len(), SOURCES_MAX)?;
    let mut sources: Vec<SourceHealth> = Vec::with_capacity(coded.len());
    for one in coded {
        let source = source_into(one)?;
        if sources.iter().any(|other| other.is_about(&source)) {
            return Err(ObservationError::Twice { field: "sources" });
        }
        sources.push(source);
    }
    Ok(sources)
}

fn source_into(coded: HealthSource) -> Result<SourceHealth, ObservationError> {
    bounded("figures", coded.figures.len(), FIGURES_MAX)?;
    let mut figures: Vec<Figure> = Vec::with_capacity(coded.figures.len());
    for (number, value) in coded.figures {
        let measure = meant("measure", number, Measure::from_number(number))?;
        if figures.iter().any(|figure| figure.measure == measure) {
            return Err(ObservationError::Twice { field: "figures" });
        }
        figures.push(Figure { measure, value });
    }
    Ok(SourceHealth {
        source: meant("source", coded.source, Source::from_number(coded.source))?,
        subject: name("subject", coded.subject)?,
        word: meant("word", coded.word, Word::from_number(coded.word))?,
        reason: meant("reason", coded.reason, Reason::from_number(coded.reason))?,
        figures,
        detail: text("detail", coded.detail, DETAIL_BYTES_MAX)?,
    })
}

fn bounded(field: &'static str, count: usize, limit: usize) -> Result<(), ObservationError> {
    if count > limit {
        return Err(ObservationError::TooLong { field, limit });
    }
    Ok(())
}

fn meant<T>(field: &'static str, number: u8, found: Option<T>) -> Result<T, ObservationError> {
    found.ok_or(ObservationError::Number { field, number })
}

pub(super) fn name(field: &'static str, text: String) -> Result<Name, ObservationError> {
    Name::new(text).map_err(|source| ObservationError::Name { field, source })
}

pub(super) fn text(
    field: &'static str,
    text: String,
    limit: usize,
) -> Result<String, ObservationError> {
    if text.len() > limit {
        return Err(ObservationError::TooLong { field, limit });
    }
    // A zero byte is no text to a database, and shows nothing to a person.
    Ok(if text.contains('\0') {
        text.replace('\0', "\u{fffd}")
    } else {
        text
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn coded(subject: &str, figures: Vec<(u8, i64)>) -> HealthSource {
        HealthSource {
            source: 1,
            subject: subject.to_owned(),
            word: 2,
            reason: 20,
            figures,
            detail: "a disk".to_owned(),
        }
    }

    #[test]
    fn what_is_told_twice_or_too_often_is_refused() {
        let twice = vec![coded("sda", vec![]), coded("sda", vec![])];
        assert!(sources_into(twice).is_err());
        assert!(sources_into(vec![coded("sda", vec![(0, 1), (0, 2)])]).is_err());
        let many = (0..=SOURCES_MAX).map(|n| coded(&format!("sd{n}"), vec![]));
        assert!(sources_into(many.collect()).is_err());
    }

    proptest! {
        #[test]
        fn whatever_numbers_come_they_are_refused_or_survive(
            numbers in (0..9_u8, 0..6_u8, 0..50_u8),
            figures in proptest::collection::vec((0..30_u8, any::<i64>()), 0..30),
            subject in ".{0,8}",
        ) {
            let (source, word, reason) = numbers;
            let told = HealthSource { source, word, reason, ..coded(&subject, figures) };
            if let Ok(read) = sources_into(vec![told.clone()]) {
                prop_assert_eq!(sources_from(read), vec![told]);
            }
        }
    }
}
