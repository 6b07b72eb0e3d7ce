//! The child: confined, it decodes what it is sent until its input ends.
//!
//! It must know nothing else: whatever it could reach, a picture could.

use std::io::{self, Write};

use super::confine::confine;
use super::pipe::{greeting, read_request, write_answer};
use super::software::decode;
use crate::picture::frame::KeyFrame;
use crate::picture::sample::Sample;

/// Confines this process and answers requests from standard input on standard output.
///
/// Ends when the input does. An error is one of the pipes, and nobody is left to be told.
pub fn work() -> io::Result<()> {
    // Both are used once before they are the only things left, so that nothing is made later.
    let (mut input, mut output) = (io::stdin().lock(), io::stdout().lock());
    let confinement = confine();
    output.write_all(&greeting(confinement))?;
    output.flush()?;
    while let Some(request) = read_request(&mut input)? {
        let key = KeyFrame {
            codec: request.codec,
            annexb: &request.annexb,
        };
        let picture = decode(key);
        let sample = picture
            .map(|picture| Sample::of(picture.as_ref(), &request.masks, request.raster_width));
        write_answer(&mut output, &sample)?;
    }
    Ok(())
}
