"""The journal: one chained line for every act, with a digest of each fact that the act decided or counted."""
