//! The message catalogues: every text a person reads, in Japanese and English.
