//! What the tests share: makers of footage, worlds and receivers. Nothing here ships.
