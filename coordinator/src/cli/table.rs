//! Tables for people: columns as wide as their widest cell, two blanks between.

use std::fmt;

use unicode_width::UnicodeWidthStr;

/// Rows of cells; each row has as many as the first.
#[derive(Debug)]
pub(super) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// With a head.
    pub(super) fn new(heads: impl IntoIterator<Item = &'static str>) -> Self {
        let head = heads.into_iter().map(str::to_owned).collect();
        Self { rows: vec![head] }
    }

    /// Without a head.
    pub(super) fn bare() -> Self {
        Self { rows: Vec::new() }
    }

    /// Adds a row.
    pub(super) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    fn widths(&self) -> Vec<usize> {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.width()).max().unwrap_or(0)
        };
        (0..columns).map(width).collect()
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let widths = self.widths();
        for row in &self.rows {
            let mut line = String::new();
            for (cell, width) in row.iter().zip(&widths) {
                line.push_str(cell);
                // One Chinese sign takes two columns, so the blanks are counted, not formatted.
                let blanks = width.saturating_sub(cell.width()) + 2;
                line.extend(std::iter::repeat_n(' ', blanks));
            }
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_below_each_other_whatever_the_script() {
        let mut table = Table::new(["CODE", "NAME", "AGENTS"]);
        table.row(["SH-001", "南京西路店", "1/1"].map(str::to_owned));
        table.row(["B", "Airport", ""].map(str::to_owned));
        assert_eq!(
            table.to_string(),
            "CODE    NAME        AGENTS\n\
             SH-001  南京西路店  1/1\n\
             B       Airport\n"
        );
    }
}
