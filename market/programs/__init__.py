"""Programs of other people: keys by which they act, how much they may ask, what they are told."""
