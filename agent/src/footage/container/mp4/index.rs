//! The segment index: up to which byte a file is promised to go on.
//!
//! Only an index of more than one reference is a promise: it is written when all is known, by
//! MediaMTX and Kerberos into space they reserved, by ffmpeg when it closes. An index of one stands
//! before each fragment of a live stream and is as unfinished as that. It must not know the rest.

use crate::footage::container::column::Pane;
use crate::footage::container::reader::{Reader, Step};

use super::boxes::{BoxHead, be16, be32, be64};
use super::tables::each_block;

/// The byte that this `sidx` counts up to, if it is a promise.
pub(super) fn promised_end(
    reader: &mut Reader<'_>,
    pane: &mut Pane,
    sidx: &BoxHead,
) -> Step<Option<u64>> {
    let fields: [u8; 32] = sidx.fields(reader, 24)?;
    let long = fields.first() != Some(&0);
    let (first, count, skip) = if long {
        (be64(&fields, 20), be16(&fields, 30), 32)
    } else {
        (u64::from(be32(&fields, 16)), be16(&fields, 22), 24)
    };
    if count < 2 {
        return Ok(None);
    }
    let table = sidx.table(skip, u32::from(count), 12)?;
    let mut end = sidx.end.saturating_add(first);
    each_block(reader.view(), table, pane, |block| {
        for reference in block.chunks_exact(12) {
            // The highest bit tells media from a further index; both are bytes of this file.
            end = end.saturating_add(u64::from(be32(reference, 0) & 0x7fff_ffff));
        }
        Ok(())
    })?;
    Ok(Some(end))
}
