//! The view that is put to a person for approval: what stays where it is over a dozen pictures.

use crate::picture::grid::{GRID_CELLS, Grid};
use crate::picture::raster::Raster;
use crate::picture::sample::Sample;
use crate::picture::view::View;

/// Healthy pictures that a proposal is made of at least: nobody stands still for an hour.
const SAMPLES_MIN: u32 = 12;

/// Part of a new picture in the average, as a shift: a sixteenth.
const SHARE_SHIFT: u32 = 4;

/// Averages edges; keeps the last picture to show.
#[derive(Debug, Clone)]
pub(super) struct Proposal {
    samples: u32,
    /// In 1/256 of an edge value.
    edges: Grid<u16>,
    raster: Option<Raster>,
}

impl Default for Proposal {
    fn default() -> Self {
        Self {
            samples: 0,
            edges: Grid::filled(0),
            raster: None,
        }
    }
}

impl Proposal {
    pub(super) fn learn(&mut self, sample: &Sample) {
        let first = self.samples == 0;
        for (mean, edge) in self.edges.cells_mut().iter_mut().zip(sample.edges.cells()) {
            let new = u16::from(*edge) << 8;
            *mean = if first {
                new
            } else {
                *mean - (*mean >> SHARE_SHIFT) + (new >> SHARE_SHIFT)
            };
        }
        self.samples = self.samples.saturating_add(1);
        self.raster = Some(sample.raster.clone());
    }

    pub(super) fn view(&self) -> Option<View> {
        let raster = self
            .raster
            .clone()
            .filter(|_| self.samples >= SAMPLES_MIN)?;
        let mut edges = Vec::with_capacity(GRID_CELLS);
        edges.extend(self.edges.cells().iter().map(|mean| mean.to_le_bytes()[1]));
        Some(View {
            edges: Grid::from_cells(edges)?,
            raster,
        })
    }
}
