//! A view as a person approves it, and how much another is like it.
//!
//! Views are compared by where their edges are: light comes and goes, people do, shelves and door
//! frames stay. Pure.

use super::grid::{GRID_CELLS, Grid};
use super::raster::Raster;

/// How a view's bytes begin; the last letter is the version.
const MARK: [u8; 4] = *b"KWV1";

/// Variance that the edges of a view have at least to be compared, in squared roots of edge values:
/// an empty wall is like every other.
const VARIANCE_MIN: f32 = 0.3;

/// What a camera is meant to see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// Where its edges are.
    pub edges: Grid<u8>,
    /// How it looks, small and masked.
    pub raster: Raster,
}

impl View {
    /// As bytes: what travels to whoever approves it, and back.
    pub fn to_bytes(&self) -> Vec<u8> {
        let (width, height) = (self.raster.width(), self.raster.height());
        [
            &MARK[..],
            self.edges.cells(),
            &width.to_le_bytes(),
            &height.to_le_bytes(),
            self.raster.luma(),
        ]
        .concat()
    }

    /// From bytes; `None` when they are no view.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let rest = bytes.strip_prefix(&MARK)?;
        let (edges, rest) = rest.split_at_checked(GRID_CELLS)?;
        let ([a, b, c, d], luma) = rest.split_first_chunk()?;
        let (width, height) = (u16::from_le_bytes([*a, *b]), u16::from_le_bytes([*c, *d]));
        Some(Self {
            edges: Grid::from_cells(edges.to_vec())?,
            raster: Raster::new(width, height, luma.to_vec())?,
        })
    }
}

/// How alike two views are: the correlation of their edges over the cells that count, 1 for the
/// same, about 0 for two that have nothing in common; `None` when one of them has hardly an edge.
///
/// Of the roots of the edge values, so that one bright rim does not decide.
pub fn likeness(one: &Grid<u8>, other: &Grid<u8>, counted: &Grid<bool>) -> Option<f32> {
    let pairs = one.cells().iter().zip(other.cells()).zip(counted.cells());
    let mut sums = Sums::default();
    for ((a, b), counts) in pairs {
        if *counts {
            sums.add(f32::from(*a).sqrt(), f32::from(*b).sqrt());
        }
    }
    sums.correlation()
}

#[derive(Debug, Default)]
struct Sums {
    n: f32,
    a: f32,
    b: f32,
    aa: f32,
    bb: f32,
    ab: f32,
}

impl Sums {
    fn add(&mut self, a: f32, b: f32) {
        self.n += 1.0;
        self.a += a;
        self.b += b;
        self.aa += a * a;
        self.bb += b * b;
        self.ab += a * b;
    }

    fn correlation(&self) -> Option<f32> {
        if self.n < 1.0 {
            return None;
        }
        let (a, b) = (self.a / self.n, self.b / self.n);
        let a_variance = a.mul_add(-a, self.aa / self.n);
        let b_variance = b.mul_add(-b, self.bb / self.n);
        let together = a.mul_add(-b, self.ab / self.n);
        let both_vary = a_variance >= VARIANCE_MIN && b_variance >= VARIANCE_MIN;
        both_vary.then(|| together / (a_variance * b_variance).sqrt())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn edges() -> impl Strategy<Value = Grid<u8>> {
        proptest::collection::vec(any::<u8>(), GRID_CELLS)
            .prop_map(|cells| Grid::from_cells(cells).unwrap())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn likeness_agrees_with_the_textbook(one in edges(), other in edges(), holes: u64) {
            let mut hole = 0;
            let counted = Grid::of(|_, _| { hole = (hole + 1) % 64; holes >> hole & 1 == 0 });
            let of = |grid: &Grid<u8>| -> Vec<f64> {
                let all = grid.cells().iter().zip(counted.cells());
                all.filter(|(_, c)| **c).map(|(v, _)| f64::from(*v).sqrt()).collect()
            };
            let (a, b) = (of(&one), of(&other));
            let mean = |v: &[f64]| v.iter().sum::<f64>() / f64::from(u32::try_from(v.len()).unwrap());
            let (am, bm) = (mean(&a), mean(&b));
            let cov: f64 = a.iter().zip(&b).map(|(x, y)| (x - am) * (y - bm)).sum();
            let var = |v: &[f64], m: f64| v.iter().map(|x| (x - m).powi(2)).sum::<f64>();
            let model = cov / (var(&a, am) * var(&b, bm)).sqrt();
            if let Some(told) = likeness(&one, &other, &counted) {
                prop_assert!((f64::from(told) - model).abs() < 1e-2, "{told} {model}");
            }
        }

        #[test]
        fn a_view_is_like_itself_and_comes_back(edges in edges(), width in 1_u16..20) {
            let counted = Grid::filled(true);
            prop_assert!(likeness(&edges, &edges, &counted).unwrap() > 0.999);
            let raster = Raster::new(width, 3, vec![9; usize::from(width) * 3]).unwrap();
            let view = View { edges, raster };
            prop_assert_eq!(View::from_bytes(&view.to_bytes()), Some(view));
        }

        #[test]
        fn any_bytes_are_a_view_or_none(bytes in proptest::collection::vec(any::<u8>(), 0..3_000)) {
            prop_assert_eq!(View::from_bytes(&bytes), None);
        }
    }

    #[test]
    fn an_empty_wall_is_compared_with_nothing() {
        let wall = Grid::filled(2);
        assert_eq!(likeness(&wall, &wall, &Grid::filled(true)), None);
    }
}
