//! What the structure of a recorded file says: container, state, length, codec. No decoding.
