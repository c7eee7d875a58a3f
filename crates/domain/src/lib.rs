//! The nouns of telework control and the one state machine over them. Pure: no clock, no randomness, no I/O.
