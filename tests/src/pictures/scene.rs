//! What stands in a view and how it is lit through the day: a handful of places that shops have.

use keepwatch_common::time::{DAY_MS, HOUR_MS, Instant};

use super::canvas::{Canvas, Painted};
use super::fault::Fault;
use super::grain::Grain;

/// How a place is seen when its lights are off.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Night {
    /// By the camera's own infrared: grey, and noisier.
    Infrared,
    /// By lamps, in colour: a part of the day's light.
    Lamps(f32),
    /// Not at all.
    Dark,
}

/// A place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scene {
    /// What it is.
    pub name: &'static str,
    /// Everything in it follows from this.
    pub seed: u64,
    /// Things that stand in it.
    pub furniture: usize,
    /// How much the surfaces vary from pixel to pixel, in grey levels.
    pub texture: f32,
    /// Deviation of the noise by day and by night.
    pub noise: (f32, f32),
    /// People at a time at most.
    pub people: usize,
    /// When its lights are on, in hours.
    pub lit: (u8, u8),
    /// Otherwise.
    pub night: Night,
    /// Whether the sun and the rain come in.
    pub outdoors: bool,
}

/// The places of the healthy set.
pub const SCENES: [Scene; 7] = [
    place(
        "shop floor",
        11,
        (60, 4.0),
        (2.0, 4.0),
        (7, 8, 22),
        Night::Infrared,
    ),
    place(
        "stockroom",
        12,
        (80, 4.0),
        (2.5, 5.0),
        (1, 9, 10),
        Night::Infrared,
    ),
    place(
        "street",
        13,
        (45, 6.0),
        (1.5, 3.5),
        (6, 6, 19),
        Night::Lamps(0.45),
    ),
    place(
        "entrance",
        14,
        (40, 4.0),
        (1.5, 3.0),
        (4, 7, 23),
        Night::Lamps(0.55),
    ),
    place("cellar", 15, (50, 4.0), (2.0, 1.5), (2, 9, 18), Night::Dark),
    place(
        "white wall",
        16,
        (4, 2.0),
        (1.0, 2.5),
        (1, 8, 20),
        Night::Infrared,
    ),
    place(
        "smooth corridor",
        17,
        (30, 3.0),
        (0.6, 0.0),
        (1, 7, 21),
        Night::Infrared,
    ),
];

const fn place(
    name: &'static str,
    seed: u64,
    (furniture, texture): (usize, f32),
    noise: (f32, f32),
    (people, from, to): (usize, u8, u8),
    night: Night,
) -> Scene {
    Scene {
        name,
        seed,
        furniture,
        texture,
        noise,
        people,
        lit: (from, to),
        night,
        outdoors: matches!(night, Night::Lamps(_)),
    }
}

/// Where the recorder writes, in thousandths of the picture's height from its edges.
const TEXT_HEIGHT: usize = 60;

/// How a place is lit at one moment.
#[derive(Debug, Clone, Copy)]
struct Lighting {
    gain: f32,
    /// More light on one side than on the other.
    slant: f32,
    noise: f32,
    colour: f32,
}

impl Scene {
    /// What the camera gives at a moment, with a fault that began at another.
    pub fn picture(
        &self,
        at: Instant,
        (width, height): (usize, usize),
        fault: Option<(Fault, Instant)>,
    ) -> Painted {
        let stuck = fault.filter(|(fault, _)| *fault == Fault::Stuck);
        let seen_at = stuck.map_or(at, |(_, since)| since);
        let mut canvas = self.taken(seen_at, (width, height), fault.map(|(fault, _)| fault));
        self.write(&mut canvas, at);
        canvas.finish(self.seed)
    }

    /// The picture before the recorder writes on it.
    fn taken(&self, at: Instant, size: (usize, usize), fault: Option<Fault>) -> Canvas {
        let mut grain = Grain::of(&[self.seed, at.ms().unsigned_abs(), 5]);
        let lighting = self.lighting(at);
        let mut canvas = self.furnished(size, fault == Some(Fault::Turned));
        self.people(&mut canvas, at, &mut grain);
        let wide = number(canvas.width);
        canvas.each(|x, grey| {
            let slant = 1.0 + lighting.slant * (number(x) / wide - 0.5);
            16.0 + grey * lighting.gain * slant
        });
        canvas.colour = lighting.colour;
        if self.outdoors {
            rain(&mut canvas, at, &mut grain);
        }
        let mut noise = lighting.noise;
        match fault {
            Some(Fault::Covered) => canvas.each(|_, _| 17.0),
            Some(Fault::NoSignal) => {
                canvas.each(|_, _| 60.0);
                canvas.cast = Some((210, 110));
                return canvas;
            }
            Some(Fault::Underexposed) => canvas.each(|_, grey| 14.0 + (grey - 16.0) * 0.12),
            Some(Fault::Overexposed) => canvas.each(|_, grey| 225.0 + grey * 0.12),
            Some(Fault::Fogged) => canvas.each(|_, grey| 120.0 + (grey - 100.0) * 0.15),
            Some(Fault::Defocused) => canvas.blur((canvas.width / 50).max(2)),
            Some(Fault::Hung) => {
                let hung = (canvas.width * 6 / 10, canvas.height);
                canvas.fill((0, 0), hung, |x, _| 60.0 + 20.0 * number(x) / wide);
            }
            Some(Fault::Stuck | Fault::Turned) | None => {}
        }
        if fault == Some(Fault::Covered) {
            noise = noise.min(1.0);
        }
        canvas.noise(noise, &mut grain);
        canvas
    }

    fn lighting(&self, at: Instant) -> Lighting {
        let hour = at.ms().rem_euclid(DAY_MS) / HOUR_MS;
        let day = at.ms().div_euclid(DAY_MS).unsigned_abs();
        let (from, to) = (i64::from(self.lit.0), i64::from(self.lit.1));
        // Now and then somebody cleans at four.
        let cleaning = hour == 4 && Grain::of(&[self.seed, day, 9]).below(5) == 0;
        let lit = (from..to).contains(&hour) || cleaning && !self.outdoors;
        let sun = sun(at) * if self.outdoors { 1.0 } else { 0.1 };
        match (lit, self.night) {
            (true, _) => Lighting {
                gain: 0.7 + 0.2 * sun,
                slant: 0.3 * sun,
                noise: self.noise.0,
                colour: 60.0,
            },
            (false, Night::Infrared) => Lighting {
                gain: 0.65,
                slant: 0.0,
                noise: self.noise.1,
                colour: 0.0,
            },
            (false, Night::Lamps(part)) => Lighting {
                gain: part + 0.2 * sun,
                slant: -0.4,
                noise: self.noise.1,
                colour: 30.0,
            },
            (false, Night::Dark) => Lighting {
                gain: 0.005,
                slant: 0.0,
                noise: self.noise.1,
                colour: 0.0,
            },
        }
    }

    /// Walls, shelves and doors; turned, a third of another place comes into view.
    fn furnished(&self, (width, height): (usize, usize), turned: bool) -> Canvas {
        let here = self.walls(self.seed, (width, height));
        if !turned {
            return here;
        }
        let beside = self.walls(self.seed + 1_000, (width, height));
        let by = width * 35 / 100;
        let mut canvas = here.clone();
        canvas.fill((0, 0), (width, height), |x, y| match x + by {
            seen if seen < width => here.grey[y * width + seen],
            seen => beside.grey[y * width + seen - width],
        });
        canvas
    }

    fn walls(&self, seed: u64, (width, height): (usize, usize)) -> Canvas {
        let mut grain = Grain::of(&[seed]);
        let mut canvas = Canvas::even(width, height, 150.0);
        let floor = height * 6 / 10;
        canvas.fill((0, floor), (width, height), |_, _| 95.0);
        for _ in 0..self.furniture {
            let at = (grain.below(width), grain.below(height));
            let wide = width / 40 + grain.below(width / 7);
            let high = height / 30 + grain.below(height / 4);
            let grey = 25.0 + 200.0 * grain.part();
            canvas.fill(at, (wide, high), |_, _| grey);
        }
        canvas.noise(self.texture, &mut grain);
        canvas
    }

    /// People walk while it is lit, each elsewhere in every picture.
    fn people(&self, canvas: &mut Canvas, at: Instant, grain: &mut Grain) {
        let hour = at.ms().rem_euclid(DAY_MS) / HOUR_MS;
        let open = (i64::from(self.lit.0)..i64::from(self.lit.1)).contains(&hour);
        for _ in 0..if open {
            grain.below(self.people + 1)
        } else {
            0
        } {
            let (width, height) = (canvas.width, canvas.height);
            let (wide, high) = (width / 25 + grain.below(width / 25), height / 4);
            let at = (grain.below(width), height / 4 + grain.below(height / 2));
            let (head, body) = (120.0 + 90.0 * grain.part(), 30.0 + 160.0 * grain.part());
            canvas.fill(at, (wide, high), |_, y| {
                if y < at.1 + high / 5 { head } else { body }
            });
        }
    }

    /// Date and time at the top, the camera's name at the bottom.
    fn write(&self, canvas: &mut Canvas, at: Instant) {
        let (width, height) = (canvas.width, canvas.height);
        let (wide, high) = ((width / 90).max(1), height * TEXT_HEIGHT / 1_000);
        for letter in 0..19 {
            // The last two digits change every second, the two before every minute.
            let shown = if letter < 15 {
                0
            } else {
                at.ms().unsigned_abs() / 1_000
            };
            let mut grain = Grain::of(&[letter, shown]);
            let left = (width / 50) + usize::try_from(letter).unwrap_or(0) * (wide + 1);
            canvas.fill((left, height / 100), (wide, high), |_, _| {
                if grain.below(2) == 0 { 235.0 } else { 16.0 }
            });
        }
        let mut grain = Grain::of(&[self.seed, 3]);
        canvas.fill(
            (width * 7 / 10, height - high - height / 100),
            (width / 4, high),
            |_, _| {
                if grain.below(3) == 0 { 235.0 } else { 40.0 }
            },
        );
    }
}

/// How high the sun stands, 0 to 1.
fn sun(at: Instant) -> f32 {
    let minutes = at.ms().rem_euclid(DAY_MS) / 60_000;
    let minutes = f32::from(i16::try_from(minutes).unwrap_or(0));
    ((minutes - 360.0) / 720.0 * std::f32::consts::PI)
        .sin()
        .max(0.0)
}

/// Every fifth day it rains: bright streaks.
fn rain(canvas: &mut Canvas, at: Instant, grain: &mut Grain) {
    if at.ms().div_euclid(DAY_MS) % 5 != 0 {
        return;
    }
    for _ in 0..canvas.width / 2 {
        let place = (grain.below(canvas.width), grain.below(canvas.height));
        let high = canvas.height / 30;
        canvas.change(place, (1, high), |_, _, behind| behind + 60.0);
    }
}

fn number(pixels: usize) -> f32 {
    f32::from(u16::try_from(pixels).unwrap_or(u16::MAX))
}
